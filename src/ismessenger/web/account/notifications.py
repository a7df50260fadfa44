"""Your account → Notifications: what a member is told in the workspace that is open, and where."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.browsers import browser_words
from ismessenger.accounts.rights import Right, may
from ismessenger.notifications.audience import NEEDED
from ismessenger.notifications.choices import choices_of, choose, show_words
from ismessenger.notifications.kinds import KINDS, SURFACES
from ismessenger.notifications.push_key import push_key
from ismessenger.notifications.subscribe import browsers_of, forget_browser
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render, stream

PAGE = "/account/notifications"
MOST = len(KINDS) * len(SURFACES)


class ChoiceForm(BaseModel):
    """The whole page: what is on, as ``kind:surface``."""

    choices: list[str] = Field([], max_length=MOST * 2)
    words: bool = False


@dataclass(frozen=True, slots=True)
class BrowserView:
    """A browser that is told while no page of ours is open."""

    id: int
    words: str
    since: datetime
    failed: bool
    is_this: bool


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /account/notifications``."""
    db, member = visit.reading, visit.member
    chosen = (await choices_of(db, [member.id]))[member.id]
    here = visit.signed_in.token_hash.hex()
    browsers = [
        BrowserView(
            id=row.id,
            words=browser_words(row.user_agent) or gettext("Unknown browser"),
            since=row.created_at,
            failed=row.failed_at is not None,
            is_this=row.session == here,
        )
        for row in await browsers_of(db, member.id)
    ]
    return render(
        visit.request,
        "account/notifications.html",
        shell=shell_of(visit, await live_seq(visit)),
        kinds=[kind for kind in KINDS if may(member, NEEDED.get(kind, Right.INBOX))],
        chosen=[f"{kind}:{surface}" for kind, surfaces in chosen.items() for surface in surfaces],
        words=member.notify_words,
        browsers=browsers,
        key=(await push_key(visit.installation)).public,
        saved="saved" in visit.request.query_params,
    )


@writes(Right.INBOX)
async def update(visit: Visit) -> Response:
    """``POST /account/notifications``. Kinds that the page does not show stay as they are."""
    form = await parse(visit.request, ChoiceForm)
    before = (await choices_of(visit.db, [visit.member.id]))[visit.member.id]
    wanted = {
        kind: frozenset(surface for surface in SURFACES if f"{kind}:{surface}" in form.choices)
        if may(visit.member, NEEDED.get(kind, Right.INBOX))
        else before[kind]
        for kind in KINDS
    }
    await choose(visit.db, visit.member.id, wanted)
    await show_words(visit.db, visit.member.id, shown=form.words)
    return stream("account/notifications.stream.html") if visit.wants_streams else see_other(f"{PAGE}?saved=1")


@writes(Right.INBOX)
async def forget(visit: Visit) -> Response:
    """``POST /account/notifications/browsers/ID/removal``: tell that browser no more."""
    await forget_browser(visit.db, visit.member.id, visit.path_id())
    return see_other(PAGE)


routes: list[BaseRoute] = [
    Route(PAGE, show),
    Route(PAGE, update, methods=["POST"]),
    Route(f"{PAGE}/browsers/{{id:id}}/removal", forget, methods=["POST"]),
]
