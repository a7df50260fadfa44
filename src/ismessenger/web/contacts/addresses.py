"""The channels of a contact: where the person is known, where we could write first, where we must wait."""

from collections.abc import Collection

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.addresses import addresses, remove_address
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.contacts.panel import Address
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, reads, writes
from ismessenger.web.shown_contact import shown_identifier
from ismessenger.web.templating import fragment, render
from ismessenger.web.view_merge import AddressView


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /contacts/ID/addresses``: the frame with the channels in the contact panel."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    found = await addresses(visit.installation, visit.reading, contact)
    kept = await visit.kept()
    return render(
        visit.request,
        "contacts/_addresses.html",
        contact_id=contact.id,
        name=contact.called(kept),
        phone=contact.phone or "" if "phone" not in kept else "",
        active=[address_view(address, kept) for address in found.active],
        inactive=[(channel.kind, channel.name) for channel in found.inactive],
        unavailable=[(channel.kind, channel.name) for channel in found.unavailable],
        may_remove=may(visit.member, Right.CONTACTS),
    )


@writes(Right.CONTACTS)
async def remove(visit: Visit) -> Response:
    """``POST /contacts/ID/addresses/ADDRESS/removal``: the messages stay."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    address = await remove_address(visit.db, contact, visit.path_id("address"), by=visit.member.id)
    words = gettext("%(channel)s was removed from %(name)s") % {"channel": address.channel_name, "name": await visit.name_of(contact)}
    return await answer_with_changes(visit, contact.id, fragment("components/toast.stream.html", words=words, undo=None))


def address_view(address: Address, kept: Collection[str]) -> AddressView:
    """An address as the panel shows it."""
    identity = address.identity
    return AddressView(
        id=identity.id,
        kind=address.kind,
        channel_name=address.channel_name,
        identifier=shown_identifier(identity.identifier, kept),
        since=identity.created_at,
        last_message_at=identity.last_message_at,
        last_incoming_at=identity.last_incoming_at,
        reachable=identity.unreachable_at is None,
    )


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/addresses", index),
    Route("/contacts/{id:id}/addresses/{address:id}/removal", remove, methods=["POST"]),
]
