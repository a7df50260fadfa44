"""The web application: every address of the product, and what a web process keeps while it runs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ismessenger.api import routes as api
from ismessenger.automation.admit import Admission
from ismessenger.automation.hook import Hooks
from ismessenger.channels.ingest import Ingest
from ismessenger.channels.route import Routes
from ismessenger.files.pictures import MAX_BYTES as PICTURE_BYTES
from ismessenger.files.serve import file_endpoint
from ismessenger.installation import Installation, database_answers, open_installation
from ismessenger.kit.crypto import Vault
from ismessenger.kit.garbage import look_seldom
from ismessenger.realtime.feed import Feed
from ismessenger.sdk.words import gettext
from ismessenger.settings import Settings, settings
from ismessenger.web import (
    contact_actions,
    contact_panel,
    drafts,
    exports,
    hooks,
    imports,
    inbox,
    jobs,
    live,
    mailbox,
    new_conversation,
    notifications,
    palette,
    pictures,
    recall,
    scheduled,
    search,
    session,
    shortcuts,
    uploads,
)
from ismessenger.web.account import access, invitation, mailed, password_reset, presence, profile, second_factor, sending, sessions, sign_up
from ismessenger.web.account import notifications as notification_choices
from ismessenger.web.account import workspaces as workspace_choice
from ismessenger.web.compose import library as compose_library
from ismessenger.web.compose import options as compose_options
from ismessenger.web.contacts import addresses, block, duplicates, erase, history, merge
from ismessenger.web.contacts import bulk as contacts_bulk
from ismessenger.web.contacts import index as contacts_table
from ismessenger.web.contacts import new as contacts_new
from ismessenger.web.contacts import segments as contacts_segments
from ismessenger.web.conversations import assign, close, snooze, transcript, unread
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import handlers
from ismessenger.web.health import Check, healthz, readyz
from ismessenger.web.hub import Hub
from ismessenger.web.inboxes import changes as inbox_changes
from ismessenger.web.inboxes import counts as inbox_counts
from ismessenger.web.inboxes import custom as custom_inboxes
from ismessenger.web.measures import metrics
from ismessenger.web.middleware import MIB, stack
from ismessenger.web.organization import general as organization_general
from ismessenger.web.organization import security as organization_security
from ismessenger.web.organization import users as organization_users
from ismessenger.web.organization import workspaces as organization_workspaces
from ismessenger.web.ratelimit import RateLimiter
from ismessenger.web.security import plain_headers
from ismessenger.web.settings import channels, closing, connections, fields, lifecycle, secrets, snippets, tags, teams, tokens, users
from ismessenger.web.settings import files as files_of_library
from ismessenger.web.settings import general as workspace_general
from ismessenger.web.short_way import ShortWay
from ismessenger.web.static import BuiltFiles
from ismessenger.web.strangers import Strangers
from ismessenger.web.templating import render
from ismessenger.web.widget import endpoints as widget
from ismessenger.web.widget.room import Rooms
from ismessenger.web.workflows import builder as workflow_builder
from ismessenger.web.workflows import counts as workflow_counts
from ismessenger.web.workflows import hook as workflow_hook
from ismessenger.web.workflows import icons as workflow_icons
from ismessenger.web.workflows import list as workflow_list
from ismessenger.web.workflows import publication as workflow_publication
from ismessenger.web.workflows import rehearsal as workflow_rehearsal
from ismessenger.web.workflows import request_test as workflow_request_test
from ismessenger.web.workflows import runs as workflow_runs
from ismessenger.web.workflows import transfer as workflow_transfer
from ismessenger.web.workflows import uses as workflow_uses
from ismessenger.web.workflows import versions as workflow_versions

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

BODY_LIMITS = {
    workflow_hook.PLACE: workflow_hook.BODY_BYTES,
    "/account/picture": PICTURE_BYTES + MIB,
    "/organizations": PICTURE_BYTES + MIB,
    "/settings/files": uploads.MAX_BYTES + MIB,
    "/settings/imports": imports.BODY_BYTES,
    "/uploads": uploads.MAX_BYTES + MIB,
    "/widget": uploads.MAX_BYTES + MIB,
}


def create_app() -> Starlette:
    """The application of one web process: it connects when it starts, by the process's own settings."""
    own = settings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_installation(own) as installation, _serving(app, installation):
            look_seldom()
            yield

    return _Application(own, Vault.of(own), lifespan)


def create_app_for(installation: Installation) -> Starlette:
    """The same on an installation that is open already; it serves from the start of its lifespan."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with _serving(app, installation):
            yield

    return _Application(installation.settings, installation.vault, lifespan)


class _Application(Starlette):
    """All of it. Webhooks come by the short way, before anything else looks at them."""

    def __init__(self, own: Settings, vault: Vault, lifespan: Lifespan) -> None:
        self._own = own
        super().__init__(
            routes=_routes(),
            middleware=stack(own, vault, render_error=error_page, body_limits=BODY_LIMITS),
            exception_handlers=handlers(error_page),
            lifespan=lifespan,
        )

    def build_middleware_stack(self) -> ASGIApp:
        """What every connection passes, from the outside."""
        long_way = super().build_middleware_stack()
        # Uvicorn and Starlette have different names for the types of ASGI.
        behind_proxies = cast("ASGIApp", ProxyHeadersMiddleware(cast("Any", long_way), trusted_hosts=self._own.trusted_proxies))
        return ShortWay(behind_proxies, headers=plain_headers(self._own))


def _routes() -> list[BaseRoute]:
    # Webhooks come first: they are by far the most, and the table is searched from its top.
    return [
        *workflow_hook.hook_routes,
        *widget.hook_routes,
        *hooks.routes,
        *widget.routes,
        *api.routes,
        *session.routes,
        *sign_up.routes,
        *mailed.routes,
        *password_reset.routes,
        *profile.routes,
        *sending.routes,
        *access.routes,
        *second_factor.routes,
        *sessions.routes,
        *mailbox.routes,
        *inbox_counts.routes,
        *inbox_changes.routes,
        *inbox.routes,
        *search.routes,
        *palette.routes,
        *custom_inboxes.routes,
        *live.routes,
        *contact_actions.routes,
        *new_conversation.routes,
        *assign.routes,
        *shortcuts.routes,
        *snooze.routes,
        *close.routes,
        *unread.routes,
        *transcript.routes,
        *drafts.routes,
        *scheduled.routes,
        *recall.routes,
        *contact_panel.routes,
        *contacts_table.routes,
        *contacts_new.routes,
        *contacts_segments.routes,
        *contacts_bulk.routes,
        *jobs.routes,
        *notifications.routes,
        *notification_choices.routes,
        *imports.routes,
        *exports.routes,
        *block.routes,
        *erase.routes,
        *addresses.routes,
        *history.routes,
        *duplicates.routes,
        *merge.routes,
        *uploads.routes,
        *pictures.routes,
        *channels.routes,
        *workspace_general.routes,
        *workspace_choice.routes,
        *presence.routes,
        *organization_general.routes,
        *organization_users.routes,
        *organization_workspaces.routes,
        *organization_security.routes,
        *invitation.routes,
        *users.routes,
        *teams.routes,
        *closing.routes,
        *fields.routes,
        *tags.routes,
        *snippets.routes,
        *files_of_library.routes,
        *compose_options.routes,
        *compose_library.routes,
        *lifecycle.routes,
        *connections.routes,
        *secrets.routes,
        *tokens.routes,
        *workflow_icons.routes,
        *workflow_list.routes,
        *workflow_builder.routes,
        *workflow_hook.routes,
        *workflow_request_test.routes,
        *workflow_publication.routes,
        *workflow_rehearsal.routes,
        *workflow_runs.routes,
        *workflow_counts.routes,
        *workflow_versions.routes,
        *workflow_uses.routes,
        *workflow_transfer.routes,
        Route("/files/{token}/{name}", files),
        Mount("/static", BuiltFiles()),
        Route("/healthz", admits(Admits.ANYBODY)(healthz)),
        Route("/readyz", ready),
        Route("/metrics", metrics),
    ]


@asynccontextmanager
async def _serving(app: Starlette, installation: Installation) -> AsyncIterator[None]:
    state = app.state
    state.installation = installation
    state.routes = Routes(installation)
    state.workflow_hooks = Hooks(installation)
    state.admission = Admission(installation)
    state.ingest = Ingest(installation)
    state.limiter = RateLimiter(installation.redis)
    state.strangers = Strangers()
    state.feed = Feed(installation.redis)
    state.visitors = Rooms(installation, state.feed)
    state.hub = Hub(installation, state.feed)
    state.feed.start()
    try:
        yield
    finally:
        await state.hub.close()
        await state.feed.close()


@admits(Admits.PROOF)
async def files(request: Request) -> Response:
    """``GET /files/{token}/{name}``: a file under a link that proves itself."""
    installation: Installation = request.app.state.installation
    return await file_endpoint(installation.files, installation.vault)(request)


@admits(Admits.ANYBODY)
async def ready(request: Request) -> Response:
    """``GET /readyz``: 200 while the databases and Redis answer."""
    installation: Installation = request.app.state.installation
    checks: dict[str, Check] = {"database": lambda: database_answers(installation), "redis": installation.redis.ping}
    return await readyz(checks)(request)


def error_page(request: Request, status: int, words: str) -> Response:
    """An error as a page of ours."""
    titles = {
        401: gettext("You are not signed in"),
        403: gettext("This is not for you"),
        404: gettext("Not found"),
        429: gettext("A moment, please"),
        500: gettext("Something went wrong"),
        503: gettext("Not available right now"),
    }
    title = titles.get(status, gettext("This did not work"))
    return render(request, "errors/show.html", status=status, code=status, title=title, words=words, home="/inbox")
