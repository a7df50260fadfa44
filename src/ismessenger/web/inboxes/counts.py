"""The numbers beside the inboxes, and which one of them shows that something is new: asked for again and again while somebody looks."""

from collections.abc import Sequence

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import NotThere
from ismessenger.conversations.inboxes import Inbox, inbox_named, open_inbox, sidebar, standing_inboxes
from ismessenger.conversations.news import COUNTED, count_in, count_open, inbox_with_news
from ismessenger.web.edge import Visit, reads
from ismessenger.web.format import count

MOST_CUSTOM = 30
MAX_CHARACTERS = 1000


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /inbox/counts?groups=stages,teams&custom=3,4``: numbers by the names of inboxes, as people read them."""
    query = visit.request.query_params
    groups = query.get("groups", "").split(",")
    has = [*standing_inboxes(visit.member), *await _in_groups(visit, groups)]
    numbers = {inbox.name: number for inbox, number in (await count_open(visit.reading, visit.member, list(dict.fromkeys(has)))).items()}
    news = await inbox_with_news(visit.reading, visit.member)
    numbers |= await _in_custom(visit, query.get("custom", "")[:MAX_CHARACTERS].split(","))
    shown = {name: count(number, COUNTED - 1) for name, number in numbers.items()}
    return JSONResponse({"counts": shown, "news": news.name if news else ""})


async def _in_groups(visit: Visit, groups: Sequence[str]) -> list[Inbox]:
    """Those of the groups that are unfolded."""
    if not {"stages", "teams"} & set(groups):
        return []
    inboxes = await sidebar(visit.reading, visit.member)
    found = [Inbox("stage", stage.id) for stage in inboxes.stages] if "stages" in groups else []
    return found + ([Inbox("team", team.id) for team in inboxes.teams] if "teams" in groups else [])


async def _in_custom(visit: Visit, asked: Sequence[str]) -> dict[str, int]:
    """Of those that are in view; one that is not there any more has no number."""
    numbers = {}
    for inbox_id in [each for each in asked if each][:MOST_CUSTOM]:
        try:
            opened = await open_inbox(visit.reading, visit.member, inbox_named(f"custom-{inbox_id}"), visit.signed_in.workspace.timezone)
        except NotThere:
            continue
        numbers[opened.inbox.name] = await count_in(visit.reading, visit.member, opened.where)
    return numbers


routes: list[BaseRoute] = [Route("/inbox/counts", show)]
