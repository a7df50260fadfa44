"""Trying a draft: the browser sends the draft, where the test stands and what happens next; all it gets back is words."""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.cast import MadeUp, invented, real
from ismessenger.automation.plans import variables_of
from ismessenger.automation.ready import ready
from ismessenger.automation.rehearsal import Hand, Kept, Rehearsed, Stand
from ismessenger.automation.rehearse import FURTHEST, answered, opened, skipped, taken_in_hand, told
from ismessenger.automation.surroundings import surroundings
from ismessenger.contacts.errors import Refused
from ismessenger.kit.crypto import SealBroken, Vault
from ismessenger.kit.text import clean
from ismessenger.sdk.content import Location, Text
from ismessenger.sdk.step import MAX_VALUE, Result, Value
from ismessenger.sdk.words import gettext
from ismessenger.search.filters import Narrowed
from ismessenger.search.people import people
from ismessenger.search.query import MAX_LENGTH
from ismessenger.web.edge import Visit, reads
from ismessenger.web.forms import Id
from ismessenger.web.workflows.builder import definition_of, json_body, refusal
from ismessenger.web.workflows.shown import known_to
from ismessenger.web.workflows.shown_rehearsal import rehearsed_json

MAX_STATE: Final = 600_000
FOUND: Final = 8
Words = Annotated[str, Field(max_length=MAX_VALUE)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Begin(_Said):
    """Start anew with a contact that there is, or a made-up one; ``said`` begins it, and ``at`` is when it is to be."""

    do: Literal["begin"]
    contact_id: Id | None = None
    made_up: MadeUp = MadeUp()
    variables: dict[Annotated[str, Field(max_length=100)], Words | int | float | bool | None] = Field(default={}, max_length=200)
    said: Words = ""
    at: AwareDatetime | None = None


class Write(_Said):
    """The contact writes, presses a choice, or says where it is."""

    do: Literal["answer"]
    text: Words = ""
    payload: Words | None = None
    location: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = None


class Skip(_Said):
    """The time that is waited for passes."""

    do: Literal["time"]


class Tell(_Said):
    """What came of a call outside (``details`` as the integration would answer), or who got the contact."""

    do: Literal["result"]
    ok: bool = True
    reason: Annotated[str, Field(max_length=1000)] = ""
    details: dict[str, JsonValue] = {}


class Take(_Said):
    """A member takes the contact in hand."""

    do: Literal["hand"]
    hand: Hand


Move = Annotated[Begin | Write | Skip | Tell | Take, Field(discriminator="do")]


class Body(BaseModel):
    """``state`` is what the last answer gave; ``sending_fails`` has every message fail."""

    definition: Any
    state: Annotated[str, Field(max_length=MAX_STATE)] = ""
    move: Move
    sending_fails: bool = False


@reads(Right.WORKFLOWS)
async def create(visit: Visit) -> Response:
    """``POST /workflows/ID/rehearsal``: one thing happens in the test of a draft. Nothing is stored and nothing leaves: it only reads."""
    body = await json_body(visit.request, Body)
    try:
        definition = definition_of(body.definition)
        there = await known_to(visit.reading, definition, visit)
        plugins, around = visit.installation.plugins, await surroundings(visit.installation, visit.reading, with_presence=True)
        program = ready(definition, plugins.steps, plugins.triggers)
        stand = Stand(program, around, variables_of(program), gettext("The test lets messages fail.") if body.sending_fails else "")
        done = await _moved(visit, stand, body)
    except Refused as error:
        return refusal(str(error))
    token = _sealed(visit.installation.vault, done.kept, _context(visit))
    return JSONResponse(rehearsed_json(done, stand, definition, plugins.steps, there) | {"state": token})


@reads(Right.WORKFLOWS)
async def contacts(visit: Visit) -> Response:
    """``GET /workflows/ID/rehearsal/contacts?words=WORDS``: whom it can be tried with, whoever wrote last first."""
    words = " ".join(clean(visit.request.query_params.get("words", ""), MAX_LENGTH).split())
    found = await people(visit.reading, visit.member, words, Narrowed(), limit=FOUND)
    return JSONResponse({"contacts": [{"id": contact.id, "name": contact.called(())} for contact in found.contacts]})


async def _moved(visit: Visit, stand: Stand, body: Body) -> Rehearsed:
    match body.move:
        case Begin() as begun:
            ahead = begun.at - stand.around.at if begun.at else timedelta()
            if abs(ahead) > FURTHEST:
                raise Refused(gettext("Choose a time within a year."))
            whom = await real(visit.reading, visit.member, begun.contact_id) if begun.contact_id else invented(begun.made_up, stand)
            given = cast("Mapping[str, Value]", begun.variables)
            return opened(stand, whom, given, said=begun.said, ahead=ahead)
        case Write(text=text, payload=payload, location=location):
            where = Location(latitude=location[0], longitude=location[1]) if location else None
            return answered(stand, _kept(visit, body.state), where or Text(text=text, payload=payload), payload)
        case Skip():
            return skipped(stand, _kept(visit, body.state))
        case Tell(ok=ok, reason=reason, details=details):
            return told(stand, _kept(visit, body.state), Result(ok=ok, reason=reason, details=details))
        case Take(hand=hand):
            return taken_in_hand(stand, _kept(visit, body.state), hand)


def _context(visit: Visit) -> str:
    return f"rehearsal/{visit.signed_in.workspace.id}/{visit.path_id()}"


def _sealed(vault: Vault, kept: Kept, context: str) -> str:
    return base64.urlsafe_b64encode(vault.seal(kept.model_dump_json().encode(), context)).decode("ascii")


def _kept(visit: Visit, token: str) -> Kept:
    try:
        sealed = base64.b64decode(token, altchars=b"-_", validate=True)
        return Kept.model_validate_json(visit.installation.vault.open(sealed, _context(visit)))
    except (binascii.Error, SealBroken, ValidationError, ValueError):
        raise Refused(gettext("This test has ended. Start again.")) from None


routes: list[BaseRoute] = [
    Route("/workflows/{id:id}/rehearsal", create, methods=["POST"]),
    Route("/workflows/{id:id}/rehearsal/contacts", contacts),
]
