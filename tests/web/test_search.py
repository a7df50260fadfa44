"""The search bar and the palette over HTTP: what they show, to whom, and at what cost."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from tests.web.site import NOON, Shop

Queries = Callable[..., AbstractContextManager[list[str]]]
FRAME = {"turbo-frame": "search_results"}


def hits(html: str) -> list[str]:
    """The ids of what was found, in order."""
    return re.findall(r'class="search-hit" id="hit_(\w+?_\d+)"', html)


async def test_a_search_shows_sections_with_what_was_found_marked(shop: Shop) -> None:
    contact_id = await shop.wrote("lampert", "Is the <b>lamp</b> there?")
    await shop.change(
        "INSERT INTO comment (contact_id, author_kind, author_id, text, created_at) VALUES (:c, 'user', :m, :t, now())",
        c=contact_id,
        m=shop.world.agent.id,
        t=f"{{{{@user.{shop.world.owner.id}}}}} the lamp is back",
    )
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get("/search?q=LAMP", headers=FRAME)).text
    message_id, comment_id = await shop.value("SELECT max(id) FROM message"), await shop.value("SELECT max(id) FROM comment")
    assert hits(page) == [f"person_{contact_id}", f"message_{message_id}", f"comment_{comment_id}"]
    assert page.count("<mark>") == 3
    assert "&lt;b&gt;<mark>lamp</mark>" in page
    assert f"@{shop.world.owner.name} the" in page
    assert f'href="/inbox/all/contacts/{contact_id}?message={message_id}"' in page
    assert hits((await browser.get("/search?q=lamp in:comments", headers=FRAME)).text) == [f"comment_{comment_id}"]
    assert (await browser.get("/search?q=lamp")).headers["location"] == "/inbox"


async def test_more_is_shown_page_by_page_each_once(shop: Shop) -> None:
    for number in range(45):
        await shop.wrote("ada", f"lamp {number}")
    browser = await shop.browser(shop.world.agent)
    page, seen = (await browser.get("/search?q=lamp", headers=FRAME)).text, list[str]()
    for _page in range(5):
        seen += [hit for hit in hits(page) if hit.startswith("message")]
        more = re.search(r'href="(/search[^"]*section=messages[^"]*)" data-turbo-frame="(\w+)"', page)
        if more is None:
            break
        page = (await browser.get(more[1].replace("&amp;", "&"), headers={"turbo-frame": more[2]})).text
        assert f'id="{more[2]}"' in page
    assert len(seen) == len(set(seen)) == 45


@pytest.mark.behaviour(251)
async def test_nobody_finds_what_they_may_not_see(shop: Shop, other_shop: Shop) -> None:
    mine, theirs = await shop.wrote("lampert", "my lamp"), await shop.wrote("lampina", "their lamp")
    await other_shop.wrote("lamprecht", "a lamp elsewhere")
    for contact_id in (mine, theirs):
        await shop.change(
            "INSERT INTO comment (contact_id, author_kind, text, created_at) VALUES (:c, 'api', 'lamp note', now())", c=contact_id
        )
    await shop.assign(mine, shop.world.agent)
    await shop.assign(theirs, shop.world.owner)
    browser = await shop.browser(shop.world.agent)
    assert len(hits((await browser.get("/search?q=lamp", headers=FRAME)).text)) == 6
    assert (await browser.get("/palette/contacts?q=lamp")).text.count('role="option"') == 2
    await shop.restrict(shop.world.agent, ONLY_MINE)
    page = (await browser.get("/search?q=lamp", headers=FRAME)).text
    assert len(hits(page)) == 3
    assert "their" not in page
    assert "elsewhere" not in page
    palette = (await browser.get("/palette/contacts?q=lamp")).text
    assert "Lampert" in palette
    assert palette.count('role="option"') == 1
    message = await shop.value("SELECT id FROM message WHERE contact_id = :c", c=theirs)
    assert (await browser.get(f"/inbox/all/contacts/{theirs}?message={message}")).status_code == 404


async def test_a_filter_that_means_nothing_says_so(shop: Shop) -> None:
    await shop.wrote("ada", "lamp")
    browser = await shop.browser(shop.world.agent)
    for line, words in (
        ("lamp tag:nope", "There is no tag “nope”."),
        ("lamp assignee:nobody-here", "Nobody here is called “nobody-here”."),
        ("lamp before:soon", "“soon” is no day."),
        ("lamp in:files", "“files” cannot be searched"),
        ("lamp status:lost", "There is no status “lost”"),
        ("in:messages", "Type a word to look for."),
    ):
        page = (await browser.get("/search", params={"q": line}, headers=FRAME)).text
        assert words in page, line
        assert hits(page) == [], line
    assert (await browser.get("/search?q=lamp&section=messages&before=nonsense", headers=FRAME)).status_code == 400
    assert (await browser.get("/search", params={"q": "'\\&|!():*%_" * 30}, headers=FRAME)).status_code == 200


async def test_values_of_filters_are_suggested(shop: Shop) -> None:
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('Big customer', '', '', 'grey', now())")
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('Vip', '', '', 'grey', now())")
    browser = await shop.browser(shop.world.agent)

    async def suggested(typed: str) -> list[str]:
        return [each["insert"] for each in (await browser.get("/search/suggestions", params={"typed": typed})).json()]

    assert await suggested("tag:") == ['tag:"Big customer"', "tag:Vip"]
    assert await suggested('tag:"big c') == ['tag:"Big customer"']
    assert await suggested("TAG:cust") == ['tag:"Big customer"']
    assert await suggested("status:s") == ["status:snoozed", "status:closed"]
    assert (await suggested("assignee:"))[:2] == ["assignee:me", "assignee:none"]
    assert await suggested("in:m") == ["in:messages", "in:comments"]
    assert await suggested("lamp") == []


async def test_ten_thousand_tags_do_not_hold_up_what_is_typed(shop: Shop) -> None:
    await shop.change(
        "INSERT INTO tag (name, description, emoji, color, created_at)"
        " SELECT 'Tag ' || n, '', '', 'grey', now() FROM generate_series(1, 10000) AS n"
    )
    contact_id = await shop.wrote("ada", "lamp")
    await shop.change("UPDATE contact SET tag_ids = ARRAY(SELECT id FROM tag WHERE name = 'Tag 77') WHERE id = :c", c=contact_id)
    browser = await shop.browser(shop.world.agent)
    assert len((await browser.get("/search/suggestions", params={"typed": "tag:tag 9"})).json()) == 8
    assert len(hits((await browser.get("/search", params={"q": 'lamp tag:"tag 77"'}, headers=FRAME)).text)) == 1


async def test_what_a_search_costs_is_bounded(shop: Shop, queries: Queries) -> None:
    for number in range(25):
        await shop.wrote(f"lampert{number}", "the lamp")
    browser = await shop.browser(shop.world.agent)
    await browser.get("/search?q=lamp", headers=FRAME)
    with queries(at_most=16) as seen:
        assert len(hits((await browser.get("/search?q=lamp", headers=FRAME)).text)) == 25
    with queries(at_most=len(seen) + 4):
        await browser.get("/search?q=lamp+assignee:none+after:2020-01-01", headers=FRAME)
    with queries(at_most=12):
        await browser.get("/palette")


async def test_a_thread_opens_at_the_message_and_goes_on_both_ways(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "first", at=NOON - timedelta(days=2))
    await shop.change(
        "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
        " SELECT :c, :ch, 'incoming', 'text', jsonb_build_object('type', 'text', 'text', w), w, 'contact', 'received', '{}',"
        " CAST(:at AS timestamptz) + n * interval '1 minute', now()"
        " FROM generate_series(1, 200) AS n, LATERAL (SELECT 'line ' || n AS w) AS q",
        c=contact_id,
        ch=shop.channel_id,
        at=NOON - timedelta(days=1),
    )
    in_the_middle = await shop.value("SELECT id FROM message WHERE words = 'line 100'")
    browser = await shop.browser(shop.world.agent)
    page = (await browser.get(f"/inbox/all/contacts/{contact_id}?message={in_the_middle}")).text
    assert f'data-thread-landing-value="message_{in_the_middle}"' in page
    seen = {"older": page, "newer": page}
    lines = set(re.findall(r"line (\d+)<", page))
    assert "100" in lines
    assert len(lines) == 75
    for way in ("older", "newer"):
        for _page in range(6):
            link = re.search(rf'class="timeline-{way}" id="[^"]*" src="([^"]+)"', seen[way])
            if link is None:
                break
            seen[way] = (await browser.get(link[1].replace("&amp;", "&"))).text
            more = set(re.findall(r"line (\d+)<", seen[way]))
            assert not more & lines
            lines |= more
    assert lines == {str(number) for number in range(1, 201)}
    last = (await browser.get(f"/inbox/all/contacts/{contact_id}?message=999999999")).text
    assert 'data-thread-landing-value=""' in last
    assert "line 200<" in last


async def test_the_palette_leads_only_where_its_member_may_go(shop: Shop) -> None:
    owner, agent = await shop.browser(shop.world.owner), await shop.browser(shop.world.agent)
    everything, little = (await owner.get("/palette")).text, (await agent.get("/palette")).text
    for place in ("/settings/channels", "/contacts", "/settings/tags"):
        assert f'href="{place}"' in everything
        assert f'href="{place}"' not in little
    for place in ("/inbox/mine", "/account/profile", "/workspaces"):
        assert f'href="{place}"' in little
