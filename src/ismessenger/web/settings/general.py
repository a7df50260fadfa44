"""Settings → General: what the workspace is called, its time zone, and how it counts presence and events."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.kit.zones import zones
from ismessenger.web.edge import Visit, reads, see_other, without_transaction
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render, stream
from ismessenger.workspaces.change import change_workspace
from ismessenger.workspaces.create import WorkspaceRefused
from ismessenger.workspaces.preferences import LEAST_MINUTES, MOST_MINUTES, Decided, PreferencesRefused, prefer, preferences

PAGE = "/settings/general"


class GeneralForm(BaseModel):
    """All of the page; a browser does not send a switch that is off."""

    name: str = Field("", max_length=500)
    timezone: str = Field("", max_length=60)
    inactivity_minutes: str = Field("", max_length=20)
    events_open_conversations: bool = False

    @property
    def decided(self) -> Decided:
        """The preferences that were typed; what is no whole number is out of bounds."""
        typed = self.inactivity_minutes.strip()
        minutes = int(typed) if typed.isascii() and typed.isdigit() else 0
        return Decided(minutes, self.events_open_conversations)


@reads(Right.SETTINGS)
async def show(visit: Visit) -> Response:
    """``GET /settings/general``."""
    decided, workspace = await preferences(visit.reading), visit.signed_in.workspace
    form = GeneralForm(
        name=workspace.name,
        timezone=workspace.timezone,
        inactivity_minutes=str(decided.inactivity_minutes),
        events_open_conversations=decided.events_open_conversations,
    )
    return await _page(visit, form)


@without_transaction(Right.SETTINGS)
async def update(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/general``."""
    form, installation = await parse(request, GeneralForm), request.app.state.installation
    try:
        async with installation.tenancy.workspace(signed_in.workspace.id) as db:
            await prefer(db, form.decided)
            # The catalog is changed before the workspace commits: what one of them refuses, neither keeps.
            await change_workspace(installation, signed_in.workspace.id, name=form.name, timezone=form.timezone)
    except (WorkspaceRefused, PreferencesRefused) as error:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            return await _page(Visit(request, signed_in, db), form, error=error)
    if "turbo-stream" in request.headers.get("accept", ""):
        return stream("settings/general.stream.html", name=form.name.strip())
    return see_other(f"{PAGE}?saved=1")


async def _page(visit: Visit, form: GeneralForm, *, error: Exception | None = None) -> Response:
    return render(
        visit.request,
        "settings/general.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        form=form,
        workspace=visit.signed_in.workspace,
        zones=zones(),
        least=LEAST_MINUTES,
        most=MOST_MINUTES,
        minutes_error=str(error) if isinstance(error, PreferencesRefused) else "",
        error=str(error) if isinstance(error, WorkspaceRefused) else "",
        saved="saved" in visit.request.query_params,
    )


routes: list[BaseRoute] = [
    Route(PAGE, show),
    Route(PAGE, update, methods=["POST"]),
]
