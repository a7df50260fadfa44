"""A conversation was closed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import Fact, Part, Thing, Value, Variable, refers_to, widget
from ismessenger.sdk.words import gettext
from workflows.sources import CLOSED, ClosedBy, source_names


class ConversationClosed:
    """Begins with every closing, or with those by certain sources or with certain categories. Details: `variables`, ``category_id``."""

    kind: ClassVar = "conversation_closed"
    name: ClassVar = "Conversation closed"
    description: ClassVar = "A conversation was closed, with what its closing note and its numbers say."
    icon: ClassVar = "circle-check"
    listens: ClassVar[Sequence[str]] = ("conversation.closed",)

    class Params(Part):
        sources: Annotated[
            list[ClosedBy],
            Field(title="Closed by", description="Without a choice, by anybody.", max_length=len(CLOSED)),
            widget(labels=CLOSED),
        ] = []
        category_ids: Annotated[
            list[int], Field(title="Categories", description="Without a choice, all.", max_length=50), refers_to("category")
        ] = []

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """By whom and as what."""
        categories = [name_of("category", category_id) for category_id in params.category_ids]
        return " · ".join(part for part in (source_names(params.sources), ", ".join(categories)) if part)

    def variables(self, _params: Params) -> Sequence[Variable]:
        """The closing note, and numbers as for a report."""
        return (
            Variable("category", gettext("Category")),
            Variable("summary", gettext("Summary")),
            Variable("source", gettext("Closed by"), "choice", [(source, gettext(words)) for source, words in CLOSED.items()]),
            Variable("closed_by", gettext("Name of who closed it")),
            Variable("opened_at", gettext("Opened at"), "date"),
            Variable("closed_at", gettext("Closed at"), "date"),
            Variable("first_response_seconds", gettext("Seconds to the first response"), "number"),
            Variable("resolution_seconds", gettext("Seconds until it was closed"), "number"),
            Variable("incoming_count", gettext("Messages from the contact"), "number"),
            Variable("outgoing_count", gettext("Messages to the contact"), "number"),
            Variable("first_assignee", gettext("First assignee")),
            Variable("last_assignee", gettext("Last assignee")),
        )

    def match(self, params: Params, fact: Fact) -> Mapping[str, Value] | None:
        """The closing, if it is such a one."""
        details = fact.details
        if fact.kind not in self.listens or (params.sources and details.get("source") not in params.sources):
            return None
        if params.category_ids and details.get("category_id") not in params.category_ids:
            return None
        return {variable.name: details.get(variable.name) for variable in self.variables(params)}
