"""A member begins it by hand, from a conversation."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any, ClassVar, Final, Literal, assert_never

from pydantic import Field

from ismessenger.sdk.step import MAX_VALUE, Fact, Fault, Part, Thing, Value, Variable, widget
from ismessenger.sdk.words import gettext, marked
from workflows import answers
from workflows.answers import Unfit
from workflows.names import VariableName
from workflows.wording import line

MAX_INPUTS: Final = 10
MAX_OPTIONS: Final = 50
RUNNING: Final = ("running_user", "running_user_id", "running_user_email")

InputType = Literal["text", "long_text", "number", "choice", "checkbox", "date", "time", "email", "phone", "url"]

_TYPES: Final[dict[InputType, str]] = {
    "text": marked("Text"),
    "long_text": marked("Long text"),
    "number": marked("Number"),
    "choice": marked("Choice"),
    "checkbox": marked("Checkbox"),
    "date": marked("Date"),
    "time": marked("Time"),
    "email": marked("E-mail address"),
    "phone": marked("Phone number"),
    "url": marked("Web address"),
}


class Input(Part):
    """One field of the form that the member fills in."""

    label: Annotated[str, Field(title="Label", max_length=60)] = ""
    variable: Annotated[VariableName, Field(title="Variable")] = ""
    type: Annotated[InputType, Field(title="Kind"), widget(labels=_TYPES)] = "text"
    required: Annotated[bool, Field(title="Must be filled in")] = False
    options: Annotated[
        list[Annotated[str, Field(max_length=60)]],
        Field(title="Choices", max_length=MAX_OPTIONS),
        widget("options", when={"type": ["choice"]}, item="choice"),
    ] = []


class Shortcut:
    """Begins from the conversation's menu, with what the member fills in."""

    kind: ClassVar = "shortcut"
    name: ClassVar = "Shortcut"
    description: ClassVar = "A member begins it from a conversation, with a form of its own if wanted."
    icon: ClassVar = "zap"
    listens: ClassVar[Sequence[str]] = ()

    class Params(Part):
        name: Annotated[str, Field(title="Name", description="What members choose.", max_length=40)] = ""
        icon: Annotated[str, Field(title="Icon", max_length=40, pattern=r"^[a-z0-9-]*$"), widget("icon")] = "zap"
        description: Annotated[str, Field(title="Description", max_length=200)] = ""
        form: Annotated[
            list[Input],
            Field(title="Form", description="What the member is asked. Each answer is a variable.", max_length=MAX_INPUTS),
            widget(item="field"),
        ] = []

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """Its name."""
        return line(params.name)

    def faults(self, params: Params) -> Sequence[Fault]:
        """Names that are missing or there twice, choices without any."""
        found = [] if params.name.strip() else [Fault(gettext("Give the shortcut a name."), "name")]
        seen: set[str] = set(RUNNING)
        for place, asked in enumerate(params.form):
            if not asked.label.strip():
                found.append(Fault(gettext("Give the field a label."), f"form.{place}.label"))
            if not asked.variable:
                found.append(Fault(gettext("Give the variable a name."), f"form.{place}.variable"))
            elif asked.variable in seen:
                found.append(Fault(gettext("There is a variable $%(name)s already.") % {"name": asked.variable}, f"form.{place}.variable"))
            seen.add(asked.variable)
            if asked.type == "choice" and not any(option.strip() for option in asked.options):
                found.append(Fault(gettext("Add at least one choice."), f"form.{place}.options"))
        return found

    def variables(self, params: Params) -> Sequence[Variable]:
        """The form's answers, and who filled it in."""
        return [
            Variable("running_user", gettext("Name of who began it")),
            Variable("running_user_id", gettext("ID of who began it"), "number"),
            Variable("running_user_email", gettext("E-mail of who began it")),
            *(_variable(asked) for asked in params.form if asked.variable),
        ]

    def match(self, _params: Params, _fact: Fact) -> Mapping[str, Value] | None:
        """No fact begins it."""
        return None


def read_form(params: Shortcut.Params, given: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, str]]:
    """The variables of a form that was filled in, and what is wrong with it: sentences by the variable's name.

    ``given`` are texts by the variable's name, as a browser sends them: a checkbox that is ticked is any text.
    """
    values: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for asked in params.form:
        if not asked.variable:
            continue
        written = given.get(asked.variable, "").replace("\x00", "").strip()
        if not written and asked.type != "checkbox":
            values[asked.variable] = None
            if asked.required:
                wrong[asked.variable] = gettext("%(field)s must be filled in.") % {"field": asked.label}
            continue
        try:
            values[asked.variable] = _value(asked, written)
        except ValueError as error:
            wrong[asked.variable] = (
                str(error)
                if isinstance(error, Unfit)
                else gettext("%(field)s: this is no %(kind)s.") % {"field": asked.label, "kind": gettext(_TYPES[asked.type]).lower()}
            )
    return values, wrong


def _value(asked: Input, written: str) -> Value:
    plain = answers.plain(written)
    match asked.type:
        case "text" | "long_text":
            return written[:MAX_VALUE]
        case "number":
            return answers.number(written, None, None)
        case "choice":
            return answers.chosen(plain, asked.options)
        case "checkbox":
            if asked.required and not written:
                raise Unfit(gettext("%(field)s must be ticked.") % {"field": asked.label})
            return bool(written)
        case "date":
            return date.fromisoformat(written).isoformat()
        case "time":
            return f"{time.fromisoformat(written):%H:%M}"
        case "email":
            return answers.email(written, plain.content)
        case "phone":
            return answers.phone(written, plain.content, "")
        case "url":
            return answers.url(written)
        case _:
            assert_never(asked.type)


def _variable(asked: Input) -> Variable:
    label = asked.label or asked.variable
    match asked.type:
        case "choice":
            return Variable(asked.variable, label, "choice", [(option, option) for option in asked.options])
        case "number" | "checkbox" | "date" | "time":
            return Variable(asked.variable, label, asked.type)
        case _:
            return Variable(asked.variable, label)
