"""Hand the contact to somebody."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ismessenger.sdk.step import (
    Assign,
    Duration,
    Exit,
    Fail,
    Fault,
    Heard,
    Next,
    Outcome,
    Part,
    Result,
    Scene,
    Thing,
    TimeUp,
    Variable,
    Wait,
    refers_to,
    widget,
)
from ismessenger.sdk.words import gettext
from workflows.limits import LONGEST, too_long
from workflows.times import after, in_words

_POOLS = {"when": {"action": ["team", "workspace"]}}


class AssignTo:
    """Assigns the contact to a member, to one of a team or of the workspace, or to nobody."""

    kind: ClassVar = "assign_to"
    name: ClassVar = "Assign to"
    description: ClassVar = "Hand the contact to a member, to one of a team or of all, or take the assignment away."
    icon: ClassVar = "user-plus"
    group: ClassVar = "Conversation"

    class Params(Part):
        action: Annotated[
            Literal["member", "team", "workspace", "unassign"],
            Field(title="To whom"),
            widget(
                labels={
                    "member": "A certain member",
                    "team": "A member of a team",
                    "workspace": "A member of the workspace",
                    "unassign": "Nobody: unassign",
                }
            ),
        ] = "workspace"
        member_id: Annotated[int | None, Field(title="Member"), refers_to("member", when={"action": ["member"]})] = None
        team_id: Annotated[int | None, Field(title="Team"), refers_to("team", when={"action": ["team"]})] = None
        logic: Annotated[
            Literal["round_robin", "least_open"],
            Field(title="Who of them"),
            widget(labels={"round_robin": "Round robin: each in turn", "least_open": "Whoever has the fewest open contacts"}, **_POOLS),
        ] = "round_robin"
        online_only: Annotated[
            bool, Field(title="Only who is online", description="The contact waits until somebody is."), widget(**_POOLS, advanced=True)
        ] = False
        below: Annotated[
            int | None,
            Field(title="Only who has fewer open contacts than", description="The contact waits until somebody has.", ge=1, le=10_000),
            widget(**_POOLS, advanced=True),
        ] = None
        reassign_offline: Annotated[
            bool,
            Field(title="Assign again when they go offline", description="Who got the contact here and goes offline hands it on."),
            widget(**_POOLS, advanced=True),
        ] = False
        timeout_branch: Annotated[
            bool,
            Field(title="Timeout branch", description="Go another way if nobody can take the contact in time."),
            widget(**_POOLS, advanced=True),
        ] = False
        timeout: Annotated[
            Duration,
            Field(title="Wait for somebody", description="At most seven days. Without a timeout branch the workflow ends then."),
            widget("duration", **_POOLS, advanced=True, days=7),
        ] = LONGEST

    def exits(self, params: Params) -> Sequence[Exit]:
        """One way on, and one for when nobody qualified in time."""
        if params.timeout_branch and params.action in {"team", "workspace"}:
            return (Exit("next", gettext("Assigned")), Exit("timeout", gettext("Nobody in time"), "failure"))
        return (Exit("next", gettext("Next")),)

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """To whom, and how they are chosen."""
        parts = [gettext("each in turn") if params.logic == "round_robin" else gettext("fewest open contacts")]
        if params.online_only:
            parts.append(gettext("online only"))
        if params.below:
            parts.append(gettext("fewer than %(number)s open") % {"number": params.below})
        how = ", ".join(parts)
        match params.action:
            case "member":
                return name_of("member", params.member_id) if params.member_id else ""
            case "team":
                return f"{name_of('team', params.team_id)}: {how}" if params.team_id else ""
            case "workspace":
                return gettext("Workspace: %(how)s") % {"how": how}
            case "unassign":
                return gettext("Nobody")

    def variables(self, _params: Params) -> Sequence[Variable]:
        """None: ``assignee.name`` and its like say who it is now."""
        return ()

    def faults(self, params: Params) -> Sequence[Fault]:
        """Nobody was chosen, or the time is too long."""
        found = too_long(params.timeout, "timeout")
        if params.action == "member" and params.member_id is None:
            found.append(Fault(gettext("Choose a member."), "member_id"))
        if params.action == "team" and params.team_id is None:
            found.append(Fault(gettext("Choose a team."), "team_id"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Ask for somebody; of a team or the workspace that may take a while."""
        match params.action:
            case "member":
                return Wait(("result",), effects=(Assign(pool="member", to=params.member_id),), shown=gettext("the assignment"))
            case "unassign":
                return Wait(("result",), effects=(Assign(pool="nobody"),), shown=gettext("the assignment"))
            case "team" | "workspace":
                assign = Assign(
                    pool=params.action,
                    to=params.team_id if params.action == "team" else None,
                    logic=params.logic,
                    online_only=params.online_only,
                    below=params.below,
                    reassign_offline=params.reassign_offline,
                )
                until = after(scene.now, params.timeout, scene.timezone)
                return Wait(("result", "time"), until=until, effects=(assign,), shown=gettext("somebody who can take the contact"))

    def resume(self, params: Params, _scene: Scene, heard: Heard) -> Outcome:
        """Somebody got it, nobody did in time, or it cannot be."""
        match heard:
            case Result(ok=True):
                return Next(output=dict(heard.details))
            case TimeUp() if params.timeout_branch:
                return Next("timeout", output={"member_id": None})
            case TimeUp():
                nobody = gettext("Nobody could take the contact within %(time)s.") % {"time": in_words(params.timeout)}
                return Next("", output={"member_id": None, "reason": nobody})
            case Result():
                return Fail(heard.reason)
            case _:
                raise TypeError(heard)
