"""What the demo shop does by itself: two workflows that run and one that is being written, with the runs of the last weeks."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member, Team
from ismessenger.automation.define import Naming, add_workflow
from ismessenger.automation.gallery import template_named
from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.automation.publish import publish
from ismessenger.automation.take_in import take_in
from ismessenger.demo.labels import Labels
from ismessenger.demo.past_runs import HOURS, REPAIR, relive
from ismessenger.kit.clock import now
from ismessenger.plugins import Plugins
from ismessenger.tenancy.doors import WriteSession
from workflows.definition import Definition, parse

MOST: Final = 100
IN_USE: Final = timedelta(days=60)
WELCOME: Final = Naming("Welcome", "Greets visitors of the website and hands them to the shop floor.")
REPAIRS: Final = Naming("Tag repairs", "Whoever writes to the website about a repair gets the tag of the workshop.")
HELLO: Final = 'Hi {{$contact.firstname | "there"}}, thanks for writing to {{$workspace.name}}! Somebody answers in a moment.'
CLOSED: Final = "We are closed now and answer as soon as we open. Leave us all we need to know, and we begin with it."

Step = tuple[str, str, Mapping[str, Any], Mapping[str, str]]
"""Id, kind, parameters, exits."""


async def automate(db: WriteSession, members: Sequence[Member], labels: Labels, plugins: Plugins, website: int) -> None:
    """Make them, last of all: what was made before begins no run. They listen to the website only, where nobody is made up."""
    manager = members[1]
    team_id = (await db.execute(select(col(Team.id)).order_by(col(Team.id)).limit(1))).scalar_one()
    workshop = labels.tags[0]
    welcome = await _published(db, WELCOME, _welcome(team_id, website), plugins, manager)
    repairs = await _published(db, REPAIRS, _repairs(workshop, website), plugins, manager)
    await take_in(db, template_named("csat").exported, plugins, "UTC", most=MOST, by=manager.id)
    await relive(db, welcome, repairs, website=website, tag_id=workshop)


async def _published(db: WriteSession, naming: Naming, draft: Definition, plugins: Plugins, by: Member) -> Workflow:
    made = await add_workflow(db, naming, draft, most=MOST, by=by.id)
    workflow = await publish(db, made.id, made.draft_number, (), plugins, by=by.id)
    version = (await db.execute(select(WorkflowVersion).where(col(WorkflowVersion.id) == workflow.published_id))).scalar_one()
    begun = now() - IN_USE
    workflow.created_at = workflow.updated_at = workflow.published_at = version.published_at = begun
    return workflow


def _welcome(team_id: int, website: int) -> Definition:
    return _definition(
        website,
        ("hours", "date_time", {"hours": HOURS.model_dump()}, {"success": "hello", "failure": "closed"}),
        ("hello", "send_message", {"message": {"text": HELLO}}, {"next": "assign"}),
        ("assign", "assign_to", {"action": "team", "team_id": team_id}, {}),
        ("closed", "send_message", {"message": {"text": CLOSED}}, {}),
    )


def _repairs(tag_id: int, website: int) -> Definition:
    asks = [{"category": "variable", "field": "first_message", "operator": "contains", "value": word} for word in REPAIR]
    return _definition(
        website,
        ("asks", "branch", {"branches": [{"id": "repair", "name": "A repair", "condition": {"$or": asks}}]}, {"repair": "tag"}),
        ("tag", "update_tags", {"action": "add", "tag_ids": [tag_id]}, {}),
    )


def _definition(website: int, *steps: Step) -> Definition:
    trigger = {"kind": "conversation_opened", "params": {"sources": ["contact"], "channel_ids": [website]}}
    placed = [{"id": id_, "kind": kind, "params": params, "exits": exits} for id_, kind, params, exits in steps]
    return parse({"format": 1, "trigger": trigger, "start": steps[0][0], "steps": placed})
