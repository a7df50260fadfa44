"""Segments: unique names, at most five hundred, and a count of those whom they mean."""

import pytest

from ismessenger.conditions.tree import EVERYBODY, parse
from ismessenger.contacts import filtered
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.filtered import Count, count_filtered
from ismessenger.contacts.model import Contact, Segment, Tag
from ismessenger.contacts.segments import (
    PREBUILT,
    SegmentDraft,
    add_segment,
    change_segment,
    condition_of,
    delete_segment,
    segment_named,
    segments,
)
from tests.conftest import World


async def test_a_segment_means_whoever_matches_now(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        vip = Tag(name="VIP")
        db.add(vip)
        await db.flush()
        condition = parse({"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [vip.id]}]})
        segment = await add_segment(db, SegmentDraft("Best", condition), by=world.owner.id)
        assert await count_filtered(db, world.owner, condition_of(segment), "UTC") == Count(0, exact=True)
        db.add_all([Contact(first_name="Ada", tag_ids=[vip.id]), Contact(first_name="Bo")])
        await db.flush()
        assert await count_filtered(db, world.owner, condition_of(segment), "UTC") == Count(1, exact=True)


async def test_a_count_holds_only_contacts_that_the_member_sees(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        world.agent.restrictions = ["contacts_assigned_to_me"]
        db.add_all([Contact(first_name="Ada", assignee_id=world.agent.id), Contact(first_name="Bo")])
        await db.flush()
        assert (await count_filtered(db, world.agent, EVERYBODY, "UTC")).number == 1


async def test_counts_are_exact_up_to_a_bound_and_estimated_above(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtered, "EXACT", 20)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add_all([Contact(first_name=f"P{number}", email=f"p{number}@example.com") for number in range(21)])
        await db.flush()
        everybody = await count_filtered(db, world.owner, EVERYBODY, "UTC")
        assert (everybody.exact, everybody.number > 20) == (False, True)
        one = parse({"$and": [{"category": "contactField", "field": "email", "operator": "isEqualTo", "value": "P3@example.com"}]})
        assert await count_filtered(db, world.owner, one, "UTC") == Count(1, exact=True)


@pytest.mark.behaviour(26)
async def test_names_of_segments_are_unique_whatever_their_case(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        best = await add_segment(db, SegmentDraft("Best", EVERYBODY))
        rest = await add_segment(db, SegmentDraft("Rest", EVERYBODY))
        with pytest.raises(Refused, match="BEST already"):
            await add_segment(db, SegmentDraft(" BEST ", EVERYBODY))
        with pytest.raises(Refused, match="best already"):
            await change_segment(db, rest.id, SegmentDraft("best", EVERYBODY))
        assert (await change_segment(db, best.id, SegmentDraft("BEST", EVERYBODY))).name == "BEST"


@pytest.mark.behaviour(26)
async def test_a_workspace_has_at_most_five_hundred_segments(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add_all([Segment(name=f"S{number}", condition={"$and": []}) for number in range(499)])
        await db.flush()
        await add_segment(db, SegmentDraft("The last", EVERYBODY))
        with pytest.raises(Refused, match="at most 500"):
            await add_segment(db, SegmentDraft("One more", EVERYBODY))
        await delete_segment(db, (await segments(db))[0].id)
        await add_segment(db, SegmentDraft("One more", EVERYBODY))


async def test_a_deleted_segment_is_not_there(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        segment = await add_segment(db, SegmentDraft("Best", EVERYBODY))
        await delete_segment(db, segment.id)
        for verb in (segment_named(db, segment.id), delete_segment(db, segment.id)):
            with pytest.raises(NotThere):
                await verb


async def test_a_segment_needs_a_name(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for name in ("", "  ", "x" * 101):
            with pytest.raises(Refused, match="needs a name"):
                await add_segment(db, SegmentDraft(name, EVERYBODY))


async def test_every_workspace_has_five_segments_of_its_own(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(Contact(first_name="Ada", country_code="MY"))
        await db.flush()
        found = {one.slug: (await count_filtered(db, world.owner, one.condition, "UTC")).number for one in PREBUILT}
    assert found == {"new": 1, "inactive": 0, "tagged": 0, "country": 1, "language": 0}
