"""Contacts that somebody makes: what they begin with, and what is asked of them."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from ismessenger.contacts.create import create_contact
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import STANDARD, Field, custom_fields
from ismessenger.contacts.model import Contact, ContactField, LifecycleStage, Tag
from ismessenger.contacts.values import Value, checked
from ismessenger.conversations.model import TimelineEvent
from ismessenger.tenancy.doors import ReadSession
from ismessenger.workspaces.model import Preferences
from tests.conftest import World

BY_SLUG = {field.slug: field for field in STANDARD}


def typed(**values: str) -> dict[Field, Value | None]:
    """Values of standard fields as somebody writes them."""
    return {BY_SLUG[slug]: checked(BY_SLUG[slug], value) for slug, value in values.items()}


async def told(db: ReadSession, contact_id: int) -> list[str]:
    """What happened to a contact, in order."""
    statement = select(col(TimelineEvent.kind)).where(col(TimelineEvent.contact_id) == contact_id).order_by(col(TimelineEvent.id))
    return list((await db.execute(statement)).scalars())


async def test_a_contact_begins_with_its_values_tags_and_assignee_and_says_so(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add_all([ContactField(slug="size", name="Size", type="number"), vip := Tag(name="VIP")])
        await db.flush()
        [size] = await custom_fields(db)
        values = typed(firstName="Ada", phone="+60 12 345 6789", email="Ada@Example.com") | {size: checked(size, "42")}
        contact = await create_contact(db, values, tag_ids=[vip.id], assignee=world.agent, by=world.owner.id)
        assert (contact.phone, contact.email, contact.country_code) == ("+60123456789", "Ada@Example.com", "MY")
        assert (contact.fields, contact.tag_ids, contact.assignee_id) == ({size.key: 42}, [vip.id], world.agent.id)
        assert await told(db, contact.id) == ["contact.created", "tag.added", "contact.assigned"]


@pytest.mark.behaviour(25)
async def test_a_contact_made_by_hand_begins_in_the_default_stage_while_there_is_a_lifecycle(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add_all([LifecycleStage(name="Hot"), new := LifecycleStage(name="New", is_default=True)])
        await db.flush()
        assert (await create_contact(db, typed(firstName="Before"))).lifecycle_id is None
        db.add(Preferences(lifecycle_enabled=True))
        await db.flush()
        assert (await create_contact(db, typed(firstName="After"))).lifecycle_id == new.id


async def test_a_contact_needs_a_first_name(world: World) -> None:
    with pytest.raises(Refused, match="first name"):
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await create_contact(db, typed(phone="+60123456789"))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert (await db.execute(select(Contact))).first() is None
