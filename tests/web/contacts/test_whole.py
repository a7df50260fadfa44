"""What is done to a contact as a whole: blocking, deleting, its channels, and who may."""

import httpx
import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from tests.web.site import STREAMS, Shop


async def test_blocking_takes_the_card_away_and_offers_undo(shop: Shop) -> None:
    ada = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{ada}/block", headers=STREAMS)
    card = answer.text.partition(f'id="card_{ada}"')[2].partition(">")[0]
    assert "data-blocked" in card  # each list takes away by itself what does not belong to it
    assert f'action="/contacts/{ada}/block"' in answer.text
    assert f"card_{ada}" not in (await browser.get("/inbox")).text
    await browser.post(f"/contacts/{ada}/block", data={"_method": "delete"}, headers=STREAMS)
    assert f"card_{ada}" in (await browser.get("/inbox")).text
    told = await shop.rows("SELECT kind, actor_id FROM event WHERE kind LIKE 'contact.%blocked' ORDER BY id")
    assert told == [("contact.blocked", shop.world.agent.id), ("contact.unblocked", shop.world.agent.id)]


@pytest.mark.behaviour(192)
async def test_what_a_blocked_contact_writes_brings_no_card_and_no_dot(shop: Shop) -> None:
    ada = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{ada}/block")
    await shop.wrote("ada", "let me in")
    assert f"card_{ada}" not in (await browser.get("/inbox?status=closed")).text
    assert (await browser.get("/inbox/counts")).json()["news"] == ""
    await shop.wrote("bo")
    assert (await browser.get("/inbox/counts")).json()["news"] == "unassigned"
    assert "let me in" in (await browser.get(f"/inbox/all/contacts/{ada}")).text


async def test_a_blocked_contact_is_not_written_to(shop: Shop) -> None:
    ada = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{ada}/block")
    answer = await browser.post(f"/contacts/{ada}/messages", data={"text": "hello"})
    assert (answer.status_code, "blocked" in answer.text) == (422, True)


async def test_deleting_takes_the_contact_off_every_screen_and_writes_down_who_did_it(shop: Shop) -> None:
    ada = await shop.wrote("ada", "my secret")
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post(f"/contacts/{ada}/erasure", headers=STREAMS)
    assert f'<turbo-stream action="gone" contact="{ada}">' in answer.text
    assert (await browser.get(f"/inbox/all/contacts/{ada}")).status_code == 404
    owner = await shop.browser(shop.world.owner)
    page = (await owner.get("/settings/erasures")).text
    assert f"#{ada}" in page
    assert shop.world.agent.name in page
    assert "my secret" not in page


async def test_whoever_is_restricted_from_deleting_is_not_offered_it_and_refused(shop: Shop) -> None:
    ada = await shop.wrote("ada")
    await shop.restrict(shop.world.agent, "contact_deletion")
    browser = await shop.browser(shop.world.agent)
    assert "/erasure" not in (await browser.get(f"/contacts/{ada}/actions")).text
    assert (await browser.post(f"/contacts/{ada}/erasure")).status_code == 403
    assert "/erasure" in (await (await shop.browser(shop.world.owner)).get(f"/contacts/{ada}/actions")).text


async def test_channels_are_removed_by_those_who_work_with_contacts(shop: Shop) -> None:
    ada = await shop.wrote("ada")
    address = await shop.value("SELECT id FROM contact_channel")
    at = f"/contacts/{ada}/addresses"
    agent, manager = await shop.browser(shop.world.agent), await shop.browser(shop.world.manager)
    assert "Lumen bot" in (await agent.get(at)).text
    assert "/removal" not in (await agent.get(at)).text
    assert (await agent.post(f"{at}/{address}/removal")).status_code == 403
    assert f"{at}/{address}/removal" in (await manager.get(at)).text
    answer = await manager.post(f"{at}/{address}/removal", headers=STREAMS)
    assert f'target="contact_{ada}_addresses"' in answer.text
    assert "No channel" in (await manager.get(at)).text
    assert (await manager.post(f"{at}/{address}/removal")).status_code == 404


async def test_nothing_of_a_contact_that_an_agent_does_not_see_answers(shop: Shop) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    await shop.assign(bo, shop.world.agent)
    await shop.restrict(shop.world.agent, ONLY_MINE)
    browser = await shop.browser(shop.world.agent)
    asked = [await browser.get(f"/contacts/{ada}/{page}") for page in ("actions", "addresses", "suggestions", "merge", f"merge/{bo}")]
    asked += [await browser.get(f"/contacts/{bo}/merge/{ada}")]
    asked += [
        await browser.post(f"/contacts/{path}")
        for path in (
            f"{ada}/block",
            f"{ada}/erasure",
            f"{ada}/merge/{bo}",
            f"{bo}/merge/{ada}",
            f"{ada}/dismissals/{bo}",
            f"{bo}/dismissals/{ada}",
        )
    ]
    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert await shop.value("SELECT count(*) FROM contact WHERE blocked_at IS NULL") == 2


async def test_the_frames_of_the_panel_cost_few_statements(shop: Shop, queries: object) -> None:
    ada = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    for page, allowed in (("actions", 7), ("addresses", 8), ("suggestions", 7)):
        with queries(at_most=allowed):  # type: ignore[operator]
            answer: httpx.Response = await browser.get(f"/contacts/{ada}/{page}")
        assert answer.status_code == 200
