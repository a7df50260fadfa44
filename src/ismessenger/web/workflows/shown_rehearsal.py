"""A test of a draft as JSON for the phone beside the canvas: `frontend/src/workflows/testing/types.ts` says what it looks like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from pydantic import ValidationError

from ismessenger.automation.person import Person
from ismessenger.automation.references import Known
from ismessenger.automation.rehearsal import Asked, Bubble, Passed, Rehearsed, Stand
from ismessenger.sdk.step import AnyEffect, Assign, Step
from ismessenger.sdk.words import gettext
from ismessenger.web.workflows.effect_words import effect_words
from ismessenger.web.workflows.words import Line, setting_lines, shortened, value_lines, value_words, variable_lines
from workflows.definition import Definition, Placed

Json = dict[str, Any]


def rehearsed_json(done: Rehearsed, stand: Stand, definition: Definition, steps: Mapping[str, Step], there: Known) -> Json:
    """All that the phone shows of one move."""
    run = done.kept.run
    waiting = run.waiting
    return {
        "standing": run.standing,
        "step": run.step or "",
        "heard": done.heard,
        "at": (stand.around.at.timestamp() + done.kept.ahead) * 1000,
        "trail": [_passed_json(each, stand, definition, steps, there) for each in done.passed],
        "said": [_bubble_json(each, there) for each in done.said],
        "waits": {
            "for": list(waiting.for_),
            "shown": waiting.shown,
            "until": waiting.until.timestamp() * 1000 if waiting.until else None,
            "asks": done.kept.asks,
            "members": _members(done.pool, there) if done.pool else [],
        }
        if waiting
        else None,
        "trigger": _asked_json(done.trigger) if done.trigger else None,
        "contact": _pairs(_contact_lines(done.person, stand, there)),
        "variables": _pairs(variable_lines(run.variables)),
    }


def _passed_json(passed: Passed, stand: Stand, definition: Definition, steps: Mapping[str, Step], there: Known) -> Json:
    trace = passed.trace
    placed = definition.step(trace.step_id)
    step = steps.get(placed.kind) if placed else None
    return {
        "step": trace.step_id,
        "entry": trace.entry,
        "entered": trace.entered,
        "exit": trace.exit,
        "error": trace.error,
        "input": _pairs(_settings(placed, step, there, passed.filled)),
        "output": _pairs(value_lines(trace.output, there.name)),
        "variables": _pairs(variable_lines(trace.variables)),
        "effects": [
            {"words": effect_words(cast("AnyEffect", effect), there.name, stand.around.timezone), "failed": passed.refused.get(at, "")}
            for at, effect in enumerate(trace.effects)
        ],
        "asked": [_asked_json(each) for each in passed.asked],
    }


def _settings(placed: Placed | None, step: Step | None, there: Known, filled: Mapping[str, str]) -> Sequence[Line]:
    if placed is None or step is None:
        return ()
    try:
        return setting_lines(step.Params.model_validate(placed.params), there.name, lambda words: filled.get(words, words))
    except ValidationError:
        return ()


def _asked_json(asked: Asked) -> Json:
    return {"condition": asked.condition, "held": asked.held, "leaves": list(asked.leaves)}


def _bubble_json(bubble: Bubble, there: Known) -> Json:
    words = bubble.text or (gettext("A message of the channel’s own") if bubble.content else "")
    return {
        **asdict(bubble),
        "text": words,
        "content": None,
        "files": [there.name("file", id_) or gettext("A deleted file") for id_ in bubble.file_ids],
        "channel": there.name("channel", bubble.channel_id) or "",
        "choices": list(bubble.choices),
    }


def _contact_lines(person: Person, stand: Stand, there: Known) -> Iterator[Line]:
    """What is known of the contact now, and what is not empty of it."""
    around = stand.around
    for known in around.fields.values():
        if (value := person.value_of(known)) is not None:
            yield Line(known.name, value_words(value))
    tags = [*(there.name("tag", id_) or "" for id_ in sorted(person.tag_ids)), *person.tags]
    if tags:
        yield Line(gettext("Tags"), shortened(", ".join(filter(None, tags))))
    if stage := there.name("stage", person.columns["lifecycle_id"]):
        yield Line(gettext("Lifecycle stage"), stage)
    yield Line(gettext("Assigned to"), there.name("member", person.assignee_id) or gettext("nobody"))
    yield Line(gettext("Conversation"), _status_words(str(person.columns["status"])))


def _status_words(status: str) -> str:
    return {"open": gettext("open"), "snoozed": gettext("snoozed"), "closed": gettext("closed")}.get(status, status)


def _members(pool: Assign, there: Known) -> list[Json]:
    """Who could get the contact."""
    among = list(there.things["member"].values())
    if pool.pool == "team":
        among = [member for member in among if member.more.get("team") == pool.to]
    elif pool.pool == "member":
        among = [member for member in among if member.id == pool.to]
    return [{"id": member.id, "name": member.name} for member in among]


def _pairs(lines: Sequence[Line] | Iterator[Line]) -> list[list[str]]:
    return [[line.label, line.words] for line in lines]
