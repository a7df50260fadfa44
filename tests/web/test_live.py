"""The agents' WebSocket: the same change on every screen, nothing missed, nothing shown to those who may not see it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import choose_status, is_active, leave
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.contacts.lifecycle import enable_lifecycle
from ismessenger.jobs.notify import work_orders
from ismessenger.kit.clock import now, shifted
from ismessenger.tenancy.catalog import Organization, Workspace
from ismessenger.tenancy.doors import Change
from ismessenger.web.edge import SESSION_COOKIE
from ismessenger.workspaces.delete import delete_workspace, restore_workspace
from tests.conftest import PASSWORD
from tests.serving import served
from tests.web.site import STREAMS, Shop

PATIENCE = 60


@pytest.fixture(scope="session")
async def port(app: Starlette) -> AsyncIterator[int]:
    """The application on a real socket."""
    async with served(app) as number:
        yield number


class Tab:
    """One open page of a member, as its WebSocket sees it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seq = ""
        self.html = ""
        self.frames: list[dict[str, object]] = []

    async def frame(self) -> dict[str, object]:
        """The next frame."""
        async with asyncio.timeout(PATIENCE):
            frame: dict[str, object] = json.loads(await self.socket.recv())
        self.frames.append(frame)
        self.seq = str(frame.get("seq") or self.seq)
        self.html += str(frame.get("html", ""))
        return frame

    async def until(self, words: str) -> None:
        """Read until these words were sent."""
        while words not in self.html:
            await self.frame()

    async def until_one(self, name: str) -> None:
        """Read until a frame holds this."""
        while name not in await self.frame():
            pass


class Tabs:
    """Opens pages of members."""

    def __init__(self, shop: Shop, port: int) -> None:
        self.shop = shop
        self.port = port

    @asynccontextmanager
    async def open(self, member: Member, after: str | None = None, **options: Any) -> AsyncIterator[Tab]:
        """A tab that resumes after a position; without one it is new, and it is ready once it got its first refresh."""
        browser = await self.shop.browser(member)
        cookie = f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"
        address = f"ws://127.0.0.1:{self.port}/live?after={after or ''}"
        # A browser asks for no sign of life of its own, and waits for one as long as it must.
        async with connect(address, additional_headers={"Cookie": cookie}, compression=None, ping_interval=None, **options) as socket:
            if after is None:
                await Tab(socket).frame()
            yield Tab(socket)

    async def now(self) -> str:
        """Where the stream ends now."""
        position: str = await self.shop.app.state.feed.position(self.shop.world.workspace_id)
        return position


@pytest.fixture
def tabs(shop: Shop, port: int) -> Tabs:
    return Tabs(shop, port)


async def test_two_members_see_the_same_message_without_reloading(shop: Shop, tabs: Tabs) -> None:
    async with tabs.open(shop.world.owner) as one, tabs.open(shop.world.agent) as other:
        contact_id = await shop.wrote("ada", "Has it shipped?")
        await asyncio.gather(one.until("Has it shipped?"), other.until("Has it shipped?"))
        assert one.html == other.html
        assert f'<turbo-stream action="insert" target="timeline_{contact_id}">' in one.html
        assert f'<turbo-stream action="place" target="card_{contact_id}">' in one.html


async def test_an_answer_reaches_the_other_screens(shop: Shop, tabs: Tabs) -> None:
    contact_id = await shop.wrote("ada")
    async with tabs.open(shop.world.owner) as tab:
        browser = await shop.browser(shop.world.agent)
        await browser.post(f"/contacts/{contact_id}/messages", data={"client_id": "c1", "text": "It has."}, headers=STREAMS)
        await tab.until("It has.")
        assert 'data-client-id="c1"' in tab.html
        assert f"Assigned to {shop.world.agent.name}" in tab.html


async def test_a_browser_that_slept_gets_each_change_once_and_in_order(shop: Shop, tabs: Tabs) -> None:
    before = await tabs.now()
    for number in range(5):
        await shop.wrote("ada", f"number {number}.")
    async with tabs.open(shop.world.agent, after=before) as tab:
        await shop.wrote("ada", "number 5.")
        await tab.until('<div class="bubble-text">number 5.')
        places = [tab.html.index(f'<div class="bubble-text">number {number}.') for number in range(6)]
        assert places == sorted(places)
        assert [tab.html.count(f'<div class="bubble-text">number {number}.') for number in range(6)] == [1] * 6


@pytest.mark.behaviour(390)
async def test_pages_read_a_new_definition_one_after_the_other(shop: Shop, tabs: Tabs) -> None:
    after = await tabs.now()
    async with tabs.open(shop.world.agent, after=after) as first, tabs.open(shop.world.owner, after=after) as second:
        await shop.wrote("ada", "Both hear what comes")
        for tab in (first, second):
            await tab.until("Both hear what comes")
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await enable_lifecycle(db, on=True)
        for tab in (first, second):
            await tab.until('action="refresh" within="40"')


async def test_a_position_that_nobody_knows_gives_a_refresh(shop: Shop, tabs: Tabs) -> None:
    await shop.wrote("ada")
    for after in ("1-1", "", "nonsense"):
        async with tabs.open(shop.world.agent, after=after) as tab:
            assert 'action="refresh"' in str((await tab.frame())["html"])
            assert tab.seq == await tabs.now()


async def test_a_flushed_redis_gives_a_refresh_and_then_goes_on(shop: Shop, tabs: Tabs) -> None:
    await shop.wrote("ada")
    async with tabs.open(shop.world.agent) as tab:
        await shop.installation.redis.delete(f"w/{shop.world.workspace_id}/changes")
        await shop.wrote("ada", "after the flood")
        await tab.until("after the flood")
        assert 'action="refresh"' in tab.html
        await shop.wrote("ada", "and on")
        await tab.until("and on")


async def test_signing_out_closes_the_socket(shop: Shop, tabs: Tabs) -> None:
    async with tabs.open(shop.world.agent) as tab, tabs.open(shop.world.owner) as other:
        browser = await shop.browser(shop.world.agent)
        await browser.delete("/session")
        with pytest.raises(ConnectionClosed) as closed:
            await tab.until("the end")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        await shop.wrote("ada", "still open")
        await other.until("still open")


async def test_a_change_of_restrictions_closes_the_sockets_of_that_member(shop: Shop, tabs: Tabs) -> None:
    async with tabs.open(shop.world.agent) as tab:
        await shop.restrict(shop.world.agent, ONLY_MINE)
        change: Change = {"kind": "member", "contact_id": 0, "member_id": shop.world.agent.id}
        await shop.installation.publisher.send(shop.world.workspace_id, [change])
        with pytest.raises(ConnectionClosed) as closed:
            await tab.until("the end")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403


async def test_without_a_session_the_socket_is_closed(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}/live?after=") as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_a_page_of_another_site_cannot_connect(shop: Shop, port: int) -> None:
    browser = await shop.browser(shop.world.agent)
    headers = {"Cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{port}/live", additional_headers=headers, origin="https://evil.example")  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


@pytest.mark.behaviour(19)
async def test_a_restricted_agent_sees_only_their_own_contacts_change(shop: Shop, tabs: Tabs) -> None:
    agent = shop.world.agent
    mine, other = await shop.wrote("ada"), await shop.wrote("bo")
    await shop.assign(mine, agent)
    await shop.restrict(agent, ONLY_MINE)
    async with tabs.open(agent) as tab, tabs.open(shop.world.owner) as owner:
        await shop.wrote("bo", "secret words")
        await shop.wrote("ada", "for my agent")
        await tab.until("for my agent")
        await owner.until("for my agent")
        assert "secret words" in owner.html
        assert "secret words" not in tab.html
        assert f"card_{other}" not in tab.html


async def test_a_contact_that_is_handed_over_leaves_the_restricted_list(shop: Shop, tabs: Tabs) -> None:
    agent = shop.world.agent
    mine = await shop.wrote("ada")
    await shop.assign(mine, agent)
    await shop.restrict(agent, ONLY_MINE)
    async with tabs.open(agent) as tab:
        browser = await shop.browser(shop.world.owner)
        await browser.post(f"/contacts/{mine}/assignment", data={"assignee_id": shop.world.owner.id}, headers=STREAMS)
        await tab.until(f'<turbo-stream action="remove" target="card_{mine}">')
        assert "timeline_" not in tab.html
        await browser.post(f"/contacts/{mine}/assignment", data={"assignee_id": agent.id}, headers=STREAMS)
        await tab.until(f'<turbo-stream action="place" target="card_{mine}">')


async def test_typing_is_shown_to_the_others_and_not_to_oneself(shop: Shop, tabs: Tabs) -> None:
    contact_id = await shop.wrote("ada")
    async with tabs.open(shop.world.agent) as writer, tabs.open(shop.world.owner) as reader:
        await writer.socket.send(json.dumps({"typing": {"contact_id": contact_id}}))
        await reader.until_one("typing")
        told = {"contact_id": contact_id, "member_id": shop.world.agent.id, "name": shop.world.agent.name}
        assert reader.frames[-1] == {"typing": told}
        await shop.wrote("ada", "done")
        await writer.until("done")
        assert not any("typing" in frame for frame in writer.frames)


async def test_typing_to_a_contact_that_one_may_not_see_tells_nobody(shop: Shop, other_shop: Shop, tabs: Tabs) -> None:
    theirs = await other_shop.wrote("zoe")
    hidden = await shop.wrote("ada")
    await shop.restrict(shop.world.agent, ONLY_MINE)
    async with tabs.open(shop.world.owner) as reader:
        for contact_id in (theirs + 1_000_000, hidden):
            async with tabs.open(shop.world.agent) as writer:
                await writer.socket.send(json.dumps({"typing": {"contact_id": contact_id}}))
                await writer.socket.send("nonsense")
                await writer.socket.send(b"bytes")
        await shop.wrote("ada", "the next thing")
        await reader.until("the next thing")
        assert not any("typing" in frame for frame in reader.frames)


async def test_what_is_read_in_one_window_is_read_in_the_other(shop: Shop, tabs: Tabs) -> None:
    contact_id = await shop.wrote("ada")
    newest = await shop.value("SELECT max(id) FROM message")
    async with tabs.open(shop.world.agent) as tab, tabs.open(shop.world.owner) as other:
        browser = await shop.browser(shop.world.agent)
        assert (await browser.post(f"/contacts/{contact_id}/read", data={"message_id": newest})).status_code == 204
        await tab.until_one("read")
        assert tab.frames[-1] == {"read": {"contact_id": contact_id, "message_id": newest}}
        await shop.wrote("ada", "more")
        await other.until("more")
        assert not any("read" in frame for frame in other.frames)


async def test_a_browser_that_reads_too_slowly_is_told_to_refresh(shop: Shop, tabs: Tabs) -> None:
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", tabs.port))
    narrow.setblocking(False)
    # It stops reading from the network as soon as one frame waits.
    async with tabs.open(shop.world.agent, sock=narrow, max_queue=1, max_size=None) as slow, tabs.open(shop.world.owner) as quick:
        for number in range(80):
            await shop.wrote("ada", f"number {number}. " + "x" * 100_000)
            await quick.until(f"number {number}. ")
        await shop.wrote("ada", "the end of it")
        await slow.until("the end of it")
        assert 'action="refresh"' in slow.html
        assert slow.seq == quick.seq or slow.seq == await tabs.now()
        assert slow.html.count("<article") < 80


async def test_another_workspace_hears_nothing(shop: Shop, other_shop: Shop, tabs: Tabs, port: int) -> None:
    async with tabs.open(shop.world.agent) as ours, Tabs(other_shop, port).open(other_shop.world.agent) as theirs:
        await shop.wrote("ada", "only for us")
        await ours.until("only for us")
        await other_shop.wrote("zoe", "only for them")
        await theirs.until("only for them")
        assert "only for us" not in theirs.html


async def test_an_open_page_is_no_sign_of_life_and_what_is_done_in_it_is(shop: Shop, tabs: Tabs) -> None:
    contact_id = await shop.wrote("ada")
    browser, owner = await shop.browser(shop.world.agent), shop.world.owner
    line = f'data-words="{owner.name}"'

    async def shown() -> str:
        page = (await browser.get(f"/contacts/{contact_id}/assignment")).text
        return page[page.index(line) :].split("</button>")[0]

    async with tabs.open(owner) as tab:
        await tab.until_one("presence")
        assert "presence-offline" in await shown()
        await tab.socket.send(json.dumps({"active": True}))
        await tab.until_one("presence")
        assert "presence-online" in await shown()
    assert "presence-online" in await shown()


@pytest.mark.behaviour(15)
async def test_dots_change_on_every_screen_while_people_come_choose_and_go(shop: Shop, tabs: Tabs) -> None:
    agent = shop.world.agent
    async with tabs.open(shop.world.owner) as reader:
        await reader.until_one("presence")
        assert reader.frames[-1]["presence"]["*"] == "offline"  # type: ignore[index]
        assert str(agent.id) not in reader.frames[-1]["presence"]  # type: ignore[operator]
        async with tabs.open(agent) as tab:
            await tab.socket.send(json.dumps({"active": True}))
            await reader.until_one("presence")
            assert reader.frames[-1] == {"presence": {str(agent.id): "online"}}
            async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
                await choose_status(db, agent.id, "busy")
            await reader.until_one("presence")
            assert reader.frames[-1] == {"presence": {str(agent.id): "busy"}}
        await leave(shop.installation, shop.world.workspace_id, agent.account_id)
        await reader.until_one("presence")
        assert reader.frames[-1] == {"presence": {str(agent.id): "offline"}}


async def test_somebody_who_does_nothing_goes_offline_on_every_screen(shop: Shop, tabs: Tabs) -> None:
    agent = shop.world.agent
    await is_active(shop.installation, shop.world.workspace_id, agent.id, returns=True)
    async with tabs.open(shop.world.owner) as reader:
        await reader.until_one("presence")
        assert reader.frames[-1]["presence"][str(agent.id)] == "online"  # type: ignore[index]
        with shifted(timedelta(minutes=15)):
            await shop.app.state.hub.look_around()
            await reader.until_one("presence")
        assert reader.frames[-1] == {"presence": {str(agent.id): "offline"}}


async def closed_by(tab: Tab) -> int:
    """Read until the server closes; why it did."""
    with pytest.raises(ConnectionClosed) as closed:
        await tab.until("the end")
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


@pytest.mark.behaviour(132)
async def test_removing_somebody_closes_their_open_pages_and_moves_their_contacts(shop: Shop, tabs: Tabs) -> None:
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, shop.world.agent)
    async with tabs.open(shop.world.agent) as theirs, tabs.open(shop.world.owner) as tab:
        browser = await shop.browser(shop.world.owner)
        assert (await browser.post(f"/settings/users/{shop.world.agent.id}/removal")).status_code == 303
        assert await closed_by(theirs) == 4403
        await tab.until(f'<turbo-stream action="refit" target="header_{contact_id}">')
        assert "Unassigned" in tab.html


async def test_another_role_or_restriction_closes_the_open_pages_of_that_member(shop: Shop, tabs: Tabs) -> None:
    async with tabs.open(shop.world.agent) as theirs, tabs.open(shop.world.manager) as other:
        browser = await shop.browser(shop.world.owner)
        data = {"role": "agent", "visibility": ONLY_MINE}
        assert (await browser.post(f"/settings/users/{shop.world.agent.id}", data=data)).status_code == 303
        assert await closed_by(theirs) == 4403
        await shop.wrote("ada", "still heard")
        await other.until("still heard")


@pytest.mark.behaviour(135)
async def test_an_agent_limited_to_the_team_hears_of_its_contacts_only_and_of_new_mates(shop: Shop, tabs: Tabs) -> None:
    agent, owner = shop.world.agent, await shop.browser(shop.world.owner)
    assert (await owner.post("/settings/teams", data={"name": "Sales", "members[]": [agent.id]})).status_code == 303
    team_id = await shop.value("SELECT max(id) FROM team")
    await shop.restrict(agent, ONLY_TEAM)
    for who, member in (("mine", agent), ("mates", shop.world.manager)):
        await shop.assign(await shop.wrote(who), member)
    async with tabs.open(agent) as tab:
        await shop.wrote("mates", "not for the team yet")
        await shop.wrote("mine", "for me")
        await tab.until("for me")
        assert "not for the team yet" not in tab.html
        joined = {"name": "Sales", "members[]": [agent.id, shop.world.manager.id]}
        assert (await owner.post(f"/settings/teams/{team_id}", data=joined)).status_code == 303
        assert await closed_by(tab) == 4403
    async with tabs.open(agent) as tab:
        await shop.wrote("mates", "for the team")
        await tab.until("for the team")


async def test_who_lacks_a_required_second_factor_hears_nothing(shop: Shop, tabs: Tabs) -> None:
    async with tabs.open(shop.world.agent):
        pass
    async with shop.installation.tenancy.catalog() as catalog:
        ours = select(col(Workspace.organization_id)).where(col(Workspace.id) == shop.world.workspace_id).scalar_subquery()
        await catalog.execute(update(Organization).where(col(Organization.id) == ours).values(totp_required_at=now()))
    async with tabs.open(shop.world.agent, after="0-1") as tab:
        assert await closed_by(tab) == 4401


async def test_a_deleted_workspace_hangs_up_and_lets_nobody_in(shop: Shop, tabs: Tabs) -> None:
    async with tabs.open(shop.world.agent) as tab:
        await delete_workspace(shop.installation, shop.world.workspace_id)
        with pytest.raises(ConnectionClosed) as closed:
            await tab.until("the end")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4409
    await restore_workspace(shop.installation, shop.world.workspace_id)
    async with tabs.open(shop.world.agent) as tab:
        await shop.wrote("ada", "open again")
        await tab.until("open again")


async def test_tabs_of_the_former_workspace_are_told_and_do_not_come_back(shop: Shop, other_shop: Shop, tabs: Tabs, port: int) -> None:
    agent = shop.world.agent
    await join_workspace(
        shop.installation, other_shop.world.workspace_id, email=agent.email, password=PASSWORD, name=agent.name, role="agent"
    )
    browser = await shop.browser(agent)
    async with tabs.open(agent) as tab, tabs.open(shop.world.owner) as other:
        await browser.post(f"/workspaces/{other_shop.world.workspace_id}/visit")
        with pytest.raises(ConnectionClosed) as closed:
            await tab.until("the end")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4409
        await shop.wrote("ada", "still open")
        await other.until("still open")
    cookie = f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"
    address = f"ws://127.0.0.1:{port}/live?after=&workspace={shop.world.workspace_id}"
    async with connect(address, additional_headers={"Cookie": cookie}) as socket:
        with pytest.raises(ConnectionClosed) as refused:
            await socket.recv()
        assert refused.value.rcvd is not None
        assert refused.value.rcvd.code == 4409


@pytest.mark.behaviour(329)
async def test_open_pages_hear_that_a_workflow_was_changed_also_after_a_pause(shop: Shop, tabs: Tabs) -> None:
    browser = await shop.browser(shop.world.manager)
    before = await tabs.now()
    async with tabs.open(shop.world.owner) as tab:
        answer = await browser.post("/workflows", data={"name": "Welcome"})
        id_ = int(answer.headers["location"].rpartition("/")[2])
        await tab.until_one("tell")
        told = {"contact_id": 0, "workflow_id": id_, "number": 1, "status": "draft", "by": shop.world.manager.id}
        assert tab.frames[-1] == {"tell": {"what": "workflow", "value": told}}
    async with tabs.open(shop.world.owner, after=before) as tab:
        await tab.until_one("tell")
        assert tab.frames[-1] == {"tell": {"what": "workflow", "value": told}}


@pytest.mark.behaviour(243)
async def test_a_message_of_nobodys_contact_is_one_word_to_all_who_see_it_and_gives_them_time(shop: Shop, tabs: Tabs) -> None:
    await shop.restrict(shop.world.agent, ONLY_MINE)
    before = await tabs.now()
    async with tabs.open(shop.world.agent) as agent, tabs.open(shop.world.owner) as owner, tabs.open(shop.world.manager) as manager:
        contact_id = await shop.wrote("ada", "hello")
        with shifted(timedelta(seconds=5)):
            await work_orders(shop.installation, (shop.world.workspace_id, 0))
        id_ = await shop.value("SELECT id FROM notification")
        for tab in (owner, manager):
            await tab.until_one("tell")
            assert tab.frames[-1] == {
                "tell": {"what": "notification", "value": {"contact_id": 0, "id": id_, "sound": False, "within_ms": 60}}
            }
        await shop.assign(contact_id, shop.world.agent)
        await shop.wrote("ada", "Mine now")
        await agent.until("Mine now")
        assert not any("tell" in told for told in agent.frames)
    async with tabs.open(shop.world.owner, after=before) as tab:
        await tab.until_one("tell")
