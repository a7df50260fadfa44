"""The filter of the list of contacts: conditions by name."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from ismessenger.contacts.model import Contact, ContactField, LifecycleStage, Tag
from tests.api.conftest import Api


@pytest.fixture
async def shop(api: Api) -> Api:
    """Ada is a VIP of Mali's with three orders, Bo a hot lead, Cy nobody."""
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        tags, hot = [Tag(name="VIP"), Tag(name="trial")], LifecycleStage(name="Hot Lead")
        orders, plan = (
            ContactField(slug="orders", name="Orders", type="number"),
            ContactField(slug="plan", name="Plan", type="list", options=["Pro"]),
        )
        db.add_all([*tags, hot, orders, plan])
        await db.flush()
        ada = Contact(
            first_name="Ada", tag_ids=[tags[0].id], fields={str(orders.id): 3, str(plan.id): "Pro"}, assignee_id=api.world.agent.id
        )
        bo = Contact(first_name="Bo", lifecycle_id=hot.id, tag_ids=[tags[1].id], created_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
        db.add_all([ada, bo, Contact(first_name="Cy", status="open")])
    return api


async def found(api: Api, *items: Mapping[str, object], joiner: str = "$and", timezone: str = "") -> list[str]:
    answer = await api.http.post("/contact/list", json={"filter": {joiner: list(items)}, "timezone": timezone})
    assert answer.status_code == 200, answer.text
    return [item["firstName"] for item in answer.json()["items"]]


async def test_conditions_name_tags_stages_users_and_fields_as_people_do(shop: Api) -> None:
    by_tag = {"category": "contactTag", "operator": "hasAnyOf", "value": ["vip", "TRIAL"]}
    by_stage = {"category": "lifecycle", "operator": "isEqualTo", "value": "Hot Lead"}
    by_user = {"category": "contactField", "field": "assignee", "operator": "isEqualTo", "value": shop.world.agent.email}
    by_id = {"category": "assignee", "operator": "isEqualTo", "value": shop.world.agent.id}
    by_field = {"category": "contactField", "field": "orders", "operator": "isGreaterThan", "value": 2}
    assert await found(shop, by_tag) == ["Ada", "Bo"]
    assert await found(shop, by_tag, by_stage) == ["Bo"]
    assert await found(shop, by_stage, by_user, joiner="$or") == ["Ada", "Bo"]
    assert await found(shop, by_id, {"$or": [by_field, by_stage]}) == ["Ada"]
    assert await found(shop, {"category": "contactField", "field": "status", "operator": "isEqualTo", "value": "open"}) == ["Cy"]


async def test_days_begin_in_the_time_zone_that_was_asked_for(shop: Api) -> None:
    before = {"category": "createdTime", "operator": "isTimestampBefore", "value": "2026-03-02"}
    assert await found(shop, before) == ["Bo"]
    assert await found(shop, before, timezone="Europe/Berlin") == []
    assert await found(shop, {"category": "createdTime", "operator": "isTimestampBefore", "value": 1772408400}) == ["Bo"]


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        ({"category": "contactTag", "operator": "hasAnyOf", "value": ["gold"]}, "no tag called gold"),
        ({"category": "contactField", "field": "shoe", "operator": "exists"}, "no contact field called shoe"),
        ({"category": "assignee", "operator": "isEqualTo", "value": "eve@example.com"}, "no user eve@example.com"),
        ({"category": "channel", "operator": "isEqualTo", "value": 99}, "no channel 99"),
        ({"category": "contactField", "field": "orders", "operator": "contains", "value": "3"}, "does not go with"),
        ({"category": "contactField", "field": "orders", "operator": "isEqualTo", "value": "many"}, "a number is wanted"),
        ({"category": "nonsense", "operator": "exists"}, "category"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused_in_words(shop: Api, leaf: dict[str, object], words: str) -> None:
    answer = await shop.http.post("/contact/list", json={"filter": {"$and": [leaf]}})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("filter, condition 1: ")
    assert words in answer.json()["message"]


async def test_an_unknown_time_zone_is_refused(shop: Api) -> None:
    answer = await shop.http.post("/contact/list", json={"timezone": "Mars/Base"})
    assert (answer.status_code, answer.json()["message"][:9]) == (400, "timezone:")
