"""What a composer is offered, and what a text with variables says and does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.files.library import shelve
from ismessenger.files.model import StoredFile
from ismessenger.messages.snippets import SnippetDraft, add_snippet
from tests.web.site import STREAMS, Shop


async def library_file(shop: Shop, name: str) -> int:
    path = f"w/{shop.world.workspace_id}/uploads/{name}"
    await shop.installation.files.put(path, b"%PDF-1.4\n%%EOF\n")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        file = StoredFile(path=path, name=name, mime="application/pdf", size=15)
        await shelve(db, file)
    return file.id


@pytest.mark.behaviour(220)
async def test_snippets_are_offered_as_they_would_read_to_this_contact(
    shop: Shop, queries: Callable[..., AbstractContextManager[list[str]]]
) -> None:
    contact_id = await shop.wrote("ada")
    file_id = await library_file(shop, "Prices.pdf")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        draft = SnippetDraft("Prices", "Hello {{$contact.firstname}}", topics=["Sales"], file_ids=[file_id])
        await add_snippet(db, draft, owner_id=None, by=shop.world.owner.id)
        await add_snippet(db, SnippetDraft("Broken", "{{$contact.shoe}}"), owner_id=None, by=shop.world.owner.id)
        await add_snippet(db, SnippetDraft("Hidden", "x"), owner_id=shop.world.owner.id, by=shop.world.owner.id)
    browser = await shop.browser(shop.world.agent)
    await browser.get(f"/contacts/{contact_id}/snippets")
    with queries(at_most=12):
        html = unescape((await browser.get(f"/contacts/{contact_id}/snippets")).text)
    assert 'data-query="#Sales"' in html
    assert 'data-insert="Hello {{$contact.firstname}}" data-preview="Hello Ada"' in html
    assert f'"id": {file_id}' in html
    assert "There is no variable $contact.shoe" in html
    assert "Hidden" not in html
    narrowed = (await browser.get(f"/contacts/{contact_id}/snippets?words=pri")).text
    assert narrowed.count("complete-option") == 1
    assert "data-query" not in narrowed


async def test_snippets_for_what_is_written_for_everybody_stay_as_they_are(shop: Shop) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        draft = SnippetDraft("Prices", "Hello {{$contact.firstname|there}}", topics=["Sales"])
        await add_snippet(db, draft, owner_id=None, by=shop.world.owner.id)
    browser = await shop.browser(shop.world.agent)
    html = unescape((await browser.get("/snippets")).text)
    assert 'data-query="#Sales"' in html
    assert 'data-insert="Hello {{$contact.firstname|there}}" data-preview="Hello {{$contact.firstname|there}}"' in html
    assert "data-problem" not in html


async def test_variables_are_offered_with_their_values(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    everything = (await browser.get(f"/contacts/{contact_id}/variables")).text
    assert everything.index("Name of the contact") < everything.index("Your name")
    found = (await browser.get(f"/contacts/{contact_id}/variables?words=first")).text
    assert 'data-insert="{{$contact.firstname}}"' in found
    assert "Ada" in found
    assert "workspace" not in found
    assert "Empty" in (await browser.get(f"/contacts/{contact_id}/variables?words=e-mail of the c")).text
    of_nobody = (await browser.get("/variables?words=contact.email")).text
    assert "$contact.email" in of_nobody
    assert "Empty" not in of_nobody


@pytest.mark.behaviour(402)
async def test_members_are_offered_by_either_spelling(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.owner)
    await shop.change("UPDATE member SET name = 'Łukasz Groß' WHERE role <> 'owner'")
    for words in ("lukasz", "ŁUK", "gross", "GROSS", "groß"):
        assert "Łukasz Groß" in (await browser.get(f"/contacts/{contact_id}/mentionable", params={"words": words})).text, words
    assert "complete-option" not in (await browser.get(f"/contacts/{contact_id}/mentionable?words=lucas")).text


@pytest.mark.behaviour(224)
async def test_members_who_may_see_the_contact_are_offered(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.owner)
    address = f"/contacts/{contact_id}/mentionable"
    assert f'data-insert="@{shop.world.agent.name} "' in (await browser.get(f"{address}?words=AGENT")).text
    assert "Olga" not in (await browser.get(address)).text
    await shop.restrict(shop.world.agent, ONLY_MINE)
    assert "complete-option" not in (await browser.get(f"{address}?words=agent")).text
    await shop.assign(contact_id, shop.world.agent)
    await shop.change("UPDATE member SET name = 'Same' WHERE role <> 'owner'")
    assert f"{{{{@user.{shop.world.agent.id}}}}}" in (await browser.get(f"{address}?words=same")).text


async def test_what_a_member_may_not_see_offers_and_says_nothing(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.restrict(shop.world.agent, ONLY_MINE)
    browser = await shop.browser(shop.world.agent)
    for what in ("snippets", "variables", "mentionable"):
        assert (await browser.get(f"/contacts/{contact_id}/{what}")).status_code == 404
    assert (await browser.post(f"/contacts/{contact_id}/preview", data={"text": "{{$contact.name}}"})).status_code == 404


@pytest.mark.behaviour(222)
async def test_a_text_is_shown_as_it_will_read_or_flagged(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    address = f"/contacts/{contact_id}/preview"
    said = (await browser.post(address, data={"text": "Hello {{$contact.firstname}} <b>"})).text
    assert "Hello Ada &lt;b&gt;" in said
    assert "data-problem" not in said
    for text, words in (("{{$contact.shoe}}", "There is no variable $contact.shoe."), ("{{$contact.email}}", "Ada has no $contact.email.")):
        said = (await browser.post(address, data={"text": text})).text
        assert "data-problem" in said
        assert words in said


@pytest.mark.behaviour(221)
@pytest.mark.behaviour(222)
async def test_what_goes_out_is_filled_in_or_refused(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    file_id = await library_file(shop, "Prices.pdf")
    for address in (f"/contacts/{contact_id}/messages", f"/contacts/{contact_id}/comments"):
        refused = await browser.post(address, data={"text": "Size {{$contact.shoe}}?"}, headers=STREAMS)
        assert refused.status_code == 422
        assert "There is no variable $contact.shoe." in refused.text
    assert await shop.value("SELECT count(*) FROM message WHERE traffic = 'outgoing'") == 0
    text = "Hello {{$contact.firstname}}, {{$assignee.firstname|we}} …"
    sent = await browser.post(f"/contacts/{contact_id}/messages", data={"text": text, "client_id": "c-1"}, headers=STREAMS)
    assert "Hello Ada, we …" in sent.text
    await shop.change("UPDATE contact SET first_name = 'Adele'")
    again = await browser.post(f"/contacts/{contact_id}/messages", data={"text": text, "client_id": "c-1"}, headers=STREAMS)
    assert again.status_code == 200
    await browser.post(
        f"/contacts/{contact_id}/messages", data={"text": "For {{$contact.firstname}}", "files[]": [file_id]}, headers=STREAMS
    )
    assert await shop.rows("SELECT words FROM message WHERE traffic = 'outgoing' ORDER BY id") == [("Hello Ada, we …",), ("For Adele",)]
    noted = await browser.post(f"/contacts/{contact_id}/comments", data={"text": "{{$contact.firstname}} for @Olga Owner"}, headers=STREAMS)
    assert "Adele for " in noted.text


@pytest.mark.behaviour(223)
async def test_a_name_in_a_comment_follows_its_member(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.owner)
    noted = await browser.post(f"/contacts/{contact_id}/comments", data={"text": f"Ask @{shop.world.agent.name}."}, headers=STREAMS)
    assert f'Ask <span class="mention" dir="auto">@{shop.world.agent.name}</span>.' in noted.text
    await shop.change("UPDATE member SET name = 'Bo', removed_at = now() WHERE role = 'agent'")
    assert "@Bo</span>." in (await browser.get(f"/inbox/all/contacts/{contact_id}")).text


async def test_a_file_of_the_library_is_sent_by_whoever_did_not_upload_it(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    file_id = await library_file(shop, "Prices.pdf")
    browser = await shop.browser(shop.world.agent)
    sent = await browser.post(f"/contacts/{contact_id}/messages", data={"text": "Here", "files[]": [file_id]}, headers=STREAMS)
    assert "Prices.pdf" in sent.text
    assert await shop.rows("SELECT a.path = f.path FROM attachment a, file f") == [(True,)]
