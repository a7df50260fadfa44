"""Open a conversation."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ismessenger.sdk.step import NEXT, Exit, Next, Open, Outcome, Part, Scene, Thing


class OpenConversation:
    """Opens a conversation with the contact; one that is open stays as it is."""

    kind: ClassVar = "open_conversation"
    name: ClassVar = "Open the conversation"
    description: ClassVar = "Open a conversation with the contact, if none is open."
    icon: ClassVar = "inbox"
    group: ClassVar = "Conversation"

    class Params(Part):
        pass

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, _params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """There is nothing to say."""
        return ""

    def run(self, _params: Params, _scene: Scene) -> Outcome:
        """Open it."""
        return Next(effects=(Open(),))
