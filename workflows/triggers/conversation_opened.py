"""A conversation was opened."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from ismessenger.sdk.step import Fact, Part, Thing, Value, Variable, refers_to, widget
from ismessenger.sdk.words import gettext, marked
from workflows.sources import OPENED, OpenedBy, source_names

_CONTACT_TYPES: Final = (("new", marked("New")), ("returning", marked("Returning")))


class ConversationOpened:
    """Begins with every conversation, or with those opened in certain ways. Details: see `variables`, and ``channel_id``."""

    kind: ClassVar = "conversation_opened"
    name: ClassVar = "Conversation opened"
    description: ClassVar = "A contact wrote, or a member, a workflow or a program opened a conversation."
    icon: ClassVar = "message-square-plus"
    listens: ClassVar[Sequence[str]] = ("conversation.opened",)

    class Params(Part):
        sources: Annotated[
            list[OpenedBy],
            Field(title="Opened by", description="Without a choice, by anybody.", max_length=len(OPENED)),
            widget(labels=OPENED),
        ] = []
        channel_ids: Annotated[
            list[int], Field(title="Channels", description="Without a choice, all.", max_length=50), refers_to("channel")
        ] = []

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """By whom and where."""
        channels = [name_of("channel", channel_id) for channel_id in params.channel_ids]
        return " · ".join(part for part in (source_names(params.sources), ", ".join(channels)) if part)

    def variables(self, _params: Params) -> Sequence[Variable]:
        """What is known of the conversation."""
        return (
            Variable("source", gettext("Opened by"), "choice", [(source, gettext(words)) for source, words in OPENED.items()]),
            Variable("channel", gettext("Channel")),
            Variable("channel_id", gettext("ID of the channel"), "number"),
            Variable(
                "contact_type", gettext("New or returning contact"), "choice", [(type_, gettext(words)) for type_, words in _CONTACT_TYPES]
            ),
            Variable("first_message", gettext("First message")),
        )

    def match(self, params: Params, fact: Fact) -> Mapping[str, Value] | None:
        """The conversation, if it was opened so."""
        details = fact.details
        if fact.kind not in self.listens or (params.sources and details.get("source") not in params.sources):
            return None
        if params.channel_ids and details.get("channel_id") not in params.channel_ids:
            return None
        return {variable.name: details.get(variable.name) for variable in self.variables(params)}
