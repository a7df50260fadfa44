"""Contacts in the API."""

from http import HTTPStatus

from sqlalchemy import select, text
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ismessenger.api.body import ContactBody, ListBody, contact_named, e164, read
from ismessenger.api.contact_parts import contacts_json
from ismessenger.api.filter import filter_of
from ismessenger.api.page import listed, page_of
from ismessenger.api.shape import contact_channel_json
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.create import create_contact
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import STANDARD
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.contacts.search import named
from ismessenger.contacts.values import checked
from ismessenger.installation import Installation
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.errors import BadRequest, Conflict, NotFound

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:identifier, :workspace_id))")


async def find_contact(db: ReadSession, request: Request) -> Contact:
    """The contact that the path names. Raises `NotFound`, `BadRequest`."""
    statement = select(Contact).where(contact_named(request.path_params["identifier"])).order_by(Contact.id).limit(1)  # type: ignore[arg-type]
    contact = (await db.execute(statement)).scalar_one_or_none()
    if contact is None:
        raise NotFound("Contact not found")
    return contact


async def show(request: Request) -> Response:
    """``GET /contact/{identifier}``."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(request.state.workspace_id) as db:
        contact = await find_contact(db, request)
        return JSONResponse((await contacts_json(db, [contact]))[0])


async def create(request: Request) -> Response:
    """``POST /contact/{identifier}``: 409 if there is one already."""
    installation: Installation = request.app.state.installation
    body = await read(request, ContactBody)
    kind, _colon, value = request.path_params["identifier"].partition(":")
    condition = contact_named(request.path_params["identifier"])
    if kind == "id":
        raise BadRequest("A new contact is named by email: or phone:.")
    given = body.model_dump(include={"firstName", "lastName", "countryCode", "phone", "email", "language"}) | {kind: value}
    async with installation.tenancy.workspace(request.state.workspace_id) as db:
        # Two requests for the same person wait for each other, so that the second one finds what the first one made.
        same = e164(value) if kind == "phone" else value.lower()
        await db.execute(_ALONE, {"identifier": f"{kind}:{same}", "workspace_id": db.workspace_id})
        if (await db.execute(select(col(Contact.id)).where(condition).limit(1))).first() is not None:
            raise Conflict("Contact already exists")
        try:
            values = {field: checked(field, given[field.slug]) for field in STANDARD if given[field.slug]}
            contact = await create_contact(db, values, source="api", actor="api")
        except Refused as error:
            raise BadRequest(str(error)) from error
    return JSONResponse({"code": 200, "contactId": contact.id})


async def index(request: Request) -> Response:
    """``POST /contact/list``: oldest first; ``search`` finds what the table's does, ``filter`` is a condition."""
    installation: Installation = request.app.state.installation
    page, body = page_of(request), await read(request, ListBody)
    statement = select(Contact)
    backwards = page.cursor is not None and page.cursor < 0
    if page.cursor is not None:
        statement = statement.where(Contact.id < -page.cursor if backwards else Contact.id > page.cursor)  # type: ignore[arg-type]
    statement = statement.order_by(Contact.id.desc() if backwards else Contact.id).limit(page.limit + 1)  # type: ignore[attr-defined, arg-type]
    async with installation.tenancy.reading(request.state.workspace_id) as db:
        wanted = await filter_of(installation, db, body)
        if body.search.strip():
            wanted &= await named(db, body.search)
        found = list((await db.execute(statement.where(wanted))).scalars())
        contacts = sorted(found[: page.limit], key=lambda contact: contact.id)
        items = await contacts_json(db, contacts)
    return listed(request, page, items, [contact.id for contact in contacts], more=len(found) > page.limit)


async def channels(request: Request) -> Response:
    """``GET /contact/{identifier}/channels``."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(request.state.workspace_id) as db:
        contact = await find_contact(db, request)
        statement = (
            select(ContactChannel, ConnectedChannel)
            .join(ConnectedChannel, ConnectedChannel.id == ContactChannel.channel_id)  # type: ignore[arg-type]
            .where(col(ContactChannel.contact_id) == contact.id)
            .order_by(ContactChannel.id)  # type: ignore[arg-type]
        )
        rows = (await db.execute(statement)).all()
    items = [contact_channel_json(identity, channel, _source(installation, channel.kind)) for identity, channel in rows]
    return JSONResponse({"items": items, "pagination": {"next": None, "previous": None}}, HTTPStatus.OK)


def _source(installation: Installation, kind: str) -> str:
    adapter = installation.plugins.channels.get(kind)
    return adapter.source if adapter else kind
