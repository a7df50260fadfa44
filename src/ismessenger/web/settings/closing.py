"""Settings → Closing notes: what whoever closes a conversation is asked for, the categories, and conversations that close by themselves."""

from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import Refused
from ismessenger.conversations.closing_categories import (
    MAX_DESCRIPTION,
    MAX_NAME,
    CategoryDraft,
    add_category,
    categories,
    category_named,
    change_category,
    delete_category,
    order_categories,
)
from ismessenger.conversations.model import ClosingCategory
from ismessenger.conversations.rules import LEAST, MOST, ask_for_notes, close_after, closing_rules
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.settings.ordering import OrderForm
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

LIST = "/settings/closing"
UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60}


class ModeForm(BaseModel):
    """One of the four ways to ask."""

    mode: str = ""


class AutoCloseForm(BaseModel):
    """A browser does not send a switch that is off. ``number`` of ``unit`` as typed."""

    enabled: bool = False
    number: str = ""
    unit: str = "hours"

    @property
    def minutes(self) -> int:
        """The time in minutes. Raises `Refused`."""
        typed = self.number.strip()
        if not (typed.isascii() and typed.isdigit()) or self.unit not in UNITS or len(typed) > len(str(MOST)):
            raise Refused(gettext("Write after how many minutes, hours or days conversations close: from 30 minutes to 14 days."))
        return int(typed) * UNITS[self.unit]


class CategoryForm(BaseModel):
    """A category as typed."""

    name: str = ""
    description: str = ""

    @property
    def draft(self) -> CategoryDraft:
        """What was typed."""
        return CategoryDraft(self.name, self.description)


@reads(Right.SETTINGS)
async def index(visit: Visit) -> Response:
    """``GET /settings/closing``."""
    return await _index(visit)


@writes(Right.SETTINGS)
async def choose_mode(visit: Visit) -> Response:
    """``POST /settings/closing/mode``."""
    form = await parse(visit.request, ModeForm)
    try:
        await ask_for_notes(visit.db, form.mode)
    except Refused as error:
        return await _index(visit, mode_error=str(error))
    # The inbox asks differently from now on.
    visit.db.announce("refresh", 0)
    return see_other(LIST)


@writes(Right.SETTINGS)
async def choose_time(visit: Visit) -> Response:
    """``POST /settings/closing/auto-close``."""
    form = await parse(visit.request, AutoCloseForm)
    try:
        await close_after(visit.db, form.minutes if form.enabled else None)
    except Refused as error:
        return await _index(visit, form, str(error))
    return see_other(LIST)


@writes(Right.SETTINGS)
async def arrange(visit: Visit) -> Response:
    """``POST /settings/closing/order``."""
    form = await parse(visit.request, OrderForm)
    await order_categories(visit.db, [int(key) for key in form.order if key.isascii() and key.isdigit()])
    return see_other(LIST)


@reads(Right.SETTINGS)
async def new(visit: Visit) -> Response:
    """``GET /settings/closing/categories/new``."""
    return await _form(visit, None, CategoryForm(), "")


@writes(Right.SETTINGS)
async def create(visit: Visit) -> Response:
    """``POST /settings/closing/categories``."""
    form = await parse(visit.request, CategoryForm)
    try:
        await add_category(visit.db, form.draft)
    except Refused as error:
        return await _form(visit, None, form, str(error))
    return see_other(LIST)


@reads(Right.SETTINGS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/closing/categories/ID``."""
    category = await category_named(visit.reading, visit.path_id())
    return await _form(visit, category, CategoryForm(name=category.name, description=category.description), "")


@writes(Right.SETTINGS)
async def update(visit: Visit) -> Response:
    """``POST /settings/closing/categories/ID``."""
    form = await parse(visit.request, CategoryForm)
    category = await category_named(visit.db, visit.path_id())
    try:
        await change_category(visit.db, category.id, form.draft)
    except Refused as error:
        return await _form(visit, category, form, str(error))
    return see_other(LIST)


@writes(Right.SETTINGS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/closing/categories/ID/deletion``."""
    category = await category_named(visit.db, visit.path_id())
    form = CategoryForm(name=category.name, description=category.description)
    try:
        await delete_category(visit.db, category.id)
    except Refused as error:
        return await _form(visit, category, form, str(error))
    return see_other(LIST)


async def _index(visit: Visit, form: AutoCloseForm | None = None, error: str = "", *, mode_error: str = "") -> Response:
    rules = await closing_rules(visit.reading)
    # A day is said as 24 hours.
    unit = next(unit for unit in reversed(UNITS) if rules.auto_close_minutes % UNITS[unit] == 0 and rules.auto_close_minutes != UNITS[unit])
    number = str(rules.auto_close_minutes // UNITS[unit])
    return render(
        visit.request,
        "settings/closing.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or mode_error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        mode=rules.mode,
        mode_error=mode_error,
        form=form or AutoCloseForm(enabled=rules.auto_close_since is not None, number=number, unit=unit),
        since=rules.auto_close_since,
        least=LEAST,
        categories=[(category.id, category.name, category.description) for category in await categories(visit.reading)],
        error=error,
    )


async def _form(visit: Visit, category: ClosingCategory | None, form: CategoryForm, error: str) -> Response:
    return render(
        visit.request,
        "settings/closing_category.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        category_id=category.id if category else None,
        category_name=category.name if category else "",
        form=form,
        longest=MAX_NAME,
        longest_description=MAX_DESCRIPTION,
        error=error,
    )


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(f"{LIST}/mode", choose_mode, methods=["POST"]),
    Route(f"{LIST}/auto-close", choose_time, methods=["POST"]),
    Route(f"{LIST}/order", arrange, methods=["POST"]),
    Route(f"{LIST}/categories/new", new),
    Route(f"{LIST}/categories", create, methods=["POST"]),
    Route(f"{LIST}/categories/{{id:id}}", edit),
    Route(f"{LIST}/categories/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/categories/{{id:id}}/deletion", destroy, methods=["POST"]),
]
