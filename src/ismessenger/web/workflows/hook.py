"""Where other systems call to begin a workflow, and the sample that the builder learns its keys from."""

from http import HTTPStatus
from typing import Any

import structlog
from redis.exceptions import RedisError
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.automation.admit import Admission, CallRefused, NobodyMeant, NotTaken, read_call
from ismessenger.automation.define import renew_hook, workflow_named
from ismessenger.automation.hook import WHILE_AWAY, Hook, Hooks, is_listening
from ismessenger.automation.http_request import DEPTH_HEADER, depth_of, storable
from ismessenger.automation.start import NotStarted
from ismessenger.contacts.errors import Refused
from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.web.body import parse_json
from ismessenger.web.edge import Admits, Visit, admits, reads, without_transaction
from ismessenger.web.errors import COME_AGAIN, BadRequest, Conflict, NotFound, Unavailable
from ismessenger.web.ratelimit import HOOK_CALLS
from ismessenger.web.workflows.builder import refusal
from ismessenger.web.workflows.shown import hook_url

log = structlog.get_logger()

PLACE = "/hooks/workflows"
BODY_BYTES = 64 << 10
NO_WORKFLOW = "No workflow has this address."
TOO_OFTEN = "This workflow is called too often. Send this again a little later."


@admits(Admits.PROOF)
async def called(request: Request) -> Response:
    """``POST /hooks/workflows/WORKSPACE-WORKFLOW-SECRET``: 200 once the contact is sure to enter the workflow."""
    hooks: Hooks = request.app.state.workflow_hooks
    place, strangers = request.path_params["place"], request.app.state.strangers
    hook: Hook | None = await strangers.look(request, lambda: hooks.find(place))
    if hook is None:
        raise NotFound(NO_WORKFLOW)
    return JSONResponse(await take_call(request.app.state, hook, await request.body(), request.headers.get(DEPTH_HEADER, "")))


async def take_call(state: State, hook: Hook, content: bytes, depth: str) -> dict[str, Any]:
    """What is answered to a call once it is on disk; ``depth`` is our header, if it is one of our own requests. Raises `Refused`."""
    await state.limiter.require(f"hook/{hook.workspace_id}/{hook.workflow_id}", HOOK_CALLS, words=TOO_OFTEN)
    hooks: Hooks = state.workflow_hooks
    body = storable(parse_json(content))
    kept = await hooks.keep_sample(hook, body)
    if kept and hook.version_id is None:
        return {"sample": True}
    try:
        return {"contactId": await _begun(state.admission, hooks, hook, body, depth_of(depth))}
    except CallRefused as error:
        raise BadRequest(str(error)) from None
    except NobodyMeant as error:
        raise NotFound(str(error)) from None
    except NotStarted as error:
        raise Conflict(str(error)) from None
    except NotTaken:
        raise Unavailable(gettext("This call could not be stored now. Send it again."), headers=COME_AGAIN) from None


async def _begun(admission: Admission, hooks: Hooks, hook: Hook, body: Any, depth: int) -> int:
    if (contact_id := await admission.admit(read_call(hook, body, depth))) is not None:
        return contact_id
    # Another version was published, or it was given another address, since this process looked.
    fresh = await hooks.anew(hook)
    if fresh is None:
        raise NotFound(NO_WORKFLOW)
    if (contact_id := await admission.admit(read_call(fresh, body, depth))) is not None:
        return contact_id
    raise Unavailable(gettext("This workflow is being published. Send this again."), headers={"Retry-After": "1"})


@reads(Right.WORKFLOWS)
async def sample(visit: Visit) -> Response:
    """``GET /workflows/ID/hook-sample``: the address, and what came there while somebody listened."""
    return await _sample(visit)


@without_transaction(Right.WORKFLOWS)
async def begin_to_listen(request: Request, signed_in: SignedIn) -> Response:
    """``POST /workflows/ID/hook-sample``: keep the next body that comes."""
    return await _changed(request, signed_in, on=True)


@without_transaction(Right.WORKFLOWS)
async def stop_listening(request: Request, signed_in: SignedIn) -> Response:
    """``DELETE /workflows/ID/hook-sample``: stop, and forget what came."""
    return await _changed(request, signed_in, on=False)


@without_transaction(Right.WORKFLOWS)
async def renew(request: Request, signed_in: SignedIn) -> Response:
    """``POST /workflows/ID/hook-address``: another address; the one before begins nothing any more."""
    installation: Installation = request.app.state.installation
    workspace_id, workflow_id = signed_in.workspace.id, request.path_params["id"]
    try:
        async with installation.tenancy.workspace(workspace_id) as db:
            await renew_hook(db, workflow_id, by=signed_in.member.id)
    except Refused as error:
        return refusal(str(error))
    log.info("workflow.hook_renewed", workspace_id=workspace_id, workflow_id=workflow_id, member_id=signed_in.member.id)
    request.app.state.workflow_hooks.forget(workspace_id, workflow_id)
    async with installation.tenancy.reading(workspace_id) as db:
        return await _sample(Visit(request, signed_in, db))


async def _changed(request: Request, signed_in: SignedIn, *, on: bool) -> Response:
    installation: Installation = request.app.state.installation
    workspace_id, workflow_id = signed_in.workspace.id, request.path_params["id"]
    async with installation.tenancy.workspace(workspace_id) as db:
        workflow = await workflow_named(db, workflow_id)
        if not on:
            workflow.hook_sample = None
    try:
        await request.app.state.workflow_hooks.listen(workspace_id, workflow_id, on=on)
    except (RedisError, OSError):
        return JSONResponse({"words": gettext(WHILE_AWAY)}, HTTPStatus.SERVICE_UNAVAILABLE)
    async with installation.tenancy.reading(workspace_id) as db:
        return await _sample(Visit(request, signed_in, db))


async def _sample(visit: Visit) -> Response:
    workflow = await workflow_named(visit.reading, visit.path_id())
    kept = workflow.hook_sample or {}
    listening = await is_listening(visit.installation, workflow.workspace_id, workflow.id)
    return JSONResponse({"url": hook_url(visit, workflow), "body": kept.get("body"), "at": kept.get("at"), "listening": listening})


hook_routes: list[BaseRoute] = [Route(f"{PLACE}/{{place}}", called, methods=["POST"])]
"""Before those of channels, whose addresses look alike."""

routes: list[BaseRoute] = [
    Route("/workflows/{id:id}/hook-sample", sample),
    Route("/workflows/{id:id}/hook-sample", begin_to_listen, methods=["POST"]),
    Route("/workflows/{id:id}/hook-sample", stop_listening, methods=["DELETE"]),
    Route("/workflows/{id:id}/hook-address", renew, methods=["POST"]),
]
