"""Organization → Workspaces: make, rename, delete and restore them."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.accounts.rights import OrganizationRight
from ismessenger.accounts.sign_in import Browser
from ismessenger.accounts.visit import visit_workspace
from ismessenger.kit.zones import zones
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.web.door import installation_of
from ismessenger.web.edge import of_organization, see_other
from ismessenger.web.errors import Conflict, NotFound
from ismessenger.web.forms import parse
from ismessenger.web.organization.frame import organization_page, path_of
from ismessenger.web.ratelimit import NEW_WORKSPACES
from ismessenger.workspaces.change import change_workspace
from ismessenger.workspaces.create import WorkspaceRefused, add_workspace
from ismessenger.workspaces.delete import delete_workspace, restore_workspace
from ismessenger.workspaces.list import MOST, WorkspaceUnknown, content_of, workspace_in, workspaces_of

AT = "/organizations/{organization:id}/workspaces"


class WorkspaceForm(BaseModel):
    """What a workspace is called and where it is."""

    name: str = Field("", max_length=500)
    timezone: str = Field("UTC", max_length=60)
    home: str = Field(DEFAULT_HOME, max_length=100)


@of_organization(OrganizationRight.WORKSPACES)
async def index(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``GET /organizations/ID/workspaces``."""
    listed = await workspaces_of(installation_of(request), place.organization.id)
    return await organization_page(
        request,
        place,
        "organizations/workspaces.html",
        workspaces=[each for each in listed if each.workspace.deleted_at is None],
        deleted=[each for each in listed if each.workspace.deleted_at is not None],
        open_id=browser.workspace.id if browser.workspace else 0,
        done=next((name for name in ("saved", "deleted", "restored") if name in request.query_params), ""),
    )


@of_organization(OrganizationRight.WORKSPACES)
async def new(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``GET /organizations/ID/workspaces/new``."""
    zone = browser.account.timezone or (browser.workspace.timezone if browser.workspace else "UTC")
    return await _new_form(request, place, WorkspaceForm(timezone=zone), "")


@of_organization(OrganizationRight.WORKSPACES)
async def create(request: Request, browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/workspaces``: whoever makes it is its Owner, and goes on in it."""
    form, installation = await parse(request, WorkspaceForm), installation_of(request)
    await request.app.state.limiter.require(f"new-workspace/{browser.account.id}", NEW_WORKSPACES)
    try:
        made = await add_workspace(
            installation,
            browser.account,
            name=form.name,
            organization_id=place.organization.id,
            timezone=form.timezone,
            home=form.home,
        )
    except WorkspaceRefused as error:
        return await _new_form(request, place, form, str(error))
    await visit_workspace(installation, browser, made.workspace_id)
    return see_other("/settings/channels")


@of_organization(OrganizationRight.WORKSPACES)
async def edit(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``GET /organizations/ID/workspaces/WORKSPACE``."""
    workspace = await _workspace(request, place)
    return await _edit_form(request, place, workspace, WorkspaceForm(name=workspace.name, timezone=workspace.timezone), "")


@of_organization(OrganizationRight.WORKSPACES)
async def update(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/workspaces/WORKSPACE``."""
    workspace, form = await _workspace(request, place), await parse(request, WorkspaceForm)
    try:
        await change_workspace(installation_of(request), workspace.id, name=form.name, timezone=form.timezone)
    except WorkspaceRefused as error:
        return await _edit_form(request, place, workspace, form, str(error))
    return see_other(path_of(place, "workspaces") + "?saved=1")


@of_organization(OrganizationRight.WORKSPACES)
async def destroy(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/workspaces/WORKSPACE/deletion``: closed now, purged after the grace."""
    workspace = await _workspace(request, place)
    await delete_workspace(installation_of(request), workspace.id)
    return see_other(path_of(place, "workspaces") + "?deleted=1")


@of_organization(OrganizationRight.WORKSPACES)
async def restore(request: Request, _browser: Browser, place: OrganizationPlace) -> Response:
    """``POST /organizations/ID/workspaces/WORKSPACE/restoration``."""
    workspace = await _workspace(request, place)
    try:
        await restore_workspace(installation_of(request), workspace.id)
    except WorkspaceRefused as error:
        raise Conflict(str(error)) from error
    return see_other(path_of(place, "workspaces") + "?restored=1")


async def _workspace(request: Request, place: OrganizationPlace) -> Workspace:
    try:
        return await workspace_in(installation_of(request), place.organization.id, request.path_params["id"])
    except WorkspaceUnknown as error:
        raise NotFound(str(error)) from error


async def _new_form(request: Request, place: OrganizationPlace, form: WorkspaceForm, error: str) -> Response:
    homes = [(name, name) for name in installation_of(request).tenancy.homes]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return await organization_page(
        request, place, "organizations/workspace_new.html", status=status, form=form, zones=zones(), homes=homes, error=error
    )


async def _edit_form(request: Request, place: OrganizationPlace, workspace: Workspace, form: WorkspaceForm, error: str) -> Response:
    return await organization_page(
        request,
        place,
        "organizations/workspace.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        workspace=workspace,
        form=form,
        zones=zones(),
        several_homes=len(installation_of(request).tenancy.homes) > 1,
        content=await content_of(installation_of(request), workspace.id),
        most=MOST,
        error=error,
    )


routes: list[BaseRoute] = [
    Route(AT, index),
    Route(AT, create, methods=["POST"]),
    Route(f"{AT}/new", new),
    Route(f"{AT}/{{id:id}}", edit),
    Route(f"{AT}/{{id:id}}", update, methods=["POST"]),
    Route(f"{AT}/{{id:id}}/deletion", destroy, methods=["POST"]),
    Route(f"{AT}/{{id:id}}/restoration", restore, methods=["POST"]),
]
