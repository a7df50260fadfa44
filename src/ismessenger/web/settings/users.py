"""Settings → Users: who works here, who is invited, and what each of them may do."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.access import Access, AccessRefused, NotManaged, change_access
from ismessenger.accounts.invite import InvitationRefused, cancel, invite, open_invitations, send_again
from ismessenger.accounts.join import MemberRefused
from ismessenger.accounts.members import members, present_member
from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import statuses
from ismessenger.accounts.remove import remove_member
from ismessenger.accounts.rights import AGENT, MANAGER, Right, may_manage
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.accounts.teams import team_names
from ismessenger.conversations.unassign import count_assigned
from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Invitation
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web import shown
from ismessenger.web.edge import Visit, reads, see_other, without_transaction, writes
from ismessenger.web.errors import Refused
from ismessenger.web.forms import OptionalId, parse
from ismessenger.web.ratelimit import Limit
from ismessenger.web.settings.shown_people import PersonRow, access_fields, invited_row, person_row
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.spreadsheet import csv_file
from ismessenger.web.templating import render

LIST = "/settings/users"
INVITATIONS = Limit(per_second=1 / 60, burst=30)
LETTERS = Limit(per_second=1 / 300, burst=3)


class AccessForm(BaseModel):
    """What somebody may do. The lists hold the boxes of each role; those of other roles do not matter."""

    role: str = ""
    manager: list[str] = []
    agent: list[str] = []
    visibility: str = ""
    team_id: OptionalId = None

    @property
    def access(self) -> Access:
        """What was chosen."""
        seen = [self.visibility] if self.visibility else []
        chosen = {MANAGER: self.manager, AGENT: [*self.agent, *seen]}.get(self.role, [])
        return Access(self.role, tuple(chosen), self.team_id)


class InvitationForm(AccessForm):
    """The same for somebody new."""

    email: str = ""


@reads(Right.USERS)
async def index(visit: Visit) -> Response:
    """``GET /settings/users``: members and open invitations."""
    people, teams = await _people(visit)
    invited = [invited_row(each, teams, by=visit.member) for each in await _invitations(visit.installation, visit.reading.workspace_id)]
    asked = visit.request.query_params
    done = next((word for word in ("invited", "sent", "cancelled", "saved", "removed") if word in asked), "")
    return await _page(visit, "settings/users.html", people=people, invited=invited, done=done)


@reads(Right.USERS)
async def export(visit: Visit) -> Response:
    """``GET /settings/users.csv``: the same list as a file."""
    people, teams = await _people(visit)
    columns = ["Name", "E-mail", "Role", "Team", "Restrictions", "Status", "Last active", "Invitation expires"]
    rows = [
        [
            *(each.name, each.email, each.role, each.team, "; ".join(each.restrictions), each.presence),
            *(each.last_active_at.isoformat(timespec="seconds") if each.last_active_at else "", ""),
        ]
        for each in people
    ]
    for each in await _invitations(visit.installation, visit.reading.workspace_id):
        row = invited_row(each, teams, by=visit.member)
        expires = row.expires_at.isoformat(timespec="seconds")
        rows.append(["", row.email, row.role, row.team, "; ".join(row.restrictions), "invited", "", expires])
    return csv_file("users.csv", columns, rows)


@reads(Right.USERS)
async def new(visit: Visit) -> Response:
    """``GET /settings/users/invitations/new``: the form to invite somebody."""
    return await _invitation_form(visit, InvitationForm(role=AGENT), "")


@without_transaction(Right.USERS)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/users/invitations``: write to somebody that they may join."""
    form = await parse(request, InvitationForm)
    installation: Installation = request.app.state.installation
    try:
        await _throttle(request, signed_in)
        await invite(installation, signed_in.workspace, email=form.email, access=form.access, by=signed_in.member)
    except (AccessRefused, InvitationRefused, MemberRefused) as error:
        return await _again(request, signed_in, form, str(error))
    except Refused as error:
        return await _again(request, signed_in, form, error.detail, status=error.status_code)
    return see_other(f"{LIST}?invited=1")


@without_transaction(Right.USERS)
async def write_again(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/users/invitations/ID/letters``: a new letter; the link of the one before stops working."""
    id_: int = request.path_params["id"]
    words = gettext("This letter was sent a moment ago. Wait some minutes before you send it again.")
    await request.app.state.limiter.require(f"invitation/{signed_in.workspace.id}/{id_}", LETTERS, words=words)
    await send_again(request.app.state.installation, signed_in.workspace, id_, by=signed_in.member)
    return see_other(f"{LIST}?sent=1")


@without_transaction(Right.USERS)
async def take_back(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/users/invitations/ID/cancellation``."""
    await cancel(request.app.state.installation, signed_in.workspace.id, request.path_params["id"], by=signed_in.member)
    return see_other(f"{LIST}?cancelled=1")


@reads(Right.USERS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/users/ID``: what a member may do, and the way to remove them."""
    member = await _managed(visit.reading, visit.member, visit.path_id())
    return await _member_form(visit, member, Access(member.role, tuple(member.restrictions), member.team_id), "")


@writes(Right.USERS)
async def update(visit: Visit) -> Response:
    """``POST /settings/users/ID``: give a member another role, restrictions or team."""
    form = await parse(visit.request, AccessForm)
    try:
        await change_access(visit.db, visit.path_id(), form.access, by=visit.member)
    except AccessRefused as error:
        return await _member_form(visit, await present_member(visit.db, visit.path_id()), form.access, str(error))
    return see_other(f"{LIST}?saved=1")


@without_transaction(Right.USERS)
async def remove(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/users/ID/removal``: close the workspace to a member."""
    installation: Installation = request.app.state.installation
    id_: int = request.path_params["id"]
    try:
        await remove_member(installation, signed_in.workspace.id, id_, by=signed_in.member)
    except AccessRefused as error:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            member = await present_member(db, id_)
            access = Access(member.role, tuple(member.restrictions), member.team_id)
            return await _member_form(Visit(request, signed_in, db), member, access, str(error))
    return see_other(f"{LIST}?removed=1")


async def _people(visit: Visit) -> tuple[list[PersonRow], Mapping[int, str]]:
    everybody = await members(visit.reading)
    teams = await team_names(visit.reading)
    # Whoever looks at the list is here.
    here = await statuses(visit.reading, visit.installation.redis, everybody) | {visit.member.id: shown.oneself(visit.member).presence}
    return [person_row(member, teams, here.get(member.id, "offline"), by=visit.member) for member in everybody], teams


async def _invitations(installation: Installation, workspace_id: int) -> list[Invitation]:
    async with installation.tenancy.catalog() as catalog:
        return list(await open_invitations(catalog, workspace_id))


async def _managed(db: ReadSession, by: Member, member_id: int) -> Member:
    """A member whom ``by`` may edit. Raises `MemberNotFound`, `NotManaged`."""
    member = await present_member(db, member_id)
    if member.id == by.id:
        raise NotManaged(gettext("Nobody changes their own access. Ask another Owner."))
    if not may_manage(by, member.role, member_id=member.id):
        raise NotManaged(gettext("Managers manage Agents only. Ask an Owner."))
    return member


async def _throttle(request: Request, signed_in: SignedIn) -> None:
    """Raises `TooMany`: letters to strangers are what a stolen session would be used for."""
    words = gettext("Many people were invited in a short time. Wait a minute and try again.")
    await request.app.state.limiter.require(f"invitations/{signed_in.workspace.id}", INVITATIONS, words=words)


async def _again(
    request: Request, signed_in: SignedIn, form: InvitationForm, error: str, status: int = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        return await _invitation_form(Visit(request, signed_in, db), form, error, status)


async def _invitation_form(visit: Visit, form: InvitationForm, error: str, status: int = HTTPStatus.OK) -> Response:
    fields = access_fields(form.access, await team_names(visit.reading), by=visit.member)
    return await _page(visit, "settings/user_new.html", status=status, email=form.email, access=fields, error=error)


async def _member_form(visit: Visit, member: Member, access: Access, error: str) -> Response:
    teams = await team_names(visit.reading)
    here = await statuses(visit.reading, visit.installation.redis, [member])
    return await _page(
        visit,
        "settings/user.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        person=person_row(member, teams, here.get(member.id, "offline"), by=visit.member),
        access=access_fields(access, teams, by=visit.member),
        contacts=await count_assigned(visit.reading, member.id),
        error=error,
    )


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(f"{LIST}.csv", export),
    Route(f"{LIST}/invitations/new", new),
    Route(f"{LIST}/invitations", create, methods=["POST"]),
    Route(f"{LIST}/invitations/{{id:id}}/letters", write_again, methods=["POST"]),
    Route(f"{LIST}/invitations/{{id:id}}/cancellation", take_back, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", edit),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/removal", remove, methods=["POST"]),
]
