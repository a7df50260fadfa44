"""Fields of a workspace: made, changed, ordered, deleted; the standard ones only folded away and closed to Agents."""

import pytest
from sqlalchemy import text

from ismessenger.contacts import define_fields
from ismessenger.contacts.define_fields import (
    FieldDraft,
    add_field,
    change_field,
    decide_standard,
    delete_field,
    field_named,
    filled,
    order_fields,
)
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.fields import custom_fields, fields
from ismessenger.contacts.model import Contact
from ismessenger.jobs.long import work_job
from tests.conftest import World


async def test_a_field_gets_an_id_from_its_name_that_nobody_has(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        made = [(await add_field(db, FieldDraft(name))).slug for name in ("Größe (cm)", "Große – cm", "Phone", "生日", "e-mail")]
        assert made == ["groe_cm", "groe_cm_2", "phone_2", "field", "e_mail"]
        with pytest.raises(Refused, match="ID LifeCycle already"):
            await add_field(db, FieldDraft("Mine", slug="LifeCycle"))
        assert (await add_field(db, FieldDraft("Mine", slug="Mine_1"))).slug == "Mine_1"


async def test_a_field_is_changed_but_neither_its_type_nor_its_id(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        row = await add_field(db, FieldDraft("Plan", "list", options=["Free", " Pro ", "free", ""]))
        assert row.options == ["Free", "Pro"]
        draft = FieldDraft("Tariff", "number", slug="other", options=["Pro", "Team"], visible=False, agent_access="read")
        await change_field(db, row.id, draft)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        (field,) = await custom_fields(db)
        assert (field.name, field.type, field.slug) == ("Tariff", "list", "plan")
        assert (list(field.options), field.visible, field.agent_access) == (["Pro", "Team"], False, "read")


@pytest.mark.parametrize(
    "draft",
    [
        FieldDraft(" "),
        FieldDraft("x" * 51),
        FieldDraft("x", "colour"),
        FieldDraft("x", "list"),
        FieldDraft("x", "list", options=["y" * 101]),
        FieldDraft("x", slug="has space"),
        FieldDraft("x", slug="s" * 51),
        FieldDraft("x", description="d" * 256),
        FieldDraft("x", agent_access="all"),
    ],
)
async def test_a_field_that_cannot_be_is_refused(world: World, draft: FieldDraft) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(Refused):
            await add_field(db, draft)


async def test_a_workspace_has_a_bounded_number_of_fields(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(define_fields, "MAX_FIELDS", 1)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await add_field(db, FieldDraft("One"))
        with pytest.raises(Refused, match="at most 1"):
            await add_field(db, FieldDraft("Two"))


async def test_fields_are_ordered_with_the_standard_ones_among_them(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        row = await add_field(db, FieldDraft("Plan"))
        await order_fields(db, ["email", str(row.id), "nobody knows"])
        await decide_standard(db, "language", visible=False, agent_access="hidden")
        with pytest.raises(NotThere):
            await decide_standard(db, "plan", visible=True, agent_access="edit")
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        found = await fields(db)
        assert [field.slug for field in found] == ["email", "plan", "firstName", "lastName", "phone", "language", "countryCode"]
        language = found[5]
        assert (language.visible, language.agent_access, language.name) == (False, "hidden", "Language")


@pytest.mark.behaviour(167)
async def test_a_deleted_field_is_gone_at_once_and_its_values_after_the_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(define_fields, "SLICE", 2)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        row, kept = await add_field(db, FieldDraft("Plan")), await add_field(db, FieldDraft("Size", "number"))
        db.add_all([Contact(first_name=f"C{number}", fields={str(row.id): "Pro", str(kept.id): number}) for number in range(5)])
        db.add(Contact(first_name="Without"))
        await db.flush()
        assert await filled(db, row.id) == 5
        job = await delete_field(db, row.id, by=world.owner.id)
        with pytest.raises(NotThere):
            await field_named(db, row.id)
    await work_job(world.installation, (world.workspace_id, job.id))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert [field.name for field in await custom_fields(db)] == ["Size"]
        assert await filled(db, row.id) == 0
        assert await filled(db, kept.id) == 5
        assert (await db.execute(text("SELECT state, done FROM job WHERE id = :id"), {"id": job.id})).one() == ("done", 5)
