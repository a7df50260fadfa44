"""What is said outside of the application, in pushes and letters. Names and words of contacts only to members who want them there."""

from dataclasses import dataclass

from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext, ngettext

MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class Said:
    """``title`` says what happened, ``body`` what was written; it may be empty."""

    title: str
    body: str = ""


def said(kind: str, *, count: int = 1, contact: str = "", by: str = "", about: str = "", words: str = "", shown: bool) -> Said:
    """One notification. ``about`` is the name of a channel or the kind of a job, which are the workspace's own."""
    name = _line(contact) if shown else ""
    title = _title(kind, count, name, _line(by), _line(about))
    return Said(title, _line(words) if shown else "")


def said_together(count: int) -> Said:
    """So many of them, at once."""
    return Said(ngettext("%(num)s new notification", "%(num)s new notifications", count) % {"num": count})


def _title(kind: str, count: int, name: str, by: str, about: str) -> str:
    facts = {"num": count, "name": name, "by": by or gettext("Somebody"), "about": about}
    return _sentence(kind, count, name=bool(name), about=bool(about)) % facts


def _sentence(kind: str, count: int, *, name: bool, about: bool) -> str:
    match kind:
        case "mention":
            return gettext("%(by)s mentioned you about %(name)s") if name else gettext("%(by)s mentioned you")
        case "assigned" if count > 1:
            return ngettext("%(num)s contact was assigned to you", "%(num)s contacts were assigned to you", count)
        case "assigned":
            return gettext("%(name)s was assigned to you") if name else gettext("A conversation was assigned to you")
        case "message_mine" | "message_unassigned" if name:
            return _new_messages_from(count)
        case "message_mine":
            several = ngettext("%(num)s new message in your conversation", "%(num)s new messages in your conversation", count)
            return gettext("New message in your conversation") if count == 1 else several
        case "message_unassigned":
            several = ngettext("%(num)s new message that nobody answers yet", "%(num)s new messages that nobody answers yet", count)
            return gettext("New message that nobody answers yet") if count == 1 else several
        case "snooze_ended":
            return gettext("%(name)s is back from snooze") if name else gettext("A conversation is back from snooze")
        case "send_failed":
            return _not_sent(count, to_whom=name)
        case "channel_broken":
            return gettext("The channel %(about)s does not work") if about else gettext("A channel does not work")
        case "job_done":
            return gettext("Your work on many contacts is done")
        case _:
            return gettext("Something happened")


def _new_messages_from(count: int) -> str:
    if count == 1:
        return gettext("New message from %(name)s")
    return ngettext("%(num)s new message from %(name)s", "%(num)s new messages from %(name)s", count)


def _not_sent(count: int, *, to_whom: bool) -> str:
    if count == 1:
        return gettext("A message could not be sent to %(name)s") if to_whom else gettext("A message could not be sent")
    if to_whom:
        return ngettext("%(num)s message could not be sent to %(name)s", "%(num)s messages could not be sent to %(name)s", count)
    return ngettext("%(num)s message could not be sent", "%(num)s messages could not be sent", count)


def _line(text: str) -> str:
    return " ".join(clean(text)[: MAX_WORDS * 2].split())[:MAX_WORDS]
