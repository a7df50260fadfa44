"""The frame around every signed-in page."""

from collections.abc import Mapping

from redis.exceptions import RedisError
from starlette.requests import Request

from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.accounts.rights import ORGANIZATION_RIGHTS, OrganizationRight, Right, may
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.web import shown
from ismessenger.web.edge import Visit, member_of
from ismessenger.web.view import OrganizationView, Place, Shell

PLACES: Mapping[Place, Right] = {
    "inbox": Right.INBOX,
    "contacts": Right.CONTACTS,
    "workflows": Right.WORKFLOWS,
    "settings": Right.SETTINGS,
}


async def live_seq(visit: Visit) -> str:
    """Where the workspace's stream ends. Ask before the page's queries; empty, which makes the page refresh, while Redis is away."""
    return await _position(visit.request, visit.signed_in.workspace.id)


def shell_of(visit: Visit, seq: str) -> Shell:
    """Navigation, names and the position of the live stream."""
    return _shell(visit.signed_in, seq)


async def shell_at(request: Request) -> Shell | None:
    """The same for a page of the person or of an organization; ``None`` for whoever has no workspace open."""
    signed_in = await member_of(request)
    return _shell(signed_in, await _position(request, signed_in.workspace.id)) if signed_in else None


def organization_view(place: OrganizationPlace) -> OrganizationView:
    """An organization, and what this person may open of its settings."""
    has = ORGANIZATION_RIGHTS[place.role]
    organization = place.organization
    logo = f"/organizations/{organization.id}/logo/{organization.logo.rpartition('/')[2]}" if organization.logo else ""
    pages = tuple(right for right in OrganizationRight if right in has)
    return OrganizationView(id=organization.id, name=organization.name, logo_url=logo, pages=pages)


def _shell(signed_in: SignedIn, seq: str) -> Shell:
    return Shell(
        workspace_id=signed_in.workspace.id,
        workspace_name=signed_in.workspace.name,
        member=shown.oneself(signed_in.member),
        live_seq=seq,
        unconfirmed_email="" if signed_in.account.email_verified_at else signed_in.account.email,
        organization=organization_view(signed_in.organization) if signed_in.organization else None,
        places=tuple(place for place, right in PLACES.items() if may(signed_in.member, right)),
        rights=frozenset(right for right in Right if may(signed_in.member, right)),
    )


async def _position(request: Request, workspace_id: int) -> str:
    try:
        position: str = await request.app.state.feed.position(workspace_id)
    except (RedisError, OSError):
        return ""
    return position
