"""Write a comment that only members see."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from ismessenger.sdk.step import NEXT, Comment, Exit, Fault, Next, Outcome, Part, Scene, Thing, widget
from ismessenger.sdk.text import shorten
from ismessenger.sdk.words import gettext
from workflows.expressions import filled_by_piece
from workflows.wording import line

MAX_COMMENT: Final = 1000
_MENTIONS = re.compile(r"(?<!\w)@")


class AddComment:
    """Writes a comment into the thread; members who are named in it are told."""

    kind: ClassVar = "add_comment"
    name: ClassVar = "Add a comment"
    description: ClassVar = "Write a comment that only members see; an @ and a name tells somebody."
    icon: ClassVar = "sticky-note"
    group: ClassVar = "Conversation"

    class Params(Part):
        text: Annotated[
            str,
            Field(title="Comment", description="Name a member with @ to tell them.", max_length=MAX_COMMENT),
            widget("words", mentions=True),
        ] = ""

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """The words."""
        return line(params.text)

    def faults(self, params: Params) -> Sequence[Fault]:
        """No words."""
        return [] if params.text.strip() else [Fault(gettext("Write a comment."), "text")]

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Write it, if variables leave any words. What a contact brings along names nobody."""
        text = shorten(filled_by_piece(params.text, scene.filled, _naming_nobody).strip(), MAX_COMMENT)
        return Next(effects=(Comment(text=text),) if text else ())


def _naming_nobody(value: str) -> str:
    """The value with a word joiner behind every @ that could name a member; addresses of mail stay as they are."""
    return _MENTIONS.sub("@\u2060", value)
