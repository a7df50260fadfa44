"""Ask the contact something and keep the answer."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, assert_never

from pydantic import Field

from ismessenger.sdk.step import (
    Answer,
    Duration,
    Effect,
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
    SetField,
    Tags,
    Thing,
    TimeUp,
    Value,
    Variable,
    Wait,
    refers_to,
    widget,
)
from ismessenger.sdk.words import gettext, marked
from workflows import answers
from workflows.answers import AnswerType, DateForm, Unfit
from workflows.expressions import shown as in_words
from workflows.limits import LONGEST, too_long
from workflows.names import VariableName
from workflows.times import after
from workflows.wording import filled, is_empty, shown

MAX_OPTIONS: Final = 10
MAX_OPTION: Final = 20

_TYPES: Final[dict[AnswerType, str]] = {
    "text": marked("Text"),
    "choice": marked("Multiple choice"),
    "number": marked("Number"),
    "date": marked("Date"),
    "phone": marked("Phone number"),
    "email": marked("E-mail address"),
    "url": marked("Web address"),
    "rating": marked("Rating from 1 to 5"),
    "location": marked("Location"),
}


class AskQuestion:
    """Asks on the channel that the contact used last; their next message is the answer."""

    kind: ClassVar = "ask_question"
    name: ClassVar = "Ask a question"
    description: ClassVar = "Ask the contact something, check the answer, and keep it."
    icon: ClassVar = "message-circle-question"
    group: ClassVar = "Messages"

    class Params(Part):
        question: Annotated[Outgoing, Field(title="Question"), widget("message")] = Outgoing()
        type: Annotated[AnswerType, Field(title="Kind of answer"), widget(labels=_TYPES)] = "text"
        options: Annotated[
            list[Annotated[str, Field(max_length=MAX_OPTION)]],
            Field(title="Choices", description="Shown as buttons where the channel has them, else with numbers.", max_length=MAX_OPTIONS),
            widget("options", when={"type": ["choice"]}, item="choice"),
        ] = []
        minimum: Annotated[float | None, Field(title="At least", allow_inf_nan=False), widget(when={"type": ["number"]})] = None
        maximum: Annotated[float | None, Field(title="At most", allow_inf_nan=False), widget(when={"type": ["number"]})] = None
        date_format: Annotated[DateForm, Field(title="Form of the date"), widget(when={"type": ["date"]})] = "YYYY-MM-DD"
        country: Annotated[
            str,
            Field(
                title="Country", description="Of numbers written without their country’s code, as two letters.", pattern=r"^([A-Z]{2})?$"
            ),
            widget("country", when={"type": ["phone"]}),
        ] = ""
        save_variable: Annotated[VariableName, Field(title="Save as variable"), widget(placeholder="answer")] = ""
        save_field: Annotated[str | None, Field(title="Save in a field"), refers_to("field", empty="No field")] = None
        save_tag: Annotated[
            bool, Field(title="Tag the contact", description="With the name of what they chose."), widget(when={"type": ["choice"]})
        ] = False
        timeout_branch: Annotated[
            bool, Field(title="Timeout branch", description="Go another way if no answer comes."), widget(advanced=True)
        ] = False
        timeout: Annotated[
            Duration,
            Field(title="Wait for an answer", description="At most seven days. Without a timeout branch the workflow ends then."),
            widget("duration", advanced=True, days=7),
        ] = LONGEST
        not_sent_branch: Annotated[
            bool,
            Field(title="Branch for a message not sent", description="Go another way if the question cannot be sent."),
            widget(advanced=True),
        ] = False

    def exits(self, params: Params) -> Sequence[Exit]:
        """Success, and the ways in which it can go wrong."""
        found = [Exit("success", gettext("Success"))]
        if params.type != "text":
            found.append(Exit("invalid", gettext("Invalid answer"), "failure"))
        if params.timeout_branch:
            found.append(Exit("timeout", gettext("No answer in time"), "failure"))
        if params.not_sent_branch:
            found.append(Exit("not_sent", gettext("Message not sent"), "failure"))
        return found

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """The question."""
        return shown(params.question)

    def variables(self, params: Params) -> Sequence[Variable]:
        """The answer, if it is kept as one."""
        if not params.save_variable:
            return ()
        options = [(option, option) for option in params.options] if params.type == "choice" else []
        label = shown(params.question) or gettext("Answer")
        match params.type:
            case "number" | "rating":
                return (Variable(params.save_variable, label, "number"),)
            case "date":
                return (Variable(params.save_variable, label, "date"),)
            case "choice":
                return (Variable(params.save_variable, label, "choice", options),)
            case _:
                return (Variable(params.save_variable, label),)

    def faults(self, params: Params) -> Sequence[Fault]:
        """What is missing or contradicts itself."""
        tapped = params.type in {"choice", "rating"} and not (params.question.text.strip() or params.question.content)
        found = [Fault(gettext("Write the question."), "question")] if tapped or is_empty(params.question) else []
        found += too_long(params.timeout, "timeout")
        if params.type == "choice":
            found += _option_faults(params.options)
        if params.type == "number" and params.minimum is not None and params.maximum is not None and params.minimum > params.maximum:
            found.append(Fault(gettext("No number is at least so much and at most so little."), "maximum"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Ask, and wait for what comes of it."""
        until = after(scene.now, params.timeout, scene.timezone)
        send = Send(message=filled(params.question, scene), choices=_choices(params, scene), until_sent=params.not_sent_branch)
        return Wait(
            ("result", "answer", "time"),
            until=until,
            effects=(send,),
            memory={"until": until.isoformat(), "options": _options(params, scene)},
            shown=gettext("an answer"),
        )

    def resume(self, params: Params, scene: Scene, heard: Heard) -> Outcome:
        """It was sent or not, the time is up, or an answer came."""
        match heard:
            case Result(ok=True):
                until = datetime.fromisoformat(scene.memory["until"])
                return Wait(("answer", "time"), until=until, memory=scene.memory, shown=gettext("an answer"))
            case Result():
                return Fail(heard.reason, "not_sent" if params.not_sent_branch else "")
            case TimeUp():
                return Next("timeout" if params.timeout_branch else "", output={"answer": None})
            case Answer():
                return self._answered(params, scene, heard)
            case _:
                assert_never(heard)

    def _answered(self, params: Params, scene: Scene, answer: Answer) -> Outcome:
        try:
            value = _read(params, answer, scene.memory.get("options", params.options))
        except Unfit as unfit:
            return Next("invalid", output={"answer": answers.words(answer), "why": str(unfit)})
        effects: list[Effect] = [SetField(field=params.save_field, value=in_words(value))] if params.save_field else []
        if params.save_tag and params.type == "choice":
            effects.append(_tag(str(value), scene))
        return Next(
            "success",
            effects=effects,
            variables={params.save_variable: value} if params.save_variable else {},
            output={"answer": value},
        )


def _option_faults(options: Sequence[str]) -> list[Fault]:
    if not options:
        return [Fault(gettext("Add at least one choice."), "options")]
    found = [Fault(gettext("This choice is empty."), f"options.{place}") for place, option in enumerate(options) if not option.strip()]
    folded = [option.strip().casefold() for option in options]
    found += [
        Fault(gettext("This choice is there already."), f"options.{place}")
        for place, option in enumerate(folded)
        if option and option in folded[:place]
    ]
    return found


def _options(params: AskQuestion.Params, scene: Scene) -> list[str]:
    """The choices as they are shown: a variable may stand in one."""
    return [scene.filled(option).strip()[:MAX_OPTION] or option for option in params.options] if params.type == "choice" else []


def _choices(params: AskQuestion.Params, scene: Scene) -> list[str]:
    return list(answers.RATINGS) if params.type == "rating" else _options(params, scene)


def _read(params: AskQuestion.Params, answer: Answer, options: Sequence[str]) -> Value:
    said = answers.words(answer)
    match params.type:
        case "text":
            return said
        case "choice":
            return answers.chosen(answer, options)
        case "number":
            return answers.number(said, params.minimum, params.maximum)
        case "date":
            return answers.day(said, params.date_format)
        case "phone":
            return answers.phone(said, answer.content, params.country)
        case "email":
            return answers.email(said, answer.content)
        case "url":
            return answers.url(said)
        case "rating":
            return answers.rating(answer)
        case "location":
            return answers.place(said, answer.content)
        case _:
            assert_never(params.type)


def _tag(name: str, scene: Scene) -> Tags:
    tag_id = scene.tag_named(name)
    return Tags(create=[name]) if tag_id is None else Tags(add=[tag_id])
