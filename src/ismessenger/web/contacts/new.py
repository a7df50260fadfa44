"""A contact that somebody adds by hand."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import MemberNotFound, members, present_member
from ismessenger.accounts.rights import Right
from ismessenger.contacts import fields as contact_fields
from ismessenger.contacts.create import create_contact
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.lifecycle import stage_named, stages_in_use
from ismessenger.contacts.tags import tags, tags_by_name
from ismessenger.contacts.values import Value, checked
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web import shown
from ismessenger.web.contacts.place import PATH
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.format import code_of
from ismessenger.web.forms import Id, OptionalId, parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_contact import field_name, stage_view, tag_view
from ismessenger.web.templating import render
from ismessenger.web.view_contact import FieldView

OFFERED_TAGS = 100
MAX_TAGS = 50
Typed = Mapping[contact_fields.Field, str]


class NewForm(BaseModel):
    """What was typed into fields comes as ``value_KEY``. ``new_tags`` are names between commas."""

    model_config = ConfigDict(extra="allow")
    tags: list[Id] = Field([], max_length=MAX_TAGS)
    new_tags: str = Field("", max_length=2000)
    member_id: OptionalId = None
    stage_id: OptionalId = None

    def typed(self, key: str) -> str:
        """What stands in a field."""
        value = (self.model_extra or {}).get(f"value_{key}")
        return value.strip() if isinstance(value, str) else ""


@reads(Right.CONTACTS)
async def new(visit: Visit) -> Response:
    """``GET /contacts/new``."""
    return await _form(visit, visit.reading, NewForm(), {}, "")


@writes(Right.CONTACTS)
async def create(visit: Visit) -> Response:
    """``POST /contacts``: add it; the same number or address on another contact is told on the next page."""
    form = await parse(visit.request, NewForm)
    known = await contact_fields.fields(visit.db)
    values, errors = _values(known, form)
    if errors:
        return await _form(visit, visit.db, form, errors, "")
    try:
        tagged = await tags_by_name(visit.db, [name for name in form.new_tags.split(",") if name.strip()])
        contact = await create_contact(
            visit.db,
            values,
            tag_ids={*form.tags, *(tag.id for tag in tagged)},
            assignee=await present_member(visit.db, form.member_id) if form.member_id else None,
            stage_id=(await stage_named(visit.db, form.stage_id)).id if form.stage_id else None,
            by=visit.member.id,
        )
    except (Refused, NotThere, MemberNotFound) as error:
        return await _form(visit, visit.db, form, {}, str(error))
    return see_other(f"{PATH}?added={contact.id}")


def _values(known: list[contact_fields.Field], form: NewForm) -> tuple[dict[contact_fields.Field, Value | None], dict[str, str]]:
    """What was typed as it is stored, and what is wrong, by the fields' keys."""
    values: dict[contact_fields.Field, Value | None] = {}
    errors: dict[str, str] = {}
    # A telephone number may be written as it is dialled in the contact's country, which has to be known first.
    for field in sorted(known, key=lambda each: each.type == "phone"):
        typed = form.typed(field.key)
        words = code_of(field.type, typed) if field.type in {"language", "country"} else typed
        region = next((str(value) for each, value in values.items() if each.type == "country" and value), None)
        try:
            values[field] = checked(field, words, region=region)
        except Refused as error:
            errors[field.key] = str(error).removeprefix(f"{field.name}: ")
    return values, errors


async def _form(visit: Visit, db: ReadSession, form: NewForm, errors: Mapping[str, str], error: str) -> Response:
    views = [_field(field, form, errors) for field in await contact_fields.fields(db)]
    return render(
        visit.request,
        "contacts/new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors or error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        fields=views,
        tags=[tag_view(tag) for tag in (await tags(db))[:OFFERED_TAGS]],
        chosen=frozenset(form.tags),
        new_tags=form.new_tags,
        members=[shown.member_view(member) for member in await members(db)],
        member_id=form.member_id,
        stages=[stage_view(stage) for stage in await stages_in_use(db)],
        stage_id=form.stage_id,
        error=error,
    )


def _field(field: contact_fields.Field, form: NewForm, errors: Mapping[str, str]) -> FieldView:
    return FieldView(
        key=field.key,
        name=field_name(field),
        type=field.type,
        value=form.typed(field.key),
        options=field.options,
        description=field.description,
        visible=field.visible or field.key in errors,
        error=errors.get(field.key, ""),
    )


routes: list[BaseRoute] = [
    Route("/contacts", create, methods=["POST"]),
    Route("/contacts/new", new),
]
