"""Whom a draft is tried with: a contact that there is, or somebody made up."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from ismessenger.accounts.model import Member
from ismessenger.automation.cases import Case, learn
from ismessenger.automation.person import Person, made_up, person_of
from ismessenger.automation.rehearsal import Stand
from ismessenger.automation.surroundings import Surroundings
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import Field as ContactField
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.values import checked
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession

WORDS: Final = 200
LENGTH: Final = 500
_ALL: Final = frozenset({"channel", "lastIncomingMessage", "last_message", "messageText"})


class MadeUp(BaseModel):
    """Somebody made up. ``fields`` are typed values by the field's key, standard and custom alike."""

    model_config = ConfigDict(extra="forbid")
    fields: dict[str, str] = Field(default={}, max_length=200)
    tag_ids: list[int] = Field(default=[], max_length=50)
    stage_id: int | None = None
    channel_id: int | None = None
    assignee_id: int | None = None


async def real(db: ReadSession, member: Member, contact_id: int) -> Person:
    """A contact that the member sees, as a person; nothing that is done to it is stored. Raises `ContactNotFound`."""
    contact = await visible_contact(db, member, contact_id)
    case = Case(contact, person_of(contact), deque())
    await learn(db, [case], _ALL)
    case.person.words = tuple(words[:LENGTH] for words in case.person.words[-WORDS:])
    return case.person


def invented(wanted: MadeUp, stand: Stand) -> Person:
    """Somebody who does not exist. Raises `Refused` for values that their fields do not take."""
    around = stand.around
    channel_id = wanted.channel_id or _channel(stand)
    person = made_up(
        around.at,
        last_channel_id=channel_id,
        lifecycle_id=_one_of(
            wanted.stage_id, around.known.stages, marked("This stage does not exist any more. Choose another one for the made-up contact.")
        ),
        assignee_id=_one_of(
            wanted.assignee_id,
            around.known.members,
            marked("This member does not exist any more. Choose another one for the made-up contact."),
        ),
    )
    person.tag_ids = {tag_id for tag_id in wanted.tag_ids if tag_id in around.known.tags}
    person.channel_ids = frozenset({channel_id} if channel_id else ())
    for key, typed in wanted.fields.items():
        known = _field(key, around)
        person.put(known, checked(known, typed, region=person.columns["country_code"]))
    return person


def _channel(stand: Stand) -> int | None:
    """One on which the workflow begins, if it begins on certain ones only."""
    triggered, channels = stand.program.definition.trigger, stand.around.known.channels
    named = triggered.params.get("channel_ids") if triggered else None
    begins = [id_ for id_ in named if id_ in channels] if isinstance(named, list) else []
    return next(iter([*begins, *channels]), None)


def _field(key: str, around: Surroundings) -> ContactField:
    if (known := around.fields.get(key)) is None:
        raise Refused(gettext("There is no field %(key)s any more. Take it out of the made-up contact.") % {"key": key[:60]})
    return known


def _one_of(id_: int | None, known: Mapping[int, Any], refusal: str) -> int | None:
    if id_ is not None and id_ not in known:
        raise Refused(gettext(refusal))
    return id_
