"""Go one of several ways, by what is true of the contact and the run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from ismessenger.sdk.step import Exit, Fault, Next, Outcome, Part, Scene, Thing, widget
from ismessenger.sdk.words import gettext, marked
from workflows.conditions import MAX_CONDITIONS, asks, leaves

MAX_BRANCHES: Final = 9

ELSE: Final = Exit("else", marked("Else"), "branch")


class Case(Part):
    """One way. ``id`` is that of its exit and stays when it is renamed or moved."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$"), widget("id")]
    name: Annotated[str, Field(title="Name", max_length=60)] = ""
    condition: Annotated[
        dict[str, Any],
        Field(title="Conditions", description="At most ten."),
        widget("conditions", limit=MAX_CONDITIONS),
    ] = {"$and": []}


class Branch:
    """The first way whose conditions hold is gone; none of them: Else."""

    kind: ClassVar = "branch"
    name: ClassVar = "Branch"
    description: ClassVar = "Go different ways, by fields, tags, variables, the time since the last message and more."
    icon: ClassVar = "split"
    group: ClassVar = "Logic"

    class Params(Part):
        branches: Annotated[
            list[Case],
            Field(title="Branches", description="The first one whose conditions hold is taken.", min_length=1, max_length=MAX_BRANCHES),
            widget("branches", item="branch"),
        ] = [Case(id="b1", name="Branch 1")]

    def exits(self, params: Params) -> Sequence[Exit]:
        """One for each branch, and Else."""
        return [*(Exit(case.id, name, "branch") for case, name in _named(params)), replace(ELSE, label=gettext(ELSE.label))]

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """The names of the branches."""
        return " · ".join(name for _case, name in _named(params))

    def faults(self, params: Params) -> Sequence[Fault]:
        """Branches that ask nothing or too much, or stand for the same way."""
        found = []
        seen = {ELSE.id}
        for place, (case, name) in enumerate(_named(params)):
            if case.id in seen:
                found.append(Fault(gettext("The branch “%(name)s” has the ID of another one.") % {"name": name}, f"branches.{place}"))
            seen.add(case.id)
            if not asks(case.condition):
                found.append(Fault(gettext("The branch “%(name)s” has no condition.") % {"name": name}, f"branches.{place}.condition"))
            elif leaves(case.condition) > MAX_CONDITIONS:
                found.append(
                    Fault(
                        gettext("A branch has at most %(number)s conditions.") % {"number": MAX_CONDITIONS}, f"branches.{place}.condition"
                    )
                )
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """The first that holds."""
        for case, name in _named(params):
            if scene.matches(case.condition):
                return Next(case.id, output={"branch": name})
        return Next(ELSE.id, output={"branch": ELSE.label})


def _named(params: Branch.Params) -> Iterator[tuple[Case, str]]:
    for number, case in enumerate(params.branches, 1):
        yield case, case.name.strip() or gettext("Branch %(number)s") % {"number": number}
