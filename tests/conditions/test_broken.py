"""Conditions that name what is not there any more, and values that do not fit their field."""

import re
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from ismessenger.conditions.broken import broken
from ismessenger.conditions.evaluate import matches
from ismessenger.conditions.tree import ConditionInvalid, parse
from ismessenger.contacts.facts import facts_of
from ismessenger.contacts.filtered import filtered
from ismessenger.contacts.model import Contact, ContactField, Tag
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.kit.clock import now
from ismessenger.language import PSEUDO_LANGUAGE, speaking
from tests.conditions.stand import IN_WORKFLOW, KNOWN
from tests.conftest import World


@pytest.mark.behaviour(162)
@pytest.mark.parametrize("joiner", ["$and", "$or"])
async def test_whoever_matched_a_deleted_tag_or_field_matches_no_more(world: World, joiner: str) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        vip, plan = Tag(name="VIP"), ContactField(slug="plan", name="Plan")
        db.add_all([vip, plan])
        await db.flush()
        ada = Contact(first_name="Ada", tag_ids=[vip.id], fields={str(plan.id): "Pro"})
        db.add(ada)
        await db.flush()
        by_tag = {"category": "contactTag", "operator": "hasAnyOf", "value": [vip.id]}
        by_plan = {"category": "contactField", "field": str(plan.id), "operator": "isNotEqualTo", "value": "Free"}
        condition = parse({joiner: [by_tag, by_plan]})
        said = []
        for gone in (None, Tag, ContactField):
            if gone:
                await db.execute(delete(gone))
            known = await vocabulary(db, "UTC")
            found = (await db.execute(select(col(Contact.id)).where(await filtered(db, condition, "UTC")))).scalars().all()
            assert (found == [ada.id]) == matches(condition, (await facts_of(db, [ada]))[ada.id], known, now()) == (gone is None)
            said.append(broken(condition, known))
    assert said == [
        [],
        ["A tag of this condition was deleted."],
        ["A tag of this condition was deleted.", "The field of this condition was deleted."],
    ]


async def test_somebody_who_left_breaks_what_names_them(world: World) -> None:
    condition = parse({"$and": [{"category": "assignee", "operator": "isNotEqualTo", "value": world.agent.id}]})
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        assert broken(condition, await vocabulary(db, "UTC")) == []
        agent = await db.merge(world.agent)
        agent.removed_at = now()
        await db.flush()
        assert broken(condition, await vocabulary(db, "UTC")) == ["Somebody named in this condition left the workspace."]


@pytest.mark.parametrize(
    ("field", "operator", "value", "words"),
    [
        ("1", "isGreaterThan", "many", "Orders: a number is wanted."),
        ("1", "isGreaterThan", True, "Orders: a number is wanted."),
        ("1", "contains", "1", "Orders: “contains” does not go with this field."),
        ("3", "isEqualTo", "perhaps", "Consent: true or false is wanted."),
        ("4", "isTimestampAfter", "tomorrow", "Renewal: a date as YYYY-MM-DD is wanted."),
        ("4", "isTimestampAfter", "9999-12-31", "Renewal: a date as YYYY-MM-DD is wanted."),
        ("firstName", "isEqualTo", 1.5, "First name: a text is wanted."),
        ("firstName", "isEqualTo", {"value": 1, "unit": "days"}, "First name: a text is wanted."),
    ],
)
def test_a_value_that_does_not_fit_is_named(field: str, operator: str, value: Any, words: str) -> None:
    leaf = {"category": "contactField", "field": field, "operator": operator, "value": value}
    assert broken(parse({"$and": [leaf, {"$or": [leaf]}]}), KNOWN) == [words]


BROKEN = (
    ("contactField", "1", "isGreaterThan", "many"),
    ("contactField", "1", "contains", "1"),
    ("contactField", "3", "isEqualTo", "perhaps"),
    ("contactField", "4", "isTimestampAfter", "tomorrow"),
    ("contactField", "99", "exists", None),
    ("contactField", "firstName", "isEqualTo", 1.5),
    ("contactTag", "", "hasAnyOf", [99]),
    ("lifecycle", "", "isEqualTo", 99),
    ("channel", "", "hasAnyOf", [99]),
    ("assignee", "", "isEqualTo", 99),
    ("team", "", "isEqualTo", 99),
    ("conversationStatus", "", "isEqualTo", "asleep"),
    ("messageText", "", "contains", "?!"),
    ("createdTime", "", "isTimestampAfter", "tomorrow"),
    ("variable", "gone", "exists", None),
    ("variable", "rating", "isGreaterThan", "many"),
    ("variable", "rating", "contains", "1"),
    ("assigneeStatus", "", "isEqualTo", "asleep"),
)


@pytest.mark.behaviour(381)
@pytest.mark.parametrize(("category", "field", "operator", "value"), BROKEN)
def test_what_is_broken_is_said_in_the_language_of_whoever_reads(category: str, field: str, operator: str, value: Any) -> None:
    leaf = {"category": category, "operator": operator, **({"field": field} if field else {}), **({"value": value} if value else {})}
    condition = parse({"$and": [leaf]})
    with speaking(PSEUDO_LANGUAGE):
        (words,) = broken(condition, IN_WORKFLOW)
    assert re.fullmatch(r"((Orders|Consent|Renewal|Rating|⟦First name⟧): )?⟦[^⟦⟧]+⟧", words)


@pytest.mark.behaviour(381)
@pytest.mark.parametrize(
    "json", [[], {"$and": [{"category": "createdTime", "operator": "isEqualTo"}]}, {"$and": [{}] * 200}, {"$or": "x" * 99_999}]
)
def test_what_is_no_condition_is_said_in_that_language_too(json: Any) -> None:
    with speaking(PSEUDO_LANGUAGE), pytest.raises(ConditionInvalid, match=r"^⟦"):
        parse(json)
