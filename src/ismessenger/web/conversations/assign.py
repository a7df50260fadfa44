"""Whose conversation it is: the menu of members and teams, and the choice."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import mates, members, present_member
from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.presence import statuses
from ismessenger.accounts.rights import Right
from ismessenger.accounts.teams import teams
from ismessenger.accounts.visibility import sees
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.assign import assign
from ismessenger.conversations.load import COUNTED, freest, loads
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, reads, writes
from ismessenger.web.forms import OptionalId, parse
from ismessenger.web.shown import member_view
from ismessenger.web.templating import fragment, render
from ismessenger.web.view import MemberView


class AssignmentForm(BaseModel):
    """An empty ``assignee_id`` takes the assignment away; a ``team_id`` leaves the choice of the member to us."""

    assignee_id: OptionalId = None
    team_id: OptionalId = None


@dataclass(frozen=True, slots=True)
class TeamChoice:
    """A team that a conversation can be given to, and how many are in it."""

    id: int
    name: str
    members: int


@reads(Right.INBOX)
async def choices(visit: Visit) -> Response:
    """``GET /contacts/ID/assignment``: everybody with what they have to do already, and the teams with somebody in them."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    everybody = await members(visit.reading)
    presence = await statuses(visit.reading, visit.installation.redis, everybody)
    sizes = Counter(member.team_id for member in everybody)
    return render(
        visit.request,
        "conversations/assignment.html",
        contact_id=contact.id,
        assignee_id=contact.assignee_id,
        me=visit.member.id,
        members=_ordered([member_view(member, presence[member.id]) for member in everybody], visit.member.id),
        loads=await loads(visit.reading, [member.id for member in everybody]),
        counted=COUNTED,
        teams=[TeamChoice(team.id, team.name, sizes[team.id]) for team in await teams(visit.reading) if sizes[team.id]],
    )


@writes(Right.INBOX)
async def hand_over(visit: Visit) -> Response:
    """``POST /contacts/ID/assignment``."""
    form = await parse(visit.request, AssignmentForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    before = contact.assignee_id
    to, team = await _wanted(visit, form)
    await assign(visit.db, contact, to=to, actor="user", by=visit.member.id)
    if contact.assignee_id == before and team is None:
        return await answer_with_changes(visit, contact.id)
    names = {"contact": await visit.name_of(contact), "name": to.name if to else "", "team": team.name if team else ""}
    words = gettext("%(contact)s is %(name)s's, of the team %(team)s") if team else gettext("%(contact)s is %(name)s's")
    said = (words if to else gettext("%(contact)s is nobody's")) % names
    undo = await _undo(visit, contact, before)
    return await answer_with_changes(visit, contact.id, fragment("components/toast.stream.html", words=said, undo=undo))


async def _wanted(visit: Visit, form: AssignmentForm) -> tuple[Member | None, Team | None]:
    """Who gets it, and of which team they were chosen."""
    if form.team_id:
        return await freest(visit.db, visit.installation.redis, form.team_id)
    return (await present_member(visit.db, form.assignee_id) if form.assignee_id else None), None


async def _undo(visit: Visit, contact: Contact, before: int | None) -> Mapping[str, object] | None:
    """The way back, for whoever still sees the contact."""
    team = await mates(visit.db, visit.member)
    if contact.assignee_id == before or not sees(visit.member, assignee_id=contact.assignee_id, mates=team):
        return None
    url = f"/contacts/{contact.id}/assignment"
    return {"url": url, "method": "post", "words": gettext("Undo"), "fields": {"assignee_id": before or ""}}


def _ordered(everybody: list[MemberView], me: int) -> list[MemberView]:
    """Oneself first, then those who are there."""
    order = ("online", "busy", "offline")
    return sorted(everybody, key=lambda member: (member.id != me, order.index(member.presence), member.name.casefold(), member.id))


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/assignment", choices),
    Route("/contacts/{id:id}/assignment", hand_over, methods=["POST"]),
]
