"""Questions with answers to tap: quick replies, buttons and lists stand in for each other, and numbered lines for all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ismessenger.sdk.channel import Capabilities
from ismessenger.sdk.content import Button, Buttons, Content, Menu, QuickReplies, QuickReply, Row, Section, Text
from ismessenger.sdk.text import shorten, split, utf16_length

_Form = Callable[[str, Sequence[QuickReply], Capabilities], list[Content] | None]
_Choice = TypeVar("_Choice", QuickReply, Row)


def quick_replies(question: QuickReplies, capabilities: Capabilities) -> list[Content]:
    """Quick replies, or the nearest form that the channel has."""
    return _ask(question.title, question.replies, capabilities, (_as_quick_replies, _as_buttons, _as_menu))


def buttons(message: Buttons, capabilities: Capabilities) -> list[Content]:
    """Buttons; where the channel does not take them all, addresses move into the words and the answers find another form."""
    titled = titled_buttons(message.buttons, capabilities)
    if titled:
        limit = _button_text_length(capabilities)
        return _last_carries(message.text, limit, lambda text: Buttons(text=text, buttons=titled))
    addresses = [f"{button.title}: {button.value}" for button in message.buttons if button.kind != "reply"]
    replies = [QuickReply(title=button.title, payload=button.value) for button in message.buttons if button.kind == "reply"]
    return _ask(_paragraphs(message.text, addresses), replies, capabilities, (_as_buttons, _as_quick_replies, _as_menu))


def menu(message: Menu, capabilities: Capabilities) -> list[Content]:
    """A list; without one, quick replies or buttons if titles are all that it shows."""
    rows = [row for section in message.sections for row in section.rows]
    titles = _titles([row.title for row in rows], capabilities.button_length)
    if titles and len(rows) <= capabilities.list_rows:
        return _own_menu(message, capabilities, iter(titles))
    if any(row.description for row in rows) or any(section.title for section in message.sections):
        return texts(_paragraphs(message.text, _numbered_sections(message.sections)), capabilities.text_length)
    replies = [QuickReply(title=row.title, payload=row.payload) for row in rows]
    return _ask(message.text, replies, capabilities, (_as_quick_replies, _as_buttons))


def titled_buttons(wanted: Sequence[Button], capabilities: Capabilities) -> list[Button] | None:
    """The buttons with titles short enough, or ``None`` if the channel does not take them all."""
    if len(wanted) > capabilities.buttons or not {button.kind for button in wanted} <= capabilities.button_kinds:
        return None
    titles = _titles([button.title for button in wanted], capabilities.button_length)
    if titles is None:
        return None
    return [button.model_copy(update={"title": title}) for button, title in zip(wanted, titles, strict=True)]


def texts(words: str, limit: int) -> list[Content]:
    """The words in messages of at most ``limit``."""
    return [Text(text=piece) for piece in split(words, limit, utf16_length)]


def _ask(text: str, replies: Sequence[QuickReply], capabilities: Capabilities, forms: Iterable[_Form]) -> list[Content]:
    """The first of the forms that takes all answers, else numbered lines."""
    if not replies:
        return texts(text, capabilities.text_length)
    for form in forms:
        if (contents := form(text, replies, capabilities)) is not None:
            return contents
    lines = [f"{number}. {reply.title}" for number, reply in enumerate(replies, 1)]
    return texts(_paragraphs(text, lines), capabilities.text_length)


def _as_quick_replies(text: str, replies: Sequence[QuickReply], capabilities: Capabilities) -> list[Content] | None:
    titles = _titles([reply.title for reply in replies], capabilities.quick_reply_length)
    if not titles or len(replies) > capabilities.quick_replies:
        return None
    short = [_retitled(reply, title) for reply, title in zip(replies, titles, strict=True)]
    return _last_carries(text, capabilities.text_length, lambda last: QuickReplies(title=last, replies=short))


def _as_buttons(text: str, replies: Sequence[QuickReply], capabilities: Capabilities) -> list[Content] | None:
    wanted = [Button(title=reply.title, value=reply.payload or reply.title) for reply in replies]
    if not (short := titled_buttons(wanted, capabilities)):
        return None
    return _last_carries(text, _button_text_length(capabilities), lambda last: Buttons(text=last, buttons=short))


def _as_menu(text: str, replies: Sequence[QuickReply], capabilities: Capabilities) -> list[Content] | None:
    titles = _titles([reply.title for reply in replies], capabilities.button_length)
    if not titles or len(replies) > capabilities.list_rows:
        return None
    rows = [Row(title=reply.title, payload=reply.payload) for reply in replies]
    plain = Menu(text=text, sections=[Section(rows=rows)])
    return _own_menu(plain, capabilities, iter(titles))


def _own_menu(message: Menu, capabilities: Capabilities, titles: Iterator[str]) -> list[Content]:
    sections = [section.model_copy(update={"rows": [_retitled(row, next(titles)) for row in section.rows]}) for section in message.sections]
    update = {"button": shorten(message.button, capabilities.button_length, utf16_length), "sections": sections}
    limit = _button_text_length(capabilities)
    return _last_carries(message.text, limit, lambda last: message.model_copy(update={**update, "text": last}))


def _last_carries(text: str, limit: int, carrier: Callable[[str], Content]) -> list[Content]:
    """A long question goes ahead in pieces; the last one carries what there is to tap."""
    *ahead, last = split(text, limit, utf16_length)
    return [*(Text(text=piece) for piece in ahead), carrier(last)]


def _titles(titles: Sequence[str], limit: int) -> list[str] | None:
    """The titles cut to the limit; ``None`` if that makes two of them look the same."""
    short = [shorten(title, limit, utf16_length) for title in titles]
    return short if len(set(short)) == len(set(titles)) else None


def _retitled(choice: _Choice, title: str) -> _Choice:
    """What comes back when it is pressed stays the full title."""
    return choice if title == choice.title else choice.model_copy(update={"title": title, "payload": choice.payload or choice.title})


def _numbered_sections(sections: Sequence[Section]) -> list[str]:
    """Lines with a number running through all sections."""
    lines: list[str] = []
    number = 0
    for section in sections:
        lines += [section.title] if section.title else []
        for row in section.rows:
            number += 1
            lines.append(f"{number}. {row.title}" + (f" — {row.description}" if row.description else ""))
    return lines


def _paragraphs(text: str, lines: Sequence[str]) -> str:
    return "\n\n".join(part for part in (text, "\n".join(lines)) if part)


def _button_text_length(capabilities: Capabilities) -> int:
    return min(capabilities.text_length, capabilities.button_text_length or capabilities.text_length)
