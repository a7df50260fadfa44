"""Custom inboxes: whose they are, who has them, what they show, and how many there can be."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.conditions.tree import Group, Leaf
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.conversations import custom
from ismessenger.conversations.custom import (
    InboxDraft,
    add_inbox,
    change_inbox,
    custom_inbox,
    custom_inboxes,
    delete_inbox,
    duplicate_inbox,
    own_inbox,
)
from ismessenger.conversations.inboxes import Inbox, open_inbox
from ismessenger.conversations.listing import Narrowing, list_contacts
from tests.conftest import World

OPEN = Leaf(category="conversationStatus", operator="hasAnyOf", value=("open",))
DRAFT = InboxDraft("Open ones", Group(items=(OPEN,)))


async def made(world: World, draft: InboxDraft = DRAFT, by: Member | None = None) -> int:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        return (await add_inbox(db, by or world.agent, draft)).id


async def names(world: World, member: Member) -> list[str]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return [line.name for line in await custom_inboxes(db, member)]


async def change(world: World, statement: str, **values: object) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text(statement), values)


@pytest.mark.behaviour(8)
async def test_only_the_creator_changes_a_custom_inbox(world: World) -> None:
    inbox_id = await made(world, replace(DRAFT, sharing="public"))
    for other in (world.owner, world.manager):
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            assert (await custom_inbox(db, other, inbox_id)).name == "Open ones"
            with pytest.raises(Refused, match="Only whoever made"):
                await change_inbox(db, other, inbox_id, replace(DRAFT, name="Mine now"))
            with pytest.raises(Refused, match="Only whoever made"):
                await duplicate_inbox(db, other, inbox_id)
            with pytest.raises(Refused, match="Only whoever made"):
                await delete_inbox(db, other, inbox_id)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        changed = await change_inbox(db, world.agent, inbox_id, replace(DRAFT, name="Other  words", sharing="private"))
        assert (changed.name, changed.sharing) == ("Other words", "private")
        copy = await duplicate_inbox(db, world.agent, inbox_id)
        assert (copy.name, copy.condition, copy.sharing) == ("Other words (copy)", changed.condition, "private")
        await delete_inbox(db, world.agent, inbox_id)
    assert await names(world, world.agent) == ["Other words (copy)"]


@pytest.mark.behaviour(8)
async def test_a_viewer_sees_in_it_only_what_they_see_anyway(world: World) -> None:
    statement = (
        "INSERT INTO contact (first_name, status, created_at, created_source, last_message_at, assignee_id)"
        " VALUES ('Ada', 'open', now(), 'contact', now(), :agent), ('Bo', 'open', now(), 'contact', now(), NULL)"
    )
    await change(world, statement, agent=world.agent.id)
    inbox = Inbox("custom", await made(world, replace(DRAFT, sharing="public"), by=world.owner))
    limited = world.agent
    limited.restrictions = [ONLY_MINE]
    seen = {}
    for member in (world.owner, limited):
        async with world.installation.tenancy.reading(world.workspace_id) as db:
            opened = await open_inbox(db, member, inbox, "UTC")
            page = await list_contacts(db, member, opened.where, Narrowing(sort="oldest"))
            seen[member.id] = sorted(listed.contact.called(()) for listed in page.contacts)
    assert seen == {world.owner.id: ["Ada", "Bo"], limited.id: ["Ada"]}


@pytest.mark.behaviour(200)
async def test_it_is_there_for_those_whom_it_is_shared_with(world: World) -> None:
    await change(world, "INSERT INTO team (name, description, created_at) VALUES ('Sales', '', now())")
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        team_id = int((await db.execute(text("SELECT id FROM team"))).scalar_one())
    await change(world, "UPDATE member SET team_id = :t WHERE id = :m", t=team_id, m=world.manager.id)
    world.manager.team_id = team_id
    await made(world, replace(DRAFT, name="a private"))
    await made(world, replace(DRAFT, name="b public", sharing="public"))
    await made(world, replace(DRAFT, name="c owner", sharing="shared", member_ids=[world.owner.id]))
    await made(world, replace(DRAFT, name="d team", sharing="shared", team_ids=[team_id]))
    assert await names(world, world.agent) == ["a private", "b public", "c owner", "d team"]
    assert await names(world, world.owner) == ["b public", "c owner"]
    assert await names(world, world.manager) == ["b public", "d team"]


async def test_one_that_is_not_shared_is_not_there(world: World) -> None:
    inbox_id = await made(world)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        for ask in (custom_inbox, own_inbox):
            with pytest.raises(NotThere):
                await ask(db, world.owner, inbox_id)
        with pytest.raises(NotThere):
            await open_inbox(db, world.owner, Inbox("custom", inbox_id), "UTC")


@pytest.mark.behaviour(200)
async def test_an_owner_deletes_what_somebody_left_behind(world: World) -> None:
    inbox_id = await made(world)
    assert await names(world, world.owner) == []
    await change(world, "UPDATE member SET removed_at = now() WHERE id = :m", m=world.agent.id)
    assert await names(world, world.owner) == ["Open ones"]
    assert await names(world, world.manager) == []
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(Refused):
            await change_inbox(db, world.owner, inbox_id, DRAFT)
        await delete_inbox(db, world.owner, inbox_id)
    assert await names(world, world.owner) == []


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (replace(DRAFT, name=" "), "needs a name"),
        (replace(DRAFT, name="x" * 101), "at most 100"),
        (replace(DRAFT, description="x" * 301), "300"),
        (replace(DRAFT, emoji="x" * 17), "emoji"),
        (replace(DRAFT, condition=Group()), "at least one condition"),
        (replace(DRAFT, sharing="shared"), "Choose the members or teams"),
        (replace(DRAFT, sharing="shared", member_ids=[10**9]), "not there any more"),
        (replace(DRAFT, sharing="shared", team_ids=[10**9]), "not there any more"),
    ],
)
async def test_what_is_no_inbox_is_refused_in_words(world: World, draft: InboxDraft, words: str) -> None:
    with pytest.raises(Refused, match=words):
        await made(world, draft)


@pytest.mark.behaviour(200)
async def test_a_member_has_at_most_a_hundred_of_their_own(world: World) -> None:
    many = (
        "INSERT INTO custom_inbox (owner_id, name, description, emoji, condition, sharing, member_ids, team_ids, created_at, updated_at)"
        " SELECT :m, 'I' || n, '', '', '{\"$and\": []}', 'private', '{}', '{}', now(), now() FROM generate_series(1, :n) AS n"
    )
    await change(world, many, m=world.agent.id, n=custom.MAX_OWN)
    with pytest.raises(Refused, match="100 inboxes"):
        await made(world)
    await made(world, by=world.manager)
    await change(world, "UPDATE custom_inbox SET sharing = 'public'")
    await change(world, many.replace("'private'", "'public'"), m=world.owner.id, n=custom.MAX_SHARED)
    with pytest.raises(Refused, match="500 inboxes that are shared"):
        await made(world, replace(DRAFT, sharing="public"), by=world.manager)
    await made(world, by=world.manager)


@pytest.mark.behaviour(201)
async def test_a_broken_condition_shows_nobody_and_says_what_is_gone(world: World) -> None:
    statement = "INSERT INTO contact (first_name, status, created_at, created_source) VALUES ('Ada', 'open', now(), 'contact')"
    await change(world, statement)
    gone = Leaf(category="contactTag", operator="hasNoneOf", value=(10**6,))
    inbox_id = await made(world, replace(DRAFT, condition=Group(items=(gone,))))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        opened = await open_inbox(db, world.agent, Inbox("custom", inbox_id), "UTC")
        assert (await list_contacts(db, world.agent, opened.where)).contacts == []
    assert len(opened.faults) == 1
