"""What a load balancer asks: is the process alive, and can it work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 3.0

Check = Callable[[], Awaitable[object]]
"""Returns if the part works, raises if it does not."""


async def healthz(_request: Request) -> Response:
    """``GET /healthz``: the process answers."""
    return PlainTextResponse("ok")


def readyz(checks: Mapping[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    """``GET /readyz``: 200 if every part works, else 503. The answer names the parts; the reasons go to the log."""

    async def ready(_request: Request) -> Response:
        results = await asyncio.gather(*(_passes(name, check) for name, check in checks.items()))
        parts = {name: "ok" if passed else "failed" for name, passed in zip(checks, results, strict=True)}
        return JSONResponse({"ready": all(results), "checks": parts}, 200 if all(results) else 503)

    return ready


async def _passes(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever a driver raises means the same here: this part does not work
        log.warning("not ready", check=name, reason=f"{type(error).__name__}: {error}")
        return False
    return True
