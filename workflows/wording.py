"""What a step sends or shows, with its variables filled in."""

from collections.abc import Mapping
from typing import Any, Final

from ismessenger.sdk.step import Outgoing, Scene
from ismessenger.sdk.text import shorten
from ismessenger.sdk.words import gettext, ngettext

MAX_TEXT: Final = 2000
MAX_SUBJECT: Final = 200
SHOWN: Final = 60


def filled(message: Outgoing, scene: Scene) -> Outgoing:
    """The message as it goes out. What variables make longer than a message may be is cut."""
    return message.model_copy(
        update={
            "text": shorten(scene.filled(message.text), MAX_TEXT),
            "subject": shorten(" ".join(scene.filled(message.subject).split()), MAX_SUBJECT),
            "content": None if message.content is None else filled_json(message.content, scene),
        }
    )


def filled_json(json: Any, scene: Scene) -> Any:
    """JSON with the variables in its texts filled in; names stay."""
    match json:
        case str():
            return scene.filled(json)
        case Mapping():
            return {name: filled_json(value, scene) for name, value in json.items()}
        case list():
            return [filled_json(value, scene) for value in json]
        case _:
            return json


def is_empty(message: Outgoing) -> bool:
    """Whether there is nothing to send."""
    return not (message.text.strip() or message.file_ids or message.content)


def line(words: str) -> str:
    """Words on one short line, for the canvas."""
    return shorten(" ".join(words.split()), SHOWN)


def shown(message: Outgoing) -> str:
    """A message on one short line."""
    if message.text.strip():
        return line(message.text)
    if message.file_ids:
        number = len(message.file_ids)
        return ngettext("A file", "%(num)s files", number) % {"num": number}
    return gettext("A message of the channel’s own") if message.content else ""
