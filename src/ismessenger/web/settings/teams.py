"""Settings → Teams: who works together. Managers make and change them, Owners delete them."""

from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import members
from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.teams import TeamDraft, TeamRefused, add_team, change_team, delete_team, limited_to_team, team_named, teams
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import Id, parse
from ismessenger.web.settings.shown_people import candidates, team_row
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

LIST = "/settings/teams"


class TeamForm(BaseModel):
    """``members`` are the numbers of those who shall be in it."""

    name: str = ""
    description: str = ""
    members: list[Id] = []

    @property
    def draft(self) -> TeamDraft:
        """What was typed."""
        return TeamDraft(self.name, self.description, frozenset(self.members))


@reads(Right.TEAMS)
async def index(visit: Visit) -> Response:
    """``GET /settings/teams``."""
    everybody = await members(visit.reading)
    rows = [team_row(team, everybody) for team in await teams(visit.reading)]
    return await _page(visit, "settings/teams.html", teams=rows)


@reads(Right.TEAMS)
async def new(visit: Visit) -> Response:
    """``GET /settings/teams/new``."""
    return await _form(visit, 0, TeamForm(), "")


@writes(Right.TEAMS)
async def create(visit: Visit) -> Response:
    """``POST /settings/teams``."""
    form = await parse(visit.request, TeamForm)
    try:
        await add_team(visit.db, form.draft)
    except TeamRefused as error:
        return await _form(visit, 0, form, str(error))
    return see_other(LIST)


@reads(Right.TEAMS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/teams/ID``."""
    team = await team_named(visit.reading, visit.path_id())
    inside = [member.id for member in await members(visit.reading) if member.team_id == team.id]
    return await _form(visit, team.id, TeamForm(name=team.name, description=team.description, members=inside), "")


@writes(Right.TEAMS)
async def update(visit: Visit) -> Response:
    """``POST /settings/teams/ID``."""
    form = await parse(visit.request, TeamForm)
    try:
        await change_team(visit.db, visit.path_id(), form.draft)
    except TeamRefused as error:
        return await _form(visit, visit.path_id(), form, str(error))
    return see_other(LIST)


@writes(Right.DELETE_TEAMS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/teams/ID/deletion``: its members stay, without a team."""
    await delete_team(visit.db, visit.path_id())
    return see_other(LIST)


async def _form(visit: Visit, team_id: int, form: TeamForm, error: str) -> Response:
    everybody = await members(visit.reading)
    names = {team.id: team.name for team in await teams(visit.reading)}
    return await _page(
        visit,
        "settings/team.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        team_id=team_id,
        team_name=names.get(team_id, ""),
        name=form.name,
        description=form.description,
        people=candidates(everybody, names, team_id, frozenset(form.members)),
        inside=sum(member.team_id == team_id for member in everybody),
        limited=await limited_to_team(visit.reading, team_id),
        may_delete=may(visit.member, Right.DELETE_TEAMS),
        error=error,
    )


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(f"{LIST}/new", new),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", edit),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
