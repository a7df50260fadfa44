"""Carry out what runs want: effects that are alike together, in the order in which each contact's runs wanted them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
from sqlalchemy import text

from ismessenger.automation.cases import Published, Todo
from ismessenger.automation.send import send
from ismessenger.automation.signals import tell
from ismessenger.automation.stored import as_json
from ismessenger.automation.surroundings import Surroundings
from ismessenger.contacts.edit import edit_contacts
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.fields import Field
from ismessenger.contacts.mark import move_contacts, tag_contacts
from ismessenger.contacts.tags import tags_by_name
from ismessenger.contacts.values import Value, checked
from ismessenger.conversations.allot import allot_many
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.conversations.many import close_contacts
from ismessenger.conversations.open import open_conversations
from ismessenger.conversations.queue import Asker, Wanted
from ismessenger.conversations.snooze import snooze_contacts, wake_contacts
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.comment import comment
from ismessenger.messages.errors import ReplyRefused
from ismessenger.sdk.step import (
    Assign,
    Call,
    Close,
    Comment,
    Effect,
    Open,
    Result,
    Send,
    SetField,
    SetStage,
    Snooze,
    Start,
    Tags,
)
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

ACTOR: Final = "workflow"
DONE: Final = Result(ok=True)
EXPECTED: Final = (Refused, NotThere, ReplyRefused, ConversationRefused)
"""What says in words why something cannot be done."""

_DEPTH = text("SELECT set_config('app.depth', :depth, true)")
_CALL = text(
    "INSERT INTO workflow_call (run_id, contact_id, key, integration, action, request, connection_id, due_at, at)"
    " SELECT r, c, k, CAST(:integration AS text), CAST(:action AS text), CAST(:request AS jsonb), CAST(:connection AS bigint), :now, :now"
    " FROM unnest(CAST(:runs AS bigint[]), CAST(:contacts AS bigint[]), CAST(:keys AS text[])) AS n(r, c, k)"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What carrying out needs beside the effects."""

    installation: Installation
    db: WriteSession
    around: Surroundings
    published: Mapping[int, Published]


async def carry_out(
    installation: Installation, db: WriteSession, todos: Sequence[Todo], around: Surroundings, published: Mapping[int, Published]
) -> None:
    """One effect of each of several contacts. Says at each what became of it, if that is known already."""
    desk = Desk(installation, db, around, published)
    alike: dict[tuple[int, int, str], list[Todo]] = defaultdict(list)
    for todo in todos:
        alike[todo.run.depth, todo.run.plan.workflow_id, _mark(todo)].append(todo)
    for (depth, workflow_id, _mark_of), those in alike.items():
        await _deepen(db, depth + 1)
        try:
            await _CARRY[type(those[0].effect)](desk, workflow_id, those)
        except EXPECTED as error:
            for todo in those:
                todo.result = Result(ok=False, reason=str(error))


async def _deepen(db: WriteSession, depth: int) -> None:
    """What listens to what is done now was set off by so many workflows."""
    if db.info.get("depth") != depth:
        await db.execute(_DEPTH, {"depth": str(depth)})
        db.info["depth"] = depth


def _mark(todo: Todo) -> str:
    """The same for effects that can be carried out together. Whose turn it is in a round robin is remembered for each step."""
    if isinstance(todo.effect, SetField | Comment):
        return todo.effect.__class__.__name__
    place = todo.entry.trace.step_id if isinstance(todo.effect, Assign) else ""
    return f"{place}{as_json(todo.effect)}"


def _ids(todos: Sequence[Todo]) -> list[int]:
    return [todo.case.contact.id for todo in todos]


def _say(todos: Sequence[Todo], result: Result) -> None:
    for todo in todos:
        todo.result = result


def _without_blocked(todos: Sequence[Todo]) -> list[Todo]:
    """Those of contacts that are not blocked; the others are told so."""
    _say(
        [todo for todo in todos if todo.case.contact.blocked_at],
        Result(ok=False, reason=gettext("This contact is blocked. Unblock it first.")),
    )
    return [todo for todo in todos if not todo.case.contact.blocked_at]


async def _tags(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    effect = cast("Tags", todos[0].effect)
    made = [tag.id for tag in await tags_by_name(desk.db, effect.create)] if effect.create else []
    add = [*effect.add, *made]
    await tag_contacts(desk.db, _ids(todos), add=add, remove=effect.remove, actor=ACTOR, by=workflow_id)
    for todo in todos:
        todo.case.person.tag_ids |= set(made)
        todo.case.person.tags = [name for name in todo.case.person.tags if name not in effect.create]
    gone = [id_ for id_ in effect.add if id_ not in desk.around.known.tags]
    _say(todos, Result(ok=False, reason=gettext("A tag of this step was deleted. Choose another one.")) if gone else DONE)


async def _fields(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    changes = []
    for todo in todos:
        effect, contact = cast("SetField", todo.effect), todo.case.contact
        field = desk.around.fields.get(effect.field)
        if field is None:
            todo.result = Result(ok=False, reason=gettext("The field of this step was deleted. Choose another one."))
            continue
        try:
            values: Mapping[Field, Value | None] = {field: checked(field, effect.value, region=contact.country_code)}
        except Refused as error:
            todo.result = Result(ok=False, reason=str(error))
            continue
        changes.append((contact, values))
        todo.result = DONE
    await edit_contacts(desk.db, changes, actor=ACTOR, by=workflow_id)


async def _stage(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    effect = cast("SetStage", todos[0].effect)
    if effect.stage_id is not None and effect.stage_id not in desk.around.known.stages:
        raise Refused(gettext("The stage of this step was deleted. Choose another one."))
    await move_contacts(desk.db, _ids(todos), effect.stage_id, actor=ACTOR, by=workflow_id)
    _say(todos, DONE)


async def _open(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    able = _without_blocked(todos)
    ids = _ids(able)
    opened = await open_conversations(desk.db, ids, sources=[ACTOR] * len(ids), at=now(), actor=ACTOR, by=workflow_id)
    for contact_id in opened:
        desk.db.announce("contact", contact_id)
    await wake_contacts(desk.db, [id_ for id_ in ids if id_ not in opened], actor=ACTOR, by=workflow_id)
    _say(able, DONE)


async def _close(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    effect, able = cast("Close", todos[0].effect), _without_blocked(todos)
    note = {"category_id": effect.category_id, "summary": effect.summary or None}
    await close_contacts(desk.db, _ids(able), actor=ACTOR, by=workflow_id, **note)  # type: ignore[arg-type]
    _say(able, DONE)


async def _snooze(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    effect, able = cast("Snooze", todos[0].effect), _without_blocked(todos)
    await snooze_contacts(desk.db, _ids(able), effect.until, actor=ACTOR, by=workflow_id)
    _say(able, DONE)


async def _comment(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    for todo in todos:
        try:
            await comment(desk.db, todo.case.contact.id, cast("Comment", todo.effect).text, by=workflow_id, kind=ACTOR)
            todo.result = DONE
        except EXPECTED as error:
            todo.result = Result(ok=False, reason=str(error))


async def _assign(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    effect = cast("Assign", todos[0].effect)
    wanted = [Wanted(todo.case.contact.id, todo.run.id, todo.run.key) for todo in todos]
    asker = Asker(ACTOR, workflow_id, f"{workflow_id}/{todos[0].entry.trace.step_id}")
    given = await allot_many(desk.installation, desk.db, effect, wanted, asker)
    for todo in todos:
        if todo.case.contact.id in given:
            todo.case.person.columns["assignee_id"] = given[todo.case.contact.id]
            todo.result = Result(ok=True, details={"member_id": given[todo.case.contact.id]})


async def _call(desk: Desk, _workflow_id: int, todos: Sequence[Todo]) -> None:
    """The result comes from the lane that calls."""
    effect = cast("Call", todos[0].effect)
    values: dict[str, Any] = {
        "integration": effect.integration,
        "action": effect.action,
        "request": orjson.dumps(effect.request).decode(),
        "connection": effect.connection_id,
        "now": now(),
        "runs": [todo.run.id for todo in todos],
        "contacts": _ids(todos),
        "keys": [todo.run.key for todo in todos],
    }
    await desk.db.execute(_CALL, values)
    desk.db.ring("calls")


async def _start(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    effect = cast("Start", todos[0].effect)
    if effect.workflow_id not in desk.published:
        raise Refused(gettext("The workflow to begin is not published."))
    name = desk.published[workflow_id].name if workflow_id in desk.published else ""
    payload = {"workflow_id": effect.workflow_id, "variables": effect.variables, "from": name}
    await tell(desk.db, [(todo.case.contact.id, "start", payload, todo.run.depth + 1) for todo in todos])
    _say(todos, DONE)


async def _send(desk: Desk, workflow_id: int, todos: Sequence[Todo]) -> None:
    for todo in todos:
        try:
            todo.result = await send(desk.installation, desk.db, todo.case.contact, cast("Send", todo.effect), todo.run, workflow_id)
        except EXPECTED as error:
            todo.result = Result(ok=False, reason=str(error))


_CARRY: Final[Mapping[type[Effect], Callable[[Desk, int, Sequence[Todo]], Awaitable[None]]]] = {
    Tags: _tags,
    SetField: _fields,
    SetStage: _stage,
    Open: _open,
    Close: _close,
    Snooze: _snooze,
    Comment: _comment,
    Assign: _assign,
    Call: _call,
    Start: _start,
    Send: _send,
}
