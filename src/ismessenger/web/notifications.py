"""The notification centre: the list behind the bell, reading and putting away, and the browsers that are told while no page is open."""

import re
from datetime import datetime
from typing import cast

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.kit import pagination
from ismessenger.notifications.kinds import MESSAGES
from ismessenger.notifications.listing import MOST_UNREAD, Tab, notification_named, notifications_of, unread_of
from ismessenger.notifications.settle import archive_all, archive_one, read_about, read_all, read_one, take_out
from ismessenger.notifications.subscribe import subscribe, unsubscribe
from ismessenger.web.assets import STATIC
from ismessenger.web.edge import Admits, Visit, admits, overridable, reads, see_other, writes
from ismessenger.web.errors import NotFound
from ismessenger.web.forms import OptionalId, parse
from ismessenger.web.ratelimit import SUBSCRIPTIONS
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_notifications import notification_page, notification_view
from ismessenger.web.templating import render, stream

PAGE = "/notifications"
WORKER = "/service-worker.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
FRAME = re.compile(r"notifications_(?:panel|page)(?:_\d{1,18})?")
TABS = ("new", "archived", "all")


class ReadingForm(BaseModel):
    """With a contact: what tells of it; else all. ``tab`` is where to go on."""

    contact_id: OptionalId = None
    tab: str = ""


class TabForm(BaseModel):
    """Where to go on."""

    tab: str = ""


class SubscriptionForm(BaseModel):
    """A browser's subscription. Source: W3C, Push API, "PushSubscription"."""

    endpoint: str = Field("", max_length=2000)
    p256dh: str = Field("", max_length=200)
    auth: str = Field("", max_length=100)


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /notifications?tab=…&before=CURSOR``: the page, or one of the frames that hold the list."""
    query = visit.request.query_params
    tab, cursor = _tab(query.get("tab", "")), query.get("before")
    before = cast("tuple[datetime, int]", pagination.decode(cursor, datetime, int)) if cursor else None
    page = notification_page(await notifications_of(visit.reading, visit.member, tab, before), tab)
    frame = visit.request.headers.get("turbo-frame", "")
    if FRAME.fullmatch(frame):
        return render(visit.request, "notifications/older.html" if before else "notifications/list.html", frame=frame, page=page)
    shell = shell_of(visit, await live_seq(visit))
    return render(visit.request, "notifications/index.html", shell=shell, frame="notifications_page", page=page)


@reads(Right.INBOX)
async def unread(visit: Visit) -> Response:
    """``GET /notifications/unread``: how many there are, and the contacts whose thread settles one when it is opened."""
    found = await unread_of(visit.reading, visit.member)
    contacts = sorted({contact_id for kind, contact_id in found if contact_id and kind not in MESSAGES})
    return JSONResponse({"unread": len(found), "most": MOST_UNREAD - 1, "contacts": contacts}, headers={"Cache-Control": "no-store"})


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /notifications/ID?workspace=ID``: to what it is about. One of another workspace asks to open that first."""
    workspace = visit.request.query_params.get("workspace", "")
    if workspace.isdecimal() and workspace.isascii() and workspace != str(visit.member.workspace_id):
        shell = shell_of(visit, await live_seq(visit))
        url = f"{PAGE}/{visit.path_id()}?workspace={workspace}"
        return render(visit.request, "notifications/elsewhere.html", shell=shell, workspace_id=workspace[:18], next=url)
    return see_other((await notification_named(visit.reading, visit.member, visit.path_id())).target)


@writes(Right.INBOX)
async def read(visit: Visit) -> Response:
    """``POST /notifications/ID/reading``: looked at."""
    await read_one(visit.db, visit.member.id, visit.path_id())
    return await _go_on(visit)


@writes(Right.INBOX)
async def read_more(visit: Visit) -> Response:
    """``POST /notifications/reading``: all of them, or what tells of one contact."""
    form = await parse(visit.request, ReadingForm)
    if form.contact_id is None:
        await read_all(visit.db, visit.member.id)
        return see_other(_address(form.tab))
    await read_about(visit.db, visit.member.id, form.contact_id)
    return Response(status_code=204)


@writes(Right.INBOX)
async def archive(visit: Visit) -> Response:
    """``POST /notifications/ID/archive``: put it away."""
    await archive_one(visit.db, visit.member.id, visit.path_id())
    return await _moved(visit)


@writes(Right.INBOX)
async def unarchive(visit: Visit) -> Response:
    """``DELETE /notifications/ID/archive``: take it out again."""
    await take_out(visit.db, visit.member.id, visit.path_id())
    return await _moved(visit)


@writes(Right.INBOX)
async def archive_every(visit: Visit) -> Response:
    """``POST /notifications/archive``: put all away."""
    await archive_all(visit.db, visit.member.id)
    return await _go_on(visit)


@writes(Right.INBOX)
async def keep_subscription(visit: Visit) -> Response:
    """``POST /notifications/subscription``: this browser wants to be told, as long as it stays signed in."""
    form = await parse(visit.request, SubscriptionForm)
    await visit.request.app.state.limiter.require(f"subscription/{visit.member.workspace_id}/{visit.member.id}", SUBSCRIPTIONS)
    await subscribe(
        visit.db,
        visit.member.id,
        endpoint=form.endpoint,
        p256dh=form.p256dh,
        auth=form.auth,
        session=visit.signed_in.token_hash.hex(),
        user_agent=visit.request.headers.get("user-agent", ""),
        secure=visit.installation.settings.address.startswith("https:"),
    )
    return Response(status_code=204)


@writes(Right.INBOX)
async def drop_subscription(visit: Visit) -> Response:
    """``DELETE /notifications/subscription``: no more."""
    form = await parse(visit.request, SubscriptionForm)
    await unsubscribe(visit.db, visit.member.id, form.endpoint)
    return Response(status_code=204)


@admits(Admits.ANYBODY)
async def service_worker(_request: Request) -> Response:
    """``GET /service-worker.js``: the script that shows what is pushed. It lies at the root, so that it serves every page."""
    file = STATIC / WORKER.removeprefix("/")
    if not file.is_file():
        raise NotFound
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": WORKER_POLICY}
    return FileResponse(file, media_type="text/javascript", headers=headers)


async def _moved(visit: Visit) -> Response:
    """It leaves the list that it was in; among all it stays, as what it is now."""
    if not visit.wants_streams:
        return await _go_on(visit)
    tab = _tab((await parse(visit.request, TabForm)).tab)
    noted = await notification_named(visit.db, visit.member, visit.path_id()) if tab == "all" else None
    item = notification_view(noted) if noted else None
    return stream("notifications/item.stream.html", item=item, notification_id=visit.path_id(), tab=tab)


async def _go_on(visit: Visit) -> Response:
    """Back to the list; a script that asks by itself gets no page."""
    if "application/json" in visit.request.headers.get("accept", ""):
        return Response(status_code=204)
    return see_other(_address((await parse(visit.request, TabForm)).tab))


def _address(tab: str) -> str:
    return f"{PAGE}?tab={_tab(tab)}"


def _tab(asked: str) -> Tab:
    return cast("Tab", asked) if asked in TABS else "new"


routes: list[BaseRoute] = [
    Route(WORKER, service_worker),
    Route(PAGE, index),
    Route(f"{PAGE}/unread", unread),
    Route(f"{PAGE}/reading", read_more, methods=["POST"]),
    Route(f"{PAGE}/archive", archive_every, methods=["POST"]),
    Route(f"{PAGE}/subscription", overridable(post=keep_subscription, delete=drop_subscription), methods=["POST", "DELETE"]),
    Route(f"{PAGE}/{{id:id}}", show),
    Route(f"{PAGE}/{{id:id}}/reading", read, methods=["POST"]),
    Route(f"{PAGE}/{{id:id}}/archive", overridable(post=archive, delete=unarchive), methods=["POST", "DELETE"]),
]
