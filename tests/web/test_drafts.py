"""What a member begins to write is there on all their devices, and an older page never overwrites newer words."""

import asyncio

import httpx
import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.merge import merge
from tests.web.site import STREAMS, Shop


async def keep(browser: httpx.AsyncClient, contact_id: int, text: str, version: int = 0, *, kind: str = "reply", expect: int = 200) -> int:
    """Save a draft; returns its version now."""
    answer = await browser.put(f"/contacts/{contact_id}/drafts", data={"kind": kind, "text": text, "version": version})
    assert answer.status_code == expect, answer.text
    return int(answer.json()["version"])


async def kept(browser: httpx.AsyncClient, contact_id: int, kind: str = "reply") -> str:
    return str((await browser.get(f"/contacts/{contact_id}/drafts")).json()[kind]["text"])


@pytest.mark.behaviour(232)
async def test_words_are_on_the_other_device_too(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await keep(browser, contact_id, "Dear Ada,\n  begun")
    await keep(browser, contact_id, "Ask Bo first", kind="comment")
    assert await kept(browser, contact_id) == "Dear Ada,\n  begun"
    assert await kept(browser, contact_id, "comment") == "Ask Bo first"
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}")).text
    assert 'data-composer-draft-value="Dear Ada,\n  begun"' in page
    assert (await browser.get("/drafts")).json() == {"contacts": [contact_id]}


@pytest.mark.behaviour(232)
async def test_an_older_page_is_told_of_the_newer_words(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    first = await keep(browser, contact_id, "One")
    second = await keep(browser, contact_id, "One, two", first)
    assert second > first
    answer = await browser.put(f"/contacts/{contact_id}/drafts", data={"kind": "reply", "text": "Something else", "version": first})
    assert (answer.status_code, answer.json()) == (409, {"text": "One, two", "version": second})
    assert await kept(browser, contact_id) == "One, two"
    # Knowing of it, the page may replace them.
    await keep(browser, contact_id, "Something else", second)


@pytest.mark.behaviour(232)
async def test_two_devices_at_the_same_moment_lose_nothing_silently(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    fields = [{"kind": "reply", "text": f"From device {number}", "version": 0} for number in range(4)]
    answers = await asyncio.gather(*(browser.put(f"/contacts/{contact_id}/drafts", data=each) for each in fields))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    now = await kept(browser, contact_id)
    assert {answer.json()["text"] for answer in answers} == {now}


async def test_the_same_words_twice_are_no_conflict(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    version = await keep(browser, contact_id, "Once")
    assert await keep(browser, contact_id, "Once") == version


async def test_empty_words_are_no_draft_and_a_page_with_the_old_ones_learns_it(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    version = await keep(browser, contact_id, "Begun")
    assert await keep(browser, contact_id, "  \n", version) == 0
    assert await shop.value("SELECT count(*) FROM draft") == 0
    assert await keep(browser, contact_id, "Begun, and more", version, expect=409) == 0


@pytest.mark.behaviour(232)
@pytest.mark.parametrize(("kind", "path"), [("reply", "messages"), ("comment", "comments")])
async def test_sending_clears_the_draft_that_was_sent_and_no_newer_one(shop: Shop, kind: str, path: str) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    version = await keep(browser, contact_id, "Hello", kind=kind)
    newer = await keep(browser, contact_id, "The next thing", version, kind=kind)
    await browser.post(f"/contacts/{contact_id}/{path}", data={"text": "Hello", "draft_version": version}, headers=STREAMS)
    assert await kept(browser, contact_id, kind) == "The next thing"
    await browser.post(f"/contacts/{contact_id}/{path}", data={"text": "The next thing", "draft_version": newer}, headers=STREAMS)
    assert await kept(browser, contact_id, kind) == ""


async def test_a_refused_reply_leaves_the_draft(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    version = await keep(browser, contact_id, "Hello")
    await shop.change("UPDATE contact SET blocked_at = now()")
    answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": "Hello", "draft_version": version}, headers=STREAMS)
    assert answer.status_code == 422
    assert await kept(browser, contact_id) == "Hello"


async def test_a_draft_is_its_writers_alone(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await keep(await shop.browser(shop.world.agent), contact_id, "Mine")
    owner = await shop.browser(shop.world.owner)
    assert await kept(owner, contact_id) == ""
    assert (await owner.get("/drafts")).json() == {"contacts": []}
    await keep(owner, contact_id, "The owner's")
    assert await kept(await shop.browser(shop.world.agent), contact_id) == "Mine"


async def test_whoever_cannot_see_the_contact_has_no_draft_of_it(shop: Shop, other_shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.restrict(shop.world.agent, ONLY_MINE)
    browser = await shop.browser(shop.world.agent)
    assert (await browser.get(f"/contacts/{contact_id}/drafts")).status_code == 404
    await keep(await other_shop.browser(other_shop.world.owner), await other_shop.wrote("bo"), "Elsewhere")
    assert (await browser.put(f"/contacts/{contact_id}/drafts", data={"kind": "reply", "text": "x"})).status_code == 404


@pytest.mark.parametrize(
    "form", [{"kind": "email", "text": "x"}, {"kind": "reply", "text": "x" * 20_001}, {"kind": "reply", "version": -1}]
)
async def test_what_is_no_draft_is_refused(shop: Shop, form: dict[str, object]) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    assert (await browser.put(f"/contacts/{contact_id}/drafts", data=form)).status_code == 422


async def test_merging_keeps_what_was_begun_to_either(shop: Shop) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    browser = await shop.browser(shop.world.agent)
    await keep(browser, bo, "Begun to Bo")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await merge(db, ada, bo, by=shop.world.owner.id)
    assert await kept(browser, ada) == "Begun to Bo"
