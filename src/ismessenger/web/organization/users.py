"""Organization → Users: everybody who belongs to it, their role, and how they leave it."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.organization_people import (
    PersonNotFound,
    PersonRefused,
    change_organization_role,
    people_of,
    remove_person,
)
from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.accounts.rights import OrganizationRight
from ismessenger.accounts.sign_in import Browser
from ismessenger.web.door import installation_of
from ismessenger.web.edge import of_organization, see_other
from ismessenger.web.errors import NotFound
from ismessenger.web.forms import parse
from ismessenger.web.organization.frame import organization_page, path_of

AT = "/organizations/{organization:id}/users"


class RoleForm(BaseModel):
    """What somebody may do in the organization."""

    role: str = Field("", max_length=20)


@of_organization(OrganizationRight.USERS)
async def index(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``GET /organizations/ID/users``."""
    return await _page(request, browser, place)


@of_organization(OrganizationRight.USERS)
async def change(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/users/ACCOUNT/role``."""
    form = await parse(request, RoleForm)
    try:
        await change_organization_role(installation_of(request), place, request.path_params["id"], form.role, by=browser.account)
    except PersonRefused as error:
        return await _page(request, browser, place, error=str(error))
    except PersonNotFound as error:
        raise NotFound(str(error)) from error
    return see_other(path_of(place, "users") + "?saved=1")


@of_organization(OrganizationRight.USERS)
async def remove(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/users/ACCOUNT/removal``: out of the organization and all its workspaces."""
    try:
        await remove_person(installation_of(request), place, request.path_params["id"], by=browser.account)
    except PersonRefused as error:
        return await _page(request, browser, place, error=str(error))
    except PersonNotFound as error:
        raise NotFound(str(error)) from error
    return see_other(path_of(place, "users") + "?removed=1")


async def _page(request: Request, browser: Browser, place: OrganizationPlace, *, error: str = "") -> Response:
    return await organization_page(
        request,
        place,
        "organizations/users.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        people=await people_of(installation_of(request), place.organization.id),
        own_id=browser.account.id,
        leads=place.role == "admin",
        error=error,
        done=next((name for name in ("saved", "removed") if name in request.query_params), ""),
    )


routes: list[BaseRoute] = [
    Route(AT, index),
    Route(f"{AT}/{{id:id}}/role", change, methods=["POST"]),
    Route(f"{AT}/{{id:id}}/removal", remove, methods=["POST"]),
]
