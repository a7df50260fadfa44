"""From two contacts to the page that compares them and shows what comes out."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.merge import ASSIGNEE, STAGE, Choice, choices
from ismessenger.contacts.model import Contact
from ismessenger.contacts.panel import Panel, panels
from ismessenger.contacts.values import Value
from ismessenger.conversations.model import Conversation
from ismessenger.messages.model import Message
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.shown_contact import field_name, may_edit, sees_all, shown_value, tag_view
from ismessenger.web.view_contact import TagView
from ismessenger.web.view_merge import ChoiceView, MergeView, PersonView, SideView

Answers = Mapping[str, int]
"""What was chosen: the id of a contact, by ``primary`` or by the key of a choice."""


def person(contact: Contact, kept: Collection[str]) -> PersonView:
    """A contact in short, without what is ``kept`` from whoever reads it."""
    return PersonView(
        id=contact.id,
        name=contact.called(kept),
        since=contact.created_at,
        phone=contact.phone or "" if "phone" not in kept else "",
        email=contact.email or "" if "email" not in kept else "",
        picture_url=contact.picture_url or "",
        blocked=contact.blocked_at is not None,
    )


async def merge_view(db: ReadSession, member: Member, first: Contact, second: Contact, answers: Answers) -> MergeView:
    """The comparison with these answers; where none was given the contact that stays keeps what it has."""
    primary = second if answers.get("primary") == second.id else first
    found = [choice for choice in await choices(db, first, second) if _seen(choice, member)]
    shown = [_choice(choice, member, _side(choice, first, second, primary, answers)) for choice in found]
    sides = await _sides(db, [first, second], await kept_from(db, member))
    outcome = [(each.name, each.first if each.chosen == first.id else each.second) for each in shown]
    return MergeView(
        first=sides[0],
        second=sides[1],
        primary_id=primary.id,
        choices=shown,
        name=_name(found, first, second, primary, answers),
        result=outcome,
        tags=_united(sides),
        blocked=primary.blocked_at is not None,
        closes=(second if primary is first else first).status == "open",
    )


def chosen_of(found: Sequence[Choice], member: Member, primary_id: int, answers: Answers) -> list[str]:
    """The keys of what the contact that goes gives to the one that stays, as far as the member may decide that."""
    return [choice.key for choice in found if _offered(choice, member) and answers.get(choice.key, primary_id) != primary_id]


def _seen(choice: Choice, member: Member) -> bool:
    return choice.field is None or sees_all(member) or choice.field.agent_access != "hidden"


def _offered(choice: Choice, member: Member) -> bool:
    return choice.conflicting and (choice.field is None or may_edit(choice.field, full=sees_all(member)))


def _side(choice: Choice, first: Contact, second: Contact, primary: Contact, answers: Answers) -> Contact:
    """Whose value stays."""
    if choice.first is None or choice.second is None:
        return second if choice.first is None else first
    return {first.id: first, second.id: second}.get(answers.get(choice.key, 0), primary)


def _choice(choice: Choice, member: Member, chosen: Contact) -> ChoiceView:
    return ChoiceView(
        key=choice.key,
        name=_named(choice),
        first=_words(choice, choice.first),
        second=_words(choice, choice.second),
        chosen=chosen.id,
        offered=_offered(choice, member),
    )


def _words(choice: Choice, value: Value | None) -> str:
    return shown_value(choice.field, value) if choice.field else str(value or "")


def _named(choice: Choice) -> str:
    if choice.field is not None:
        return field_name(choice.field)
    return {STAGE: gettext("Lifecycle stage"), ASSIGNEE: gettext("Assigned to")}[choice.key]


def _name(found: Sequence[Choice], first: Contact, second: Contact, primary: Contact, answers: Answers) -> str:
    """What the contact will be called, by what is seen of it."""
    becomes: dict[str, str] = {}
    for choice in found:
        value = choice.first if _side(choice, first, second, primary, answers) is first else choice.second
        if choice.field is not None and choice.field.column and value is not None:
            becomes[choice.field.column] = str(value)
    full = " ".join(becomes[part] for part in ("first_name", "last_name") if part in becomes)
    return full or becomes.get("phone") or becomes.get("email") or f"#{primary.id}"


def _united(sides: Sequence[SideView]) -> list[TagView]:
    tags = {tag.id: tag for side in sides for tag in side.tags}
    return sorted(tags.values(), key=lambda tag: tag.name.lower())


async def _sides(db: ReadSession, both: Sequence[Contact], kept: Collection[str]) -> list[SideView]:
    ids = [contact.id for contact in both]
    told = await panels(db, ids)
    messages = await _counts(db, Message, ids)
    conversations = await _counts(db, Conversation, ids)
    return [
        _side_view(person(contact, kept), contact, told[contact.id], (messages.get(contact.id, 0), conversations.get(contact.id, 0)))
        for contact in both
    ]


def _side_view(shown: PersonView, contact: Contact, panel: Panel, counts: tuple[int, int]) -> SideView:
    return SideView(
        person=shown,
        messages=counts[0],
        conversations=counts[1],
        is_open=contact.status == "open",
        channels=[(address.kind, address.channel_name) for address in panel.addresses],
        tags=[tag_view(tag) for tag in panel.tags],
    )


async def _counts(db: ReadSession, table: type[Message] | type[Conversation], ids: Sequence[int]) -> dict[int, int]:
    counted = select(col(table.contact_id), func.count()).where(col(table.contact_id).in_(ids)).group_by(col(table.contact_id))
    return dict((await db.execute(counted)).all())
