"""The lifecycle: its usual stages, one default, one that is won."""

import pytest

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.lifecycle import (
    StageDraft,
    add_stage,
    change_stage,
    default_stage_id,
    enable_lifecycle,
    make_default,
    order_stages,
    stage_by_name,
    staged,
    stages,
)
from ismessenger.contacts.model import Contact
from tests.conftest import World


async def test_switched_on_the_first_time_it_has_the_usual_stages(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        known = [(stage.name, stage.kind) for stage in await stages(db)]
        assert known == [("New Lead", "open"), ("Hot Lead", "open"), ("Payment", "open"), ("Customer", "won"), ("Cold Lead", "lost")]
        assert await default_stage_id(db) == (await stage_by_name(db, "new lead")).id
        await enable_lifecycle(db, on=False)
        assert await default_stage_id(db) is None
        await enable_lifecycle(db, on=True)
        assert len(await stages(db)) == 5


async def test_stages_are_added_changed_ordered_and_counted(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        first = await add_stage(db, StageDraft("First"))
        second = await add_stage(db, StageDraft("Second", kind="won"))
        lost = await add_stage(db, StageDraft("Gone", kind="lost"))
        await change_stage(db, second.id, StageDraft("Paid", "💳", kind="won"))
        await order_stages(db, [lost.id, second.id, first.id])
        db.add(Contact(first_name="Ada", lifecycle_id=first.id))
        await db.flush()
        assert await staged(db) == {first.id: 1, second.id: 0, lost.id: 0}
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert [stage.name for stage in await stages(db)] == ["Paid", "First", "Gone"]
        assert [stage.is_default for stage in await stages(db)] == [False, True, False]


async def test_one_stage_is_the_default_and_one_is_won(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        hot = await stage_by_name(db, "Hot Lead")
        await make_default(db, hot.id)
        await change_stage(db, hot.id, StageDraft("Hot Lead", kind="won"))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert [stage.name for stage in await stages(db) if stage.is_default] == ["Hot Lead"]
        assert [stage.name for stage in await stages(db) if stage.kind == "won"] == ["Hot Lead"]


async def test_a_name_that_is_taken_and_a_stage_that_is_unknown_are_refused(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        with pytest.raises(Refused, match="a stage called payment already"):
            await add_stage(db, StageDraft("payment"))
        with pytest.raises(Refused, match="open, won or lost"):
            await add_stage(db, StageDraft("x", kind="odd"))
        with pytest.raises(NotThere):
            await change_stage(db, 10**15, StageDraft("x"))
        with pytest.raises(NotThere):
            await stage_by_name(db, "nobody knows")
