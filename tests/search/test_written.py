"""Messages and comments are found by their words, in every script, and by nobody who may not see them."""

import pytest

from tests.search.conftest import Desk

SAID = {
    "lamp": "Is the LAMP-shade still in stock?",
    "ok": "ok, no 7",
    "umlaut": "Größe für die Müllers",
    "han": "我想买一个台灯，红色的",
    "kana": "ランプはありますか",
    "hangul": "램프가 있나요?",
    "thai": "มีโคมไฟไหม",
    "arabic": "هل المصباح متوفر؟",
    "russian": "Есть ли лампа?",
    "link": "see https://shop.example/lamp-shade?id=4711",
    "party": "party 🎉 tonight",
    "long": "z" * 3000,
}


@pytest.fixture
async def talk(desk: Desk) -> Desk:
    contact_id = await desk.person("Ada")
    for words in SAID.values():
        await desk.said(contact_id, words)
    return desk


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("lamp", {"lamp", "link"}),
        ("LAMP shade", {"lamp", "link"}),
        ("stock lamp", {"lamp"}),
        ("sto", {"lamp"}),
        ("sto lamp", set()),
        ("tock", set()),
        ("ok", {"ok"}),
        ("no 7", {"ok"}),
        ("größe", {"umlaut"}),
        ("GRÖSSE", set()),
        ("müll", {"umlaut"}),
        ("灯", {"han"}),
        ("台灯", {"han"}),
        ("买一个", {"han"}),
        ("灯台", set()),
        ("买红色", set()),
        ("ランプ", {"kana"}),
        ("램프", {"hangul"}),
        ("โคมไฟ", {"thai"}),
        ("المصباح", {"arabic"}),
        ("ЛАМПА", {"russian"}),
        ("4711", {"link"}),
        ("shop.example/lamp", {"link"}),
        ("🎉", {"party"}),
        ("z" * 50, {"long"}),
        ("' \\ & | ! ( ) : *", set()),
        ("%", set()),
        ("lamp' | stock", {"lamp"}),
    ],
)
@pytest.mark.behaviour(250)
async def test_messages_are_found_by(talk: Desk, line: str, found: set[str]) -> None:
    assert set(await talk.found(line)) == {SAID[name] for name in found}
