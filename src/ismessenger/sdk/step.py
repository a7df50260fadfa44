"""The contract of workflow steps and triggers: what they declare, what they see, and what they answer.

A step decides and does nothing itself. It sees the contact through a `Scene`, answers with `Next`, `Wait` or `Fail`, and what is to
happen to the contact or outside are effects in that answer. The engine is a function of definition, state and signal; who calls it
carries the effects out. Nothing here knows a clock, a database or a network. Times are aware UTC datetimes.

``Params`` is a pydantic model that drives the form, the check and the documentation: give every field a ``title``, a ``description``
where the title is not enough, and its limits. What a field is edited with follows from its type, or is named by `widget`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from ismessenger.sdk.content import Content
from ismessenger.sdk.words import marked

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Value = str | int | float | bool | None
"""What a variable of a run holds. Text is at most `MAX_VALUE` characters."""

MAX_VALUE = 10_000

# --- What a field of Params is -----------------------------------------------------------------------------------------------

Thing = Literal[
    "tag", "stage", "field", "channel", "member", "team", "category", "file", "workflow", "secret", "connection", "step", "variable"
]
"""What a definition may name by its id. A ``step`` and a ``variable`` are of the same definition; the others of the workspace."""


def refers_to(thing: Thing, **more: Any) -> Any:
    """Annotate an id, or a list of ids, with what it names: the form offers a choice, and what was deleted is a problem of the step.

    ``channel: Annotated[int | None, refers_to("channel")] = None``

    ``where={"type": ["email", "text"]}`` leaves of the things those whose `more` says so. ``create="new_tags"`` names the field beside it,
    a list of words, that takes the names of tags that are yet to be made. What `widget` says of ``when``, ``advanced`` and ``placeholder``
    holds here too.
    """
    return Field(json_schema_extra={"thing": thing, **more})


def widget(name: str = "", **more: Any) -> Any:
    """Annotate a field with what it is edited with, where its type does not say it.

    Known are ``text`` (one line, with variables), ``words`` (several lines, with variables), ``message`` (`Outgoing`), ``conditions``,
    ``duration``, ``hours`` (`BusinessHours`), ``timezone``, ``headers``, ``mapping``, ``options``, ``code``. Without a name the type
    decides.

    More that the form knows: ``labels={"least_open": "Least open contacts"}`` names the values of a choice; ``when={"pool": ["team"]}``
    shows the field only where another one of the same model has one of these values; ``advanced=True`` folds it away under "Advanced";
    ``placeholder`` shows what could stand there; ``item="branch"`` is what one of a list is called ("Add branch"); ``filled=True`` says
    that variables may stand in its texts, whatever it is edited with.
    """
    return Field(json_schema_extra={**({"widget": name} if name else {}), **more})


class Part(BaseModel):
    """Base of everything that is stored inside a definition."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Duration(Part):
    """A length of time. Limits are the step's."""

    value: Annotated[int, Field(ge=1, le=100_000)]
    unit: Literal["minutes", "hours", "days"]

    @property
    def minutes(self) -> int:
        """The same in minutes."""
        return self.value * {"minutes": 1, "hours": 60, "days": 24 * 60}[self.unit]


class Outgoing(Part):
    """What a step wants to send: words with variables, files of the library, or a content of its own for one channel.

    ``content`` is a `sdk.content.Content` as JSON (a template, say) and goes instead of the words.
    """

    text: Annotated[str, Field(title="Message", max_length=2000), widget("words")] = ""
    file_ids: Annotated[list[int], Field(title="Files", max_length=5), refers_to("file")] = []
    subject: Annotated[str, Field(title="Subject", max_length=200), widget("text", only="email")] = ""
    tag: Annotated[str | None, Field(title="Message tag", max_length=64), widget(only="messenger")] = None
    content: Annotated[dict[str, Any] | None, Field(title="Content of the channel's own"), widget(filled=True)] = None


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a trigger or a step gives to the steps after it. ``options`` are the values it can have, where they are few."""

    name: str
    label: str
    type: Literal["text", "number", "checkbox", "date", "time", "choice"] = "text"
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """A way on from a step. ``id`` is stored in definitions: never rename it. ``kind`` is how it is drawn."""

    id: str
    label: str
    kind: Literal["next", "branch", "failure"] = "next"


NEXT = Exit("next", marked("Next"))
"""The way on of a step that has only one."""

# --- Effects: what is to happen ----------------------------------------------------------------------------------------------


class Effect(BaseModel):
    """Base of the effects. They are stored and repeated in logs: ids and words, no objects."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Send(Effect):
    """Write to the contact, on a channel or (None) on the one it used last. ``by_channel`` replaces ``message`` where its channel is used.

    Variables are filled in already. A question may carry ``choices``, shown as the channel can. The result is ``{"message_id": 7}``, or a
    failure with its reason; with ``until_sent`` it comes when the provider took or refused the message, else as soon as it is stored.
    """

    do: Literal["send"] = "send"
    message: Outgoing
    by_channel: dict[int, Outgoing] = {}
    channel_id: int | None = None
    choices: list[str] = []
    until_sent: bool = False


class Comment(Effect):
    do: Literal["comment"] = "comment"
    text: str


class Tags(Effect):
    """Put tags on the contact and take others off, by id; ``create`` are names of tags that may have to be made first."""

    do: Literal["tags"] = "tags"
    add: list[int] = []
    remove: list[int] = []
    create: list[str] = []


class SetField(Effect):
    """Set a field of the contact, by its key; None empties it. ``value`` is text as a person writes it. Fails where it does not fit."""

    do: Literal["field"] = "field"
    field: str
    value: str | None


class SetStage(Effect):
    do: Literal["stage"] = "stage"
    stage_id: int | None


class Open(Effect):
    do: Literal["open"] = "open"


class Close(Effect):
    do: Literal["close"] = "close"
    category_id: int | None = None
    summary: str = ""


class Snooze(Effect):
    do: Literal["snooze"] = "snooze"
    until: datetime


class Assign(Effect):
    """Hand the contact to a member (``to`` its id), to nobody, or to one of a pool.

    The result is ``{"member_id": 3}``. With limits it may come much later: the contact waits in a queue until somebody qualifies, and the
    step's time limit ends that.
    """

    do: Literal["assign"] = "assign"
    pool: Literal["member", "team", "workspace", "nobody"]
    to: int | None = None
    logic: Literal["round_robin", "least_open"] = "round_robin"
    online_only: bool = False
    below: int | None = None
    reassign_offline: bool = False


class Call(Effect):
    """Ask something outside, once for each attempt. ``integration`` is ``http`` or the kind of an integration.

    ``request`` is what the integration's action takes, with variables filled in and secrets still named (`SECRET`). The result is what it
    answered: for ``http`` ``{"status": 200, "json": …}``; a failure has a reason.
    """

    do: Literal["call"] = "call"
    integration: str
    action: str
    request: dict[str, Any]
    connection_id: int | None = None


class Start(Effect):
    """Begin another workflow with this contact, handing it variables."""

    do: Literal["start"] = "start"
    workflow_id: int
    variables: dict[str, Value] = {}


AnyEffect = Annotated[
    Send | Comment | Tags | SetField | SetStage | Open | Close | Snooze | Assign | Call | Start, Field(discriminator="do")
]

# --- Signals: what a step can wait for -----------------------------------------------------------------------------------------

Awaited = Literal["result", "answer", "time"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the effects of the step, of which the last one is told of. A failure has a ``reason`` in words."""

    ok: bool
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The next message of the contact. ``payload`` is that of the button or quick reply that was pressed."""

    content: Content
    message_id: int | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The time of the wait is over."""


Heard = Result | Answer | TimeUp

# --- What a step answers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Next:
    """Go on by an exit. Without a step behind it, or without an exit, the run is done. ``output`` is shown in the history of the run."""

    exit: str = "next"
    effects: Sequence[Effect] = ()
    variables: Mapping[str, Value] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Stop here until one of ``for_`` comes; ``until`` is when `TimeUp` comes, needed for ``time``.

    ``memory`` is JSON that `Scene.memory` gives back when the step is resumed. ``shown`` says in words what is waited for.
    """

    for_: Sequence[Awaited]
    until: datetime | None = None
    effects: Sequence[Effect] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on at another step of the workflow, if it was not done ``most`` times already; then go on by ``otherwise``."""

    to: str
    most: int
    otherwise: str = "next"


@dataclass(frozen=True, slots=True)
class Fail:
    """It could not be done. The run goes on by ``exit`` where something stands behind it, and ends as failed with ``exit`` empty."""

    reason: str
    exit: str = ""
    variables: Mapping[str, Value] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)


Outcome = Next | Wait | Jump | Fail

# --- What a step sees ----------------------------------------------------------------------------------------------------------


class Scene(Protocol):
    """The contact and the run as they are now, with what this run's effects changed so far."""

    now: datetime
    timezone: str
    """The workspace's."""

    memory: Mapping[str, Any]
    """What the step's `Wait` remembered; empty when it is entered."""

    run_key: str
    """Names this entry of this step in this run, for ever: an idempotency key."""

    def filled(self, words: str) -> str:
        """The words with variables put in (see `workflows.expressions`). What has no value becomes nothing."""
        ...

    def variable(self, name: str) -> Value:
        """A variable such as ``contact.email`` or one of the run."""
        ...

    def matches(self, condition: Mapping[str, Any]) -> bool:
        """Whether a stored condition holds for the contact and the variables of the run. A broken one does not."""
        ...

    def tag_named(self, name: str) -> int | None:
        """The id of a tag, whatever its capitals."""
        ...


class Step(Protocol):
    """One kind of step. ``kind`` is stored in definitions: never rename it.

    ``icon`` is the name of a Lucide icon that our pages use; others are drawn as a piece of a puzzle, unless the step is `Drawn`. ``group``
    is one of the sections of the palette: Messages, Contact, Conversation, Logic, Connections.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    icon: ClassVar[str]
    group: ClassVar[str]
    Params: ClassVar[type[BaseModel]]

    def exits(self, params: Any) -> Sequence[Exit]:
        """The ways on, in the order in which they are drawn. Empty for a step after which nothing can stand."""
        ...

    def summary(self, params: Any, name_of: Callable[[Thing, Any], str]) -> str:
        """One line of what it does, for the canvas. ``name_of`` gives the name of what an id refers to."""
        ...

    def run(self, params: Any, scene: Scene) -> Outcome:
        """The step was reached."""
        ...


@runtime_checkable
class Resumes(Protocol):
    """A step that waits."""

    def resume(self, params: Any, scene: Scene, heard: Heard) -> Outcome:
        """What it waited for came."""
        ...


@runtime_checkable
class Drawn(Protocol):
    """A step or trigger with an icon of its own, drawn instead of ``icon``: an SVG as `sdk.drawing` reads it."""

    drawing: ClassVar[str]


@runtime_checkable
class Gives(Protocol):
    """A step that makes variables for those after it."""

    def variables(self, params: Any) -> Sequence[Variable]:
        """Their names and types."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a step, in a sentence; ``field`` is where in its parameters, such as ``branches.0.name``."""

    words: str
    field: str = ""


@runtime_checkable
class Checks(Protocol):
    """A step or trigger with rules that types cannot say, such as a choice that is still missing.

    What it says is shown beside the field and keeps the workflow from being published.
    """

    def faults(self, params: Any) -> Sequence[Fault | str]:
        """Sentences for whoever builds the workflow; one that belongs to a field is a `Fault`."""
        ...


# --- Triggers ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a contact. ``kind`` is that of the timeline's event, such as ``conversation.opened``.

    ``details`` are the event's, with what its conversation knows: see each trigger.
    """

    kind: str
    at: datetime
    details: Mapping[str, Any]


class Trigger(Protocol):
    """What begins a workflow. ``listens`` are kinds of facts; one without any is started by other means."""

    kind: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    icon: ClassVar[str]
    listens: ClassVar[Sequence[str]]
    Params: ClassVar[type[BaseModel]]

    def summary(self, params: Any, name_of: Callable[[Thing, Any], str]) -> str:
        """One line of when it begins, for the canvas."""
        ...

    def variables(self, params: Any) -> Sequence[Variable]:
        """What it gives to the steps and to its conditions."""
        ...

    def match(self, params: Any, fact: Fact) -> Mapping[str, Value] | None:
        """The variables, if this fact begins the workflow. Conditions are asked afterwards, by who calls."""
        ...


CALLED: Final = "webhook.called"
"""The kind of the fact that a `TakesCalls` trigger matches: its details are ``{"body": …}``, the JSON that was sent."""


@runtime_checkable
class TakesCalls(Protocol):
    """A trigger that a call from outside sets off, for one contact."""

    def who(self, params: Any, body: Json) -> tuple[Literal["contact_id", "phone", "email"], str]:
        """By what the body names the contact. Raises ``ValueError`` with a sentence for whoever calls."""
        ...
