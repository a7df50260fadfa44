"""Words of the application, of steps, triggers and integrations in the language of whoever reads.

What is declared (a name, a description, the title of a field) stays English and is translated where it is shown. What is made when somebody
asks (a summary, a fault, a refusal) comes from `gettext`. A worker speaks English unless its work is for somebody: what it stores is
translated when it is read.

A package of a third party brings its own translations as ``locales/<language>/LC_MESSAGES/messages.po`` beside its modules.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_spoken: ContextVar[NullTranslations] = ContextVar("spoken", default=NullTranslations())  # noqa: B039 - it has no state


@contextmanager
def spoken(translations: NullTranslations) -> Iterator[None]:
    """Speak by these translations."""
    token = _spoken.set(translations)
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(message: str) -> str:
    """The message in the language being spoken now."""
    # Of nothing a catalogue has its own header.
    return _spoken.get().gettext(message) if message else ""


def ngettext(singular: str, plural: str, num: int) -> str:
    """The form of the message that fits the number."""
    return _spoken.get().ngettext(singular, plural, num)


def marked(message: str) -> str:
    """The message as it is: extraction finds it here, and it is translated where it is shown."""
    return message
