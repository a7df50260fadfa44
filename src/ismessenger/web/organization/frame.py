"""The frame of an organization's pages."""

from starlette.requests import Request
from starlette.responses import Response

from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.web.shell import organization_view, shell_at
from ismessenger.web.templating import render


async def organization_page(
    request: Request, place: OrganizationPlace, template: str, *, status: int = 200, **arguments: object
) -> Response:
    """A page in the settings area, whatever workspace is open."""
    shell = await shell_at(request)
    return render(request, template, status=status, shell=shell, organization=organization_view(place), **arguments)


def path_of(place: OrganizationPlace, page: str) -> str:
    """Where a page of the organization is."""
    return f"/organizations/{place.organization.id}/{page}"
