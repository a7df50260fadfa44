"""Published workflows in a world with a channel, and the lane that runs them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.channels.connect import connect
from ismessenger.contacts.edit import edit_contact
from ismessenger.contacts.fields import fields_by_key
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.mark import tag_contacts
from ismessenger.conversations.close import close as close_one
from ismessenger.installation import Installation
from ismessenger.jobs.automation import Automation
from ismessenger.messages.order import Order
from ismessenger.messages.outcome import record_failure, record_sent
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import MessageReceived, OutboundMessage, Profile, SendFailed, Sent
from ismessenger.sdk.content import Text
from ismessenger.tenancy.doors import WriteSession
from tests.conftest import World
from workflows.definition import parse

Json = dict[str, Any]
_numbers = count(1)


def step(id_: str, kind: str, params: Json | None = None, /, **exits: str) -> Json:
    return {"id": id_, "kind": kind, "params": params or {}, "exits": exits}


def trigger(kind: str, params: Json | None = None, *, condition: Json | None = None, once: bool = False) -> Json:
    return {"kind": kind, "params": params or {}, "condition": condition or {"$and": []}, "once": once}


OPENED = trigger("conversation_opened")


@dataclass
class Flows:
    """Workflows of one workspace, run by the lane in this process."""

    world: World
    channel_id: int
    lane: Automation
    names: dict[str, int] = field(default_factory=dict)

    @property
    def installation(self) -> Installation:
        return self.world.installation

    async def publish(self, name: str, triggered: Json, *steps: Json, hands: Json | None = None) -> int:
        """A workflow that takes contacts in, its first step first; its id."""
        start = steps[0]["id"] if steps else None
        definition = parse({"trigger": triggered, "start": start, "steps": list(steps), "hands": hands or {}})
        kind = self.installation.plugins.triggers[triggered["kind"]]
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            workflow = Workflow(name=name, draft=definition.as_json(), trigger=triggered["kind"], listens=list(kind.listens))
            db.add(workflow)
            await db.flush()
            version = WorkflowVersion(workflow_id=workflow.id, number=1, definition=definition.as_json())
            db.add(version)
            await db.flush()
            workflow.status, workflow.published_id = "published", version.id
        self.names[name] = workflow.id
        return workflow.id

    async def write(self, who: str, words: str = "Hello", *more: str, content: Any = None) -> int:
        """Somebody writes; the contact's id."""
        events = [
            MessageReceived(who, f"{who}-{next(_numbers)}", content or Text(text=said), datetime.now(UTC), Profile(first_name=who.title()))
            for said in (words, *more)
        ]
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await receive(db, self.channel_id, events)
        return await self.contact(who)

    async def contact(self, who: str) -> int:
        found = await self.rows("SELECT contact_id FROM contact_channel WHERE identifier = :who", who=who)
        return int(found[0][0])

    async def run(self, *, most: int = 100) -> int:
        """Let the lane do all that is due in this workspace; how many signals it heard."""
        heard = 0
        for _sweep in range(most):
            done = await self.lane.work((self.world.workspace_id, 0))
            heard += done
            if not done:
                return heard
        raise AssertionError("the lane has no end")

    async def rows(self, query: str, **values: Any) -> Sequence[tuple[Any, ...]]:
        async with self.installation.tenancy.reading(self.world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query), values)).all()]

    async def change(self, query: str, **values: Any) -> None:
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await db.execute(text(query), values)

    async def tag(self, name: str) -> int:
        found = await self.rows("SELECT id FROM tag WHERE name = :name", name=name)
        if not found:
            await self.change(
                "INSERT INTO tag (name, description, emoji, color, created_at) VALUES (:name, '', '', 'grey', now())", name=name
            )
            return await self.tag(name)
        return int(found[0][0])

    async def put_tag(self, db: WriteSession, contact_id: int, tag_id: int) -> None:
        """A member puts a tag on a contact."""
        await tag_contacts(db, [contact_id], add=[tag_id], by=self.world.agent.id)

    async def rename(self, contact_id: int, last_name: str) -> None:
        """A member changes the last name."""
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            contact = await lock_contact(db, contact_id)
            field = (await fields_by_key(db))["lastName"]
            await edit_contact(db, contact, {field: last_name}, by=self.world.agent.id)

    async def is_quiet(self) -> bool:
        """Whether nothing is left to hear."""
        return await self.rows("SELECT count(*) FROM workflow_signal") == [(0,)]

    async def comments(self) -> list[str]:
        return [str(words) for (words,) in await self.rows("SELECT text FROM comment ORDER BY id")]

    async def runs(self) -> list[tuple[str, str]]:
        """(workflow, standing) of every run, the oldest first."""
        found = await self.rows("SELECT w.name, r.standing FROM workflow_run r JOIN workflow w ON w.id = r.workflow_id ORDER BY r.id")
        return [(str(name), str(standing)) for name, standing in found]

    async def sent(self) -> list[str]:
        """The words of what workflows wrote, the oldest first."""
        found = await self.rows("SELECT words FROM message WHERE source = 'workflow' ORDER BY id")
        return [str(words) for (words,) in found]

    async def trail(self) -> list[tuple[str, str | None, str | None]]:
        """(step, exit, error) of all that runs did, in order."""
        return [(str(s), x, e) for s, x, e in await self.rows("SELECT step, exit, error FROM workflow_step ORDER BY id")]

    async def later(self, length: timedelta) -> None:
        """Let time pass for what waits."""
        seconds = length.total_seconds()
        await self.change("UPDATE wakeup SET due_at = due_at - make_interval(secs => :seconds)", seconds=seconds)
        await self.change(
            "UPDATE workflow_run SET state = jsonb_set(state, '{waiting,until}', to_jsonb(to_char("
            "(CAST(state #>> '{waiting,until}' AS timestamptz) - make_interval(secs => :seconds)) AT TIME ZONE 'UTC',"
            " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))) WHERE state #>> '{waiting,until}' IS NOT NULL",
            seconds=seconds,
        )


async def open_flows(world: World) -> Flows:
    values = {"id_type": "phone", "api_base_url": "http://127.0.0.1:9"}
    channel = await connect(world.installation, world.workspace_id, "custom_channel", name="Orders", values=values)
    return Flows(world, channel.channel_id, Automation(world.installation))


async def close(flows: Flows, contact_id: int) -> None:
    """A member closes the conversation by hand."""
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await close_one(db, await lock_contact(db, contact_id), by=flows.world.agent.id)


async def deliver(flows: Flows, error: SendFailed | None) -> None:
    """The provider answers all that is to be sent, with an error or with a yes."""
    found = await flows.rows(
        "SELECT d.id, d.message_id, m.contact_id, d.contact_channel_id, m.client_id FROM delivery d JOIN message m ON m.id = d.message_id"
        " WHERE d.state = 'due' ORDER BY d.id"
    )
    for id_, message_id, contact_id, identity_id, client_id in found:
        outbound = OutboundMessage(client_id, str(flows.channel_id), "x", Text(text=""))
        order = Order(id_, "custom_channel", 1, message_id, contact_id, identity_id, None, outbound)
        async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
            await db.execute(text("UPDATE delivery SET state = 'leased' WHERE id = :id"), {"id": id_})
            if error is None:
                await record_sent(db, order, Sent(f"x{message_id}"))
            else:
                await record_failure(db, order, error, idempotent=False)
