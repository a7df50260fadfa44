"""The filter of lists in the API: conditions that name things as people do."""

from sqlalchemy import ColumnElement, true

from ismessenger.api.body import ListBody
from ismessenger.conditions.broken import fault
from ismessenger.conditions.names import with_ids
from ismessenger.conditions.tree import ConditionInvalid, parse
from ismessenger.contacts.filtered import filtered
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.installation import Installation
from ismessenger.kit.zones import is_zone
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.errors import BadRequest
from ismessenger.workspaces.zone import timezone_of


async def filter_of(installation: Installation, db: ReadSession, body: ListBody) -> ColumnElement[bool]:
    """A clause on `Contact`. Days begin in the time zone that was asked for, else in the workspace's. Raises `BadRequest`."""
    if body.timezone and not is_zone(body.timezone):
        raise BadRequest(f"timezone: {body.timezone[:60]} is none; write one like Europe/Berlin.")
    if not body.filter:
        return true()
    try:
        condition = parse(body.filter)
        if not condition.items:
            return true()
        timezone = body.timezone or await timezone_of(installation, db.workspace_id)
        known = await vocabulary(db, timezone)
        condition = with_ids(condition, known)
    except ConditionInvalid as error:
        raise BadRequest(f"{f'filter, condition {error.number}' if error.number else 'filter'}: {error}") from None
    for number, leaf in enumerate(condition.leaves(), 1):
        if words := fault(leaf, known):
            raise BadRequest(f"filter, condition {number}: {words}")
    return await filtered(db, condition, timezone, known)
