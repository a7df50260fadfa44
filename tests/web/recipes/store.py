"""A shop with a website chat, two agents and workflows out of the gallery; everything over HTTP, with the lanes running in this process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from ismessenger.accounts.model import Member
from tests.conftest import World
from tests.web.site import STREAMS, signed_in
from tests.web.widget.site import Site, Visitor

Definition = dict[str, Any]


@dataclass
class Store:
    """``agents`` are the two who answer; both are in the team called Care."""

    app: Starlette
    world: World
    site: Site
    agents: tuple[Member, Member]
    team_id: int
    _browsers: dict[int, httpx.AsyncClient] = field(default_factory=dict)

    async def browser(self, member: Member) -> httpx.AsyncClient:
        if member.id not in self._browsers:
            self._browsers[member.id] = await signed_in(self.app, member)
        return self._browsers[member.id]

    async def close(self) -> None:
        for browser in self._browsers.values():
            await browser.aclose()

    async def use(self, template: str, change: Callable[[Definition], None] | None = None) -> int:
        """Publish a workflow of the gallery, with what it leaves to choose; its id."""
        owner = await self.browser(self.world.owner)
        begun = await owner.post("/workflows/new", data={"template": template})
        assert begun.status_code == 303, begun.text
        workflow_id = int(begun.headers["location"].rsplit("/", 1)[1])
        address = f"/workflows/{workflow_id}"
        draft = (await owner.get(f"{address}/draft")).json()
        definition = draft["definition"]
        for step in definition["steps"]:
            if step["kind"] == "assign_to" and step["params"]["action"] == "team":
                step["params"]["team_id"] = self.team_id
        if change is not None:
            change(definition)
        saved = await owner.put(f"{address}/draft", json={"number": draft["number"], "definition": definition})
        assert saved.status_code == 200, saved.text
        published = await owner.post(f"{address}/publication", json={"number": saved.json()["number"]})
        assert published.status_code == 200, published.text
        return workflow_id

    async def visitor(self, **profile: str) -> "Customer":
        """Somebody who comes to the shop's page."""
        return Customer(self, await self.site.visitor(), profile)

    async def newest_contact(self) -> int:
        return int((await self.site.rows("SELECT max(id) FROM contact"))[0][0])

    async def assignee(self, contact_id: int) -> int | None:
        found: int | None = (await self.site.rows("SELECT assignee_id FROM contact WHERE id = :id", id=contact_id))[0][0]
        return found

    async def tags(self, contact_id: int) -> set[str]:
        query = "SELECT t.name FROM contact c JOIN tag t ON t.id = ANY(c.tag_ids) WHERE c.id = :id"
        return {name for (name,) in await self.site.rows(query, id=contact_id)}

    async def comments(self, contact_id: int) -> list[tuple[str, str]]:
        query = "SELECT author_kind, text FROM comment WHERE contact_id = :id ORDER BY id"
        return [(kind, text) for kind, text in await self.site.rows(query, id=contact_id)]

    async def runs(self, workflow_id: int) -> list[tuple[str, str | None]]:
        query = "SELECT standing, error FROM workflow_run WHERE workflow_id = :id ORDER BY id"
        return [(standing, error) for standing, error in await self.site.rows(query, id=workflow_id)]

    async def all_assigned(self, *customers: "Customer") -> bool:
        return None not in [await self.assignee(each.contact_id) for each in customers]

    async def all_done(self, workflow_id: int) -> bool:
        return {standing for standing, _error in await self.runs(workflow_id)} == {"done"}

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait for what the lanes do."""
        async with asyncio.timeout(60):
            while not await holds():  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.05)

    async def reply(self, member: Member, contact_id: int, words: str) -> None:
        browser = await self.browser(member)
        answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": words}, headers=STREAMS)
        assert answer.status_code == 200, answer.text
        await self.site.settle()

    async def close_conversation(self, member: Member, contact_id: int) -> None:
        browser = await self.browser(member)
        ((conversation_id,),) = await self.site.rows(
            "SELECT id FROM conversation WHERE contact_id = :id AND closed_at IS NULL", id=contact_id
        )
        answer = await browser.post(f"/conversations/{conversation_id}/closure", headers=STREAMS)
        assert answer.status_code == 200, answer.text
        await self.site.settle()

    async def shortcut(self, member: Member, contact_id: int, workflow_id: int, values: Mapping[str, str]) -> None:
        browser = await self.browser(member)
        given = {f"value.{name}": value for name, value in values.items()}
        answer = await browser.post(f"/contacts/{contact_id}/shortcuts/{workflow_id}", data=given, headers=STREAMS)
        assert answer.status_code == 200, answer.text
        await self.site.settle()


@dataclass
class Customer:
    """A visitor of the shop. ``says`` waits until the shop has done all that comes of it."""

    store: Store
    visitor: Visitor
    profile: Mapping[str, str]
    contact_id: int = 0

    async def says(self, words: str, **more: Any) -> None:
        answer = await self.visitor.says(words, **more)
        assert answer.status_code == 200, answer.text
        await self.store.site.settle()
        if not self.contact_id:
            self.contact_id = await self.store.newest_contact()

    async def told(self) -> list[str]:
        """What the shop wrote."""
        return [_words(message["content"]) for message in (await self.visitor.history())["messages"] if message["from"] != "visitor"]


def _words(content: Mapping[str, Any]) -> str:
    return str(content.get("text") or content.get("title") or "")


def steps(definition: Definition, kind: str) -> Iterator[dict[str, Any]]:
    """The parameters of its steps of a kind."""
    return (step["params"] for step in definition["steps"] if step["kind"] == kind)
