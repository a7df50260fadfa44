"""What single conditions mean, by example: in a list, and about one contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from ismessenger.conditions.compile import compile_condition
from ismessenger.conditions.evaluate import Facts, matches
from ismessenger.conditions.tree import parse
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.contacts.facts import facts_of
from ismessenger.contacts.model import Contact, ContactField
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.installation import Installation
from tests.conftest import World, make_world

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(frozen=True)
class People:
    """Ada has a value everywhere, Nil nowhere."""

    world: World
    known: Vocabulary
    facts: Mapping[str, Facts]
    keys: Mapping[str, str]


@pytest.fixture(scope="module")
async def people(installation: Installation) -> People:
    world = await make_world(installation)
    async with installation.tenancy.workspace(world.workspace_id) as db:
        fields = [ContactField(slug=type_, name=type_, type=type_) for type_ in ("number", "checkbox", "date", "text", "email")]
        db.add_all(fields)
        await db.flush()
        values = dict(zip((str(field.id) for field in fields), (5, False, "2026-03-01", "50% off_", "Ada@Work.example"), strict=True))
        # In Kuala Lumpur it was the second of March already.
        at = datetime(2026, 3, 1, 20, tzinfo=UTC)
        ada = Contact(first_name="Ada", phone="+60123456789", email="Ada@Example.com", fields=values, created_at=at, last_incoming_at=at)
        nil = Contact(first_name="Nil", created_at=datetime(2026, 2, 1, tzinfo=UTC), status="open", blocked_at=NOW)
        db.add_all([ada, nil])
        await db.flush()
        facts = await facts_of(db, [ada, nil])
        known = await vocabulary(db, "Asia/Kuala_Lumpur")
    return People(world, known, {"Ada": facts[ada.id], "Nil": facts[nil.id]}, {field.slug: str(field.id) for field in fields})


@pytest.mark.behaviour(161)
@pytest.mark.parametrize(
    ("subject", "operator", "value", "found"),
    [
        ("text", "startsWith", "50% O", {"Ada"}),
        ("text", "startsWith", "5%", set()),
        ("text", "contains", "OFF_", {"Ada"}),
        ("text", "contains", "o_f", set()),
        ("text", "doesNotContain", "off", {"Nil"}),
        ("text", "isEqualTo", "50% off_", {"Ada"}),
        ("text", "isEqualTo", "50% OFF_", set()),
        ("text", "isNotEqualTo", "50% off_", {"Nil"}),
        ("email", "isEqualTo", "ADA@work.example", {"Ada"}),
        ("phone", "isEqualTo", "+60 12-345 6789", {"Ada"}),
        ("number", "isEqualTo", 5.0, {"Ada"}),
        ("number", "isNotEqualTo", 5, {"Nil"}),
        ("number", "isGreaterThan", 5, set()),
        ("number", "isBetween", [5, 5], {"Ada"}),
        ("checkbox", "isEqualTo", False, {"Ada"}),
        ("checkbox", "doesNotExist", None, {"Nil"}),
        ("date", "isTimestampAfter", "2026-03-01", set()),
        ("date", "isTimestampAfter", "2026-02-28", {"Ada"}),
        ("date", "isTimestampBefore", "2026-03-01T20:00:00+00:00", {"Ada"}),
        ("date", "isTimestampBetween", ["2026-03-01", "2026-03-01"], {"Ada"}),
        ("createdTime", "isTimestampAfter", "2026-03-01", {"Ada"}),
        ("createdTime", "isTimestampAfter", "2026-03-02", set()),
        ("createdTime", "isTimestampBetween", ["2026-02-01", "2026-03-02"], {"Ada", "Nil"}),
        ("createdTime", "isLessThan", {"value": 9, "unit": "days"}, {"Ada"}),
        ("timeSinceLastIncomingMessage", "isGreaterThan", {"value": 8, "unit": "days"}, {"Ada"}),
        ("timeSinceLastIncomingMessage", "isGreaterThan", {"value": 9, "unit": "days"}, set()),
        ("conversationStatus", "isEqualTo", "open", set()),
        ("conversationStatus", "hasAnyOf", ["blocked", "closed"], {"Ada", "Nil"}),
        ("lifecycle", "doesNotExist", None, {"Ada", "Nil"}),
        ("messageText", "doesNotContain", "hello", {"Ada", "Nil"}),
    ],
)
async def test_whom_a_condition_means(people: People, subject: str, operator: str, value: Any, found: set[str]) -> None:
    of_field = subject in people.keys or subject == "phone"
    about = {"category": "contactField", "field": people.keys.get(subject, subject)} if of_field else {"category": subject}
    condition = parse({"$and": [{**about, "operator": operator, "value": value}]})
    async with people.world.installation.tenancy.reading(people.world.workspace_id) as db:
        statement = select(col(Contact.first_name)).where(compile_condition(condition, people.known, NOW))
        assert set((await db.execute(statement)).scalars()) == found
    assert {name for name, facts in people.facts.items() if matches(condition, facts, people.known, NOW)} == found
