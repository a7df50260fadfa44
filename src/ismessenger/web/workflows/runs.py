"""The history of a workflow: the list of its runs, one run from step to step, and a failed one again."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Literal, cast

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.define import workflow_named
from ismessenger.automation.history import Position, run_counts, run_named, run_page
from ismessenger.automation.retry import retry
from ismessenger.contacts.errors import Refused
from ismessenger.kit import pagination
from ismessenger.kit.clock import now
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import asked
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render
from ismessenger.web.workflows.shown import known_to
from ismessenger.web.workflows.shown_runs import entry_rows, run_row, trigger_lines

PERIODS: Final = {"today": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30)}
Standing = Literal["", "waiting", "done", "failed", "ended"]


class RunsForm(BaseModel):
    """Which runs: of a state, standing at a step, begun in the last days."""

    state: Standing = ""
    step: str = ""
    period: Literal["", "today", "7", "30"] = ""
    before: str = ""

    @property
    def since(self) -> datetime | None:
        """When the period began."""
        return now() - PERIODS[self.period] if self.period else None


@reads(Right.WORKFLOWS)
async def index(visit: Visit) -> Response:
    """``GET /workflows/ID/runs?state=&period=&step=&before=``: the newest first."""
    form, seq = asked(visit.request, RunsForm), await live_seq(visit)
    workflow = await workflow_named(visit.reading, visit.path_id())
    before = cast("Position", pagination.decode(form.before, datetime, int)) if form.before else None
    page = await run_page(
        visit.reading, visit.member, workflow.id, standing=form.state, step=form.step[:32], since=form.since, before=before
    )
    at, plugins = now(), visit.installation.plugins
    return render(
        visit.request,
        "workflows/runs.html",
        shell=shell_of(visit, seq),
        workflow_id=workflow.id,
        name=workflow.name,
        form=form,
        counts=await run_counts(visit.reading, workflow.id, form.since),
        runs=[run_row(run, page.steps, plugins, at) for run in page.runs],
        older=pagination.encode(*page.older) if page.older else "",
    )


@reads(Right.WORKFLOWS)
async def show(visit: Visit) -> Response:
    """``GET /workflows/ID/runs/RUN``: what it went through."""
    return await _page(visit)


@writes(Right.WORKFLOWS)
async def again(visit: Visit) -> Response:
    """``POST /workflows/ID/runs/RUN/retry``: a failed run goes on from the step where it failed."""
    trail = await run_named(visit.reading, visit.member, visit.path_id(), visit.path_id("run"))
    try:
        await retry(visit.db, trail.run.id)
    except Refused as error:
        return await _page(visit, str(error))
    return see_other(f"/workflows/{visit.path_id()}/runs/{trail.run.id}")


async def _page(visit: Visit, refused: str = "") -> Response:
    seq = await live_seq(visit)
    workflow = await workflow_named(visit.reading, visit.path_id())
    trail = await run_named(visit.reading, visit.member, workflow.id, visit.path_id("run"))
    there = await known_to(visit.reading, trail.definition, visit)
    at, plugins, timezone = now(), visit.installation.plugins, visit.signed_in.workspace.timezone
    return render(
        visit.request,
        "workflows/run.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        shell=shell_of(visit, seq),
        workflow_id=workflow.id,
        name=workflow.name,
        run=run_row(trail.run, trail.names, plugins, at),
        given=trigger_lines(trail),
        entries=entry_rows(trail, plugins, there.name, timezone, at),
        cut=trail.cut,
        refused=refused,
    )


routes: list[BaseRoute] = [
    Route("/workflows/{id:id}/runs", index),
    Route("/workflows/{id:id}/runs/{run:id}", show),
    Route("/workflows/{id:id}/runs/{run:id}/retry", again, methods=["POST"]),
]
