"""Who calls the developer API: a bearer token names the workspace and what may be done in it; five requests a second per method."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from math import ceil

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ismessenger.accounts.tokens import PREFIX, Scope, key_of
from ismessenger.installation import Installation
from ismessenger.kit.crypto import digest
from ismessenger.tenancy.parted import parted
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import Forbidden, Unauthorized
from ismessenger.web.ratelimit import API, RateLimiter

Endpoint = Callable[[Request], Awaitable[Response]]


def called(endpoint: Endpoint, scope: Scope) -> Endpoint:
    """Let only bearers of a token with this scope in; ``request.state.workspace_id`` is theirs."""

    async def guarded(request: Request) -> Response:
        installation: Installation = request.app.state.installation
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        key = await key_of(installation, token) if scheme.lower() == "bearer" and token.startswith(PREFIX) else None
        if key is None:
            raise Unauthorized("The API token is missing, wrong or revoked.")
        limiter: RateLimiter = request.app.state.limiter
        bucket = f"{digest(token).hex()}:{request.method}:{request.scope['route'].path}"
        seconds, left = await limiter.take(bucket, API)
        headers = {"X-RateLimit-Limit": str(API.burst), "X-RateLimit-Remaining": str(left)}
        if seconds > 0:
            headers["Retry-After"] = str(ceil(seconds))
            words = "Too many requests: five a second per method."
            return JSONResponse({"code": 429, "message": words}, HTTPStatus.TOO_MANY_REQUESTS, headers)
        if scope not in key.scopes:
            raise Forbidden(f"This API token lacks the scope {scope}.", headers=headers)
        request.state.workspace_id = key.workspace_id
        try:
            response = await parted(lambda: endpoint(request))
        except HTTPException as error:
            error.headers = {**(error.headers or {}), **headers}
            raise
        response.headers.update(headers)
        return response

    guarded.__name__, guarded.__qualname__, guarded.__module__ = endpoint.__name__, endpoint.__qualname__, endpoint.__module__
    return admits(Admits.PROOF)(guarded)
