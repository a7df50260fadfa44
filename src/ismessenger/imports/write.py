"""Write what a stretch of rows comes to: a handful of statements, however many contacts they are about."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text

from ismessenger.contacts.fields import Field
from ismessenger.imports.plan import Draft, Outcome, State
from ismessenger.imports.targets import ASSIGNEE, LIFECYCLE, TAGS
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

_STANDARD = ("firstName", "lastName", "phone", "email", "language", "countryCode")
_VALUES = (
    "unnest(CAST(:first AS text[]), CAST(:last AS text[]), CAST(:phone AS text[]), CAST(:email AS text[]), CAST(:language AS text[]),"
    " CAST(:country AS text[]), CAST(:fields AS text[]), CAST(:tags AS text[]), CAST(:stages AS bigint[]), CAST(:assignees AS bigint[]),"
    " CAST(:ids AS bigint[])) WITH ORDINALITY AS n(f, l, p, e, g, y, x, t, s, a, i, o)"
)
# INSERT … SELECT … ORDER BY returns the new ids in the order of the input.
_ADD = text(
    "WITH created AS (INSERT INTO contact (first_name, last_name, phone, email, language, country_code, fields, tag_ids, lifecycle_id,"  # noqa: S608 - the list of arrays above
    " assignee_id, status, created_at, created_source)"
    " SELECT f, l, p, e, g, y, CAST(x AS jsonb), CAST(t AS bigint[]), s, a, 'closed', :now, 'import'"
    f" FROM {_VALUES} ORDER BY o RETURNING id),"
    " told AS (INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at) SELECT id, 'contact.created', 'user',"
    " CAST(:by AS bigint), jsonb_build_object('source', 'import', 'import', CAST(:job_id AS bigint)), :now FROM created)"
    " INSERT INTO imported_contact (job_id, contact_id, before, after) SELECT :job_id, id, NULL, '{}' FROM created"
)
_CHANGE = text(
    "UPDATE contact SET first_name = f, last_name = l, phone = p, email = e, language = g, country_code = y, fields = CAST(x AS jsonb),"  # noqa: S608 - as above
    f" tag_ids = CAST(t AS bigint[]), lifecycle_id = s FROM {_VALUES} WHERE contact.id = n.i"
)
# What was there before the first change counts, and what the last one wrote.
_REMEMBER = text(
    "INSERT INTO imported_contact (job_id, contact_id, before, after)"
    " SELECT :job_id, c, CAST(b AS jsonb), CAST(a AS jsonb) FROM unnest(CAST(:ids AS bigint[]), CAST(:before AS text[]),"
    " CAST(:after AS text[])) AS n(c, b, a) ON CONFLICT (workspace_id, job_id, contact_id) DO UPDATE"
    " SET before = EXCLUDED.before || imported_contact.before, after = imported_contact.after || EXCLUDED.after"
)
_TELL = text(
    "INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at)"
    " SELECT c, k, 'user', CAST(:by AS bigint), CAST(d AS jsonb), :now FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]),"
    " CAST(:details AS text[])) AS n(c, k, d) RETURNING id, contact_id"
)
_ASSIGN = text(
    "UPDATE contact SET assignee_id = CAST(a AS bigint) FROM unnest(CAST(:ids AS bigint[]), CAST(:assignees AS bigint[])) AS n(i, a)"
    " WHERE contact.id = n.i"
)
_ANSWERED = text(
    "UPDATE conversation SET first_assignee_id = COALESCE(first_assignee_id, a), first_assigned_at = COALESCE(first_assigned_at, :now),"
    " last_assignee_id = a, last_assigned_at = :now, assignment_count = assignment_count + 1"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:assignees AS bigint[])) AS n(i, a)"
    " WHERE conversation.contact_id = n.i AND closed_at IS NULL AND a IS NOT NULL"
)
# Whoever removes a member waits for this lock, and then finds the contacts among the member's.
_PRESENT = text("SELECT id FROM member WHERE id = ANY(:ids) AND removed_at IS NULL ORDER BY id FOR KEY SHARE")
Told = tuple[int, str, Mapping[str, Any]]


class Labels:
    """How fields, tags, stages and members are called where events tell of them."""

    def __init__(self, fields: Mapping[str, Field], tags: Mapping[int, str], stages: Mapping[int, str], members: Mapping[int, str]) -> None:
        self.fields, self.tags, self.stages, self.members = fields, tags, stages, members


async def write(db: WriteSession, outcome: Outcome, labels: Labels, *, job_id: int, by: int | None) -> None:
    """Make the new contacts, then change those that were there, whose rows the caller holds."""
    await _free_of_removed(db, [*outcome.new, *outcome.changed])
    if outcome.new:
        await db.execute(
            _ADD, {**arrays([draft.now for draft in outcome.new], [None] * len(outcome.new)), "job_id": job_id, "by": by, "now": now()}
        )
    if outcome.changed:
        await change(db, outcome.changed, labels, by=by, cause={"import": job_id})
        values = {
            "job_id": job_id,
            "ids": [draft.id for draft in outcome.changed],
            "before": [orjson.dumps(draft.before).decode() for draft in outcome.changed],
            "after": [orjson.dumps(draft.after).decode() for draft in outcome.changed],
        }
        await db.execute(_REMEMBER, values)


async def change(db: WriteSession, drafts: Sequence[Draft], labels: Labels, *, by: int | None, cause: Mapping[str, Any]) -> None:
    """Write the drafts of contacts that are held, tell their timelines and the screens. ``cause`` goes into every event."""
    ids = [draft.id for draft in drafts if draft.id is not None]
    await db.execute(_CHANGE, arrays([draft.now for draft in drafts], ids))
    handed = [draft for draft in drafts if draft.was.get(ASSIGNEE) != draft.now.get(ASSIGNEE)]
    if handed:
        values = {"ids": [draft.id for draft in handed], "assignees": [draft.now.get(ASSIGNEE) for draft in handed]}
        await db.execute(_ASSIGN, values)
        await db.execute(_ANSWERED, {**values, "now": now()})
    told = [(id_, kind, {**details, **cause}) for draft in drafts for id_, kind, details in _told(draft, labels)]
    events = {
        "ids": [id_ for id_, _kind, _details in told],
        "kinds": [kind for _id, kind, _details in told],
        "details": [orjson.dumps(details).decode() for _id, _kind, details in told],
    }
    for event_id, contact_id in (await db.execute(_TELL, {**events, "by": by, "now": now()})).all():
        db.announce("event", contact_id, id=event_id)
    for draft in drafts:
        facts = {"was_assignee": draft.was.get(ASSIGNEE)} if draft in handed else {}
        db.announce("contact", int(draft.id or 0), **facts)


def arrays(states: Sequence[State], ids: Sequence[int | None]) -> dict[str, list[Any]]:
    """Columns for `_VALUES`."""
    first, last, phone, email, language, country = ([state.get(key) for state in states] for key in _STANDARD)
    return {
        "first": first,
        "last": last,
        "phone": phone,
        "email": email,
        "language": language,
        "country": country,
        "fields": [orjson.dumps(custom(state)).decode() for state in states],
        "tags": ["{" + ",".join(map(str, state.get(TAGS, ()))) + "}" for state in states],
        "stages": [state.get(LIFECYCLE) for state in states],
        "assignees": [state.get(ASSIGNEE) for state in states],
        "ids": list(ids),
    }


def custom(state: State) -> dict[str, Any]:
    """The values of custom fields, whose keys are numbers."""
    return {key: value for key, value in state.items() if key.isdigit() and value is not None}


def _told(draft: Draft, labels: Labels) -> list[Told]:
    before, after, id_ = draft.before, draft.after, int(draft.id or 0)
    told: list[Told] = []
    fields = [key for key in after if key not in {TAGS, LIFECYCLE, ASSIGNEE}]
    if fields:
        named = [{"name": labels.fields[key].name if key in labels.fields else "", "key": key} for key in fields]
        details = [{**each, "from": before[each["key"]], "to": after[each["key"]]} for each in named]
        told.append((id_, "contact.updated", {"fields": details}))
    was, tags = set(draft.was.get(TAGS, ())), set(draft.now.get(TAGS, ()))
    told += [(id_, "tag.added", {"tag_id": tag, "name": labels.tags.get(tag, "")}) for tag in sorted(tags - was)]
    told += [(id_, "tag.removed", {"tag_id": tag, "name": labels.tags.get(tag, "")}) for tag in sorted(was - tags)]
    if LIFECYCLE in after:
        old, new = before[LIFECYCLE], after[LIFECYCLE]
        names = {"from_name": labels.stages.get(old), "to_name": labels.stages.get(new)}
        told.append((id_, "lifecycle.updated", {"from": old, "to": new, **names}))
    if ASSIGNEE in after:
        old, new = before[ASSIGNEE], after[ASSIGNEE]
        kind = "contact.unassigned" if new is None else "contact.assigned"
        told.append((id_, kind, {"from": old, "to": new, "to_name": labels.members.get(new)}))
    return told


async def _free_of_removed(db: WriteSession, drafts: Sequence[Draft]) -> None:
    """Somebody who was removed a moment ago gets nobody: who had the contact keeps it."""
    wanted = {draft.now[ASSIGNEE] for draft in drafts if draft.now.get(ASSIGNEE) not in {None, draft.was.get(ASSIGNEE)}}
    if not wanted:
        return
    present = set((await db.execute(_PRESENT, {"ids": sorted(wanted)})).scalars())
    for draft in drafts:
        if draft.now.get(ASSIGNEE) in wanted - present:
            draft.now[ASSIGNEE] = draft.was.get(ASSIGNEE)
