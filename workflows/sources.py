"""Who or what opens and closes conversations, in words. The names are those that conversations are stored with."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from ismessenger.sdk.words import gettext, marked

OpenedBy = Literal["contact", "user", "workflow", "api", "ctc_ads", "growth_widget"]
ClosedBy = Literal["user", "workflow", "api", "auto_close", "merge"]

OPENED: Final[Mapping[OpenedBy, str]] = {
    "contact": marked("Contact"),
    "user": marked("Member"),
    "workflow": marked("Workflow"),
    "api": marked("API"),
    "ctc_ads": marked("Click-to-chat ad"),
    "growth_widget": marked("Growth widget"),
}
CLOSED: Final[Mapping[ClosedBy, str]] = {
    "user": marked("Member"),
    "workflow": marked("Workflow"),
    "api": marked("API"),
    "auto_close": marked("Closed by itself"),
    "merge": marked("Merge of contacts"),
}


def source_names(sources: Sequence[OpenedBy | ClosedBy]) -> str:
    """The chosen ones in words."""
    known: dict[str, str] = {str(source): words for names in (OPENED, CLOSED) for source, words in names.items()}
    return ", ".join(gettext(known[source]) for source in sources)
