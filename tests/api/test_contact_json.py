"""What the API shows of a contact: names of tags and stages, all fields of the workspace."""

from ismessenger.contacts.define_fields import FieldDraft, add_field
from ismessenger.contacts.lifecycle import enable_lifecycle, stage_by_name
from ismessenger.contacts.model import Contact
from ismessenger.contacts.tags import tags_by_name
from tests.api.conftest import Api


async def test_tags_fields_and_stage_are_shown_by_name(api: Api) -> None:
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        plan, _empty = await add_field(db, FieldDraft("Plan")), await add_field(db, FieldDraft("Size", "number"))
        tags = await tags_by_name(db, ["vip", "Lyon"])
        await enable_lifecycle(db, on=True)
        hot = await stage_by_name(db, "Hot Lead")
        contact = Contact(first_name="Ada", fields={str(plan.id): "Pro"}, tag_ids=sorted(tag.id for tag in tags), lifecycle_id=hot.id)
        db.add(contact)
        await db.flush()
    shown = (await api.http.get(f"/contact/id:{contact.id}")).json()
    assert shown["tags"] == ["Lyon", "vip"]
    assert shown["custom_fields"] == [{"name": "Plan", "value": "Pro"}, {"name": "Size", "value": None}]
    assert shown["lifecycle"] == "Hot Lead"
    (listed,) = (await api.http.post("/contact/list", json={})).json()["items"]
    assert listed == shown
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        await enable_lifecycle(db, on=False)
    assert (await api.http.get(f"/contact/id:{contact.id}")).json()["lifecycle"] is None
