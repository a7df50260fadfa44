"""The workflows of the demo shop."""

import pytest
from sqlalchemy import select, text

from ismessenger.automation.counts import counts
from ismessenger.automation.examine import examine
from ismessenger.automation.model import Workflow
from ismessenger.demo.seed import SLUG, _make
from ismessenger.demo.workflows import IN_USE
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import ReadSession
from workflows.definition import parse


@pytest.mark.behaviour(354)
async def test_the_demo_shop_has_workflows_with_a_past_and_nothing_left_to_do(installation: Installation) -> None:
    workspace_id = await shop_in(installation) or await made_in(installation)
    async with installation.tenancy.reading(workspace_id) as db:
        found = {workflow.name: workflow for workflow in (await db.execute(select(Workflow))).scalars()}
        assert {name: workflow.status for name, workflow in found.items()} == {
            "Welcome": "published",
            "Tag repairs": "published",
            "Satisfaction survey": "draft",
        }
        for workflow in found.values():
            examined = await examine(db, workflow.id, parse(workflow.draft), installation.plugins, "UTC")
            assert list(examined.problems) == []
        for name in ("Welcome", "Tag repairs"):
            passed = await counts(db, found[name].id, now() - IN_USE, now())
            assert passed.runs["done"] > 10
            assert sum(passed.entered.values()) >= passed.runs["done"]
        # Nothing is left that a worker would do: nobody who is made up gets a message.
        for work in (
            "workflow_signal",
            "workflow_call",
            "delivery",
            "workflow_run WHERE ended_at IS NULL",
            "wakeup WHERE kind = 'workflow'",
        ):
            assert await number_of(db, work) == 0, work
        listening = [workflow.draft["trigger"]["params"]["channel_ids"] for workflow in found.values() if workflow.status == "published"]
        kinds = {row.id: row.kind for row in (await db.execute(text("SELECT id, kind FROM channel"))).all()}
        assert {kinds[channel] for channels in listening for channel in channels} == {"website_chat"}


async def shop_in(installation: Installation) -> int | None:
    async with installation.tenancy.catalog() as catalog:
        find = text("SELECT id FROM catalog.workspace WHERE slug = :slug")
        found: int | None = (await catalog.execute(find, {"slug": SLUG})).scalar()
    return found


async def made_in(installation: Installation) -> int:
    await _make(installation)
    made = await shop_in(installation)
    assert made is not None
    return made


async def number_of(db: ReadSession, what: str) -> int:
    return int((await db.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one())
