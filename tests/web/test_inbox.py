"""The pages of the inbox: what they show, to whom, and at what cost."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.sdk.channel import ContactChanged, Profile
from ismessenger.sdk.content import Button, Buttons, Location, Media, SharedContact, Unsupported
from tests.web.site import NOON, STREAMS, Shop

Queries = Callable[..., AbstractContextManager[list[str]]]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def cards(html: str) -> list[int]:
    """The contacts of a list, in order."""
    return [int(number) for number in re.findall(r'id="card_(\d+)"', html)]


async def test_the_newest_conversation_is_on_top(shop: Shop) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    browser = await shop.browser(shop.world.agent)
    assert cards((await browser.get("/inbox")).text) == [bo, ada]
    await shop.wrote("ada", "me again")
    assert cards((await browser.get("/inbox")).text) == [ada, bo]


async def test_each_inbox_holds_its_own(shop: Shop) -> None:
    agent, owner = shop.world.agent, shop.world.owner
    mine, theirs, nobodys = await shop.wrote("ada"), await shop.wrote("bo"), await shop.wrote("cy")
    await shop.assign(mine, agent)
    await shop.assign(theirs, owner)
    browser = await shop.browser(agent)
    assert cards((await browser.get("/inbox/mine")).text) == [mine]
    assert cards((await browser.get("/inbox/unassigned")).text) == [nobodys]
    assert cards((await browser.get("/inbox")).text) == [nobodys, theirs, mine]
    assert (await browser.get("/inbox/counts")).json() == {"counts": {"all": "3", "mine": "1", "unassigned": "1"}, "news": "mine"}


async def test_closed_conversations_have_their_own_list(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    assert cards((await browser.get("/inbox?status=closed")).text) == []
    conversation_id = await shop.value("SELECT id FROM conversation")
    await browser.post(f"/conversations/{conversation_id}/closure", headers=STREAMS)
    assert cards((await browser.get("/inbox")).text) == []
    assert cards((await browser.get("/inbox?status=closed")).text) == [contact_id]


async def test_a_list_goes_on_where_the_page_ended_whatever_comes_meanwhile(shop: Shop) -> None:
    everybody = [await shop.wrote(f"person{number}") for number in range(65)]
    browser = await shop.browser(shop.world.agent)
    first = await browser.get("/inbox")
    seen = cards(first.text)
    for _page in range(5):
        link = re.search(r'id="cards_[^"]*" src="([^"]+)"', first.text)
        if link is None:
            break
        await shop.wrote("a newcomer")
        await shop.wrote("person64", "writes again")
        first = await browser.get(link[1].replace("&amp;", "&"))
        seen += cards(first.text)
    assert seen == list(reversed(everybody))


async def test_contacts_that_never_wrote_come_last_and_are_not_lost(shop: Shop) -> None:
    for number in range(40):
        event = ContactChanged(
            f"ad{number}", NOON, Profile(first_name=f"Ad {number}"), happened="referral", opens=True, referral={"source": "ADS"}
        )
        await shop.take(event)
    wrote = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    page = await browser.get("/inbox")
    seen = cards(page.text)
    assert seen[0] == wrote
    link = re.search(r'id="cards_[^"]*" src="([^"]+)"', page.text)
    assert link is not None
    seen += cards((await browser.get(link[1].replace("&amp;", "&"))).text)
    assert len(seen) == len(set(seen)) == 41


async def test_unread_is_what_this_member_has_not_seen(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    newest = await shop.value("SELECT max(id) FROM message")
    agent, owner = await shop.browser(shop.world.agent), await shop.browser(shop.world.owner)
    unread = f'data-last-incoming-id="{newest}"'
    assert "data-unread" in (await agent.get("/inbox")).text
    await agent.post(f"/contacts/{contact_id}/read", data={"message_id": newest})
    page = (await agent.get("/inbox")).text
    assert unread in page
    assert "data-unread" not in page
    assert "data-unread" in (await owner.get("/inbox")).text
    await shop.wrote("ada", "more")
    assert "data-unread" in (await agent.get("/inbox")).text


async def test_a_frame_gets_only_what_it_asked_for(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "words of Ada")
    browser = await shop.browser(shop.world.agent)
    thread = (await browser.get(f"/inbox/all/contacts/{contact_id}", headers={"Turbo-Frame": "thread"})).text
    assert thread.startswith('<turbo-frame class="thread-column" id="thread"')
    assert "words of Ada" in thread
    listed = (await browser.get("/inbox", headers={"Turbo-Frame": "conversation_list"})).text
    assert listed.startswith('<turbo-frame class="list-column" id="conversation_list"')
    assert cards(listed) == [contact_id]


async def test_a_long_thread_is_read_in_pages_without_gap_or_repetition(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "0.")
    for number in range(1, 120):
        # Many at the same moment: the id decides.
        await shop.wrote("ada", f"{number}.", at=NOON + timedelta(days=1, seconds=number // 10))
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    seen: list[int] = []
    for _page in range(5):
        seen = [int(words) for words in re.findall(r'bubble-text">(\d+)\.', page)] + seen
        link = re.search(r'src="(/contacts/\d+/timeline\?before=[^"]+)"', page)
        if link is None:
            break
        await shop.wrote("ada", "newer")
        page = (await browser.get(link[1])).text
    assert seen == list(range(120))


@pytest.mark.parametrize(
    "cursor", ["nonsense", "W10", "%00", "W3siYXQiOiIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIn0sMTAwMDAwMDAwMDAwMDAwMDAwMDAwMF0"]
)
async def test_a_cursor_that_we_did_not_make_is_refused(shop: Shop, cursor: str) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    assert (await browser.get(f"/inbox?before={cursor}")).status_code == 400
    assert (await browser.get(f"/contacts/{contact_id}/timeline?before={cursor}")).status_code == 400


async def test_pages_cost_a_fixed_number_of_statements(shop: Shop, queries: Queries) -> None:
    contact_id = await shop.wrote("ada")
    for number in range(40):
        await shop.wrote("ada", f"message {number}")
        await shop.wrote(f"person{number}")
    browser = await shop.browser(shop.world.agent)
    # Four of them: whose session it is, in which workspace, as which member.
    with queries(at_most=10):
        assert (await browser.get("/inbox")).status_code == 200
    with queries(at_most=24):
        assert (await browser.get(f"/inbox/all/contacts/{contact_id}")).status_code == 200
    with queries(at_most=8):
        assert (await browser.get("/inbox/counts")).status_code == 200


@pytest.mark.behaviour(19)
async def test_an_agent_limited_to_own_contacts_sees_only_mine(shop: Shop) -> None:
    agent = shop.world.agent
    mine, other = await shop.wrote("ada"), await shop.wrote("bo", "not for this agent")
    await shop.assign(mine, agent)
    await shop.restrict(agent, ONLY_MINE)
    browser = await shop.browser(agent)
    for path in ("/inbox", "/inbox/all", "/inbox/unassigned", "/inbox/mine"):
        page = (await browser.get(path)).text
        assert cards(page) == [mine]
        assert "not for this agent" not in page
        assert 'data-list-inbox-value="mine"' in page
        assert "Unassigned" not in page
    assert (await browser.get("/inbox/counts")).json()["counts"] == {"mine": "1"}
    assert (await browser.get(f"/inbox/mine/contacts/{mine}")).status_code == 200
    assert (await browser.get(f"/inbox/mine/contacts/{other}")).status_code == 404
    assert (await browser.get(f"/contacts/{other}/timeline?before=x")).status_code == 404


async def test_an_agent_limited_to_the_team_sees_what_the_team_has(shop: Shop) -> None:
    agent, manager = shop.world.agent, shop.world.manager
    await shop.change("INSERT INTO team (name, description, created_at) VALUES ('Support', '', now())")
    await shop.change("UPDATE member SET team_id = (SELECT id FROM team) WHERE id = ANY(:ids)", ids=[agent.id, manager.id])
    mine, teams, others, nobodys = [await shop.wrote(who) for who in ("ada", "bo", "cy", "di")]
    await shop.assign(mine, agent)
    await shop.assign(teams, manager)
    await shop.assign(others, shop.world.owner)
    await shop.restrict(agent, ONLY_TEAM)
    browser = await shop.browser(agent)
    team = await shop.value("SELECT id FROM team")
    assert cards((await browser.get("/inbox")).text) == [mine]
    assert cards((await browser.get("/inbox/unassigned")).text) == [mine]
    assert cards((await browser.get(f"/inbox/team-{team}")).text) == [teams, mine]
    assert (await browser.get("/inbox/counts")).json()["counts"] == {"mine": "1", f"team-{team}": "2"}
    assert (await browser.get(f"/inbox/all/contacts/{teams}")).status_code == 200
    for hidden in (others, nobodys):
        assert (await browser.get(f"/inbox/all/contacts/{hidden}")).status_code == 404


async def test_script_in_any_text_is_shown_as_text(shop: Shop) -> None:
    profile = Profile(first_name=SCRIPT, last_name=SCRIPT, phone=SCRIPT[:200], email=SCRIPT, language=SCRIPT, country_code=SCRIPT)
    contact_id = await shop.wrote(SCRIPT, SCRIPT, profile=profile)
    for content in (
        Media(kind="file", url="https://cdn.example/x", file_name=SCRIPT, mime=SCRIPT, caption=SCRIPT),
        Location(latitude=1, longitude=2, title=SCRIPT, address=SCRIPT),
        SharedContact(name=SCRIPT, phones=[SCRIPT], emails=[SCRIPT]),
        Buttons(text=SCRIPT, buttons=[Button(title=SCRIPT, value=SCRIPT), Button(kind="url", title=SCRIPT, value="javascript:alert(1)")]),
        Unsupported(what=SCRIPT),
    ):
        await shop.wrote(SCRIPT, content)
    await shop.change("UPDATE channel SET name = :name", name=SCRIPT)
    await shop.change("UPDATE member SET name = :name", name=SCRIPT)
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{contact_id}/comments", data={"text": SCRIPT}, headers=STREAMS)
    await browser.post(f"/contacts/{contact_id}/assignment", data={"assignee_id": shop.world.agent.id}, headers=STREAMS)
    answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": SCRIPT}, headers=STREAMS)
    for html in ((await browser.get(f"/inbox/all/contacts/{contact_id}")).text, answer.text):
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript:' not in html


async def test_nothing_of_another_workspace_is_found_by_its_numbers(shop: Shop, other_shop: Shop) -> None:
    theirs = await other_shop.wrote("zoe", Media(kind="image", url="https://cdn.example/z.png"))
    browser = await shop.browser(shop.world.owner)
    numbers = {
        "contact": theirs,
        "conversation": await other_shop.value("SELECT id FROM conversation"),
        "message": await other_shop.value("SELECT id FROM message"),
        "attachment": await other_shop.value("SELECT id FROM attachment"),
        "channel": other_shop.channel_id,
    }
    # Both homes count from one: without rows of our own none of these numbers is ours.
    await shop.change("DELETE FROM channel")
    for method, path in (
        ("GET", "/inbox/all/contacts/{contact}"),
        ("GET", "/contacts/{contact}/timeline?before=x"),
        ("POST", "/contacts/{contact}/messages"),
        ("POST", "/contacts/{contact}/comments"),
        ("POST", "/contacts/{contact}/assignment"),
        ("POST", "/contacts/{contact}/conversation"),
        ("POST", "/contacts/{contact}/read"),
        ("POST", "/conversations/{conversation}/closure"),
        ("DELETE", "/conversations/{conversation}/closure"),
        ("POST", "/messages/{message}/attempts"),
        ("GET", "/attachments/{attachment}/z.png"),
        ("GET", "/settings/channels/{channel}"),
        ("GET", "/settings/channels/{channel}/edit"),
        ("POST", "/settings/channels/{channel}/edit"),
        ("GET", "/settings/channels/{channel}/log"),
        ("POST", "/settings/channels/{channel}/log/1/attempts"),
        ("POST", "/settings/channels/{channel}/disconnection"),
        ("GET", "/settings/channels/{channel}/widget"),
    ):
        address = path.format(**numbers)
        answer = await browser.request(method, address, data={"text": "x", "message_id": "1"} if method == "POST" else None)
        assert answer.status_code == 404, address


async def test_a_number_that_no_column_holds_is_no_address(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    for number in ("99999999999999999999", "999999999999999999", "-1", "1.5", "x"):
        assert (await browser.get(f"/inbox/all/contacts/{number}")).status_code == 404
    assert (await browser.get("/inbox/nonsense")).status_code == 404


async def test_events_are_told_in_the_thread(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{contact_id}/assignment", data={"assignee_id": shop.world.owner.id}, headers=STREAMS)
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    assert "Contact created" in page
    assert "Conversation opened" in page
    assert f"Assigned to {shop.world.owner.name}" in page


async def test_without_redis_pages_still_come_and_ask_to_be_refreshed(shop: Shop) -> None:
    await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    redis = shop.installation.redis
    pool, redis.connection_pool = redis.connection_pool, type(redis).from_url("redis://127.0.0.1:1/0").connection_pool
    try:
        page = await browser.get("/inbox")
    finally:
        await redis.connection_pool.disconnect()
        redis.connection_pool = pool
    assert page.status_code == 200
    assert '<meta name="live-seq" content="">' in page.text
