"""Choose a workspace: the page for it, the menu in the navigation, and going there. Also for people who have none."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.organizations import Places, places_of
from ismessenger.accounts.sign_in import Browser
from ismessenger.accounts.visit import VisitRefused, visit_workspace
from ismessenger.web.account.frame import account_page
from ismessenger.web.door import installation_of
from ismessenger.web.edge import WORKSPACES_PAGE, local_path, of_account, see_other
from ismessenger.web.forms import parse
from ismessenger.web.ratelimit import NEW_WORKSPACES
from ismessenger.web.shell import organization_view
from ismessenger.web.templating import render
from ismessenger.workspaces.create import WorkspaceRefused, add_workspace

START = "/settings/channels"


class NewForm(BaseModel):
    """An organization and its first workspace."""

    organization: str = Field("", max_length=500)
    name: str = Field("", max_length=500)


class VisitForm(BaseModel):
    """Where to go in the workspace."""

    next: str = ""


@of_account
async def index(request: Request, browser: Browser) -> Response:
    """``GET /workspaces``: what this person can enter, and what there is to do if that is nothing."""
    return await _page(request, browser, NewForm())


@of_account
async def menu(request: Request, browser: Browser) -> Response:
    """``GET /workspaces/menu``: the same as a frame of the navigation."""
    groups = _groups(await places_of(installation_of(request), browser.account.id))
    return render(request, "workspaces/menu.html", groups=groups, open_id=_open_id(browser))


@of_account
async def create(request: Request, browser: Browser) -> Response:
    """``POST /workspaces``: an organization of one's own, with a first workspace."""
    form, installation = await parse(request, NewForm), installation_of(request)
    await request.app.state.limiter.require(f"new-workspace/{browser.account.id}", NEW_WORKSPACES)
    try:
        zone = browser.account.timezone or "UTC"
        made = await add_workspace(installation, browser.account, name=form.name, organization=form.organization, timezone=zone)
    except WorkspaceRefused as error:
        return await _page(request, browser, form, error=str(error))
    await visit_workspace(installation, browser, made.workspace_id)
    return see_other(START)


@of_account
async def visit(request: Request, browser: Browser) -> Response:
    """``POST /workspaces/ID/visit``: all tabs of this browser go on there."""
    form = await parse(request, VisitForm)
    try:
        await visit_workspace(installation_of(request), browser, request.path_params["id"])
    except VisitRefused as error:
        return await _page(request, browser, NewForm(), refused=str(error))
    return see_other(local_path(form.next) if form.next else "/inbox")


async def _page(request: Request, browser: Browser, form: NewForm, *, error: str = "", refused: str = "") -> Response:
    groups = _groups(await places_of(installation_of(request), browser.account.id))
    return await account_page(
        request,
        browser,
        "workspaces/index.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.NOT_FOUND if refused else HTTPStatus.OK,
        groups=groups,
        open_id=_open_id(browser),
        form=form,
        error=error,
        refused=refused,
    )


def _groups(places: list[Places]) -> list[dict[str, object]]:
    return [
        {
            "organization": organization_view(each.place),
            "workspaces": [workspace for workspace in each.workspaces if workspace.deleted_at is None],
            "deleted": [workspace for workspace in each.workspaces if workspace.deleted_at is not None],
        }
        for each in places
    ]


def _open_id(browser: Browser) -> int:
    return browser.workspace.id if browser.workspace else 0


routes: list[BaseRoute] = [
    Route(WORKSPACES_PAGE, index),
    Route(WORKSPACES_PAGE, create, methods=["POST"]),
    Route(f"{WORKSPACES_PAGE}/menu", menu),
    Route(f"{WORKSPACES_PAGE}/{{id:id}}/visit", visit, methods=["POST"]),
]
