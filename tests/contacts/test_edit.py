"""Changing what is known about a contact: events, nothing without a change, the country once."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from ismessenger.contacts.define_fields import FieldDraft, add_field
from ismessenger.contacts.edit import edit_contact, value_of
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.model import Contact
from ismessenger.conversations.model import TimelineEvent
from ismessenger.tenancy.doors import WriteSession
from tests.conftest import World


async def contact_of(db: WriteSession, **values: Any) -> tuple[Contact, dict[str, Field]]:
    await add_field(db, FieldDraft("Plan"))
    contact = Contact(first_name="Ada", **values)
    db.add(contact)
    await db.flush()
    return contact, {field.slug: field for field in await fields(db)}


async def test_what_changed_is_one_event_with_both_values(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact, by_slug = await contact_of(db)
        values = {by_slug["firstName"]: "Ada", by_slug["lastName"]: "Nwosu", by_slug["plan"]: "Pro"}
        assert await edit_contact(db, contact, values, by=world.owner.id)
        assert value_of(contact, by_slug["plan"]) == "Pro"
        assert not await edit_contact(db, contact, values)
        assert await edit_contact(db, contact, {by_slug["plan"]: None})
        assert contact.fields == {}
        told = (await db.execute(select(TimelineEvent).order_by(col(TimelineEvent.id)))).scalars().all()
        assert [(each["name"], each["from"], each["to"]) for each in told[0].details["fields"]] == [
            ("Last name", None, "Nwosu"),
            ("Plan", None, "Pro"),
        ]
        assert len(told) == 2


@pytest.mark.behaviour(22)
async def test_the_country_follows_from_the_first_phone_number_and_stays(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact, by_slug = await contact_of(db)
        await edit_contact(db, contact, {by_slug["phone"]: "+60123456789"})
        assert contact.country_code == "MY"
        await edit_contact(db, contact, {by_slug["phone"]: "+4930901820"})
        assert contact.country_code == "MY"
        await edit_contact(db, contact, {by_slug["countryCode"]: None, by_slug["phone"]: "+33612345678"})
        assert contact.country_code is None
