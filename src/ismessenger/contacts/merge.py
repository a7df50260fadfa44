"""Make one contact of two. The histories interleave by time; nothing is lost but the second row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.edit import put, value_of
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact, LifecycleStage
from ismessenger.contacts.values import Value
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close
from ismessenger.conversations.model import TimelineEvent
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

STAGE: Final = "lifecycle"
ASSIGNEE: Final = "assignee"
"""What can be chosen beside the fields, named like they are by their keys."""

MOVED: Final = (
    "contact_channel",
    "conversation",
    "message",
    "comment",
    "event",
    "scheduled_message",
    "workflow_signal",
    "workflow_call",
)
"""Tables whose rows simply go to the first contact."""

SETTLED: Final = {
    # A member to whom something in either is new finds the whole unread from there.
    "read_mark": (
        "INSERT INTO read_mark (member_id, contact_id, message_id) SELECT member_id, :primary,"
        " CASE WHEN bool_and(mark >= newest) THEN max(mark) ELSE min(mark) FILTER (WHERE mark < newest) END FROM ("
        " SELECT m.member_id, COALESCE(r.message_id, 0) AS mark, COALESCE(c.last_incoming_id, 0) AS newest"
        " FROM (SELECT DISTINCT member_id FROM read_mark WHERE contact_id IN (:primary, :secondary)) AS m"
        " CROSS JOIN contact c LEFT JOIN read_mark r ON r.member_id = m.member_id AND r.contact_id = c.id"
        " WHERE c.id IN (:primary, :secondary)) AS known GROUP BY member_id"
        " ON CONFLICT (workspace_id, member_id, contact_id) DO UPDATE SET message_id = excluded.message_id"
    ),
    "merge_dismissal": (
        "INSERT INTO merge_dismissal (first_id, second_id, by_id, at) SELECT LEAST(o, :primary), GREATEST(o, :primary), by_id, at FROM ("
        " SELECT CASE WHEN first_id = :secondary THEN second_id ELSE first_id END AS o, by_id, at FROM merge_dismissal"
        " WHERE :secondary IN (first_id, second_id)) AS others WHERE o <> :primary ON CONFLICT DO NOTHING"
    ),
    # To undo an import must not delete somebody who is more than what it brought.
    "imported_contact": "DELETE FROM imported_contact WHERE contact_id = :secondary OR (contact_id = :primary AND before IS NULL)",
    # The second one's conversation is closed, so that only what was scheduled, and times of workflows, are still to come.
    "wakeup": "UPDATE wakeup SET contact_id = :primary WHERE contact_id = :secondary AND kind IN ('send', 'workflow')",
    "workflow_enrolment": (
        "INSERT INTO workflow_enrolment (workflow_id, contact_id, at) SELECT workflow_id, :primary, at FROM workflow_enrolment"
        " WHERE contact_id = :secondary ON CONFLICT (workspace_id, workflow_id, contact_id) DO NOTHING"
    ),
    # Nobody is inside the same workflow twice: where both are, the second one's run ends.
    "workflow_run": (
        "UPDATE workflow_run r SET contact_id = :primary, standing = CASE WHEN d.twice THEN 'ended' ELSE standing END,"
        " ended_at = CASE WHEN d.twice THEN now() ELSE ended_at END, waits_for = CASE WHEN d.twice THEN '{}' ELSE waits_for END,"
        " state = CASE WHEN d.twice THEN state || jsonb_build_object('standing', 'ended', 'waiting', NULL) ELSE state END,"
        " error = CASE WHEN d.twice THEN 'The contact was merged into another one that is inside this workflow too.' ELSE error END"
        " FROM (SELECT s.id, s.ended_at IS NULL AND EXISTS (SELECT FROM workflow_run o WHERE o.contact_id = :primary"
        " AND o.workflow_id = s.workflow_id AND o.ended_at IS NULL) AS twice FROM workflow_run s WHERE s.contact_id = :secondary) AS d"
        " WHERE r.id = d.id"
    ),
    "queued_assignment": (
        "UPDATE queued_assignment q SET contact_id = :primary WHERE contact_id = :secondary"
        " AND NOT EXISTS (SELECT FROM queued_assignment o WHERE o.contact_id = :primary AND COALESCE(o.run_id, 0) = COALESCE(q.run_id, 0))"
        " AND (q.run_id IS NULL OR EXISTS (SELECT FROM workflow_run r WHERE r.id = q.run_id AND r.ended_at IS NULL))"
    ),
    # What is unread of both is told once.
    "notification": (
        "UPDATE notification n SET contact_id = :primary WHERE contact_id = :secondary AND NOT (folds AND read_at IS NULL AND EXISTS ("
        " SELECT FROM notification o WHERE o.contact_id = :primary AND o.member_id IS NOT DISTINCT FROM n.member_id AND o.kind = n.kind"
        " AND o.folds AND o.read_at IS NULL))"
    ),
    "draft": (
        "UPDATE draft d SET contact_id = :primary WHERE contact_id = :secondary AND NOT EXISTS ("
        " SELECT FROM draft o WHERE o.contact_id = :primary AND o.member_id = d.member_id AND o.kind = d.kind)"
    ),
    # The database keeps it by itself.
    "contact_words": "",
}
"""Tables whose rows of the second contact become something else, or go with it."""

_SUCCESSOR = text("SELECT contact_id FROM event WHERE kind = 'contact.merged' AND details ->> 'merged' = :id LIMIT 1")


class MergeRefused(Refused):
    """These contacts cannot be merged; the text says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing of which there may be two, and what each contact has. ``field`` is None for the stage and the assignee."""

    key: str
    first: Value | None
    second: Value | None
    field: Field | None = None

    @property
    def conflicting(self) -> bool:
        """Whether somebody has to choose."""
        return self.first is not None and self.second is not None and self.first != self.second


async def merge(
    db: WriteSession, primary_id: int, secondary_id: int, *, by: int | None, actor: str = "user", from_second: Collection[str] = ()
) -> Contact:
    """Move everything of the second contact to the first, fill the first one's gaps, delete the second.

    ``from_second`` are keys of fields, `STAGE` or `ASSIGNEE` in which the second one's value wins where both have one. Whether the
    contact is blocked follows the first. The second one's open conversation is closed. Raises `MergeRefused`, `ContactNotFound`.
    """
    if primary_id == secondary_id:
        raise MergeRefused(gettext("A contact cannot be merged with itself."))
    # Always in the order of the ids, so that two merges of the same pair wait for each other.
    locked = {id_: await lock_contact(db, id_) for id_ in sorted((primary_id, secondary_id))}
    primary, secondary = locked[primary_id], locked[secondary_id]
    secondary.blocked_at = None
    await close(db, secondary, source="merge", by=by)
    lost = await _unite(db, primary, secondary, from_second)
    await _hand_over(db, primary, secondary, ASSIGNEE in from_second, actor=actor, by=by)
    await db.flush()
    await _move(db, primary_id, secondary_id)
    _add_times(primary, secondary)
    name, assignee = secondary.called(()), secondary.assignee_id
    await db.delete(secondary)
    details = {"merged": secondary_id, "name": name, "lost": lost}
    event = TimelineEvent(contact_id=primary_id, kind="contact.merged", actor_kind=actor, actor_id=by, details=details)
    db.add(event)
    await db.flush()
    db.announce("gone", secondary_id, assignee=assignee, into=primary_id)
    db.announce("event", primary_id, id=event.id)
    db.announce("contact", primary_id, joined=True)
    return primary


async def choices(db: ReadSession, first: Contact, second: Contact) -> list[Choice]:
    """Everything that may differ between two contacts, in the order of the fields; what neither has is left out."""
    found = [Choice(field.key, value_of(first, field), value_of(second, field), field) for field in await fields(db)]
    stages: dict[int, str] = dict((await db.execute(select(col(LifecycleStage.id), col(LifecycleStage.name)))).all())
    members = select(col(Member.id), col(Member.name)).where(col(Member.id).in_([first.assignee_id or 0, second.assignee_id or 0]))
    names: dict[int, str] = dict((await db.execute(members)).all())
    found.append(Choice(STAGE, stages.get(first.lifecycle_id or 0), stages.get(second.lifecycle_id or 0)))
    found.append(Choice(ASSIGNEE, names.get(first.assignee_id or 0), names.get(second.assignee_id or 0)))
    return [choice for choice in found if choice.first is not None or choice.second is not None]


async def successor(db: ReadSession, member: Member, contact_id: int) -> int | None:
    """The contact that this one was merged into, if the member may see it. For links that are older than the merge."""
    primary_id = (await db.execute(_SUCCESSOR, {"id": str(contact_id)})).scalar()
    if primary_id is None:
        return None
    seen: int | None = (await db.execute(select(col(Contact.id)).where(col(Contact.id) == primary_id, visible_to(member)))).scalar()
    return seen


async def _unite(db: WriteSession, primary: Contact, secondary: Contact, from_second: Collection[str]) -> list[dict[str, Any]]:
    """Bring the values together; returns those that did not come along."""
    lost: list[dict[str, Any]] = []
    for field in await fields(db):
        kept, other = value_of(primary, field), value_of(secondary, field)
        if other is None or kept == other:
            continue
        if kept is None or field.key in from_second:
            put(primary, field, other)
        if kept is not None:
            lost.append(_lost(field, kept if field.key in from_second else other))
    if primary.lifecycle_id is None or (STAGE in from_second and secondary.lifecycle_id is not None):
        primary.lifecycle_id = secondary.lifecycle_id
    primary.picture_url = primary.picture_url or secondary.picture_url
    primary.tag_ids = sorted({*primary.tag_ids, *secondary.tag_ids})
    return lost


def _lost(field: Field, value: Value) -> dict[str, Any]:
    return {"key": field.key, "name": field.name, "value": value}


async def _hand_over(db: WriteSession, primary: Contact, secondary: Contact, chosen: bool, *, actor: str, by: int | None) -> None:  # noqa: FBT001
    if secondary.assignee_id is None or (primary.assignee_id is not None and not chosen):
        return
    to = await db.get(Member, (db.workspace_id, secondary.assignee_id))
    if to is not None and to.removed_at is None:
        await assign(db, primary, to=to, actor=actor, by=by)


async def _move(db: WriteSession, primary_id: int, secondary_id: int) -> None:
    values = {"primary": primary_id, "secondary": secondary_id}
    # The marks compare with what each contact has received, so they come before the rows move.
    for statement in filter(None, SETTLED.values()):
        await db.execute(text(statement), values)
    for table in MOVED:
        # The table is one of the words above.
        await db.execute(text(f"UPDATE {table} SET contact_id = :primary WHERE contact_id = :secondary"), values)  # noqa: S608


def _add_times(primary: Contact, secondary: Contact) -> None:
    if secondary.last_message_at and (primary.last_message_at is None or secondary.last_message_at > primary.last_message_at):
        for name in ("last_message_at", "last_channel_id", "preview", "preview_traffic"):
            setattr(primary, name, getattr(secondary, name))
    for name in ("last_incoming_at", "last_outgoing_at", "last_incoming_id"):
        setattr(primary, name, _latest([getattr(primary, name), getattr(secondary, name)]))
    if secondary.created_at < primary.created_at:
        primary.created_at, primary.created_source = secondary.created_at, secondary.created_source


def _latest(both: Sequence[Any]) -> Any:
    return max((value for value in both if value is not None), default=None)
