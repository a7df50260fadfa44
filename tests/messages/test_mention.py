"""Members who are named in comments."""

from typing import Any

import pytest
from sqlalchemy import select, text

from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.contacts.model import Contact
from ismessenger.kit.clock import now
from ismessenger.messages.comment import comment
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.mention import mentionable
from ismessenger.outbox.model import OutboxRow
from ismessenger.tenancy.doors import WriteSession
from ismessenger.web.format import rich_comment
from tests.conftest import World


async def ada(db: WriteSession, **values: Any) -> Contact:
    contact = Contact(first_name="Ada", **values)
    db.add(contact)
    await db.flush()
    return contact


async def told(world: World) -> list[dict[str, object]]:
    """The orders to tell somebody of a mention."""
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return [row.payload for row in (await db.execute(select(OutboxRow).where(OutboxRow.kind == "notify"))).scalars()]  # type: ignore[arg-type]


@pytest.mark.behaviour(223)
async def test_whom_a_comment_names_is_stored_by_number_and_told(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = await ada(db)
        words = f"@{world.manager.name}, and @{world.agent.name}: look. {{{{@user.{world.manager.id}}}}} mail a@{world.owner.name}"
        row = await comment(db, contact.id, words, by=world.agent.id)
        manager, agent = f"{{{{@user.{world.manager.id}}}}}", f"{{{{@user.{world.agent.id}}}}}"
        assert row.text == f"{manager}, and {agent}: look. {manager} mail a@{world.owner.name}"
        assert row.mentioned_ids == [world.manager.id, world.agent.id]
    (order,) = await told(world)
    # Whoever wrote it need not be told.
    assert order | {"details": {}} == {
        "kind": "mention",
        "contact_id": contact.id,
        "to": [world.manager.id],
        "by": world.agent.id,
        "subject_id": row.id,
        "details": {},
    }


async def test_a_program_names_members_by_number(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = await ada(db)
        row = await comment(db, contact.id, f"{{{{ @user.{world.owner.id} }}}} please", by=None, kind="api")
        assert row.mentioned_ids == [world.owner.id]
    assert [order["to"] for order in await told(world)] == [[world.owner.id]]


async def test_the_longest_name_counts_and_one_that_two_have_is_plain_words(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE member SET name = 'Ann' WHERE id = :id"), {"id": world.owner.id})
        await db.execute(text("UPDATE member SET name = 'Ann Lee' WHERE id = :id"), {"id": world.agent.id})
        contact = await ada(db)
        assert (await comment(db, contact.id, "@Ann Lee @Annabel @Ann", by=None)).mentioned_ids == [world.agent.id, world.owner.id]
        await db.execute(text("UPDATE member SET name = 'Ann Lee' WHERE id = :id"), {"id": world.manager.id})
        row = await comment(db, contact.id, "@Ann Lee", by=None)
        assert (row.text, row.mentioned_ids) == (f"{{{{@user.{world.owner.id}}}}} Lee", [world.owner.id])


@pytest.mark.behaviour(224)
async def test_only_members_who_may_see_the_contact_can_be_named(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        team = Team(name="Sales")
        db.add(team)
        await db.flush()
        agent = await db.get_one(Member, (db.workspace_id, world.agent.id))
        manager = await db.get_one(Member, (db.workspace_id, world.manager.id))
        agent.team_id = manager.team_id = team.id
        mine, other = await ada(db, assignee_id=manager.id), await ada(db, assignee_id=world.owner.id)
        for restriction, seen in ((ONLY_TEAM, True), (ONLY_MINE, False)):
            agent.restrictions = [restriction]
            assert (agent.id in {member.id for member in await mentionable(db, mine)}) is seen
            assert agent.id not in {member.id for member in await mentionable(db, other)}
        assert (await comment(db, other.id, f"@{agent.name}", by=None)).mentioned_ids == []
        with pytest.raises(ReplyRefused, match="may not see this contact"):
            await comment(db, other.id, f"{{{{@user.{agent.id}}}}}", by=None)
        manager.removed_at = now()
        with pytest.raises(ReplyRefused, match="is not here any more"):
            await comment(db, other.id, f"{{{{@user.{manager.id}}}}}", by=None)
    assert await told(world) == []


def test_a_name_is_shown_in_its_place_and_nowhere_else() -> None:
    names = {7: "Bo <b>"}
    chip = '<span class="mention" dir="auto">@Bo &lt;b&gt;</span>'
    assert rich_comment("**{{@user.7}}** and {{@user.8}}", names) == f"<b>{chip}</b> and {{{{@user.8}}}}"
    link = rich_comment("[x](https://a.example/{{@user.7}}) {{@user.7}}", names)
    assert 'href="https://a.example/{{@user.7}}"' in link
    assert link.endswith(f"</a> {chip}")
