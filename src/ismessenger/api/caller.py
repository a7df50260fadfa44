"""Who calls the developer API: a bearer token names the workspace; five requests a second per method."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from math import ceil

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ismessenger.accounts.tokens import PREFIX, workspace_of_token
from ismessenger.installation import Installation
from ismessenger.kit.crypto import digest
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import Unauthorized
from ismessenger.web.ratelimit import API, RateLimiter

Endpoint = Callable[[Request], Awaitable[Response]]


def called(endpoint: Endpoint) -> Endpoint:
    """Let only bearers of a token in; ``request.state.workspace_id`` is theirs."""

    async def guarded(request: Request) -> Response:
        installation: Installation = request.app.state.installation
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        workspace_id = await workspace_of_token(installation, token) if scheme.lower() == "bearer" and token.startswith(PREFIX) else None
        if workspace_id is None:
            raise Unauthorized("The API token is missing, wrong or revoked.")
        limiter: RateLimiter = request.app.state.limiter
        key = f"{digest(token).hex()}:{request.method}:{request.scope['route'].path}"
        seconds, left = await limiter.take(key, API)
        headers = {"X-RateLimit-Limit": str(API.burst), "X-RateLimit-Remaining": str(left)}
        if seconds > 0:
            headers["Retry-After"] = str(ceil(seconds))
            words = "Too many requests: five a second per method."
            return JSONResponse({"code": 429, "message": words}, HTTPStatus.TOO_MANY_REQUESTS, headers)
        request.state.workspace_id = workspace_id
        try:
            response = await endpoint(request)
        except HTTPException as error:
            error.headers = {**(error.headers or {}), **headers}
            raise
        response.headers.update(headers)
        return response

    guarded.__name__, guarded.__qualname__, guarded.__module__ = endpoint.__name__, endpoint.__qualname__, endpoint.__module__
    return admits(Admits.PROOF)(guarded)
