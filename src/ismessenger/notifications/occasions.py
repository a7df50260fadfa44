"""What the orders of the outbox come to: things that happened, with the contacts to whom they did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.contacts.model import Contact
from ismessenger.notifications.kinds import KINDS, MESSAGES, MINE, UNASSIGNED
from ismessenger.notifications.orders import Arrived, Details, Failed, Order, Told
from ismessenger.tenancy.doors import WriteSession

_FAILED = text(
    "SELECT id, contact_id, sender_id, status_reason FROM message WHERE id = ANY(:ids) AND status = 'failed' AND source = 'user'"
    " ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One thing that happened. ``to`` are members' ids, ``None``: everybody whom it concerns. ``subject_id`` is the last of ``count``."""

    kind: str
    contact: Contact | None = None
    to: frozenset[int] | None = None
    by: int | None = None
    subject_id: int | None = None
    count: int = 1
    details: Details = field(default_factory=dict)

    @property
    def contact_id(self) -> int | None:
        """To whom it happened."""
        return self.contact.id if self.contact else None

    @property
    def shared(self) -> bool:
        """Whether it is one line for everybody whom it concerns."""
        return self.kind in KINDS and KINDS[self.kind].shared


async def occasions_of(db: WriteSession, orders: Sequence[Order]) -> list[Occasion]:
    """Everything that these orders tell. What concerns a contact that is gone is left out; the others stay until the end."""
    failed = await _failed(db, [message_id for order in orders if isinstance(order, Failed) for message_id in order.failed])
    told = [order for order in orders if isinstance(order, Told)]
    arrived = _together(order for order in orders if isinstance(order, Arrived))
    named = {order.contact_id for order in told if order.contact_id} | {contact_id for contact_id, _sender, _occasion in failed}
    contacts = await _hold(db, named | set(arrived))
    return [
        *(_told(order, contacts) for order in told if order.contact_id is None or order.contact_id in contacts),
        *(_arrived(contacts[id_], *counted) for id_, counted in arrived.items() if id_ in contacts and _tells(contacts[id_])),
        *(_returned(contacts[id_], sender, occasion) for id_, sender, occasion in failed if id_ in contacts),
    ]


def _together(orders: Iterable[Arrived]) -> dict[int, tuple[int, int, int]]:
    """What several batches brought, by contact."""
    together: dict[int, tuple[int, int, int]] = {}
    for order in orders:
        for contact_id, (count, first, last) in order.arrived.items():
            known, begin, end = together.get(contact_id, (0, first, last))
            together[contact_id] = (known + count, min(begin, first), max(end, last))
    return together


async def _hold(db: WriteSession, ids: set[int]) -> Mapping[int, Contact]:
    """The contacts, which nobody erases until this transaction ends."""
    if not ids:
        return {}
    statement = select(Contact).where(col(Contact.id).in_(ids)).order_by(col(Contact.id))
    rows = (await db.execute(statement.with_for_update(read=True, key_share=True))).scalars()
    return {contact.id: contact for contact in rows}


def _tells(contact: Contact) -> bool:
    """Whether its messages are anybody's business: those of the blocked are not, nor what opens no conversation, like a follow."""
    return contact.blocked_at is None and contact.status != "closed"


def _told(order: Told, contacts: Mapping[int, Contact]) -> Occasion:
    contact = contacts[order.contact_id] if order.contact_id else None
    to = None if order.to is None else frozenset(order.to)
    return Occasion(order.kind, contact, to, order.by, order.subject_id, details=order.details)


def _arrived(contact: Contact, count: int, first: int, last: int) -> Occasion:
    to = None if contact.assignee_id is None else frozenset({contact.assignee_id})
    kind = UNASSIGNED if contact.assignee_id is None else MINE
    return Occasion(kind, contact, to, subject_id=last, count=count, details={"first": first})


async def _failed(db: WriteSession, ids: Sequence[int]) -> list[tuple[int, int | None, Occasion]]:
    """Contact, sender and occasion of each message that members wrote; several to one person by one sender are one."""
    if not ids:
        return []
    found: dict[tuple[int, int | None], Occasion] = {}
    for row in (await db.execute(_FAILED, {"ids": list(ids)})).all():
        key = (row.contact_id, row.sender_id)
        if (known := found.get(key)) is None:
            found[key] = Occasion("send_failed", subject_id=row.id, details={"first": row.id})
        else:
            found[key] = replace(known, subject_id=row.id, count=known.count + 1)
    return [(contact_id, sender, occasion) for (contact_id, sender), occasion in found.items()]


def _returned(contact: Contact, sender: int | None, occasion: Occasion) -> Occasion:
    """It goes back to whoever wrote it, else to whose contact it is."""
    to = sender if sender is not None else contact.assignee_id
    return replace(occasion, contact=contact, to=frozenset() if to is None else frozenset({to}))


def is_message(occasion: Occasion) -> bool:
    """Whether reading the thread settles it."""
    return occasion.kind in MESSAGES
