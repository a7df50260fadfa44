"""Tags and stages on many contacts at once: what changes is told, what does not is left alone."""

from sqlalchemy import select
from sqlmodel import col

from ismessenger.contacts.mark import move_contacts, tag_contacts
from ismessenger.contacts.model import Contact, LifecycleStage, Tag
from ismessenger.conversations.model import TimelineEvent
from tests.conftest import World


async def test_tags_are_added_and_removed_and_each_change_is_an_event(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        ada, bo = Contact(first_name="Ada"), Contact(first_name="Bo")
        vip, new = Tag(name="VIP"), Tag(name="new")
        db.add_all([ada, bo, vip, new])
        await db.flush()
        assert await tag_contacts(db, [bo.id, ada.id], add=[vip.id], by=world.owner.id) == [ada.id, bo.id]
        assert await tag_contacts(db, [ada.id, bo.id], add=[new.id, vip.id], remove=[vip.id]) == [ada.id, bo.id]
        assert await tag_contacts(db, [ada.id], add=[new.id]) == []
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert (await db.execute(select(col(Contact.tag_ids)).order_by(col(Contact.id)))).scalars().all() == [[new.id], [new.id]]
        told = (
            await db.execute(select(TimelineEvent).where(col(TimelineEvent.contact_id) == ada.id).order_by(col(TimelineEvent.id)))
        ).scalars()
        assert [(event.kind, event.details["name"]) for event in told] == [
            ("tag.added", "VIP"),
            ("tag.added", "new"),
            ("tag.removed", "VIP"),
        ]


async def test_contacts_move_between_stages_and_out_of_all(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        ada, hot = Contact(first_name="Ada"), LifecycleStage(name="Hot")
        db.add_all([ada, hot])
        await db.flush()
        assert await move_contacts(db, [ada.id], hot.id) == [ada.id]
        assert await move_contacts(db, [ada.id], hot.id) == []
        assert await move_contacts(db, [ada.id], None) == [ada.id]
        told = (await db.execute(select(TimelineEvent).order_by(col(TimelineEvent.id)))).scalars().all()
        assert [(event.details["from_name"], event.details["to_name"]) for event in told] == [(None, "Hot"), ("Hot", None)]
