"""Organization → Security: whether everybody needs a second factor."""

from http import HTTPStatus

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.organization_change import OrganizationRefused, require_totp
from ismessenger.accounts.organization_people import people_of
from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.accounts.rights import OrganizationRight
from ismessenger.accounts.sign_in import Browser
from ismessenger.web.door import installation_of
from ismessenger.web.edge import of_organization, see_other
from ismessenger.web.forms import parse
from ismessenger.web.organization.frame import organization_page, path_of

AT = "/organizations/{organization:id}/security"


class SecurityForm(BaseModel):
    """``required`` is sent by the button that turns it on."""

    required: bool = False


@of_organization(OrganizationRight.SECURITY)
async def show(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``GET /organizations/ID/security``."""
    return await _page(request, browser, place)


@of_organization(OrganizationRight.SECURITY)
async def update(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/security``."""
    form = await parse(request, SecurityForm)
    try:
        await require_totp(installation_of(request), place.organization.id, required=form.required, by=browser.account)
    except OrganizationRefused as error:
        return await _page(request, browser, place, error=str(error))
    return see_other(path_of(place, "security") + "?saved=1")


async def _page(request: Request, browser: Browser, place: OrganizationPlace, *, error: str = "") -> Response:
    people = await people_of(installation_of(request), place.organization.id)
    return await organization_page(
        request,
        place,
        "organizations/security.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        required=place.organization.totp_required_at is not None,
        lacking=[person.account for person in people if person.account.totp_enabled_at is None],
        own=browser.account.totp_enabled_at is not None,
        error=error,
        saved="saved" in request.query_params,
    )


routes: list[BaseRoute] = [
    Route(AT, show),
    Route(AT, update, methods=["POST"]),
]
