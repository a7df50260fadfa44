"""Settings → Lifecycle: whether contacts have a stage, and which stages there are."""

from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.lifecycle import (
    COUNTED,
    StageDraft,
    add_stage,
    change_stage,
    enable_lifecycle,
    make_default,
    order_stages,
    stage_named,
    staged,
    stages,
)
from ismessenger.contacts.mentions import Mentions, mentions
from ismessenger.contacts.model import LifecycleStage
from ismessenger.contacts.retire import delete_stage
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.settings.ordering import OrderForm
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_contact import stage_view
from ismessenger.web.templating import render
from ismessenger.web.view_contact import StageView
from ismessenger.workspaces.preferences import preferences

LIST = "/settings/lifecycle"


class SwitchForm(BaseModel):
    """A browser does not send a switch that is off."""

    enabled: bool = False


class StageForm(BaseModel):
    """A stage as typed."""

    name: str = ""
    emoji: str = ""
    description: str = ""
    kind: str = "open"

    @property
    def draft(self) -> StageDraft:
        """What was typed."""
        return StageDraft(self.name, self.emoji, self.description, self.kind)


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage in the list. ``contacts`` is exact up to `COUNTED`."""

    stage: StageView
    description: str
    is_default: bool
    contacts: int


@reads(Right.SETTINGS)
async def index(visit: Visit) -> Response:
    """``GET /settings/lifecycle``."""
    enabled = (await preferences(visit.reading)).lifecycle_enabled
    counts = await staged(visit.reading) if enabled else {}
    found = await stages(visit.reading) if enabled else []
    rows = [StageRow(stage_view(stage), stage.description, stage.is_default, counts.get(stage.id, 0)) for stage in found]
    return await _page(visit, "settings/lifecycle.html", enabled=enabled, stages=rows, counted=COUNTED)


@writes(Right.SETTINGS)
async def switch(visit: Visit) -> Response:
    """``POST /settings/lifecycle``: switch the lifecycle on or off."""
    form = await parse(visit.request, SwitchForm)
    await enable_lifecycle(visit.db, on=form.enabled)
    return see_other(LIST)


@reads(Right.SETTINGS)
async def new(visit: Visit) -> Response:
    """``GET /settings/lifecycle/stages/new``."""
    return await _form(visit, None, StageForm(), "")


@writes(Right.SETTINGS)
async def create(visit: Visit) -> Response:
    """``POST /settings/lifecycle/stages``."""
    form = await parse(visit.request, StageForm)
    try:
        await add_stage(visit.db, form.draft)
    except Refused as error:
        return await _form(visit, None, form, str(error))
    return see_other(LIST)


@reads(Right.SETTINGS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/lifecycle/stages/ID``."""
    stage = await stage_named(visit.reading, visit.path_id())
    return await _form(visit, stage, StageForm(name=stage.name, emoji=stage.emoji, description=stage.description, kind=stage.kind), "")


@writes(Right.SETTINGS)
async def update(visit: Visit) -> Response:
    """``POST /settings/lifecycle/stages/ID``."""
    form = await parse(visit.request, StageForm)
    stage = await stage_named(visit.db, visit.path_id())
    try:
        await change_stage(visit.db, stage.id, form.draft)
    except Refused as error:
        return await _form(visit, stage, form, str(error))
    return see_other(LIST)


@writes(Right.SETTINGS)
async def choose_default(visit: Visit) -> Response:
    """``POST /settings/lifecycle/stages/ID/default``: where new contacts begin."""
    await make_default(visit.db, visit.path_id())
    return see_other(LIST)


@writes(Right.SETTINGS)
async def arrange(visit: Visit) -> Response:
    """``POST /settings/lifecycle/order``."""
    form = await parse(visit.request, OrderForm)
    await order_stages(visit.db, [int(key) for key in form.order if key.isascii() and key.isdigit()])
    return see_other(LIST)


@writes(Right.SETTINGS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/lifecycle/stages/ID/deletion``: its contacts are in no stage then."""
    job = await delete_stage(visit.db, visit.path_id(), by=visit.member.id)
    return see_other(f"/jobs/{job.id}" if job else LIST)


async def _form(visit: Visit, stage: LifecycleStage | None, form: StageForm, error: str) -> Response:
    return await _page(
        visit,
        "settings/lifecycle_stage.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        stage=stage_view(stage) if stage else None,
        is_default=bool(stage and stage.is_default),
        form=form,
        contacts=(await staged(visit.reading)).get(stage.id, 0) if stage else 0,
        counted=COUNTED,
        used_by=await mentions(visit.reading, visit.member, "lifecycle", stage.id) if stage else Mentions(),
        error=error,
    )


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, switch, methods=["POST"]),
    Route(f"{LIST}/order", arrange, methods=["POST"]),
    Route(f"{LIST}/stages/new", new),
    Route(f"{LIST}/stages", create, methods=["POST"]),
    Route(f"{LIST}/stages/{{id:id}}", edit),
    Route(f"{LIST}/stages/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/stages/{{id:id}}/default", choose_default, methods=["POST"]),
    Route(f"{LIST}/stages/{{id:id}}/deletion", destroy, methods=["POST"]),
]
