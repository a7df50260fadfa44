"""Letters about what happened to members who are away."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import is_active
from ismessenger.contacts.define_fields import decide_standard
from ismessenger.jobs.notify import work_orders
from ismessenger.kit import clock
from ismessenger.kit.clock import now
from ismessenger.language import PSEUDO_LANGUAGE
from ismessenger.notifications.choices import DEFAULTS, choose, show_words
from ismessenger.notifications.tidy import KEPT, tidy_notifications
from tests.notifications.conftest import Shop


async def letters(shop: Shop, member: Member) -> list[tuple[str, str]]:
    statement = text('SELECT subject, text FROM catalog.letter WHERE "to" = :to ORDER BY id')
    async with shop.installation.tenancy.catalog() as catalog:
        return [tuple(row) for row in (await catalog.execute(statement, {"to": member.email})).all()]


async def later(shop: Shop, by: timedelta = timedelta(minutes=6)) -> None:
    """The lane comes by some minutes later."""
    with clock.shifted(by):
        await work_orders(shop.installation, (shop.world.workspace_id, 0))


async def workspace_name(shop: Shop) -> str:
    async with shop.installation.tenancy.catalog() as catalog:
        statement = text("SELECT name FROM catalog.workspace WHERE id = :id")
        return str((await catalog.execute(statement, {"id": shop.world.workspace_id})).scalar_one())


@pytest.mark.behaviour(246)
async def test_who_is_away_gets_one_letter_about_everything(shop: Shop) -> None:
    agent = shop.world.agent
    one, other = await shop.wrote("ada"), await shop.wrote("bo")
    await shop.happens("assigned", one, to=[agent.id], by=shop.world.owner.id)
    await shop.work()
    await shop.happens("mention", other, to=[agent.id], by=shop.world.owner.id)
    await shop.work()
    assert await letters(shop, agent) == []
    await later(shop)
    ((subject, words),) = await letters(shop, agent)
    assert subject == f"2 things wait for you · {await workspace_name(shop)}"
    assert "- A conversation was assigned to you" in words
    assert f"- {shop.world.owner.name} mentioned you" in words
    assert "Ada" not in words
    ids = await shop.rows("SELECT id FROM notification WHERE member_id = :m AND kind IN ('assigned', 'mention')", m=agent.id)
    assert all(f"/notifications/{id_}?workspace={shop.world.workspace_id}\n" in words for (id_,) in ids)
    # Messages are not in letters unless a member wants them there.
    assert "message" not in words
    await later(shop, timedelta(hours=1))
    assert len(await letters(shop, agent)) == 1


@pytest.mark.behaviour(246)
async def test_what_was_read_before_the_letter_is_not_in_it(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.happens("assigned", contact_id, to=[shop.world.agent.id])
    await shop.work()
    await shop.change("UPDATE notification SET read_at = now()")
    await later(shop)
    assert await letters(shop, shop.world.agent) == []
    assert await shop.orders() == []


@pytest.mark.behaviour(246)
async def test_who_is_here_gets_the_letter_only_once_they_are_away(shop: Shop) -> None:
    agent = shop.world.agent
    contact_id = await shop.wrote("ada")
    await shop.happens("assigned", contact_id, to=[agent.id])
    await shop.work()
    with clock.shifted(timedelta(minutes=4)):
        await is_active(shop.installation, shop.world.workspace_id, agent.id, returns=False)
    await later(shop)
    assert await letters(shop, agent) == []
    assert [kind for kind, _payload in await shop.orders()] == ["digest"]
    await later(shop, timedelta(hours=2))
    assert [subject for subject, _words in await letters(shop, agent)] == [
        f"A conversation was assigned to you · {await workspace_name(shop)}"
    ]


async def test_names_and_words_are_in_it_where_the_member_wants_them(shop: Shop) -> None:
    agent = shop.world.agent
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await show_words(db, agent.id, shown=True)
        await choose(db, agent.id, {**DEFAULTS, "message_unassigned": frozenset({"email"})})
    await shop.wrote("ada", "Is the lamp\n\nblue?")
    await shop.work()
    assert await shop.told(agent) == []
    assert await shop.told(shop.world.owner) == [("message_unassigned", 1)]
    await later(shop)
    await shop.wrote("ada", "Or green?")
    await later(shop, timedelta(minutes=20))
    await later(shop, timedelta(minutes=40))
    ((subject, words),) = await letters(shop, agent)
    assert subject.startswith("New message from Ada")
    assert "  > Is the lamp blue?\n" in words


@pytest.mark.behaviour(415)
async def test_a_letter_calls_nobody_by_what_is_hidden_from_its_reader(shop: Shop) -> None:
    readers = (shop.world.manager, shop.world.agent)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await decide_standard(db, "phone", visible=True, agent_access="hidden")
        for reader in readers:
            await show_words(db, reader.id, shown=True)
            await choose(db, reader.id, {**DEFAULTS, "message_unassigned": frozenset({"email"})})
    contact_id = await shop.wrote("ada", "Is the lamp blue?")
    await shop.change("UPDATE contact SET first_name = NULL, phone = '+4930901820' WHERE id = :c", c=contact_id)
    await shop.work()
    await later(shop)
    ((of_manager, _), (of_agent, words)) = [*await letters(shop, readers[0]), *await letters(shop, readers[1])]
    assert "New message from +4930901820" in of_manager
    assert f"New message from #{contact_id}" in of_agent
    assert "4930901820" not in words


async def test_an_address_that_nobody_confirmed_gets_no_letters(shop: Shop) -> None:
    async with shop.installation.tenancy.catalog() as catalog:
        statement = text("UPDATE catalog.account SET email_verified_at = NULL WHERE id = :id")
        await catalog.execute(statement, {"id": shop.world.agent.account_id})
    await shop.happens("assigned", await shop.wrote("ada"), to=[shop.world.agent.id])
    await shop.work()
    await later(shop)
    assert await letters(shop, shop.world.agent) == []
    assert await shop.orders() == []


@pytest.mark.behaviour(243)
async def test_contacts_whom_the_member_sees_no_more_are_not_in_it(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, shop.world.agent)
    await shop.restrict(shop.world.agent, "contacts_assigned_to_me")
    await shop.happens("assigned", contact_id, to=[shop.world.agent.id])
    await shop.work()
    assert ("assigned", 1) in await shop.told(shop.world.agent)
    await shop.assign(contact_id, shop.world.owner)
    await later(shop)
    assert await letters(shop, shop.world.agent) == []


async def test_a_letter_names_so_many_and_says_that_there_is_more(shop: Shop) -> None:
    for each in range(25):
        await shop.happens("channel_broken", None, to=[shop.world.owner.id], subject_id=each)
    await shop.work()
    await later(shop)
    ((subject, words),) = await letters(shop, shop.world.owner)
    assert subject.startswith("More than 20 things wait for you")
    assert words.count("\n- ") == 20
    assert "There is more: " in words


async def test_old_ones_are_tidied_away(shop: Shop) -> None:
    await shop.happens("channel_broken", None, to=[shop.world.owner.id])
    await shop.happens("channel_broken", None, to=[shop.world.manager.id])
    await shop.work()
    await shop.change("UPDATE notification SET at = :at WHERE member_id = :m", at=now() - KEPT - timedelta(days=1), m=shop.world.owner.id)
    await tidy_notifications(shop.installation)
    assert await shop.rows("SELECT member_id FROM notification") == [(shop.world.manager.id,)]


@pytest.mark.behaviour(382)
async def test_it_is_in_the_language_of_the_member(shop: Shop) -> None:
    agent = shop.world.agent
    async with shop.installation.tenancy.catalog() as catalog:
        change = text("UPDATE catalog.account SET language = :language WHERE id = :id")
        await catalog.execute(change, {"language": PSEUDO_LANGUAGE, "id": agent.account_id})
    one, other = await shop.wrote("ada"), await shop.wrote("bo")
    await shop.happens("assigned", one, to=[agent.id], by=shop.world.owner.id)
    await shop.happens("mention", other, to=[agent.id], by=shop.world.owner.id)
    await shop.work()
    await later(shop)
    ((subject, words),) = await letters(shop, agent)
    assert subject == f"⟦2 things wait for you⟧ · {await workspace_name(shop)}"
    lines = [line.removeprefix("- ") for line in words.splitlines() if line and "://" not in line]
    assert [line for line in lines if not (line.startswith("⟦") and line.endswith("⟧"))] == []
    assert f"⟦{shop.world.owner.name} mentioned you⟧" in lines
