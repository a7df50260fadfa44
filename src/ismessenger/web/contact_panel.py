"""What members change of a contact in its panel: fields, tags, the stage of the lifecycle."""

from dataclasses import replace
from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.contacts.edit import edit_contact
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.contacts.lifecycle import stages_in_use
from ismessenger.contacts.mark import move_contacts, tag_contacts
from ismessenger.contacts.model import Contact
from ismessenger.contacts.panel import panels
from ismessenger.contacts.tags import MAX_NAME, tag_named, tags_by_name, tags_like
from ismessenger.contacts.values import Value, checked
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, reads, writes
from ismessenger.web.errors import Forbidden
from ismessenger.web.format import code_of
from ismessenger.web.forms import OptionalId, parse
from ismessenger.web.shown_contact import contact_panel, field_name, field_view, fields_for, may_edit, sees_all, tag_view
from ismessenger.web.templating import fragment, render, stream
from ismessenger.web.view_contact import ContactView

OFFERED = 20


class FieldForm(BaseModel):
    """What was typed; empty takes the value away. ``again``: the last attempt was refused and its words stand on the page."""

    value: str = ""
    again: bool = False


class TagForm(BaseModel):
    """A tag that exists, or the name of one that may."""

    tag_id: OptionalId = None
    name: str = ""


class StageForm(BaseModel):
    """An empty ``stage_id`` takes the contact out of all stages."""

    stage_id: OptionalId = None


async def contact_view(db: ReadSession, member: Member, contact: Contact) -> ContactView:
    """A contact as its panel shows it to a member, wherever the panel is."""
    return contact_panel(contact, (await panels(db, [contact.id]))[contact.id], full=sees_all(member))


@writes(Right.INBOX)
async def set_field(visit: Visit) -> Response:
    """``POST /contacts/ID/fields/KEY``: one value; 422 with the field and what is wrong beside it."""
    form = await parse(visit.request, FieldForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    field = await _field(visit, str(visit.request.path_params["key"]))
    try:
        await edit_contact(visit.db, contact, {field: _value(contact, field, form.value)}, by=visit.member.id)
    except Refused as error:
        if not visit.wants_streams:
            raise
        wrong = replace(field_view(contact, field, full=True), value=form.value, error=str(error))
        return stream("contacts/field.stream.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, contact_id=contact.id, field=wrong)
    # A field that was refused is left alone by what changes around it; now it is right.
    right = fragment("contacts/field.stream.html", contact_id=contact.id, field=field_view(contact, field, full=True)) if form.again else ""
    return await answer_with_changes(visit, contact.id, right)


@reads(Right.INBOX)
async def offer_tags(visit: Visit) -> Response:
    """``GET /contacts/ID/tags?words=…``: tags that the contact does not have, and whether a new one can be made."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    words = " ".join(clean(visit.request.query_params.get("words", ""), MAX_NAME).split())
    found = await tags_like(visit.reading, words, but=contact.tag_ids, limit=OFFERED + 1)
    known = await tags_by_name(visit.reading, [words], create=False) if words else []
    return render(
        visit.request,
        "contacts/tags.html",
        contact_id=contact.id,
        tags=[tag_view(tag) for tag in found[:OFFERED]],
        more=len(found) > OFFERED,
        new="" if known else words,
    )


@writes(Right.INBOX)
async def add_tag(visit: Visit) -> Response:
    """``POST /contacts/ID/tags``: put a tag on the contact; a name that no tag has makes one."""
    form = await parse(visit.request, TagForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    added = [await tag_named(visit.db, form.tag_id)] if form.tag_id else await tags_by_name(visit.db, [form.name])
    await tag_contacts(visit.db, [contact.id], add=[tag.id for tag in added], by=visit.member.id)
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def remove_tag(visit: Visit) -> Response:
    """``POST /contacts/ID/tags/TAG/removal``."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    await tag_contacts(visit.db, [contact.id], remove=[visit.path_id("tag")], by=visit.member.id)
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def set_stage(visit: Visit) -> Response:
    """``POST /contacts/ID/lifecycle``: which stage the contact is in."""
    form = await parse(visit.request, StageForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    if form.stage_id and form.stage_id not in {stage.id for stage in await stages_in_use(visit.db)}:
        raise NotThere(gettext("There is no such stage."))
    await move_contacts(visit.db, [contact.id], form.stage_id, by=visit.member.id)
    return await answer_with_changes(visit, contact.id)


async def _field(visit: Visit, key: str) -> Field:
    """The field, if the member may change it. Raises `NotThere`, `Forbidden`."""
    full = sees_all(visit.member)
    field = next((field for field in fields_for(await fields(visit.db), full=full) if field.key == key), None)
    if field is None:
        raise NotThere(gettext("There is no such field."))
    if not may_edit(field, full=full):
        raise Forbidden(gettext("%(name)s can be read, not changed, by Agents.") % {"name": field_name(field)})
    return field


def _value(contact: Contact, field: Field, typed: str) -> Value | None:
    words = code_of(field.type, typed) if field.type in {"language", "country"} else typed
    return checked(field, words, region=contact.country_code)


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/fields/{key}", set_field, methods=["POST"]),
    Route("/contacts/{id:id}/tags", offer_tags),
    Route("/contacts/{id:id}/tags", add_tag, methods=["POST"]),
    Route("/contacts/{id:id}/tags/{tag:id}/removal", remove_tag, methods=["POST"]),
    Route("/contacts/{id:id}/lifecycle", set_stage, methods=["POST"]),
]
