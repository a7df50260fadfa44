"""Sentences of the application below its pages: none is forgotten, and whoever translates is given all of them."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.web.workflows.test_translated import extracted

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "ismessenger"
PACKAGES: Final = ("channels_adapters", "integrations", "workflows")
FOR_OPERATORS_AND_PROGRAMS: Final = frozenset({"api", "backups", "commands", "demo", "doctor", "embedded", "kit", "tenancy"})
"""Folders whose sentences are read in a terminal or a log, or by a script. `kit` knows no languages."""

NOT_FOR_READERS: Final[Mapping[str, str]] = {
    "AssetsMissing": "for whoever builds the application",
    "BodyInvalid": "for a provider or a script, like all answers to webhooks",
    "DrawingInvalid": "for whoever writes a step",
    "FileMissing": "caught where the file is wanted",
    "HTTPException": "an address of a file that only pages of ours write",
    "HTMLResponse": "the page of last resort, around a sentence",
    "Ignored": "for the log of a channel, beside what its provider sent",
    "LookupError": "a fault of ours",
    "Markup": "around what was said",
    "SignatureBroken": "the same",
    "SignatureInvalid": "for a provider or a script",
    "StoreUnavailable": "for the log",
    "TransferRefused": "for the operator's terminal",
    "TypeError": "a fault of ours",
    "Unreadable": "for the log of a channel, like `Ignored`",
    "ValueError": "a fault of ours, or a setting",
    "_Moved": "never shown",
}
SAYS: Final = frozenset({"gettext", "marked"})
PLACE: Final = re.compile(r"%\((\w+)\)s")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in PACKAGES:
        for file in sorted((ROOT / folder).glob("**/*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())
    for file in sorted(SOURCES.glob("*/**/*.py")):
        if file.relative_to(SOURCES).parts[0] not in FOR_OPERATORS_AND_PROGRAMS and "testing" not in file.parts:
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def is_sentence(node: ast.expr) -> bool:
    """Words that stand in the source as they will be read."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and re.search(r"[a-z]{2} [a-z]", str(part.value)) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.search(r"[a-z,] [a-z]", node.value))


def told(tree: ast.Module) -> Iterator[tuple[int, str, ast.expr]]:
    """What is raised or returned as a refusal: line, class, words."""
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Return) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id.lstrip("_")[:1].isupper():
            named = [each.value for each in call.keywords if each.arg in {"words", "reason"}]
            # The first argument of this one is a provider's code.
            given = call.args[1:] if call.func.id == "Rejected" else call.args
            yield from ((call.lineno, call.func.id, words) for words in (*given, *named))


def said(tree: ast.Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What goes through the translation, with its line: a message, or singular and plural."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {*SAYS, "ngettext"}:
            words = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            if words:
                yield node.lineno, tuple(words)


@pytest.mark.behaviour(384)
def test_no_refusal_is_in_english_only() -> None:
    forgotten = [
        f"{file}:{line} {name}"
        for file, tree in modules()
        for line, name, words in told(tree)
        if name not in NOT_FOR_READERS and is_sentence(words)
    ]
    assert forgotten == []


def test_each_exception_from_the_rule_is_needed() -> None:
    used = {name for _file, tree in modules() for _line, name, words in told(tree) if is_sentence(words)}
    assert set(NOT_FOR_READERS) - used == set()


@pytest.mark.behaviour(384)
def test_whoever_translates_is_given_every_sentence() -> None:
    found = extracted("src/ismessenger", *PACKAGES)
    sentences = [(file, line, each) for file, tree in modules() for line, words in said(tree) for each in words]
    assert len(sentences) > 500
    assert [sentence for sentence in sentences if sentence[2] and sentence[2] not in found] == []


def test_every_place_in_a_sentence_is_filled() -> None:
    for file, tree in modules():
        for node in ast.walk(tree):
            match node:
                case ast.BinOp(ast.Call(ast.Name(id="gettext" | "ngettext"), words), ast.Mod(), ast.Dict(keys)):
                    places = {place for each in words if isinstance(each, ast.Constant) for place in PLACE.findall(str(each.value))}
                    filled = {key.value for key in keys if isinstance(key, ast.Constant)}
                    assert not places or places == filled, f"{file}:{node.lineno}"


def test_no_sentence_is_put_together_before_it_is_translated() -> None:
    assert [
        f"{file}:{node.lineno}"
        for file, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS and node.args
        if isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))
    ] == []
