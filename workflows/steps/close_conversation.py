"""Close the conversation."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from ismessenger.sdk.step import NEXT, Close, Exit, Next, Outcome, Part, Scene, Thing, refers_to, widget
from ismessenger.sdk.text import shorten
from workflows.wording import line

MAX_SUMMARY: Final = 512


class CloseConversation:
    """Closes the conversation, with a closing note where one is wanted. Workflows go on."""

    kind: ClassVar = "close_conversation"
    name: ClassVar = "Close the conversation"
    description: ClassVar = "Close the contact's conversation, with a category and a summary."
    icon: ClassVar = "circle-check"
    group: ClassVar = "Conversation"

    class Params(Part):
        category_id: Annotated[int | None, Field(title="Category"), refers_to("category", empty="No category")] = None
        summary: Annotated[str, Field(title="Summary", max_length=MAX_SUMMARY), widget("words")] = ""

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """The note."""
        category = name_of("category", params.category_id) if params.category_id else ""
        return line(" · ".join(part for part in (category, params.summary) if part.strip()))

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Close it."""
        return Next(effects=(Close(category_id=params.category_id, summary=shorten(scene.filled(params.summary).strip(), MAX_SUMMARY)),))
