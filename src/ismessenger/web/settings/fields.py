"""Settings → Contact fields: what is known about contacts. Managers make and change fields, Owners delete them."""

from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.define_fields import (
    MAX_FIELDS,
    FieldDraft,
    add_field,
    change_field,
    decide_standard,
    delete_field,
    field_named,
    filled,
    order_fields,
)
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.mentions import Mentions, mentions
from ismessenger.contacts.model import ContactField
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.settings.ordering import OrderForm
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_contact import field_name
from ismessenger.web.templating import render

LIST = "/settings/fields"


class FieldForm(BaseModel):
    """A custom field as typed: ``options`` one a line. A browser does not send a switch that is off."""

    name: str = ""
    type: str = "text"
    slug: str = ""
    description: str = ""
    options: str = ""
    visible: bool = False
    agent_access: str = "edit"

    @property
    def draft(self) -> FieldDraft:
        """What was typed."""
        options = self.options.splitlines()
        return FieldDraft(self.name, self.type, self.slug.strip(), self.description, options, self.visible, self.agent_access)


class StandardForm(BaseModel):
    """What can be decided about a standard field."""

    visible: bool = False
    agent_access: str = "edit"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field in the list."""

    key: str
    slug: str
    name: str
    type: str
    custom: bool
    visible: bool
    agent_access: str
    description: str
    url: str


def field_row(field: Field) -> FieldRow:
    """A line of the list."""
    custom = not field.column
    url = f"{LIST}/{field.id}" if custom else f"{LIST}/standard/{field.slug}"
    words = (field.slug, field_name(field), field.type)
    return FieldRow(field.key, *words, custom, field.visible, field.agent_access, field.description, url)


@reads(Right.FIELDS)
async def index(visit: Visit) -> Response:
    """``GET /settings/fields``."""
    rows = [field_row(field) for field in await fields(visit.reading)]
    return await _page(visit, "settings/fields.html", fields=rows, most=MAX_FIELDS)


@reads(Right.FIELDS)
async def new(visit: Visit) -> Response:
    """``GET /settings/fields/new``."""
    return await _form(visit, None, FieldForm(visible=True), "")


@writes(Right.FIELDS)
async def create(visit: Visit) -> Response:
    """``POST /settings/fields``."""
    form = await parse(visit.request, FieldForm)
    try:
        await add_field(visit.db, form.draft)
    except Refused as error:
        return await _form(visit, None, form, str(error))
    return see_other(LIST)


@reads(Right.FIELDS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/fields/ID``."""
    row = await field_named(visit.reading, visit.path_id())
    form = FieldForm(
        name=row.name, description=row.description, options="\n".join(row.options), visible=row.visible, agent_access=row.agent_access
    )
    return await _form(visit, row, form, "")


@writes(Right.FIELDS)
async def update(visit: Visit) -> Response:
    """``POST /settings/fields/ID``."""
    form = await parse(visit.request, FieldForm)
    row = await field_named(visit.db, visit.path_id())
    try:
        await change_field(visit.db, row.id, form.draft)
    except Refused as error:
        return await _form(visit, row, form, str(error))
    return see_other(LIST)


@writes(Right.DELETE_FIELDS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/fields/ID/deletion``: the field is gone at once, its values after a while."""
    await delete_field(visit.db, visit.path_id(), by=visit.member.id)
    return see_other(LIST)


@writes(Right.FIELDS)
async def arrange(visit: Visit) -> Response:
    """``POST /settings/fields/order``."""
    form = await parse(visit.request, OrderForm)
    await order_fields(visit.db, form.order)
    return see_other(LIST)


@reads(Right.FIELDS)
async def edit_standard(visit: Visit) -> Response:
    """``GET /settings/fields/standard/SLUG``."""
    slug = str(visit.request.path_params["slug"])
    field = next((field for field in await fields(visit.reading) if field.column and field.slug == slug), None)
    if field is None:
        raise NotThere(gettext("There is no such field."))
    return await _page(visit, "settings/field_standard.html", field=field_row(field))


@writes(Right.FIELDS)
async def update_standard(visit: Visit) -> Response:
    """``POST /settings/fields/standard/SLUG``."""
    form = await parse(visit.request, StandardForm)
    slug = str(visit.request.path_params["slug"])
    await decide_standard(visit.db, slug, visible=form.visible, agent_access=form.agent_access)
    return see_other(LIST)


async def _form(visit: Visit, row: ContactField | None, form: FieldForm, error: str) -> Response:
    """The form of a field; ``row`` is None for a new one. Its type and ID are those that it was made with."""
    return await _page(
        visit,
        "settings/field.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        field_id=row.id if row else 0,
        field_name=row.name if row else "",
        form=form.model_copy(update={"type": row.type, "slug": row.slug}) if row else form,
        values=await filled(visit.reading, row.id) if row else 0,
        used_by=await mentions(visit.reading, visit.member, "contactField", str(row.id)) if row else Mentions(),
        may_delete=may(visit.member, Right.DELETE_FIELDS),
        error=error,
    )


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(f"{LIST}/new", new),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/order", arrange, methods=["POST"]),
    Route(f"{LIST}/standard/{{slug}}", edit_standard),
    Route(f"{LIST}/standard/{{slug}}", update_standard, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", edit),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
