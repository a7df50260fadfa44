"""The words of the builder: its scripts name them, the templates hold them."""

import json
import re
from pathlib import Path

import pytest

from ismessenger.web.templating import fragment

ROOT = Path(__file__).resolve().parents[3]
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "frontend/src/workflows").rglob("*.ts*")))
WORDS = sorted(path.name for path in (ROOT / "templates/workflows").glob("_words_*.html"))


def words_of(template: str) -> dict[str, str]:
    """What a template hands over."""
    found = re.search(r"<script[^>]*data-words[^>]*>(.*)</script>", fragment(f"workflows/{template}"), re.DOTALL)
    assert found
    words: dict[str, str] = json.loads(found[1])
    return words


def test_every_sentence_that_the_builder_says_is_there() -> None:
    given = {name for template in WORDS for name in words_of(template)}
    said = set(re.findall(r'\bsay(?:Count)?\("(\w+)"', SOURCES))
    assert len(said) > 100
    assert said - given == set()


@pytest.mark.parametrize("template", WORDS)
def test_no_sentence_is_left_over(template: str) -> None:
    # Some names are put together: say(`status_${status}`).
    beginnings = tuple(re.findall(r"say(?:Count)?\(`(\w+_)\$\{", SOURCES))
    quoted = set(re.findall(r'"(\w+)"', SOURCES))
    assert [name for name in words_of(template) if name not in quoted and not name.startswith(beginnings)] == []


@pytest.mark.parametrize("template", WORDS)
def test_counted_sentences_have_their_forms(template: str) -> None:
    counted = set(re.findall(r'\bsayCount\("(\w+)"', SOURCES))
    for name, words in words_of(template).items():
        if name in counted:
            assert "%(num)s" in json.loads(words)["other"], name
