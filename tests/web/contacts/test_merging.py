"""The pages of duplicates and merging."""

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ismessenger.sdk.channel import Profile
from tests.web.site import STREAMS, Shop


async def pair(shop: Shop) -> tuple[int, int]:
    """Ada and Bo, with the same e-mail address and different phones."""
    ada = await shop.wrote("ada", "from ada", profile=Profile(first_name="Ada", email="ada@example.com", phone="+60123456789"))
    bo = await shop.wrote("bo", "from bo", profile=Profile(first_name="Bo", email="ADA@example.com", phone="+60111111111"))
    return ada, bo


def preview(page: str) -> str:
    """The words of what comes out."""
    frame = page[page.index('id="merge_preview"') :]
    return html.unescape(re.sub(r"<[^>]*>", " ", frame[: frame.index("</turbo-frame>")]))


async def test_a_duplicate_is_suggested_beside_the_contact_until_somebody_says_no(shop: Shop) -> None:
    ada, bo = await pair(shop)
    browser = await shop.browser(shop.world.agent)
    assert f"/contacts/{ada}/merge/{bo}" in (await browser.get(f"/contacts/{ada}/suggestions")).text
    answer = await browser.post(f"/contacts/{ada}/dismissals/{bo}", headers=STREAMS)
    assert f"pair_{ada}_{bo}" in answer.text
    assert "/merge/" not in (await browser.get(f"/contacts/{bo}/suggestions")).text
    await browser.post(f"/contacts/{ada}/dismissals/{bo}", data={"_method": "delete"}, headers=STREAMS)
    assert f"/contacts/{bo}/merge/{ada}" in (await browser.get(f"/contacts/{bo}/suggestions")).text


async def test_the_list_of_duplicates_is_for_those_who_work_with_contacts(shop: Shop) -> None:
    ada, bo = await pair(shop)
    assert (await (await shop.browser(shop.world.agent)).get("/contacts/duplicates")).status_code == 403
    page = (await (await shop.browser(shop.world.manager)).get("/contacts/duplicates")).text
    assert f'id="pair_{ada}_{bo}"' in page


async def test_a_choice_shows_in_what_comes_out_and_is_what_comes_out(shop: Shop) -> None:
    ada, bo = await pair(shop)
    browser = await shop.browser(shop.world.agent)
    at = f"/contacts/{ada}/merge/{bo}"
    assert "+60123456789" in preview((await browser.get(at)).text)
    answers = {"primary": str(ada), "take_phone": str(bo), "take_firstName": str(bo)}
    shown = preview((await browser.get(at, params=answers)).text)
    assert ("+60111111111" in shown, "+60123456789" in shown, "Bo" in shown) == (True, False, True)
    answer = await browser.post(at, data=answers)
    assert answer.headers["location"] == f"/inbox/all/contacts/{ada}"
    assert await shop.rows("SELECT id, first_name, phone FROM contact") == [(ada, "Bo", "+60111111111")]
    thread = (await browser.get(f"/inbox/all/contacts/{ada}")).text
    assert ("from ada" in thread, "from bo" in thread) == (True, True)


async def test_the_other_one_may_stay(shop: Shop) -> None:
    ada, bo = await pair(shop)
    browser = await shop.browser(shop.world.agent)
    assert "+60111111111" in preview((await browser.get(f"/contacts/{ada}/merge/{bo}", params={"primary": str(bo)})).text)
    await browser.post(f"/contacts/{ada}/merge/{bo}", data={"primary": str(bo)})
    assert await shop.rows("SELECT id, phone FROM contact") == [(bo, "+60111111111")]


async def test_the_page_says_when_somebody_blocked_is_let_in_by_merging(shop: Shop) -> None:
    ada, bo = await pair(shop)
    await shop.change("UPDATE contact SET blocked_at = now() WHERE id = :id", id=bo)
    browser = await shop.browser(shop.world.agent)
    assert "what comes out is not" in preview((await browser.get(f"/contacts/{ada}/merge/{bo}")).text)
    assert "so is what comes out" in preview((await browser.get(f"/contacts/{ada}/merge/{bo}", params={"primary": str(bo)})).text)


async def test_a_link_to_a_merged_contact_leads_to_the_one_that_it_is_now(shop: Shop) -> None:
    ada, bo = await pair(shop)
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{ada}/merge/{bo}")
    answer = await browser.get(f"/inbox/mine/contacts/{bo}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/inbox/mine/contacts/{ada}")
    assert (await browser.post(f"/contacts/{ada}/merge/{bo}")).status_code == 404


async def test_a_field_that_is_kept_from_agents_is_neither_shown_nor_chosen(shop: Shop) -> None:
    ada, bo = await pair(shop)
    added = "INSERT INTO contact_field (slug, name, description, type, options, position, visible, agent_access, standard, created_at)"
    values = "VALUES (:slug, :slug, '', 'text', '[]', 0, true, :access, false, now())"
    for slug, access in (("secret", "hidden"), ("looked", "read")):
        await shop.change(f"{added} {values}", slug=slug, access=access)
    fields = "UPDATE contact SET fields = (SELECT jsonb_object_agg(id, slug || :who) FROM contact_field) WHERE id = :id"
    await shop.change(fields, who="-of-ada", id=ada)
    await shop.change(fields, who="-of-bo", id=bo)
    agent = await shop.browser(shop.world.agent)
    page = (await agent.get(f"/contacts/{ada}/merge/{bo}")).text
    assert ("secret-of" in page, "looked-of-bo" in page) == (False, True)
    keys = [str(id_) for (id_,) in await shop.rows("SELECT id FROM contact_field ORDER BY id")]
    assert not any(f"take_{key}" in page for key in keys)
    await agent.post(f"/contacts/{ada}/merge/{bo}", data={f"take_{key}": str(bo) for key in keys})
    assert await shop.value("SELECT fields FROM contact") == {
        key: f"{slug}-of-ada" for key, slug in zip(keys, ("secret", "looked"), strict=True)
    }


async def test_another_contact_is_found_by_words(shop: Shop) -> None:
    ada, bo = await pair(shop)
    cleo = await shop.wrote("cleopatra")
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get(f"/contacts/{ada}/merge", params={"q": "cleo"})).text
    assert (f"/contacts/{ada}/merge/{cleo}" in page, f"/contacts/{ada}/merge/{bo}" in page) == (True, True)


@pytest.mark.parametrize("answers", [{"primary": "99999999999999999999"}, {"primary": "x", "take_phone": "٣"}, {"take_nothing": "1"}])
async def test_answers_that_make_no_sense_change_nothing_of_what_was_meant(shop: Shop, answers: dict[str, str]) -> None:
    ada, bo = await pair(shop)
    browser = await shop.browser(shop.world.agent)
    assert (await browser.post(f"/contacts/{ada}/merge/{bo}", data=answers)).status_code == 303
    assert await shop.rows("SELECT id, phone FROM contact") == [(ada, "+60123456789")]


async def test_nobody_is_merged_with_themselves(shop: Shop) -> None:
    ada, _bo = await pair(shop)
    browser = await shop.browser(shop.world.agent)
    assert (await browser.get(f"/contacts/{ada}/merge/{ada}")).status_code == 422
    assert (await browser.post(f"/contacts/{ada}/merge/{ada}")).status_code == 422
    assert await shop.value("SELECT count(*) FROM contact") == 2


async def test_the_pages_cost_few_statements(shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]) -> None:
    ada, bo = await pair(shop)
    browser = await shop.browser(shop.world.manager)
    for page, allowed in ((f"/contacts/{ada}/merge/{bo}", 17), ("/contacts/duplicates", 10)):
        with queries(at_most=allowed):
            assert (await browser.get(page)).status_code == 200
