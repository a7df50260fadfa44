"""What the builder asks the outside for: a test of a request, and what a connection has to choose from."""

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.automation.connections import choices, connection, opened
from ismessenger.automation.define import workflow_named
from ismessenger.automation.try_request import Tried, try_request
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.installation import Installation
from ismessenger.sdk.channel import SendFailed
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import without_transaction
from ismessenger.web.ratelimit import OUTSIDE_TESTS
from ismessenger.web.workflows.builder import json_body, refusal

SHOWN = 20_000
Words = Annotated[str, Field(max_length=10_000)]


class TestBody(BaseModel):
    """The parameters of the step as they are now, and made-up values of the variables in them."""

    params: dict[str, Any]
    variables: Annotated[dict[str, Words | int | float | bool | None], Field(max_length=200)] = {}


class ChoicesBody(BaseModel):
    """What is to be chosen, within what was chosen before."""

    connection_id: Annotated[int, Field(ge=1, lt=2**63)]
    what: Annotated[str, Field(max_length=50)]
    within: Annotated[dict[str, Annotated[str, Field(max_length=1000)]], Field(max_length=10)] = {}


@without_transaction(Right.WORKFLOWS)
async def test_request(request: Request, signed_in: SignedIn) -> Response:
    """``POST /workflows/ID/request-test``: the request leaves now."""
    installation: Installation = request.app.state.installation
    body = await json_body(request, TestBody)
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        await workflow_named(db, request.path_params["id"])
    if (wait := await _too_often(request, signed_in)) is not None:
        return wait
    zone = signed_in.workspace.timezone
    try:
        tried = await try_request(installation, signed_in.workspace.id, body.params, body.variables, timezone=zone)
    except Refused as error:
        return refusal(str(error))
    return JSONResponse(_shown(tried))


@without_transaction(Right.WORKFLOWS)
async def list_choices(request: Request, signed_in: SignedIn) -> Response:
    """``POST /workflows/choices``: what a service outside has to choose from."""
    installation: Installation = request.app.state.installation
    body = await json_body(request, ChoicesBody)
    if (wait := await _too_often(request, signed_in)) is not None:
        return wait
    try:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            asked = opened(installation.plugins, installation.vault, await connection(db, body.connection_id))
        return JSONResponse({"choices": await choices(installation, asked, body.what, body.within)})
    except (NotThere, Refused, SendFailed) as error:
        return refusal(str(error))


async def _too_often(request: Request, signed_in: SignedIn) -> Response | None:
    seconds = await request.app.state.limiter.wait(f"outside/{signed_in.workspace.id}", OUTSIDE_TESTS)
    if not seconds:
        return None
    words = gettext("That was often in a short time. Try again in a few seconds.")
    return JSONResponse({"words": words}, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(int(seconds) + 1)})


def _shown(tried: Tried) -> dict[str, Any]:
    answered = tried.answered
    return {
        "ok": answered is not None,
        "status": answered.status if answered else None,
        "json": answered.json if answered else None,
        "text": answered.text[:SHOWN] if answered else "",
        "reason": tried.reason,
        "milliseconds": tried.milliseconds,
    }


routes: list[BaseRoute] = [
    Route("/workflows/choices", list_choices, methods=["POST"]),
    Route("/workflows/{id:id}/request-test", test_request, methods=["POST"]),
]
