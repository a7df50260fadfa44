"""A conversation that a member begins: with a contact or a typed number, on a channel that allows it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.contacts.model import Contact
from ismessenger.contacts.phone import e164
from ismessenger.contacts.search import MAX_WORDS
from ismessenger.conversations.begin import Way, contact_of_number, people_to_write_to, ways_to, ways_to_number
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.errors import BadRequest
from ismessenger.web.forms import Id, OptionalId, OptionalText, parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

PATH = "/conversations/new"
MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who is going to be written to. ``id`` is 0 for a number that no contact has."""

    id: int
    name: str
    words: str
    picture_url: str = ""
    blocked: bool = False


class BeginForm(BaseModel):
    """A contact, or a number with the name to give to whoever has it; and the channel to write on."""

    contact_id: OptionalId = None
    number: OptionalText = Field(None, max_length=64)
    name: str = Field("", max_length=MAX_WORDS)
    channel_id: Id


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /conversations/new``: whom to write to; with ``contact`` or ``number`` on which channel. As a frame, or as a page."""
    asked = visit.request.query_params
    db = visit.reading
    arguments: dict[str, Any] = {"words": _words(visit), "people": None, "somebody": None, "ways": [], "number": ""}
    if contact_id := asked.get("contact"):
        contact = await visible_contact(db, visit.member, _id(contact_id))
        arguments |= {
            "somebody": _somebody(contact, await visit.kept()),
            "ways": await ways_to(visit.installation, db, contact),
        }
    elif number := e164(asked.get("number", "")):
        arguments |= {"number": number, "somebody": Somebody(0, number, ""), "ways": await ways_to_number(visit.installation, db)}
    else:
        arguments |= await _found(visit, db, _words(visit))
    if "turbo-frame" in visit.request.headers:
        return render(visit.request, "conversations/new.html", **arguments)
    return render(visit.request, "conversations/new_page.html", shell=shell_of(visit, await live_seq(visit)), arguments=arguments)


@reads(Right.INBOX)
async def people(visit: Visit) -> Response:
    """``GET /conversations/new/people?words=…``: who may be meant."""
    found: dict[str, Any] = await _found(visit, visit.reading, _words(visit))
    return render(visit.request, "conversations/new_people.html", **found)


@writes(Right.INBOX)
async def begin(visit: Visit) -> Response:
    """``POST /conversations/new``: go to the thread of the contact, which is made where nobody has the number, with the channel chosen.

    Nothing is opened before something is sent.
    """
    form = await parse(visit.request, BeginForm)
    if form.contact_id:
        contact = await hold_contact(visit.db, visit.member, form.contact_id)
    elif number := e164(form.number or ""):
        contact = await contact_of_number(visit.db, visit.member, number, clean(form.name).strip())
    else:
        raise Refused(gettext("Choose a contact, or type a number with its country code, like +49 30 901820."))
    ways = await ways_to(visit.installation, visit.db, contact)
    if (refused := _objection(contact, ways, form.channel_id)) is not None:
        raise Refused(refused)
    return see_other(f"/inbox/all/contacts/{contact.id}?status=all&channel={form.channel_id}")


def _objection(contact: Contact, ways: list[Way], channel_id: int) -> str | None:
    """Why the contact cannot be written to on this channel now."""
    way = next((way for way in ways if way.channel_id == channel_id), None)
    if contact.blocked_at is not None:
        return gettext("This contact is blocked. Unblock it to write.")
    if way is None:
        return gettext("This channel is not connected any more. Choose another one.")
    return None if way.possible else way.permission.words


async def _found(visit: Visit, db: ReadSession, words: str) -> dict[str, object]:
    found = await people_to_write_to(db, visit.member, words)
    number = e164(words) or ""
    # Whoever has the number is in the list: a second contact for it would be one too many.
    unknown = number if number and not any(contact.phone and e164(contact.phone) == number for contact in found) else ""
    kept = await visit.kept()
    return {"words": words, "people": [_somebody(contact, kept) for contact in found], "number": unknown}


def _somebody(contact: Contact, kept: Collection[str]) -> Somebody:
    name, beside = contact.called(kept), {"phone": contact.phone, "email": contact.email}
    words = " · ".join(value for key, value in beside.items() if value and value != name and key not in kept)
    return Somebody(contact.id, name, words, contact.picture_url or "", contact.blocked_at is not None)


def _words(visit: Visit) -> str:
    return clean(visit.request.query_params.get("words", ""), MAX_WORDS).strip()


def _id(said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) <= MAX_DIGITS):
        raise BadRequest
    return int(said)


routes: list[BaseRoute] = [
    Route(PATH, show),
    Route(PATH, begin, methods=["POST"]),
    Route(f"{PATH}/people", people),
]
