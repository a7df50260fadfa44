"""What the indexes of contacts are for: conditions on tags, custom fields and addresses read them, and not the whole table."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.channels.model import ConnectedChannel
from ismessenger.conditions.resolve import sought_words
from ismessenger.conditions.tree import parse
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.contacts.filtered import Explained, filtered
from ismessenger.contacts.model import Contact, ContactField, LifecycleStage, Tag
from ismessenger.contacts.said import _walk
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from tests.conftest import World, make_world
from tests.tenancy.test_migrations import owner_of

# Every two-hundredth has what the conditions ask for; everybody has some tag and some plan.
_CROWD = text(
    "INSERT INTO contact (first_name, email, phone, tag_ids, fields, lifecycle_id, created_at, status, created_source)"
    " SELECT 'P' || n, 'P' || n || '@Example.com', '+4930' || n,"
    " CASE WHEN n % 200 = 0 THEN ARRAY[CAST(:vip AS bigint), CAST(:common AS bigint)] ELSE ARRAY[CAST(:common AS bigint)] END,"
    " jsonb_build_object(CAST(:plan AS text), CASE WHEN n % 200 = 0 THEN 'Pro' ELSE 'Free ' || n END),"
    " CASE WHEN n % 200 = 0 THEN CAST(:hot AS bigint) END, now(), 'closed', 'user' FROM generate_series(1, 5000) AS n"
)


@pytest.fixture(scope="module")
async def crowd(installation: Installation) -> tuple[World, dict[str, Any]]:
    world = await make_world(installation)
    async with installation.tenancy.workspace(world.workspace_id) as db:
        rows = {
            "vip": Tag(name="VIP"),
            "common": Tag(name="all"),
            "plan": ContactField(slug="plan", name="Plan"),
            "hot": LifecycleStage(name="Hot"),
        }
        db.add_all(rows.values())
        await db.flush()
        ids = {name: row.id for name, row in rows.items()}
        await db.execute(_CROWD, {**ids, "plan": str(ids["plan"])})
    url = installation.settings.database_url
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        await connection.execute(text("ANALYZE store.contact"))
    return world, {**ids, "plan": str(ids["plan"])}


@pytest.mark.parametrize(
    ("leaf", "index", "number"),
    [
        ({"category": "contactTag", "operator": "hasAnyOf", "value": ["vip"]}, "contact_tags_idx", 25),
        ({"category": "contactTag", "operator": "hasAllOf", "value": ["vip", "common"]}, "contact_tags_idx", 25),
        ({"category": "contactField", "field": "plan", "operator": "isEqualTo", "value": "Pro"}, "contact_fields_idx", 25),
        ({"category": "contactField", "field": "email", "operator": "isEqualTo", "value": "p77@example.com"}, "contact_email_idx", 1),
        ({"category": "contactField", "field": "phone", "operator": "isEqualTo", "value": "+49 30-77"}, "contact_phone_idx", 1),
        ({"category": "lifecycle", "operator": "isEqualTo", "value": "hot"}, "contact_lifecycle_idx", 25),
    ],
)
async def test_an_index_answers(crowd: tuple[World, Mapping[str, Any]], leaf: dict[str, Any], index: str, number: int) -> None:
    world, ids = crowd
    value = [ids[name] for name in leaf["value"]] if isinstance(leaf["value"], list) else ids.get(leaf["value"], leaf["value"])
    condition = parse({"$and": [{**leaf, "value": value} | ({"field": ids.get(leaf["field"], leaf["field"])} if "field" in leaf else {})]})
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        statement = select(col(Contact.id)).where(await filtered(db, condition, "UTC"))
        assert len((await db.execute(statement)).all()) == number
        plan = str((await db.execute(Explained(statement))).scalar_one())
    assert index in plan, plan
    assert "'Seq Scan'" not in plan, plan


async def test_the_index_of_messages_says_who_said_words(crowd: tuple[World, Mapping[str, Any]]) -> None:
    world, _ids = crowd
    line = ConnectedChannel(kind="custom_channel", name="Line", route=f"said{world.workspace_id}", secrets=b"")
    said = text(
        "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
        " SELECT id, :line, 'incoming', 'text', '{}', 'Please, order ' || id || CASE WHEN id % 1000 = 7 THEN ' Unicorn' ELSE '' END,"
        " 'contact', 'received', '{}', now(), now() FROM contact RETURNING contact_id, words"
    )
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(line)
        await db.flush()
        rows = (await db.execute(said, {"line": line.id})).all()
    url = world.installation.settings.database_url
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        await connection.execute(text("ANALYZE store.message"))
    condition = parse({"$and": [{"category": "messageText", "operator": "contains", "value": "unicorn"}]})
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        found = (await db.execute(select(col(Contact.id)).where(await filtered(db, condition, "UTC")))).scalars().all()
        (wanted,) = sought_words(condition, Vocabulary(), now())
        plan = str((await db.execute(Explained(_walk(world.workspace_id, wanted, 1, 0)))).scalar_one())
    assert set(found) == {contact_id for contact_id, words in rows if "Unicorn" in words} != set()
    assert "message_search_idx" in plan, plan
    assert "'Seq Scan'" not in plan, plan
