"""What steps and triggers say, in the language of whoever reads."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from ismessenger.language import PSEUDO_LANGUAGE, speaking, translations
from ismessenger.plugins import Plugins, load_plugins, plugin_locales
from ismessenger.sdk.step import Step, Trigger
from ismessenger.sdk.words import gettext, spoken
from ismessenger.web.workflows.schema import in_words
from tests.web.workflows.making import of_step
from workflows.check import problems
from workflows.definition import parse
from workflows.look import blank, look, look_of_trigger

ROOT = Path(__file__).parents[3]
USERS = {"Branch 1", "Sheet1"}
"""Values that somebody new begins with, and may change."""
WORDS = ("title", "description", "placeholder", "item", "empty")


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins()


def texts(schema: Any) -> Iterator[str]:
    """Every word of a schema that a page shows."""
    if isinstance(schema, list):
        for each in schema:
            yield from texts(each)
    for key, value in schema.items() if isinstance(schema, Mapping) else ():
        if key in {"properties", "$defs"}:
            yield from (text for each in value.values() for text in texts(each))
        elif key == "labels":
            yield from value.values()
        elif key in WORDS and isinstance(value, str):
            yield value
        elif key not in {"default", "enum", "const"}:
            yield from texts(value)


def declared(kind: Step | Trigger) -> list[str]:
    """What a kind declares of itself, but for titles that pydantic makes of names."""
    named = [kind.name, kind.description, *([kind.group] if hasattr(kind, "group") else [])]
    fields = [field for _path, model in models(kind.Params) for field in model.model_fields.values()]
    extras = [field.json_schema_extra for field in fields if isinstance(field.json_schema_extra, dict)]
    labels = [str(words) for extra in extras for words in dict(extra.get("labels", {})).values()]
    more = [str(extra[name]) for extra in extras for name in WORDS if name in extra]
    return [*named, *labels, *more, *(text for field in fields for text in (field.title, field.description) if text)]


def models(model: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """A model and those inside of it."""
    yield path, model
    for name, field in model.model_fields.items():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(inner, "model_fields") and path.count(".") < 5:
                yield from models(inner, f"{path}.{name}")


def kinds(plugins: Plugins) -> list[Step | Trigger]:
    return [*plugins.steps.values(), *plugins.triggers.values()]


def extracted(*folders: str) -> set[str]:
    """What Babel finds with our configuration."""
    methods, options = parse_mapping_cfg(io.StringIO((ROOT / "babel.cfg").read_text()))  # type: ignore[no-untyped-call]
    found: set[str] = set()
    for folder in folders:
        for _file, _line, message, *_more in extract_from_dir(str(ROOT / folder), methods, options):
            found.update(message if isinstance(message, tuple) else (message,))
    return found


@pytest.mark.behaviour(351)
def test_every_word_of_a_step_or_trigger_is_translated(plugins: Plugins) -> None:
    with speaking(PSEUDO_LANGUAGE):
        for kind in kinds(plugins):
            said = list(texts(in_words(kind.Params.model_json_schema())))
            assert [text for text in said if not (text.startswith("⟦") and text.count("⟦") == 1)] == []


def test_what_is_made_when_somebody_asks_is_translated(plugins: Plugins) -> None:
    with speaking(PSEUDO_LANGUAGE):
        for step in plugins.steps.values():
            seen = look(step, blank(step), lambda _thing, _id: "Ada")
            assert [exit_.label for exit_ in seen.exits if "⟦" not in exit_.label and exit_.label not in USERS] == []
            assert not seen.summary or "⟦" in seen.summary or seen.summary in USERS
            assert [variable.label for variable in seen.variables if "⟦" not in variable.label] == []
        for trigger in plugins.triggers.values():
            seen = look_of_trigger(trigger, blank(trigger), lambda _thing, _id: "Ada")
            assert [variable.label for variable in seen.variables if "⟦" not in variable.label] == []


class Nothing:
    """A workspace that has nothing."""

    variables = ()

    def name(self, _thing: object, _id: object) -> None:
        return None

    def condition_fault(self, _condition: object, _variables: object) -> str:
        return ""


def test_what_keeps_a_workflow_from_being_published_is_translated(plugins: Plugins) -> None:
    definition = of_step("send_message", {"message": {"text": "Hi {{$nobody}}"}}, trigger={"kind": "field_updated", "params": {}})
    definition["steps"] = [
        {**definition["steps"][0], "exits": {"next": "s2"}},
        {"id": "s2", "kind": "assign_to", "params": {"action": "member", "member_id": 7}, "exits": {"gone": "s3"}},
        {"id": "s3", "kind": "unknown", "params": {}},
    ]
    with speaking(PSEUDO_LANGUAGE):
        found = problems(parse(definition), plugins.steps, plugins.triggers, Nothing())
    assert len(found) >= 4
    assert [problem.words for problem in found if not problem.words.startswith("⟦")] == []


def test_whoever_translates_is_given_every_text_that_is_declared(plugins: Plugins) -> None:
    found = extracted("workflows", "integrations", "src/ismessenger/sdk")
    for kind in kinds(plugins):
        assert [text for text in declared(kind) if text not in found] == [], kind.kind
    assert {"Choose a member.", "%(tags)s added", "This tag was deleted. Choose another one.", "Multiple choice"} <= found
    assert "Contact's name" in extracted("src/ismessenger/automation")


def test_a_package_brings_its_own_translations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = tmp_path / "made_up_wave" / "locales" / "de" / "LC_MESSAGES" / "messages.po"
    catalogue.parent.mkdir(parents=True)
    (tmp_path / "made_up_wave" / "__init__.py").touch()
    catalogue.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Wave"\nmsgstr "Winken"\n')
    about = tmp_path / "made_up_wave-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-wave\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[ismessenger.steps]\nwave = made_up_wave.step:Wave\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    try:
        with spoken(translations("de")):
            assert (gettext("Wave"), gettext("Something else"), gettext("")) == ("Winken", "Something else", "")
        assert gettext("Wave") == "Wave"
    finally:
        monkeypatch.undo()
        forget()


def forget() -> None:
    plugin_locales.cache_clear()
    translations.cache_clear()
