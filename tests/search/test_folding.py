"""Both spellings of a word find both: one folding, in the database, in memory and in the browser."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.conditions.words import Term
from ismessenger.contacts.model import ContactWords, Tag
from ismessenger.contacts.tags import tags_like, tags_page
from ismessenger.files.library import library_page, shelve
from ismessenger.files.model import StoredFile
from ismessenger.kit.folding import folded
from ismessenger.messages.snippets import SnippetDraft, add_snippet, find_snippets
from ismessenger.search.mark import marked
from ismessenger.search.suggest import suggestions
from tests.conftest import World
from tests.search.conftest import Desk

# The browser's tests read them too (frontend/tests/folded.test.ts).
EXAMPLES = [(plain, spellings.split()) for plain, spellings in json.loads((Path(__file__).parent / "folding.json").read_text("utf-8"))]
LETTERS = [chr(code) for code in range(1, 0x110000) if unicodedata.category(chr(code))[0] in "LMN"]

NAMES = (
    "José Núñez",
    "Jürgen Müller",
    "İlker Işık",
    "Nguyễn Đức",
    "Łukasz Wójcik",
    "Anna Groß",
    "Zoe\N{COMBINING DIAERESIS} Lind",
    "ＡＤＡ １２３",
)
TYPED = {
    "José Núñez": ("jose", "JOSÉ", "nunez", "Núñ", "sé nú"),
    "Jürgen Müller": ("jurgen", "JÜRGEN", "mull", "Mu\N{COMBINING DIAERESIS}ller"),
    "İlker Işık": ("ilker", "ISIK", "ışık", "İLKER"),
    "Nguyễn Đức": ("nguyen", "duc", "NGUYỄN Đ"),
    "Łukasz Wójcik": ("lukasz", "łuk", "wojcik"),
    "Anna Groß": ("gross", "GROSS", "groß", "GROẞ"),
    "Zoe\N{COMBINING DIAERESIS} Lind": ("zoe", "Zoë"),
    "ＡＤＡ １２３": ("ada", "123", "Ａｄａ"),
}
# Of each script without capitals: what is found by what is typed, and what is not.
SCRIPTS = (
    ("李雷", ("李", "雷", "李雷"), ("雷李", "里")),
    ("山田ガンダム", ("山田", "ガンダム", "ｶﾞﾝﾀﾞﾑ", "ガ"), ("カンタム", "カ")),
    ("สมชาย หมู่ใหญ่", ("สมชาย", "หมู่", "ใหญ่"), ("ใหญ๋",)),
    ("안녕하세요", ("안녕", "하세", "요"), ("아녀",)),
    ("हिन्दी सिंह", ("हिन्दी", "सिंह"), ("हन्दा",)),
    ("أحمد مُحَمَّد", ("أحمد", "احمد", "محمد", "مُحَمَّد"), ("حامد",)),
    ("שָׁלוֹם כהן", ("שלום", "שָׁלוֹם", "כהן"), ("שלמה",)),
)


@pytest.mark.parametrize(("plain", "spellings"), EXAMPLES)
def test_every_spelling_is_the_same_word(plain: str, spellings: list[str]) -> None:
    assert {folded(spelling) for spelling in spellings} == {plain}


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(words=st.text(max_size=40))
def test_what_is_folded_stays_as_it_is_and_the_form_of_the_accents_does_not_matter(words: str) -> None:
    assert folded(folded(words)) == folded(words)
    assert folded(unicodedata.normalize("NFC", words)) == folded(unicodedata.normalize("NFD", words))


async def by_the_database(world: World, words: list[str]) -> list[str]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        statement = text("SELECT search_fold(one) FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS w(one, at) ORDER BY at")
        return list((await db.execute(statement, {"words": words})).scalars())


@pytest.mark.behaviour(400)
async def test_memory_and_the_database_fold_every_letter_alike(world: World) -> None:
    assert len(LETTERS) > 130_000
    assert await by_the_database(world, LETTERS) == [folded(letter) for letter in LETTERS]


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(
    words=st.lists(
        st.text(st.sampled_from(LETTERS) | st.characters(max_codepoint=0x33FF), min_size=1, max_size=12), min_size=30, max_size=60
    )
)
async def test_memory_and_the_database_fold_words_alike(world: World, words: list[str]) -> None:
    known = [
        one.replace("\0", "") for one in words if "Cs" not in map(unicodedata.category, one) and "Cn" not in map(unicodedata.category, one)
    ]
    assert await by_the_database(world, known) == [folded(one) for one in known]


@pytest.mark.behaviour(400)
async def test_people_are_found_by_either_spelling(desk: Desk) -> None:
    for name in NAMES:
        await desk.person(name)
    for name, typed in TYPED.items():
        for words in typed:
            assert await desk.met(words) == [name], words


@pytest.mark.behaviour(400)
async def test_messages_and_comments_are_found_by_either_spelling(desk: Desk) -> None:
    contact_id = await desk.person("Ada")
    plain, accented = "A cafe in Munchen, STRASSE 7", "Ein Café in München, Straße 7"
    for words in (plain, accented):
        await desk.said(contact_id, words)
        await desk.noted(contact_id, words)
    for typed in ("café", "cafe", "CAFÉ mün", "munchen", "straße", "strasse", "STRAẞE 7"):
        assert await desk.found(typed) == [accented, plain], typed
        assert await desk.found(typed, kind="comment") == [accented, plain], typed
    assert await desk.found("cafes") == []


@pytest.mark.behaviour(401)
@pytest.mark.parametrize(("words", "finding", "missing"), SCRIPTS)
async def test_scripts_without_capitals_keep_what_tells_their_words_apart(
    desk: Desk, words: str, finding: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    contact_id = await desk.person(words)
    await desk.said(contact_id, f"1, {words}!")
    for typed in finding:
        assert (await desk.met(typed), await desk.found(typed)) == ([words], [f"1, {words}!"]), typed
    for typed in missing:
        assert (await desk.met(typed), await desk.found(typed)) == ([], []), typed


@pytest.mark.behaviour(402)
async def test_a_filter_means_the_very_name_before_one_that_is_only_folded_alike(desk: Desk) -> None:
    async with desk.world.installation.tenancy.workspace(desk.world.workspace_id) as db:
        db.add_all([plain := Tag(name="Cafe"), accented := Tag(name="Café"), other := Tag(name="Größe")])
        await db.flush()
    await desk.person("Ada", tag_ids=[plain.id])
    await desk.person("Bo", tag_ids=[accented.id])
    await desk.person("Cy", tag_ids=[other.id])
    assert await desk.met("tag:cafe") == ["Ada"]
    assert await desk.met("tag:CAFÉ") == ["Bo"]
    assert await desk.met("tag:grosse") == await desk.met("tag:gro") == ["Cy"]


async def test_what_is_sorted_by_keeps_its_accents(desk: Desk) -> None:
    contact_id = await desk.person("Élodie", last_name="ROUX")
    async with desk.world.installation.tenancy.reading(desk.world.workspace_id) as db:
        kept = (await db.execute(select(ContactWords).where(col(ContactWords.contact_id) == contact_id))).scalar_one()
    assert (kept.words, kept.name) == ("elodie roux", "élodie roux")


def test_the_other_spelling_is_marked_where_it_stands() -> None:
    def shown(words: str, *wanted: Term) -> str:
        return "".join(f"[{each.words}]" if each.hit else each.words for each in marked(words, wanted))

    assert shown("Ein Café – im Cafe!", Term("cafe")) == "Ein [Café] – im [Cafe]!"
    assert shown("Große Straße", Term("gross", open=True)) == "[Groß]e Straße"
    assert shown("Straße", Term("s", spaceless=True)) == "[S]tra[ß]e"
    assert shown("Zoe\N{COMBINING DIAERESIS} kam", Term("zoe")) == "[Zoe\N{COMBINING DIAERESIS}] kam"
    assert shown("ｶﾞﾝﾀﾞﾑ", Term("ガン", spaceless=True)) == "[ｶﾞﾝ]ﾀﾞﾑ"
    assert shown("مُحَمَّد هنا", Term("محمد")) == "[مُحَمَّد] هنا"


@pytest.mark.behaviour(402)
async def test_what_is_chosen_from_is_narrowed_by_either_spelling_and_the_typed_one_comes_first(desk: Desk) -> None:
    world = desk.world
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add_all([Tag(name="Café"), Tag(name="Cafe bar"), Tag(name="Le café")])
        for name, words in (("Rückgabe", "Senden Sie es zurück."), ("Ruckzuck", "Bald!"), ("Öffnungszeiten", "Von neun bis fünf.")):
            await add_snippet(db, SnippetDraft(name, words, topics=["Häufig"]), owner_id=None, by=world.owner.id)
        await shelve(db, StoredFile(path=f"w/{world.workspace_id}/uploads/a", name="Übersicht.pdf", mime="application/pdf", size=7))

        async def tags(words: str) -> list[str]:
            return [tag.name for tag in await tags_like(db, words, but=(), limit=10)]

        async def snippets(words: str) -> list[str]:
            return [snippet.name for snippet in await find_snippets(db, world.owner.id, words, limit=10)]

        assert (await tags("cafe"), await tags("CAFÉ")) == (["Cafe bar", "Café", "Le café"], ["Café", "Le café", "Cafe bar"])
        assert [tag.name for tag in (await tags_page(db, "cafe"))[0]] == ["Cafe bar", "Café", "Le café"]
        assert (await snippets("ruck"), await snippets("rück")) == (["Ruckzuck", "Rückgabe"], ["Rückgabe", "Ruckzuck"])
        assert await snippets("funf") == await snippets("offnung") == ["Öffnungszeiten"]
        assert len(await snippets("#haufig")) == len(await snippets("#HÄUFIG")) == 3
        assert [shelved.file.name for shelved in (await library_page(db, "ubersicht"))[0]] == ["Übersicht.pdf"]
        offered = [each.words for each in await suggestions(db, world.owner, "tag:CAFÉ", "UTC")]
        assert offered == ["Café", "Cafe bar", "Le café"]
