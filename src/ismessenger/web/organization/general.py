"""Organization → General: its name and logo."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.organization_change import OrganizationRefused, change_logo, rename_organization
from ismessenger.accounts.organizations import OrganizationPlace, place_in
from ismessenger.accounts.rights import ORGANIZATION_RIGHTS, OrganizationRight
from ismessenger.accounts.sign_in import Browser
from ismessenger.files.pictures import MAX_BYTES, PictureRefused
from ismessenger.files.serve import answer
from ismessenger.files.store import StoreUnavailable
from ismessenger.sdk.words import gettext
from ismessenger.web.door import installation_of
from ismessenger.web.edge import of_account, of_organization, overridable, see_other
from ismessenger.web.errors import Forbidden, NotFound, Unavailable
from ismessenger.web.forms import parse
from ismessenger.web.organization.frame import organization_page, path_of

AT = "/organizations/{organization:id}"


class NameForm(BaseModel):
    """What the organization is called."""

    name: str = Field("", max_length=500)


@of_account
async def home(request: Request, browser: Browser) -> Response:
    """``GET /organizations/ID``: the first page that this person may open."""
    place = await _place(request, browser)
    first = next((right.value for right in OrganizationRight if right in ORGANIZATION_RIGHTS[place.role]), None)
    if first is None:
        raise Forbidden
    return see_other(path_of(place, first))


@of_organization(OrganizationRight.GENERAL)
async def show(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``GET /organizations/ID/general``."""
    return await _page(request, place, name=place.organization.name)


@of_organization(OrganizationRight.GENERAL)
async def update(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/general``."""
    form = await parse(request, NameForm)
    try:
        await rename_organization(installation_of(request), place.organization.id, form.name)
    except OrganizationRefused as error:
        return await _page(request, place, name=form.name, error=str(error))
    return see_other(path_of(place, "general") + "?saved=1")


@of_organization(OrganizationRight.GENERAL)
async def put_logo(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/logo``: one picture as ``logo``."""
    try:
        async with request.form(max_files=1) as form:
            file = form.get("logo")
            content = await file.read(MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
        await change_logo(installation_of(request), place.organization.id, content)
    except PictureRefused as error:
        return await _page(request, place, name=place.organization.name, logo_error=str(error))
    except StoreUnavailable as error:
        raise Unavailable(gettext("The logo cannot be kept right now. Try again in a moment.")) from error
    return see_other(path_of(place, "general") + "?saved=1")


@of_organization(OrganizationRight.GENERAL)
async def delete_logo(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``DELETE /organizations/ID/logo``: initials again."""
    await change_logo(installation_of(request), place.organization.id, None)
    return see_other(path_of(place, "general") + "?saved=1")


@of_account
async def logo(request: Request, browser: Browser) -> Response:
    """``GET /organizations/ID/logo/NAME``: for everybody of the organization."""
    key = (await _place(request, browser)).organization.logo
    if not key or key.rpartition("/")[2] != request.path_params["name"]:
        raise NotFound(gettext("There is no such logo."))
    return await answer(request, installation_of(request).files, key, request.path_params["name"])


async def _place(request: Request, browser: Browser) -> OrganizationPlace:
    place = await place_in(installation_of(request), browser.account.id, request.path_params["organization"])
    if place is None:
        raise NotFound
    return place


async def _page(request: Request, place: OrganizationPlace, *, name: str, error: str = "", logo_error: str = "") -> Response:
    return await organization_page(
        request,
        place,
        "organizations/general.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or logo_error else HTTPStatus.OK,
        name=name,
        error=error,
        logo_error=logo_error,
        saved="saved" in request.query_params,
    )


routes: list[BaseRoute] = [
    Route(AT, home),
    Route(f"{AT}/general", show),
    Route(f"{AT}/general", update, methods=["POST"]),
    Route(f"{AT}/logo", overridable(post=put_logo, delete=delete_logo), methods=["POST", "DELETE"]),
    Route(f"{AT}/logo/{{name}}", logo),
]
