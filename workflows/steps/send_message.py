"""Write to the contact."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import (
    Exit,
    Fail,
    Fault,
    Heard,
    Next,
    Outcome,
    Outgoing,
    Part,
    Result,
    Scene,
    Send,
    Thing,
    Wait,
    refers_to,
    widget,
)
from ismessenger.sdk.words import gettext
from workflows.wording import filled, is_empty, shown


class ChannelResponse(Part):
    """What is said instead where the message goes over this channel."""

    channel_id: Annotated[int | None, Field(title="Channel"), refers_to("channel")] = None
    message: Annotated[Outgoing, Field(title="Message"), widget("message")] = Outgoing()


class SendMessage:
    """Sends words or files over a channel; each channel may have words of its own."""

    kind: ClassVar = "send_message"
    name: ClassVar = "Send a message"
    description: ClassVar = "Write to the contact, on the channel that they used last or on another one."
    icon: ClassVar = "message-square"
    group: ClassVar = "Messages"

    class Params(Part):
        channel_id: Annotated[
            int | None,
            Field(title="Channel", description="Without one, the channel that the contact used last."),
            refers_to("channel", empty="Channel used last"),
        ] = None
        message: Annotated[Outgoing, Field(title="Message"), widget("message")] = Outgoing()
        responses: Annotated[
            list[ChannelResponse],
            Field(title="Channel responses", description="What is said instead on a particular channel.", max_length=20),
            widget(item="response", advanced=True),
        ] = []
        failure_branch: Annotated[
            bool,
            Field(title="Failure branch", description="Go another way if the message cannot be sent. Else the workflow goes on."),
            widget(advanced=True),
        ] = False

    def exits(self, params: Params) -> Sequence[Exit]:
        """Success and failure, or one way on."""
        return (
            (Exit("next", gettext("Success")), Exit("failure", gettext("Failure"), "failure"))
            if params.failure_branch
            else (Exit("next", gettext("Next")),)
        )

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """The words."""
        words = shown(params.message)
        return f"{name_of('channel', params.channel_id)}: {words}" if params.channel_id else words

    def faults(self, params: Params) -> Sequence[Fault]:
        """What is missing."""
        found = [Fault(gettext("Write a message, or choose a file."), "message")] if is_empty(params.message) else []
        seen: set[int] = set()
        for place, response in enumerate(params.responses):
            if response.channel_id is None:
                found.append(Fault(gettext("Choose the channel of this response."), f"responses.{place}.channel_id"))
            elif response.channel_id in seen:
                found.append(Fault(gettext("There is a response for this channel already."), f"responses.{place}.channel_id"))
            else:
                seen.add(response.channel_id)
            if is_empty(response.message):
                found.append(Fault(gettext("Write a message, or choose a file."), f"responses.{place}.message"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Send it; what became of it comes as a result."""
        send = Send(
            message=filled(params.message, scene),
            by_channel={
                response.channel_id: filled(response.message, scene) for response in params.responses if response.channel_id is not None
            },
            channel_id=params.channel_id,
            until_sent=params.failure_branch,
        )
        return Wait(("result",), effects=(send,), shown=gettext("the message to be sent"))

    def resume(self, params: Params, _scene: Scene, heard: Heard) -> Outcome:
        """Go on, or another way."""
        if isinstance(heard, Result) and not heard.ok:
            return Fail(heard.reason, "failure" if params.failure_branch else "next")
        return Next()
