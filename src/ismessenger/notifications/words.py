"""What is said outside of the application, in pushes and letters. Names and words of contacts only to members who want them there."""

from dataclasses import dataclass

from ismessenger.kit.text import clean

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
    return Said(f"{count} new notifications")


def _title(kind: str, count: int, name: str, by: str, about: str) -> str:
    match kind:
        case "mention":
            return f"{by or 'Somebody'} mentioned you" + _about(name)
        case "assigned" if count > 1:
            return f"{count} contacts were assigned to you"
        case "assigned":
            return f"{name or 'A conversation'} was assigned to you"
        case "message_mine" | "message_unassigned":
            what = "New message" if count == 1 else f"{count} new messages"
            where = "in your conversation" if kind == "message_mine" else "that nobody answers yet"
            return f"{what} from {name}" if name else f"{what} {where}"
        case "snooze_ended":
            return f"{name or 'A conversation'} is back from snooze"
        case "send_failed":
            what = "A message" if count == 1 else f"{count} messages"
            return f"{what} could not be sent" + (f" to {name}" if name else "")
        case "channel_broken":
            return f"The channel {about} does not work" if about else "A channel does not work"
        case "job_done":
            return "Your work on many contacts is done"
        case _:
            return "Something happened"


def _about(name: str) -> str:
    return f" about {name}" if name else ""


def _line(text: str) -> str:
    return " ".join(clean(text)[: MAX_WORDS * 2].split())[:MAX_WORDS]
