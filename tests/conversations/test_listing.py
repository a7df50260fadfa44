"""The queries behind the lists, where a workspace is large."""

from collections.abc import Sequence

import pytest
from sqlalchemy import event, text

from ismessenger.accounts.model import Member
from ismessenger.accounts.read import mark_read
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.contacts.model import Contact
from ismessenger.conversations.inboxes import ALL, MINE, UNASSIGNED, Inbox, in_standing, standing_inboxes
from ismessenger.conversations.listing import Narrowing, Position, list_contacts
from ismessenger.conversations.news import COUNTED, count_open, inbox_with_news
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


async def ids(world: World, condition: str) -> list[int]:
    query = f"SELECT id FROM contact WHERE {condition} ORDER BY last_message_at DESC, id DESC"
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return list((await db.execute(text(query), {"agent": world.agent.id} if ":agent" in query else {})).scalars())


OPEN, CLOSED = Narrowing(), Narrowing(status="closed")


async def test_pages_hold_every_contact_once_and_in_order(crowd: World) -> None:
    assert await walk(crowd, crowd.owner, ALL, OPEN) == await ids(crowd, "status = 'open'")
    assert await walk(crowd, crowd.agent, MINE, OPEN) == await ids(crowd, "status = 'open' AND assignee_id = :agent")
    assert await walk(crowd, crowd.owner, UNASSIGNED, OPEN) == await ids(crowd, "status = 'open' AND assignee_id IS NULL")
    assert await walk(crowd, crowd.owner, ALL, CLOSED) == await ids(crowd, "status = 'closed'")


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


@pytest.fixture
async def plans(crowd: World) -> list[str]:
    """The plans of what is asked meanwhile, as the runtime role gets them."""
    statements: list[tuple[str, Sequence[object]]] = []
    engine = crowd.installation.tenancy.homes["default"].app.sync_engine

    def note(_connection: object, _cursor: object, statement: str, parameters: Sequence[object], *_rest: object) -> None:
        if "FROM contact" in statement:
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    async with crowd.installation.tenancy.reading(crowd.workspace_id) as db:
        for inbox in (ALL, MINE, UNASSIGNED):
            first = await list_contacts(db, crowd.agent, in_standing(inbox, crowd.agent))
            assert first.older is not None
            await list_contacts(db, crowd.agent, in_standing(inbox, crowd.agent), before=first.older)
    event.remove(engine, "before_cursor_execute", note)
    explained = []
    async with crowd.installation.tenancy.reading(crowd.workspace_id) as db:
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, parameters in statements:
            connection = await db.connection()
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", tuple(parameters))
            explained.append("\n".join(row[0] for row in rows))
    return explained


async def test_a_list_is_read_along_an_index_and_not_sorted(plans: list[str]) -> None:
    assert len(plans) == 6
    for plan in plans:
        assert "_newest_idx on contact" in plan, plan
        assert "Sort" not in plan.split("SubPlan")[0], plan


async def test_a_contact_is_called_by_what_is_known(crowd: World) -> None:
    assert Contact(id=7).name == "#7"
    assert Contact(id=7, phone="+49").name == "+49"


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
        mine, nobodys, others = [
            int((await db.execute(insert, {"m": member_id})).scalar_one()) for member_id in (world.agent.id, None, world.owner.id)
        ]
    seen = []
    for contact_id in (mine, nobodys, others):
        seen.append(await news())
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await mark_read(db, world.agent.id, contact_id, 7)
    assert [*seen, await news()] == ["mine", "unassigned", "all", None]
