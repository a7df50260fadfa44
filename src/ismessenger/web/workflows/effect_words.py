"""What a workflow did or would do, in words: one sentence without a subject for each effect."""

from collections.abc import Mapping
from typing import Any, Final, assert_never

from pydantic import TypeAdapter, ValidationError

from ismessenger.sdk.step import AnyEffect, Assign, Call, Close, Comment, Open, Send, SetField, SetStage, Snooze, Start, Tags, Thing
from ismessenger.sdk.words import gettext
from ismessenger.web.workflows.words import NameOf, humane, said_words, shortened, time_words

_effects: Final[TypeAdapter[AnyEffect]] = TypeAdapter(AnyEffect)


def effect_words(effect: AnyEffect, name_of: NameOf, timezone: str = "UTC") -> str:
    """The sentence. Times are told in the zone."""
    match effect:
        case Send() | Comment():
            return _written(effect, name_of)
        case Tags() | SetField() | SetStage():
            return _changed(effect, name_of)
        case Open() | Close() | Snooze():
            return _turned(effect, name_of, timezone)
        case Assign():
            return _assigned(effect, name_of)
        case Call() | Start():
            return _called(effect, name_of)
        case _:
            assert_never(effect)


def stored_effect_words(stored: Mapping[str, Any], name_of: NameOf, timezone: str = "UTC") -> str:
    """The same of an effect as the history of a run keeps it."""
    try:
        effect = _effects.validate_python({name: value for name, value in stored.items() if name not in {"failed", "reason"}})
    except ValidationError:
        return humane(str(stored.get("do", "")))
    return effect_words(effect, name_of, timezone)


def _written(effect: Send | Comment, name_of: NameOf) -> str:
    match effect:
        case Comment(text=text):
            return gettext("Comment “%(words)s”") % {"words": shortened(text)}
        case Send(message=message, channel_id=None):
            return gettext("Send “%(words)s”") % {"words": said_words(message)}
        case Send(message=message, channel_id=channel_id):
            return gettext("Send “%(words)s” on %(channel)s") % {
                "words": said_words(message),
                "channel": _name(name_of, "channel", channel_id),
            }


def _changed(effect: Tags | SetField | SetStage, name_of: NameOf) -> str:
    match effect:
        case Tags():
            return _tagged(effect, name_of)
        case SetField(field=field, value=None):
            return gettext("Empty %(field)s") % {"field": _name(name_of, "field", field)}
        case SetField(field=field, value=value):
            return gettext("Set %(field)s to “%(value)s”") % {"field": _name(name_of, "field", field), "value": shortened(value or "")}
        case SetStage(stage_id=None):
            return gettext("Take the contact out of the lifecycle")
        case SetStage(stage_id=stage_id):
            return gettext("Move the contact to the stage %(stage)s") % {"stage": _name(name_of, "stage", stage_id)}


def _tagged(tags: Tags, name_of: NameOf) -> str:
    added = [*(_name(name_of, "tag", id_) for id_ in tags.add), *tags.create]
    removed = [_name(name_of, "tag", id_) for id_ in tags.remove]
    parts = [gettext("Add the tag %(names)s") % {"names": ", ".join(added)}] if added else []
    parts += [gettext("Remove the tag %(names)s") % {"names": ", ".join(removed)}] if removed else []
    return " · ".join(parts) or gettext("Change no tag")


def _turned(effect: Open | Close | Snooze, name_of: NameOf, timezone: str) -> str:
    match effect:
        case Open():
            return gettext("Open the conversation")
        case Close(category_id=None):
            return gettext("Close the conversation")
        case Close(category_id=category_id):
            return gettext("Close the conversation as %(category)s") % {"category": _name(name_of, "category", category_id)}
        case Snooze(until=until):
            return gettext("Snooze the conversation until %(time)s") % {"time": time_words(until, timezone)}


def _assigned(assign: Assign, name_of: NameOf) -> str:
    match assign.pool:
        case "nobody":
            return gettext("Unassign the contact")
        case "member":
            return gettext("Assign the contact to %(name)s") % {"name": _name(name_of, "member", assign.to)}
        case "team":
            return gettext("Assign the contact to one of the team %(name)s") % {"name": _name(name_of, "team", assign.to)}
        case "workspace":
            return gettext("Assign the contact to one of the workspace")
        case _:
            assert_never(assign.pool)


def _called(effect: Call | Start, name_of: NameOf) -> str:
    match effect:
        case Call(integration="http", request=request):
            words = f"{request.get('method', '')} {request.get('url', '')}".strip()
            return gettext("Request %(address)s") % {"address": shortened(words)}
        case Call(integration=integration, action=action):
            return gettext("Ask %(service)s: %(action)s") % {"service": humane(integration), "action": humane(action)}
        case Start(workflow_id=workflow_id):
            return gettext("Start the workflow %(name)s") % {"name": _name(name_of, "workflow", workflow_id)}


def _name(name_of: NameOf, thing: Thing, id_: object) -> str:
    return name_of(thing, id_) or gettext("something deleted")
