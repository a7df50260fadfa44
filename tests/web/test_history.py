"""What lies behind a contact: conversations with their metrics, files, activities; page by page, for whoever may see the contact."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.history import CONVERSATIONS, EVENTS, FILES
from ismessenger.kit.clock import now
from ismessenger.sdk.content import Media
from tests.web.site import NOON, STREAMS, Shop

pytestmark = pytest.mark.behaviour(264)
MORE = re.compile(r'src="(/contacts/\d+/\w+\?[^"]*before=[^"]+)"')


async def part(shop: Shop, path: str, member: Member | None = None) -> str:
    answer = await (await shop.browser(member or shop.world.agent)).get(path, headers={"Turbo-Frame": "part"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def walked(shop: Shop, path: str) -> list[str]:
    """The pages of a part, as scrolling loads them."""
    pages = [await part(shop, path)]
    while found := MORE.search(pages[-1]):
        pages.append(await part(shop, found[1].replace("&amp;", "&")))
    return pages


async def change(shop: Shop, statement: str, **values: object) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await db.execute(text(statement), values)


async def test_a_conversation_tells_its_metrics_and_where_it_begins(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "First words", at=now())  # one of long ago does not begin it
    first = await shop.value("SELECT min(id) FROM message WHERE contact_id = :c", c=contact_id)
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{contact_id}/messages", data={"client_id": "c1", "text": "It has."}, headers=STREAMS)
    await change(
        shop,
        "UPDATE conversation SET first_response_at = opened_at + interval '3 minutes', closed_at = opened_at + interval '2 days',"
        " closed_source = 'user', closed_by_id = :by, category = 'Delivery', summary = 'It was sent' WHERE contact_id = :c",
        by=shop.world.manager.id,
        c=contact_id,
    )
    html = await part(shop, f"/contacts/{contact_id}/conversations")
    for words in ("Delivery", "It was sent", "3 minutes", "2 days", shop.world.manager.name, shop.world.agent.name, "by the contact"):
        assert words in html
    assert "1 received, 1 sent" in html
    assert f"message={first}#message_{first}" in html


async def test_a_conversation_without_an_answer_or_an_end_says_so(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    html = await part(shop, f"/contacts/{contact_id}/conversations")
    assert "none yet" in html
    assert "Open" in html
    assert "Closed after" not in html


async def test_every_conversation_is_on_exactly_one_page(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await change(
        shop,
        "INSERT INTO conversation (contact_id, opened_at, opened_source, contact_type, closed_at, closed_source, summary)"
        " SELECT :c, CAST(:at AS timestamptz), 'user', 'returning', CAST(:at AS timestamptz), 'auto_close', 'Note ' || n || '.'"
        " FROM generate_series(1, 24) AS n",
        c=contact_id,
        at=NOON - timedelta(days=3),
    )
    pages = await walked(shop, f"/contacts/{contact_id}/conversations")
    assert len(pages) == 3
    assert pages[0].count("history-row") == CONVERSATIONS
    assert "the auto-close timer" in pages[1]
    assert [sum(page.count(f"Note {n}.") for page in pages) for n in range(1, 25)] == [1] * 24


async def test_files_are_pictures_in_a_grid_and_the_rest_in_a_list(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    for n in range(FILES + 3):
        await shop.wrote("ada", Media(kind="image", url=f"https://cdn.example/{n}.png", file_name=f"p{n}.png"))
    await shop.wrote("ada", Media(kind="file", url="https://cdn.example/i.pdf", file_name="Invoice.pdf"))
    await shop.wrote("ada", Media(kind="audio", url="https://cdn.example/lost.ogg", file_name="lost.ogg"))
    await change(shop, "UPDATE attachment SET state = 'stored', path = 'x', size = 2000 WHERE file_name <> 'lost.ogg'")
    await change(shop, "UPDATE attachment SET state = 'failed' WHERE file_name = 'lost.ogg'")
    pages = await walked(shop, f"/contacts/{contact_id}/files")
    assert len(pages) == 2
    assert "Invoice.pdf" in pages[0]
    assert "lost.ogg" not in pages[0]
    assert pages[0].count("<img") == FILES
    assert [sum(page.count(f"/p{n}.png") // 2 for page in pages) for n in range(FILES + 3)] == [1] * (FILES + 3)


async def test_a_contact_without_files_says_what_the_place_is_for(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    assert "No files yet" in await part(shop, f"/contacts/{contact_id}/files")


async def test_activities_are_newest_first_and_each_once(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await change(
        shop,
        "INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at) SELECT :c, 'tag.added', 'user', :by,"
        " jsonb_build_object('name', 'mark' || n || '.'), CAST(:at AS timestamptz) + make_interval(mins => n)"
        " FROM generate_series(1, 40) n",
        c=contact_id,
        by=shop.world.manager.id,
        at=NOON + timedelta(days=1),
    )
    pages = await walked(shop, f"/contacts/{contact_id}/activities")
    assert len(pages) == 2
    assert pages[0].count("history-row") == EVENTS
    marks = re.findall(r"mark(\d+)\.", "".join(pages))
    assert marks == [str(n) for n in range(40, 0, -1)]
    assert shop.world.manager.name in pages[0]
    assert "Contact created" in "".join(pages)


async def test_who_may_not_see_the_contact_sees_nothing_of_its_history(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await db.execute(update(Member).where(col(Member.id) == shop.world.agent.id).values(restrictions=[ONLY_MINE]))
    browser = await shop.browser(shop.world.agent)
    for name in ("conversations", "files", "files?kind=pictures", "activities"):
        assert (await browser.get(f"/contacts/{contact_id}/{name}")).status_code == 404
    assert (await (await shop.browser(shop.world.owner)).get(f"/contacts/{contact_id}/files?before=nonsense&kind=files")).status_code == 400


async def test_a_part_costs_the_same_however_much_there_is(shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]) -> None:
    contact_id = await shop.wrote("ada")
    await change(
        shop,
        "INSERT INTO conversation (contact_id, opened_at, opened_source, contact_type, closed_at, closed_source)"
        " SELECT :c, CAST(:at AS timestamptz), 'user', 'returning', CAST(:at AS timestamptz), 'user' FROM generate_series(1, 40)",
        c=contact_id,
        at=NOON,
    )
    await part(shop, f"/contacts/{contact_id}/conversations")
    for name, most in (("conversations", 9), ("files", 10), ("activities", 9)):
        with queries(at_most=most):
            await part(shop, f"/contacts/{contact_id}/{name}")
