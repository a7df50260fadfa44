"""The centre, its settings, and the subscriptions of browsers, over HTTP."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.jobs.notify import work_orders
from ismessenger.kit import clock
from ismessenger.notifications.listing import PAGE
from ismessenger.notifications.notify import notify
from ismessenger.web.assets import STATIC
from tests.standins.push_service import Browser
from tests.web.site import STREAMS, Shop

PANEL = {"Turbo-Frame": "notifications_panel"}
JSON = {"Accept": "application/json"}
Counting = Callable[..., AbstractContextManager[list[str]]]


async def tell(shop: Shop, kind: str, contact_id: int | None = None, *, to: Member | None = None, **more: object) -> None:
    """Something happens, and the lane of notifications comes by."""
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await notify(db, kind, contact_id, to=[(to or shop.world.agent).id], **more)  # type: ignore[arg-type]
    await work(shop)


async def work(shop: Shop) -> None:
    with clock.shifted(timedelta(seconds=5)):
        await work_orders(shop.installation, (shop.world.workspace_id, 0))


async def unread(browser: httpx.AsyncClient) -> dict[str, object]:
    return dict((await browser.get("/notifications/unread", headers=JSON)).json())


async def shown(browser: httpx.AsyncClient, path: str) -> str:
    """A page, without the marks that keep names of both directions of writing apart."""
    return re.sub("[\u2068\u2069]", "", (await browser.get(path)).text)


async def newest(shop: Shop) -> int:
    return int(await shop.value("SELECT max(id) FROM notification"))


@pytest.mark.behaviour(247)
async def test_a_notification_is_new_then_read_then_archived_then_back(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    contact_id = await shop.wrote("ada", "hello")
    await work(shop)
    await tell(shop, "assigned", contact_id, by=shop.world.owner.id)
    id_ = await newest(shop)
    assert await unread(browser) == {"unread": 2, "most": 99, "contacts": [contact_id]}
    page = await shown(browser, "/notifications")
    assert f"{shop.world.owner.name} assigned Ada to you" in page
    assert "New message from Ada, unassigned" in page
    assert page.count("data-unread") == 2
    assert (await browser.post(f"/notifications/{id_}/reading", headers=JSON)).status_code == 204
    assert (await unread(browser))["unread"] == 1
    assert (await browser.post(f"/notifications/{id_}/archive", data={"tab": "new"})).headers["location"] == "/notifications?tab=new"
    assert "assigned Ada to you" not in await shown(browser, "/notifications")
    assert "assigned Ada to you" in await shown(browser, "/notifications?tab=archived")
    assert "New message from Ada" not in await shown(browser, "/notifications?tab=archived")
    assert (await shown(browser, "/notifications?tab=all")).count('class="notification"') == 2
    await browser.post(f"/notifications/{id_}/archive", data={"_method": "delete", "tab": "archived"})
    assert "assigned Ada to you" in await shown(browser, "/notifications?tab=new")


@pytest.mark.behaviour(247)
async def test_all_are_read_or_archived_at_once(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    for name in ("ada", "bo"):
        await tell(shop, "assigned", await shop.wrote(name))
    await browser.post("/notifications/reading", data={"tab": "new"})
    assert (await unread(browser))["unread"] == 0
    assert (await shown(browser, "/notifications")).count('class="notification"') == 4
    await browser.post("/notifications/archive")
    assert "Nothing new" in await shown(browser, "/notifications")
    assert (await shown(browser, "/notifications?tab=archived")).count('class="notification"') == 4
    theirs = await shown(await shop.browser(shop.world.owner), "/notifications")
    assert theirs.count("data-unread") == 2


@pytest.mark.behaviour(247)
async def test_a_line_that_everybody_has_is_read_archived_and_taken_out_by_each_for_themselves(shop: Shop) -> None:
    browser, owner = await shop.browser(shop.world.agent), await shop.browser(shop.world.owner)
    await shop.wrote("ada", "hello")
    await work(shop)
    id_ = await newest(shop)
    assert (await browser.post(f"/notifications/{id_}/reading", headers=JSON)).status_code == 204
    assert [(await unread(each))["unread"] for each in (browser, owner)] == [0, 1]
    answer = await browser.post(f"/notifications/{id_}/archive", data={"tab": "all"}, headers=STREAMS)
    assert 'action="replace"' in answer.text
    assert "Ada" in await shown(browser, "/notifications?tab=archived")
    assert "Nothing new" in await shown(browser, "/notifications")
    assert "data-unread" in await shown(owner, "/notifications")
    await browser.post(f"/notifications/{id_}/archive", data={"_method": "delete", "tab": "archived"})
    page = await shown(browser, "/notifications")
    assert "New message from Ada, unassigned" in page
    assert "data-unread" not in page
    await browser.post(f"/notifications/{id_}/archive")
    await shop.wrote("ada", "hello?")
    await work(shop)
    assert await unread(browser) == {"unread": 1, "most": 99, "contacts": []}
    assert "New message from Ada, unassigned" in await shown(browser, "/notifications")
    assert "2 new messages from Ada, unassigned" in await shown(owner, "/notifications")
    last = await shop.value("SELECT max(id) FROM message")
    assert (await browser.get(f"/notifications/{id_}")).headers["location"].endswith(f"?message={last}")


@pytest.mark.behaviour(243)
async def test_who_sees_only_their_own_contacts_has_no_lines_about_those_of_nobody(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await shop.restrict(shop.world.agent, "contacts_assigned_to_me")
    contact_id = await shop.wrote("ada")
    await work(shop)
    id_ = await newest(shop)
    await shop.assign(contact_id, shop.world.agent)
    assert "Ada" not in await shown(browser, "/notifications?tab=all")
    assert (await unread(browser))["unread"] == 0
    assert (await browser.get(f"/notifications/{id_}")).status_code == 404


@pytest.mark.behaviour(248)
async def test_who_mutes_the_contacts_of_nobody_in_the_centre_has_no_lines_about_them(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await shop.wrote("ada")
    await work(shop)
    assert (await unread(browser))["unread"] == 1
    await browser.post("/account/notifications", data={"choices[]": ["mention:app"]})
    assert (await unread(browser))["unread"] == 0
    assert "Nothing new" in await shown(browser, "/notifications")


async def test_a_row_that_is_put_away_leaves_the_open_list(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await tell(shop, "assigned", await shop.wrote("ada"))
    id_ = await newest(shop)
    answer = await browser.post(f"/notifications/{id_}/archive", data={"tab": "new"}, headers=STREAMS)
    assert f'action="remove" targets="[data-notification=\'{id_}\']"' in answer.text
    answer = await browser.request("DELETE", f"/notifications/{id_}/archive", data={"tab": "all"}, headers=STREAMS)
    assert 'action="replace"' in answer.text
    assert "was assigned to you" in answer.text


async def test_opening_a_thread_settles_what_tells_of_it(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    contact_id, other_id = await shop.wrote("ada"), await shop.wrote("bo")
    await work(shop)
    await tell(shop, "assigned", contact_id)
    await tell(shop, "mention", other_id)
    assert (await browser.post("/notifications/reading", data={"contact_id": str(contact_id)})).status_code == 204
    assert await unread(browser) == {"unread": 3, "most": 99, "contacts": [other_id]}
    last = await shop.value("SELECT last_incoming_id FROM contact WHERE id = :id", id=contact_id)
    await browser.post(f"/contacts/{contact_id}/read", data={"message_id": str(last)})
    assert (await unread(browser))["unread"] == 2


@pytest.mark.behaviour(247)
async def test_a_notification_leads_to_what_it_is_about(shop: Shop) -> None:
    browser, owner = await shop.browser(shop.world.agent), await shop.browser(shop.world.owner)
    contact_id = await shop.wrote("ada", "first")
    await shop.wrote("ada", "second")
    await work(shop)
    first = await shop.value("SELECT min(id) FROM message")
    id_ = await shop.value("SELECT id FROM notification")
    assert (await browser.get(f"/notifications/{id_}")).headers["location"] == f"/inbox/all/contacts/{contact_id}?message={first}"
    await tell(shop, "mention", contact_id, subject_id=7)
    assert (await browser.get(f"/notifications/{await newest(shop)}")).headers["location"].endswith("#comment_7")
    await tell(shop, "channel_broken", None, to=shop.world.owner, subject_id=shop.channel_id)
    answer = await owner.get(f"/notifications/{await newest(shop)}")
    assert answer.headers["location"] == f"/settings/channels/{shop.channel_id}"
    assert "The channel Lumen bot does not work" in await shown(owner, "/notifications")
    await tell(shop, "job_done", None, subject_id=5, state="failed")
    assert "A long job of yours did not come to its end" in await shown(browser, "/notifications")
    assert (await browser.get(f"/notifications/{await newest(shop)}")).headers["location"] == "/jobs/5"


async def test_many_that_were_assigned_at_once_are_one_line(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await tell(shop, "assigned", None, by=shop.world.owner.id, count=12)
    assert "12 contacts were assigned to you" in await shown(browser, "/notifications")
    assert (await browser.get(f"/notifications/{await newest(shop)}")).headers["location"] == "/inbox/mine"


async def test_a_message_for_later_that_did_not_go_out_says_why(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await tell(shop, "send_failed", await shop.wrote("ada"), scheduled_id=3, words="Hi", reason="The window has closed.")
    page = await shown(browser, "/notifications")
    assert "A message to Ada could not be sent" in page
    assert "The window has closed." in page


async def test_nobody_opens_reads_or_archives_those_of_others(shop: Shop) -> None:
    manager = await shop.browser(shop.world.manager)
    await tell(shop, "assigned", await shop.wrote("ada"))
    id_ = await newest(shop)
    await manager.post(f"/notifications/{id_}/archive")
    await manager.post(f"/notifications/{id_}/reading")
    await manager.post("/notifications/archive")
    assert (await manager.get(f"/notifications/{id_}")).status_code == 404
    assert await shop.rows("SELECT read_at, archived_at FROM notification WHERE id = :id", id=id_) == [(None, None)]


@pytest.mark.behaviour(243)
async def test_what_tells_of_a_contact_is_hidden_once_the_member_sees_it_no_more(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, shop.world.agent)
    await shop.restrict(shop.world.agent, "contacts_assigned_to_me")
    await tell(shop, "assigned", contact_id)
    id_ = await newest(shop)
    assert "Ada" in await shown(browser, "/notifications?tab=all")
    await shop.assign(contact_id, shop.world.owner)
    assert "Ada" not in await shown(browser, "/notifications?tab=all")
    assert await unread(browser) == {"unread": 0, "most": 99, "contacts": []}
    assert (await browser.get(f"/notifications/{id_}")).status_code == 404


async def test_one_of_another_workspace_asks_to_open_that_first(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get("/notifications/3?workspace=99")).text
    assert 'action="/workspaces/99/visit"' in page
    assert 'value="/notifications/3?workspace=99"' in page


async def test_a_mention_names_people_in_its_words(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    contact_id = await shop.wrote("ada")
    agent = shop.world.agent
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        statement = text("INSERT INTO comment (contact_id, author_kind, text, created_at) VALUES (:c, 'user', :t, now()) RETURNING id")
        comment_id = (await db.execute(statement, {"c": contact_id, "t": f"Look, {{{{@user.{agent.id}}}}}"})).scalar_one()
    await tell(shop, "mention", contact_id, subject_id=comment_id, by=shop.world.owner.id)
    page = await shown(browser, "/notifications")
    assert f"Look, @{agent.name}" in page
    assert f"{shop.world.owner.name} mentioned you about Ada" in page


async def test_what_people_write_is_escaped(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await shop.wrote("<b>eve</b>", "<script>alert(1)</script>")
    await work(shop)
    page = await shown(browser, "/notifications")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_the_list_is_read_page_by_page_at_a_bounded_cost(
    shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    browser = await shop.browser(shop.world.agent)
    contact_id = await shop.wrote("ada")
    for _each in range(PAGE + 5):
        await tell(shop, "assigned", contact_id)
    await tell(shop, "mention", contact_id)
    with queries(at_most=14):
        page = (await browser.get("/notifications?tab=all", headers=PANEL)).text
    assert page.count('class="notification"') == PAGE
    (older,) = re.findall(r'id="(notifications_panel_\d+)" src="([^"]+)"', page)
    rest = (await browser.get(older[1].replace("&amp;", "&"), headers={"Turbo-Frame": older[0]})).text
    assert f'<turbo-frame id="{older[0]}">' in rest
    assert rest.count('class="notification"') == 7
    assert "src=" not in rest.replace("<use href", "")


@pytest.mark.parametrize("cursor", ["x", "e30", "W10"])
async def test_a_cursor_of_nobodys_is_refused(shop: Shop, cursor: str) -> None:
    browser = await shop.browser(shop.world.agent)
    assert (await browser.get(f"/notifications?before={cursor}")).status_code == 400


@pytest.mark.behaviour(248)
async def test_each_member_chooses_by_kind_and_surface(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get("/account/notifications")).text
    assert 'value="mention:email" aria-label="A comment mentions me: E-mail" checked' in page
    assert 'value="message_mine:email" aria-label="New message in my conversations: E-mail">' in page
    assert "channel_broken" not in page  # Agents mend no channels
    on = re.findall(r'value="(\w+:\w+)"[^>]* checked', page)
    answer = await browser.post(
        "/account/notifications", data={"choices[]": [each for each in on if each != "mention:email"]}, headers=STREAMS
    )
    assert "Saved" in answer.text
    assert await shop.rows("SELECT kind, surface, enabled FROM notification_choice") == [("mention", "email", False)]
    await browser.post(
        "/account/notifications", data={"choices[]": ["message_mine:email", "nonsense:app", "mention:nowhere"], "words": "true"}
    )
    chosen = await shop.rows("SELECT kind, surface FROM notification_choice WHERE enabled")
    assert chosen == [("message_mine", "email")]
    assert await shop.value("SELECT notify_words FROM member WHERE id = :id", id=shop.world.agent.id) is True
    await browser.post("/account/notifications", data={"choices[]": on})
    assert await shop.rows("SELECT kind, surface, enabled FROM notification_choice") == []
    assert await shop.value("SELECT notify_words FROM member WHERE id = :id", id=shop.world.agent.id) is False


async def test_the_choices_of_one_are_not_those_of_another(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    await browser.post("/account/notifications", data={})
    owner = await shop.browser(shop.world.owner)
    assert 'value="mention:email" aria-label="A comment mentions me: E-mail" checked' in (await owner.get("/account/notifications")).text


@pytest.mark.behaviour(245)
async def test_a_browser_subscribes_for_as_long_as_it_is_signed_in(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    at = Browser("https://push.example/send/1")
    given = {"endpoint": at.endpoint, **at.keys}
    assert (
        await browser.post("/notifications/subscription", data=given, headers={"User-Agent": "Mozilla Firefox/130.0"})
    ).status_code == 204
    ((member_id, session),) = await shop.rows("SELECT member_id, session FROM push_subscription")
    assert member_id == shop.world.agent.id
    async with shop.installation.tenancy.catalog() as catalog:
        found = await catalog.execute(
            text("SELECT account_id FROM catalog.sign_in_session WHERE token_hash = :h"), {"h": bytes.fromhex(str(session))}
        )
    assert found.scalar_one() == shop.world.agent.account_id
    page = (await browser.get("/account/notifications")).text
    assert "Browsers that are told" in page
    assert "Firefox" in page
    assert (await browser.request("DELETE", "/notifications/subscription", data={"endpoint": at.endpoint})).status_code == 204
    assert await shop.rows("SELECT * FROM push_subscription") == []
    await browser.post("/notifications/subscription", data=given)
    id_ = await shop.value("SELECT id FROM push_subscription")
    await (await shop.browser(shop.world.owner)).post(f"/account/notifications/browsers/{id_}/removal")
    assert await shop.value("SELECT count(*) FROM push_subscription") == 1
    await browser.post(f"/account/notifications/browsers/{id_}/removal")
    assert await shop.rows("SELECT * FROM push_subscription") == []


async def test_keys_that_are_none_are_refused_in_words(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(
        "/notifications/subscription", data={"endpoint": "https://push.example/x", "p256dh": "a", "auth": "b"}, headers=JSON
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "These are not the keys of a browser that takes notifications."


@pytest.mark.usefixtures("dry_buckets")
async def test_a_browser_that_subscribes_all_the_time_is_slowed_down(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    statuses = [(await browser.post("/notifications/subscription", data={}, headers=JSON)).status_code for _each in range(32)]
    assert statuses[0] == 422
    assert statuses[-1] == 429


@pytest.mark.behaviour(249)
async def test_the_service_worker_lies_at_the_root_and_keeps_no_page(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    source = (STATIC / "service-worker.js").read_text()
    assert answer.text == source
    assert '"push"' in source
    assert not re.search(r'"fetch"|caches\b|respondWith', source)
