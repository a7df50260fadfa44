"""Custom inboxes: saved filters in the sidebar. Whoever made one changes it; the others see what they may see anyway."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, and_, any_, case, func, literal, or_, select, text
from sqlmodel import col

from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.rights import OWNER
from ismessenger.conditions.tree import EVERYBODY, Group, parse
from ismessenger.contacts.errors import NotThere, NotYours, Refused
from ismessenger.contacts.fields import kept_from
from ismessenger.conversations.model import CustomInbox
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

Sharing = Literal["private", "public", "shared"]
MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 300
MAX_EMOJI: Final = 16
MAX_OWN: Final = 100
MAX_SHARED: Final = 500
"""Of the whole workspace, whoever made them: so long a sidebar can be at most, beside one's own."""

MAX_SHARED_WITH: Final = 500
# Who adds waits for whoever adds at the same moment: else both would count too few.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('custom_inboxes', :workspace_id))")


@dataclass(frozen=True, slots=True)
class InboxDraft:
    """What a custom inbox shall be. Members and teams count only where ``sharing`` is shared."""

    name: str
    condition: Group = EVERYBODY
    description: str = ""
    emoji: str = ""
    sharing: Sharing = "private"
    member_ids: Sequence[int] = ()
    team_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A custom inbox as the sidebar lists it. ``abandoned``: whoever made it was removed from the workspace."""

    id: int
    name: str
    emoji: str
    description: str
    sharing: str
    mine: bool
    owner_name: str
    abandoned: bool


async def custom_inboxes(db: ReadSession, member: Member) -> list[Line]:
    """Those that the member has, by name: own ones, and those that others share."""
    statement = (
        select(
            col(CustomInbox.id),
            col(CustomInbox.name),
            col(CustomInbox.emoji),
            col(CustomInbox.description),
            col(CustomInbox.sharing),
            col(CustomInbox.owner_id) == member.id,
            col(Member.name),
            col(Member.removed_at).is_not(None),
        )
        .join(Member, col(Member.id) == col(CustomInbox.owner_id))
        .where(_has(member))
        .order_by(func.lower(CustomInbox.name), col(CustomInbox.id))
    )
    return [Line(*row) for row in (await db.execute(statement)).all()]


async def custom_inbox(db: ReadSession, member: Member, inbox_id: int) -> CustomInbox:
    """One that the member has. Raises `NotThere`."""
    statement = select(CustomInbox).join(Member, col(Member.id) == col(CustomInbox.owner_id)).where(col(CustomInbox.id) == inbox_id)
    found: CustomInbox | None = (await db.execute(statement.where(_has(member)))).scalar_one_or_none()
    if found is None:
        raise NotThere(gettext("There is no such inbox. Whoever made it may have deleted it, or does not share it any more."))
    return found


async def own_inbox(db: ReadSession, member: Member, inbox_id: int) -> CustomInbox:
    """One that the member may change. Raises `NotThere`, `NotYours`."""
    found = await custom_inbox(db, member, inbox_id)
    if found.owner_id != member.id:
        raise NotYours(gettext("Only whoever made this inbox can change it. You can build one of your own."))
    return found


def condition_of(inbox: CustomInbox) -> Group:
    """Whom it shows."""
    return parse(inbox.condition)


async def add_inbox(db: WriteSession, member: Member, draft: InboxDraft) -> CustomInbox:
    """A new one of the member's. Raises `Refused`."""
    draft = await _checked(db, member, draft)
    await _see_room(db, draft, own=member.id)
    inbox = CustomInbox(owner_id=member.id, **_columns(draft))
    db.add(inbox)
    await db.flush()
    return inbox


async def change_inbox(db: WriteSession, member: Member, inbox_id: int, draft: InboxDraft) -> CustomInbox:
    """Another name, filter or circle of people. Raises `Refused`, `NotThere`."""
    inbox = await own_inbox(db, member, inbox_id)
    draft = await _checked(db, member, draft)
    if inbox.sharing == "private":
        await _see_room(db, draft)
    for name, value in _columns(draft).items():
        setattr(inbox, name, value)
    inbox.updated_at = now()
    await db.flush()
    return inbox


async def duplicate_inbox(db: WriteSession, member: Member, inbox_id: int) -> CustomInbox:
    """The same once more, for the member alone. Raises `Refused`, `NotThere`."""
    inbox = await own_inbox(db, member, inbox_id)
    name = f"{inbox.name[: MAX_NAME - 7]} (copy)"
    return await add_inbox(db, member, InboxDraft(name, condition_of(inbox), inbox.description, inbox.emoji))


async def delete_inbox(db: WriteSession, member: Member, inbox_id: int) -> None:
    """Delete it; its contacts stay as they are. An Owner also deletes what somebody left behind. Raises `NotYours`, `NotThere`."""
    inbox = await custom_inbox(db, member, inbox_id)
    if inbox.owner_id != member.id and not (member.role == OWNER and await _abandoned(db, inbox)):
        raise NotYours(gettext("Only whoever made this inbox can delete it."))
    await db.delete(inbox)
    await db.flush()


async def _abandoned(db: ReadSession, inbox: CustomInbox) -> bool:
    owner: Member | None = await db.get(Member, (db.workspace_id, inbox.owner_id))
    return owner is None or owner.removed_at is not None


def _has(member: Member) -> ColumnElement[bool]:
    """For statements that join the owner as `Member`. An Owner also has what members who were removed left behind."""
    mine = col(CustomInbox.owner_id) == member.id
    named = literal(member.id) == any_(col(CustomInbox.member_ids))
    if member.team_id is not None:
        named = or_(named, literal(member.team_id) == any_(col(CustomInbox.team_ids)))
    has = or_(mine, col(CustomInbox.sharing) == "public", and_(col(CustomInbox.sharing) == "shared", named))
    return or_(has, col(Member.removed_at).is_not(None)) if member.role == OWNER else has


def _columns(draft: InboxDraft) -> dict[str, Any]:
    shared = draft.sharing == "shared"
    return {
        "name": draft.name,
        "description": draft.description,
        "emoji": draft.emoji,
        "condition": draft.condition.as_json(),
        "sharing": draft.sharing,
        "member_ids": sorted(set(draft.member_ids)) if shared else [],
        "team_ids": sorted(set(draft.team_ids)) if shared else [],
    }


async def _checked(db: ReadSession, member: Member, draft: InboxDraft) -> InboxDraft:
    name, description, emoji = " ".join(clean(draft.name).split()), clean(draft.description).strip(), clean(draft.emoji).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("An inbox needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION or len(emoji) > MAX_EMOJI:
        raise Refused(gettext("A description has at most %(most)s characters, and an emoji stands alone.") % {"most": MAX_DESCRIPTION})
    if not draft.condition.items:
        raise Refused(gettext("Add at least one condition: without any this would be the inbox All."))
    if {leaf.field for leaf in draft.condition.leaves() if leaf.category == "contactField"} & await kept_from(db, member):
        raise Refused(gettext("A condition asks for a field that you do not see. Take it out."))
    if draft.sharing == "shared":
        await _see_circle(db, draft)
    return replace(draft, name=name, description=description, emoji=emoji)


async def _see_circle(db: ReadSession, draft: InboxDraft) -> None:
    """Raises `Refused` if it is shared with nobody, or with somebody who is not here."""
    members, teams = set(draft.member_ids), set(draft.team_ids)
    if not members and not teams:
        raise Refused(gettext("Choose the members or teams to share it with, or keep it private."))
    if len(members) + len(teams) > MAX_SHARED_WITH:
        raise Refused(
            gettext("An inbox is shared with at most %(most)s members and teams; share it with everybody instead.")
            % {"most": MAX_SHARED_WITH}
        )
    present = select(func.count()).select_from(Member).where(col(Member.id).in_(members), col(Member.removed_at).is_(None))
    there = select(func.count()).select_from(Team).where(col(Team.id).in_(teams))
    found = (await db.execute(select(present.scalar_subquery(), there.scalar_subquery()))).one()
    if tuple(found) != (len(members), len(teams)):
        raise Refused(gettext("Somebody or some team that you chose is not there any more. Choose again."))


async def _see_room(db: WriteSession, draft: InboxDraft, *, own: int = 0) -> None:
    """Raises `Refused` where the member ``own`` has too many, or the workspace too many that are shared."""
    await db.execute(_ONE_AT_A_TIME, {"workspace_id": db.workspace_id})
    mine = func.count(case((col(CustomInbox.owner_id) == own, 1)))
    shared = func.count(case((col(CustomInbox.sharing) != "private", 1)))
    owned, open_to_others = (await db.execute(select(mine, shared))).one()
    if own and owned >= MAX_OWN:
        raise Refused(
            gettext("You have %(most)s inboxes of your own, and that is as many as there can be. Delete one that you do not use.")
            % {"most": MAX_OWN}
        )
    if draft.sharing != "private" and open_to_others >= MAX_SHARED:
        raise Refused(gettext("A workspace has at most %(most)s inboxes that are shared. Keep this one private.") % {"most": MAX_SHARED})
