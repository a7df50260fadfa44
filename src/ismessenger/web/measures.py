"""``/metrics``: what Prometheus reads, and who may."""

from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ismessenger.installation import Installation
from ismessenger.kit.metrics import metrics as numbers
from ismessenger.web.door import is_passed_on
from ismessenger.web.edge import Admits, admits

WITH_TOKEN = "Send the token of ISMESSENGER_METRICS_TOKEN as Authorization: Bearer."  # noqa: S105 - words, no token
FROM_OUTSIDE = (
    "Only private addresses may read this, and not through a proxy that ISMESSENGER_TRUSTED_PROXIES does not name."
    " Set ISMESSENGER_METRICS_TOKEN to read it from elsewhere."
)


@admits(Admits.PROOF)
async def metrics(request: Request) -> Response:
    """``GET /metrics``: the numbers of this process, to whoever has the token, or to neighbours where the settings name none."""
    installation: Installation = request.app.state.installation
    token = installation.settings.metrics_token
    if token is None:
        return await numbers(request) if _is_near(request) else PlainTextResponse(FROM_OUTSIDE, HTTPStatus.FORBIDDEN)
    sent = request.headers.get("authorization", "")
    if compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode()):
        return await numbers(request)
    return PlainTextResponse(WITH_TOKEN, HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})


def _is_near(request: Request) -> bool:
    """Whether the caller's address belongs to a private network or to this machine, and the caller calls for nobody else.

    Behind a proxy that the settings trust, the address is that of whoever asked the proxy.
    """
    client = request.client
    # Uvicorn gives the address that a trusted proxy names the port 0; a connection has another one.
    if client is None or (client.port and is_passed_on(request)):
        return False
    try:
        return ip_address(client.host).is_private
    except ValueError:
        return False
