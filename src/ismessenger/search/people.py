"""People whom a search finds: by part of a name or a number, by the whole of an e-mail address or a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, true
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.listing import cursor_of, table_page
from ismessenger.contacts.model import Contact
from ismessenger.contacts.order import Order
from ismessenger.contacts.search import named
from ismessenger.search.filters import Narrowed
from ismessenger.tenancy.doors import ReadSession

PAGE = 5
_NEWEST = Order(
    "lastMessage", col(Contact.last_message_at), (datetime, type(None)), col(Contact.last_message_at).is_not(None), descending=True
)


@dataclass(frozen=True, slots=True)
class People:
    """A page of contacts, whoever wrote last first. ``older`` is where the next one begins."""

    contacts: Sequence[Contact]
    older: str | None


async def people(db: ReadSession, member: Member, words: str, narrow: Narrowed, *, before: str | None = None, limit: int = PAGE) -> People:
    """Those that the member sees, by their words or by the filters alone. Raises `CursorInvalid`."""
    cursor = cursor_of(_NEWEST, after=before or "", before="")
    if narrow.problems or not (words or narrow.contacts or narrow.reached or narrow.before or narrow.after):
        return People([], None)
    wanted = [*narrow.contacts, *narrow.reached, await named(db, words, await kept_from(db, member)) if words else true()]
    wanted += [col(Contact.last_message_at) < narrow.before] if narrow.before else []
    wanted += [col(Contact.last_message_at) >= narrow.after] if narrow.after else []
    page = await table_page(db, member, and_(*wanted), _NEWEST, cursor, limit=limit)
    return People(page.contacts, page.after)
