"""Snippets: shared and personal ones, found by what people remember of them."""

import pytest

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.files.library import library_files, library_page, rename_file, shelve, take_out, used_in
from ismessenger.files.model import StoredFile
from ismessenger.messages.snippets import (
    MAX_TOPICS,
    SnippetDraft,
    add_snippet,
    change_snippet,
    delete_snippet,
    duplicate_snippet,
    find_snippets,
    snippet_of,
    snippets_page,
    topics_of,
)
from ismessenger.tenancy.doors import WriteSession
from tests.conftest import World


async def library_file(db: WriteSession, name: str) -> StoredFile:
    file = StoredFile(path=f"w/{db.workspace_id}/uploads/{name}", name=name, mime="text/plain", size=7)
    await shelve(db, file)
    return file


@pytest.mark.behaviour(220)
async def test_a_snippet_is_found_by_name_shortcut_words_and_topic(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for name, slug, words, topics in (
            ("Opening hours", "hours", "We are here from nine to five.", ["Shop"]),
            ("Shipping", "ship", "It leaves today.", ["Orders", "Delivery times"]),
            ("Returns", "back", "Send it back; shipping is free.", ["Orders"]),
        ):
            await add_snippet(db, SnippetDraft(name, words, slug, topics), owner_id=None, by=world.owner.id)
        await add_snippet(db, SnippetDraft("My shipping words", "Hi", "mine"), owner_id=world.agent.id, by=world.agent.id)

        async def found(words: str, member_id: int = world.agent.id) -> list[str]:
            return [snippet.name for snippet in await find_snippets(db, member_id, words, limit=20)]

        assert await found("") == ["My shipping words", "Opening hours", "Returns", "Shipping"]
        assert await found("SHIP") == ["Shipping", "My shipping words", "Returns"]
        assert await found("ship", world.owner.id) == ["Shipping", "Returns"]
        assert await found("from nine") == ["Opening hours"]
        assert await found("delivery") == ["Shipping"]
        assert await found("#orders") == ["Returns", "Shipping"]
        assert await found("#Delivery t") == ["Shipping"]
        assert await found("100% of_them\\") == []
        assert await topics_of(db, None) == ["Delivery times", "Orders", "Shop"]
        shared, _further = await snippets_page(db, None, "shipping", "Orders")
        assert [snippet.name for snippet in shared] == ["Returns", "Shipping"]


async def test_the_list_is_paged_by_name(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for number in range(52):
            await add_snippet(db, SnippetDraft(f"Snippet {number:02}", "x"), owner_id=None, by=world.owner.id)
        first, further = await snippets_page(db, None)
        second, end = await snippets_page(db, None, after=further)
        assert [snippet.name for snippet in first + second] == [f"Snippet {number:02}" for number in range(52)]
        assert end is None


async def test_a_shortcut_is_made_from_the_name_and_belongs_to_one_snippet(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        thanks = await add_snippet(db, SnippetDraft("Thank you, bye", "x"), owner_id=None, by=world.owner.id)
        again = await add_snippet(db, SnippetDraft("Thank you! Bye", "y"), owner_id=None, by=world.owner.id)
        own = await add_snippet(db, SnippetDraft("Z", "z", "/Thank-You-Bye"), owner_id=world.agent.id, by=world.agent.id)
        assert [thanks.slug, again.slug, own.slug] == ["thank-you-bye", "thank-you-bye-2", "thank-you-bye"]
        with pytest.raises(Refused, match="shortcut /thank-you-bye already"):
            await add_snippet(db, SnippetDraft("Other", "x", "THANK-you-bye"), owner_id=None, by=world.owner.id)
        with pytest.raises(Refused, match="already"):
            await change_snippet(db, again, SnippetDraft("Other", "x", "thank-you-bye"))
        copy = await duplicate_snippet(db, thanks, by=world.manager.id)
        assert (copy.name, copy.slug, copy.text) == ("Thank you, bye", "thank-you-bye-3", "x")
        await change_snippet(db, again, SnippetDraft("Other", "new words"))
        await db.refresh(again)
        assert (again.name, again.slug, again.text) == ("Other", "thank-you-bye-2", "new words")


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (SnippetDraft(" ", "x"), "needs a name"),
        (SnippetDraft("n" * 51, "x"), "needs a name"),
        (SnippetDraft("n", "x" * 2001), "at most 2000"),
        (SnippetDraft("n", " "), "Write what the snippet says"),
        (SnippetDraft("n", "x", "two words"), "letters, digits"),
        (SnippetDraft("n", "x", topics=["t" * 51]), "topics"),
        (SnippetDraft("n", "x", topics=[f"t{number}" for number in range(MAX_TOPICS + 1)]), "topics"),
    ],
)
async def test_what_is_no_snippet_is_refused_in_words(world: World, draft: SnippetDraft, words: str) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(Refused, match=words):
            await add_snippet(db, draft, owner_id=None, by=world.owner.id)


@pytest.mark.behaviour(227)
async def test_a_personal_snippet_is_nobody_elses(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        own = await add_snippet(db, SnippetDraft("Mine", "x"), owner_id=world.agent.id, by=world.agent.id)
        assert await snippet_of(db, own.id, world.agent.id) is own
        for other in (None, world.owner.id):
            with pytest.raises(NotThere):
                await snippet_of(db, own.id, other)
        assert await find_snippets(db, world.owner.id, "mine", limit=9) == []
        await delete_snippet(db, own)
        db.expire_all()
        with pytest.raises(NotThere):
            await snippet_of(db, own.id, world.agent.id)


@pytest.mark.behaviour(226)
async def test_a_deleted_file_of_the_library_is_off_its_snippets(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        price, plan = await library_file(db, "Prices.pdf"), await library_file(db, "Plan.pdf")
        await rename_file(db, plan.id, " Floor/plan.pdf ")
        draft = SnippetDraft("Prices", "See", file_ids=[plan.id, price.id, plan.id, 999_999])
        snippet = await add_snippet(db, draft, owner_id=None, by=world.owner.id)
        assert snippet.file_ids == [plan.id, price.id]
        using = await used_in(db, [price.id, plan.id])
        assert {file_id: [each.name for each in found] for file_id, found in using.items()} == {price.id: ["Prices"], plan.id: ["Prices"]}
        await take_out(db, price.id)
        await db.refresh(snippet)
        assert snippet.file_ids == [plan.id]
        assert [file.name for file in await library_files(db, [price.id, plan.id])] == ["Floor_plan.pdf"]
        assert [shelved.file.name for shelved in (await library_page(db, "PLAN"))[0]] == ["Floor_plan.pdf"]
        with pytest.raises(NotThere):
            await take_out(db, price.id)
        with pytest.raises(Refused, match="needs a name"):
            await rename_file(db, plan.id, " .. ")


async def test_the_library_is_paged_newest_first(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for number in range(5):
            await library_file(db, f"{number}.pdf")
        first, further = await library_page(db, "", limit=3)
        second, end = await library_page(db, "", after=further, limit=3)
        assert [shelved.file.name for shelved in first + second] == ["4.pdf", "3.pdf", "2.pdf", "1.pdf", "0.pdf"]
        assert end is None
