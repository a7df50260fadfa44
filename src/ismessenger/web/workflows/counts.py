"""Numbers for the canvas: how often steps were entered and left in a time."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.counts import counts
from ismessenger.automation.define import workflow_named
from ismessenger.kit.clock import now
from ismessenger.web.edge import Visit, reads
from ismessenger.web.forms import asked

EVER, NEVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=1)


class Period(BaseModel):
    """The time that is asked about; without a beginning all that is kept."""

    since: AwareDatetime = Field(default=EVER, ge=EVER, le=NEVER, alias="from")
    until: AwareDatetime | None = Field(default=None, ge=EVER, le=NEVER, alias="to")


@reads(Right.WORKFLOWS)
async def show(visit: Visit) -> Response:
    """``GET /workflows/ID/counts?from=TIME&to=TIME``: by step and exit, as JSON. Times are ISO 8601 with a zone."""
    period = asked(visit.request, Period)
    workflow = await workflow_named(visit.reading, visit.path_id())
    return JSONResponse(asdict(await counts(visit.reading, workflow.id, period.since, period.until or now() + AHEAD)))


routes: list[BaseRoute] = [Route("/workflows/{id:id}/counts", show)]
