"""Make, change, order and delete the fields of a workspace's contacts."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import bindparam, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from ismessenger.background.job import Running, start_job
from ismessenger.background.model import Job
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.fields import STANDARD, Field, fields
from ismessenger.contacts.model import ContactField
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_FIELDS = 100
MAX_NAME = 50
MAX_DESCRIPTION = 255
MAX_OPTIONS = 200
MAX_OPTION = 100
COUNTED = 10_000
SLICE = 2000
DELETE_FIELD = "field_delete"
TYPES: Final[Sequence[str]] = ("text", "list", "checkbox", "email", "number", "url", "date", "time")
ACCESS: Final[Sequence[str]] = ("edit", "read", "hidden")
# What the API and conditions call something else of a contact.
_TAKEN_SLUGS = frozenset(
    {"id", "status", "assignee", "tags", "lifecycle", "isblocked", "created_at", "profilepic", "name", "custom_fields"}
    | {field.slug.lower() for field in STANDARD}
)
_SLUG = re.compile(r"[A-Za-z0-9_]{1,50}")

_FILLED = text("SELECT count(*) FROM (SELECT 1 FROM contact WHERE fields <> '{}' AND fields ? :key LIMIT :limit) AS c").bindparams(
    bindparam("limit", COUNTED + 1)
)
# Contacts are walked by id: no index knows which keys a contact has.
_EMPTY = text(
    "WITH piece AS MATERIALIZED (SELECT id, fields FROM contact WHERE id > :after AND fields <> '{}' ORDER BY id LIMIT :limit"
    " FOR NO KEY UPDATE), done AS (UPDATE contact SET fields = contact.fields - CAST(:key AS text) FROM piece WHERE contact.id = piece.id"
    " AND piece.fields ? :key RETURNING contact.id) SELECT (SELECT max(id) FROM piece) AS last, (SELECT count(*) FROM done) AS number"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('fields', :workspace_id))")


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """What a custom field shall be. Without a ``slug`` it is made from the name; slug and ``type`` stay as they were made."""

    name: str
    type: str = "text"
    slug: str = ""
    description: str = ""
    options: Sequence[str] = ()
    visible: bool = True
    agent_access: str = "edit"


async def field_named(db: ReadSession, field_id: int) -> ContactField:
    """A custom field by its id. Raises `NotThere`."""
    row: ContactField | None = await db.get(ContactField, (db.workspace_id, field_id))
    if row is None or row.standard:
        raise NotThere(gettext("There is no such field."))
    return row


async def filled(db: ReadSession, field_id: int) -> int:
    """How many contacts have a value in a custom field, exact up to `COUNTED`; one more says that it is more."""
    return int((await db.execute(_FILLED, {"key": str(field_id)})).scalar_one())


async def add_field(db: WriteSession, draft: FieldDraft) -> ContactField:
    """A new field behind the others. Raises `Refused`."""
    draft = _checked(draft)
    await db.execute(_LOCK, {"workspace_id": db.workspace_id})
    existing = await fields(db)
    if sum(not field.column for field in existing) >= MAX_FIELDS:
        raise Refused(gettext("A workspace has at most %(most)s fields of its own.") % {"most": MAX_FIELDS})
    taken = {field.slug.lower() for field in existing} | _TAKEN_SLUGS
    if draft.slug and draft.slug.lower() in taken:
        raise Refused(gettext("There is a field with the ID %(slug)s already.") % {"slug": draft.slug})
    row = ContactField(
        slug=draft.slug or _slug_of(draft.name, taken),
        name=draft.name,
        description=draft.description,
        type=draft.type,
        options=list(draft.options),
        position=max((field.position for field in existing), default=-1) + 1,
        visible=draft.visible,
        agent_access=draft.agent_access,
    )
    db.add(row)
    await db.flush()
    db.announce("refresh", 0)
    return row


async def change_field(db: WriteSession, field_id: int, draft: FieldDraft) -> None:
    """Another name, description, options, visibility or access; the values of contacts stay. Raises `Refused`, `NotThere`."""
    row = await field_named(db, field_id)
    draft = _checked(replace(draft, type=row.type, slug=row.slug))
    row.name, row.description, row.options = draft.name, draft.description, list(draft.options)
    row.visible, row.agent_access = draft.visible, draft.agent_access
    await db.flush()
    db.announce("refresh", 0)


async def decide_standard(db: WriteSession, slug: str, *, visible: bool, agent_access: str) -> None:
    """Whether a standard field is folded away, and what Agents may do with it. Raises `Refused`, `NotThere`."""
    field = next((field for field in await fields(db) if field.column and field.slug == slug), None)
    if field is None:
        raise NotThere(gettext("There is no such field."))
    if agent_access not in ACCESS:
        raise Refused(gettext("Agents may edit a field, read it, or not see it."))
    await _decide(db, field, visible=visible, agent_access=agent_access)
    db.announce("refresh", 0)


async def order_fields(db: WriteSession, keys: Sequence[str]) -> None:
    """Put the fields into this order, the standard ones among them; those that are not named keep their order behind."""
    await db.execute(_LOCK, {"workspace_id": db.workspace_id})
    known = {field.key: field for field in await fields(db)}
    wanted = [key for key in dict.fromkeys(keys) if key in known]
    for position, key in enumerate([*wanted, *(key for key in known if key not in wanted)]):
        field = known[key]
        if field.column:
            await _decide(db, field, position=position)
        elif field.position != position:
            moved = update(ContactField).where(col(ContactField.id) == field.id).values(position=position)
            await db.execute(moved.execution_options(synchronize_session=False))
    db.announce("refresh", 0)


async def delete_field(db: WriteSession, field_id: int, *, by: int | None) -> Job:
    """Delete a custom field: it is gone at once, and the job takes its values off the contacts. Raises `NotThere`."""
    row = await field_named(db, field_id)
    await db.delete(row)
    await db.flush()
    db.announce("refresh", 0)
    return await start_job(db, DELETE_FIELD, {"key": str(row.id), "name": row.name}, by=by)


async def run_field(running: Running) -> None:
    """The job of `delete_field`."""

    async def next_piece(db: WriteSession, job: Job) -> bool:
        values = {"key": running.params["key"], "after": job.position.get("after", 0), "limit": SLICE}
        last, number = (await db.execute(_EMPTY, values)).one()
        job.done += number
        more = last is not None
        job.position = {"after": last} if more else job.position
        return more

    while await running.carry(next_piece):
        pass


async def _decide(db: WriteSession, field: Field, **decided: object) -> None:
    kept = {"position": field.position, "visible": field.visible, "agent_access": field.agent_access}
    values = {"name": field.name, "type": field.type, "description": "", "options": [], "standard": True, "created_at": func.now()}
    statement = insert(ContactField).values(workspace_id=db.workspace_id, slug=field.slug, **values, **(kept | decided))
    await db.execute(statement.on_conflict_do_update(index_elements=["workspace_id", "slug"], set_=decided))


def _checked(draft: FieldDraft) -> FieldDraft:
    name, description = " ".join(clean(draft.name).split()), clean(draft.description).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A field needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        raise Refused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    if draft.type not in TYPES:
        raise Refused(gettext("Choose what the field holds."))
    if draft.agent_access not in ACCESS:
        raise Refused(gettext("Agents may edit a field, read it, or not see it."))
    if draft.slug and not _SLUG.fullmatch(draft.slug):
        raise Refused(gettext("The ID of a field has at most 50 letters, digits and underscores."))
    options = _options(draft.options) if draft.type == "list" else ()
    return replace(draft, name=name, description=description, options=options)


def _options(typed: Sequence[str]) -> Sequence[str]:
    options: dict[str, str] = {}
    for each in typed:
        if words := " ".join(clean(each).split()):
            options.setdefault(words.casefold(), words)
    if not options:
        raise Refused(gettext("A list needs at least one value to choose from."))
    if len(options) > MAX_OPTIONS or any(len(option) > MAX_OPTION for option in options.values()):
        raise Refused(
            gettext("A list has at most %(most)s values of at most %(longest)s characters each.")
            % {"most": MAX_OPTIONS, "longest": MAX_OPTION}
        )
    return list(options.values())


def _slug_of(name: str, taken: set[str]) -> str:
    """The name in the letters of a slug, with a number where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[: MAX_NAME - 4] or "field"
    return next(slug for number in range(MAX_FIELDS * 2) if (slug := f"{base}_{number + 1}" if number else base) not in taken)
