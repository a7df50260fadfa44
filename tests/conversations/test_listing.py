"""The queries behind the lists, where a workspace is large."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy import event, text

from ismessenger.accounts.model import Member
from ismessenger.accounts.read import mark_read
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.contacts.model import Contact
from ismessenger.conversations.inboxes import ALL, MINE, UNASSIGNED, Inbox, in_standing, open_inbox, standing_inboxes
from ismessenger.conversations.listing import Narrowing, Position, list_contacts
from ismessenger.conversations.model import CustomInbox
from ismessenger.conversations.news import COUNTED, count_open, inbox_with_news
from ismessenger.tenancy.doors import ReadSession
from tests.conftest import World

MANY = 3000


@pytest.fixture
async def crowd(world: World) -> World:
    """A workspace with many open contacts, a few closed, some assigned."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        statement = text(
            "INSERT INTO contact (first_name, status, created_at, created_source, last_message_at, assignee_id, preview, preview_traffic)"
            " SELECT 'C' || n, CASE WHEN n % 50 = 0 THEN 'closed' ELSE 'open' END, now(), 'contact',"
            " now() - n % 1000 * interval '1 second', CASE WHEN n % 10 = 0 THEN CAST(:agent AS bigint) END, 'hi', 'incoming'"
            " FROM generate_series(1, :many) AS n"
        )
        await db.execute(statement, {"agent": world.agent.id, "many": MANY})
    return world


async def walk(world: World, member: Member, inbox: Inbox, narrowing: Narrowing) -> list[int]:
    """Every contact of a list, page by page."""
    seen: list[int] = []
    before: Position | None = None
    while True:
        async with world.installation.tenancy.reading(world.workspace_id) as db:
            page = await list_contacts(db, member, in_standing(inbox, member), narrowing, before=before, limit=100)
        seen += [listed.contact.id for listed in page.contacts]
        if page.older is None:
            return seen
        before = page.older


async def ids(world: World, condition: str, order: str = "last_message_at DESC NULLS LAST, id DESC") -> list[int]:
    query = f"SELECT id FROM contact WHERE {condition} ORDER BY {order}"
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return list((await db.execute(text(query), {"agent": world.agent.id} if ":agent" in query else {})).scalars())


OPEN, CLOSED = Narrowing(), Narrowing(status="closed")


async def test_pages_hold_every_contact_once_and_in_order(crowd: World) -> None:
    assert await walk(crowd, crowd.owner, ALL, OPEN) == await ids(crowd, "status = 'open'")
    assert await walk(crowd, crowd.agent, MINE, OPEN) == await ids(crowd, "status = 'open' AND assignee_id = :agent")
    assert await walk(crowd, crowd.owner, UNASSIGNED, OPEN) == await ids(crowd, "status = 'open' AND assignee_id IS NULL")
    assert await walk(crowd, crowd.owner, ALL, CLOSED) == await ids(crowd, "status = 'closed'")


@pytest.mark.behaviour(205)
@pytest.mark.parametrize(
    ("narrowing", "condition", "order"),
    [
        (Narrowing(sort="oldest"), "status = 'open'", "last_message_at NULLS LAST, id"),
        (Narrowing(sort="longest"), "status = 'open'", "opened_at NULLS LAST, id"),
        (Narrowing("snoozed", sort="longest"), "status = 'snoozed'", "opened_at NULLS LAST, id"),
        (Narrowing("all"), "true", "last_message_at DESC NULLS LAST, id DESC"),
        (Narrowing("all", sort="oldest"), "true", "last_message_at NULLS LAST, id"),
        (Narrowing(unreplied=True), "status = 'open' AND preview_traffic = 'incoming'", "last_message_at DESC NULLS LAST, id DESC"),
    ],
)
async def test_every_order_and_filter_holds_everybody_once(crowd: World, narrowing: Narrowing, condition: str, order: str) -> None:
    async with crowd.installation.tenancy.workspace(crowd.workspace_id) as db:
        await db.execute(text("UPDATE contact SET opened_at = now() - id % 97 * interval '1 hour' WHERE status = 'open' AND id % 11 <> 0"))
        await db.execute(text("UPDATE contact SET status = 'snoozed' WHERE status = 'open' AND id % 5 = 0"))
        await db.execute(text("UPDATE contact SET last_message_at = NULL, preview_traffic = '' WHERE id % 13 = 0"))
        await db.execute(text("UPDATE contact SET preview_traffic = 'outgoing' WHERE id % 3 = 0"))
    assert await walk(crowd, crowd.owner, ALL, narrowing) == await ids(crowd, condition, order)


async def test_counting_ends_at_a_thousand(crowd: World) -> None:
    async with crowd.installation.tenancy.reading(crowd.workspace_id) as db:
        assert await count_open(db, crowd.owner, standing_inboxes(crowd.owner)) == {ALL: COUNTED, MINE: 0, UNASSIGNED: COUNTED}
        assert (await count_open(db, crowd.agent, [MINE]))[MINE] == 240


async def test_whoever_is_limited_has_fewer_inboxes(crowd: World) -> None:
    agent = crowd.agent
    assert standing_inboxes(agent) == (ALL, MINE, UNASSIGNED)
    agent.restrictions = [ONLY_MINE]
    assert standing_inboxes(agent) == (MINE,)
    agent.restrictions = [ONLY_TEAM]
    assert standing_inboxes(agent) == (MINE,)
    agent.team_id = 3
    assert standing_inboxes(agent) == (MINE, Inbox("team", 3))


Asks = Callable[[ReadSession, Member], Awaitable[object]]


async def plans(world: World, ask: Asks) -> list[str]:
    """How the runtime role gets the contacts that are asked for."""
    statements: list[tuple[str, Sequence[object]]] = []
    engine = world.installation.tenancy.homes["default"].app.sync_engine

    def note(_connection: object, _cursor: object, statement: str, parameters: Sequence[object], *_rest: object) -> None:
        if "FROM contact" in statement:
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        await ask(db, world.agent)
    event.remove(engine, "before_cursor_execute", note)
    explained = []
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, parameters in statements:
            connection = await db.connection()
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", tuple(parameters))
            explained.append("\n".join(row[0] for row in rows))
    return explained


def first_and_second_page(inbox: Inbox, narrowing: Narrowing = OPEN) -> Asks:
    async def ask(db: ReadSession, member: Member) -> None:
        opened = await open_inbox(db, member, inbox, "UTC")
        first = await list_contacts(db, member, opened.where, narrowing)
        assert first.older is not None
        await list_contacts(db, member, opened.where, narrowing, before=first.older)

    return ask


@pytest.mark.parametrize(
    ("inbox", "narrowing", "index"),
    [
        (ALL, OPEN, "_newest_idx"),
        (MINE, OPEN, "_newest_idx"),
        (UNASSIGNED, OPEN, "_newest_idx"),
        (ALL, Narrowing("all"), "contact_newest_idx"),
        (ALL, Narrowing(sort="oldest"), "_newest_idx"),
        (ALL, Narrowing(sort="longest"), "contact_longest_open_idx"),
    ],
)
async def test_a_list_is_read_along_an_index_and_not_sorted(crowd: World, inbox: Inbox, narrowing: Narrowing, index: str) -> None:
    async with crowd.installation.tenancy.workspace(crowd.workspace_id) as db:
        await db.execute(text("UPDATE contact SET opened_at = now() - id % 97 * interval '1 hour' WHERE status = 'open'"))
    found = await plans(crowd, first_and_second_page(inbox, narrowing))
    assert len(found) == 2
    for plan in found:
        assert f"{index} on contact" in plan, plan
        assert "Sort" not in plan.split("SubPlan")[0], plan


@pytest.mark.parametrize("share", [1, 97])
async def test_a_custom_inbox_is_read_by_an_index(crowd: World, share: int) -> None:
    condition = {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [7]}]}
    async with crowd.installation.tenancy.workspace(crowd.workspace_id) as db:
        await db.execute(
            text("INSERT INTO tag (id, name, description, emoji, color, created_at) VALUES (7, 'VIP', '', '', 'green', now())")
        )
        await db.execute(text("UPDATE contact SET tag_ids = '{7}' WHERE id % :share = 0"), {"share": share})
        made = CustomInbox(owner_id=crowd.agent.id, name="VIP", condition=condition)
        db.add(made)
        await db.flush()
        inbox = Inbox("custom", made.id)

    async def ask(db: ReadSession, member: Member) -> None:
        opened = await open_inbox(db, member, inbox, "UTC")
        assert (await list_contacts(db, member, opened.where)).contacts

    for plan in await plans(crowd, ask):
        assert "Seq Scan on contact" not in plan, plan


async def test_a_contact_is_called_by_what_is_known(crowd: World) -> None:
    assert Contact(id=7).called(()) == "#7"
    assert Contact(id=7, phone="+49").called(()) == "+49"


@pytest.mark.behaviour(9)
async def test_the_dot_for_something_new_is_on_the_nearest_inbox_only(world: World) -> None:
    async def news() -> str | None:
        async with world.installation.tenancy.reading(world.workspace_id) as db:
            found = await inbox_with_news(db, world.agent)
            return found.name if found else None

    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        insert = text(
            "INSERT INTO contact (status, created_at, created_source, last_message_at, last_incoming_id, assignee_id)"
            " VALUES ('open', now(), 'contact', now(), 7, :m) RETURNING id"
        )
        members = (world.agent.id, world.manager.id, None, world.owner.id)
        contacts = [int((await db.execute(insert, {"m": member_id})).scalar_one()) for member_id in members]
        team = text("INSERT INTO team (name, description, created_at) VALUES ('Sales', '', now()) RETURNING id")
        team_id = int((await db.execute(team)).scalar_one())
        await db.execute(text("UPDATE member SET team_id = :t WHERE id = ANY(:m)"), {"t": team_id, "m": [world.agent.id, world.manager.id]})
    world.agent.team_id = team_id
    seen = []
    for contact_id in contacts:
        seen.append(await news())
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await mark_read(db, world.agent.id, contact_id, 7)
    assert [*seen, await news()] == ["mine", f"team-{team_id}", "unassigned", "all", None]
