"""What somebody chose for an import: kept in its draft, tried out, and begun."""

from collections.abc import Sequence
from typing import Final

from babel import Locale
from sqlalchemy import select
from sqlmodel import col

from ismessenger.background.job import DRAFT, LANE, WAITING, cancel_job, start_job
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.imports.errors import ImportNotFound
from ismessenger.imports.order import CHECK, IMPORT, Order
from ismessenger.imports.targets import ID, Target, targets
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_TAGS: Final = 20
MAX_TAG: Final = 255
_UNPLACED: Final = {
    "phone": marked("Contacts are found by their phone number. Say which column holds it."),
    "email": marked("Contacts are found by their e-mail address. Say which column holds it."),
    "id": marked("Contacts are found by their contact ID. Say which column holds it."),
}


async def import_named(db: ReadSession, import_id: int, *, lock: bool = False) -> Job:
    """An import, also a draft. Raises `ImportNotFound`."""
    statement = select(Job).where(col(Job.id) == import_id, col(Job.kind) == IMPORT)
    if lock:
        statement = statement.with_for_update()
    job: Job | None = (await db.execute(statement)).scalar_one_or_none()
    if job is None:
        raise ImportNotFound(gettext("There is no such import."))
    return job


async def choose(db: WriteSession, import_id: int, order: Order, *, by: int) -> Job:
    """Keep the choices of a draft and have them tried out. Returns the job that does. Raises `Refused`, `ImportNotFound`."""
    draft = await _draft(db, import_id)
    kept = Order.model_validate(draft.params)
    order = order.model_copy(update={name: getattr(kept, name) for name in ("file", "name", "rows", "columns", "sample")})
    see_complete(order, await targets(db))
    if kept.check is not None:
        await cancel_job(db, kept.check)
    check = await start_job(db, CHECK, order.model_dump(), by=by, total=order.rows)
    draft.params = order.model_copy(update={"check": check.id}).model_dump()
    await db.flush()
    return check


async def begin(db: WriteSession, import_id: int) -> Job:
    """Have a draft imported as it was chosen. Raises `Refused`, `ImportNotFound`."""
    draft = await _draft(db, import_id)
    order = Order.model_validate(draft.params)
    see_complete(order, await targets(db))
    if order.check is not None:
        await cancel_job(db, order.check)
    draft.state = WAITING
    await db.flush()
    db.ring(LANE)
    return draft


async def discard(db: WriteSession, import_id: int) -> str:
    """Give a draft up. Returns the key of its file, which the caller deletes after the commit. Raises `Refused`, `ImportNotFound`."""
    draft = await _draft(db, import_id)
    order = Order.model_validate(draft.params)
    if order.check is not None:
        await cancel_job(db, order.check)
    await db.delete(draft)
    await db.flush()
    return order.file


def see_complete(order: Order, known: Sequence[Target]) -> None:
    """Raises `Refused` if an import cannot be done so."""
    if len(order.targets) != len(order.columns):
        raise Refused(gettext("Say for every column where it goes."))
    chosen = [key for key in order.targets if key]
    names = {target.key: target.called for target in known}
    if gone := next((key for key in chosen if key not in names), None):
        raise Refused(gettext("There is no field %(name)s any more. Choose again where its column goes.") % {"name": gone})
    if twice := next((key for key in chosen if chosen.count(key) > 1), None):
        raise Refused(gettext("Two columns go to %(name)s. Choose one of them.") % {"name": names[twice]})
    if order.adds and "firstName" not in chosen:
        raise Refused(gettext("New contacts need a first name. Say which column holds it."))
    if order.purpose == "new" and order.identifier == "id":
        raise Refused(gettext("New contacts have no contact ID yet. Tell them apart by phone number or e-mail address."))
    if order.purpose != "all" and order.identifier not in chosen:
        raise Refused(gettext(_UNPLACED[order.identifier]))
    if ID in chosen and (order.purpose == "all" or order.identifier != "id"):
        raise Refused(gettext("The contact ID only serves to find contacts. Leave its column out, or find contacts by it."))
    if order.region and order.region not in Locale("en").territories:
        raise Refused(gettext("There is no such country."))
    if len(order.tags) > MAX_TAGS or any(not 0 < len(tag.strip()) <= MAX_TAG for tag in order.tags):
        raise Refused(gettext("At most %(most)s tags, each of at most %(longest)s characters.") % {"most": MAX_TAGS, "longest": MAX_TAG})


async def _draft(db: WriteSession, import_id: int) -> Job:
    job = await import_named(db, import_id, lock=True)
    if job.state != DRAFT:
        raise Refused(gettext("This import has begun already."))
    return job
