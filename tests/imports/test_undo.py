"""Taking an import back: new contacts go, old values return, and what people did since stays, with the reason."""

from datetime import timedelta

import pytest

from ismessenger.contacts.edit import edit_contact
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import STANDARD
from ismessenger.contacts.mark import tag_contacts
from ismessenger.contacts.model import Contact
from ismessenger.contacts.tags import tags_by_name
from ismessenger.imports.undo import UNTIL
from ismessenger.kit.clock import shifted
from tests.imports.conftest import Bench

PEOPLE = "First name,Phone\nAda,+60123456781\nBo,+60123456782\nCleo,+60123456783\n"
NAMES = {field.key: field for field in STANDARD}


async def edited(bench: Bench, name: str, **values: str) -> None:
    (id_,) = (await bench.shop.rows("SELECT id FROM contact WHERE first_name = :n", n=name))[0]
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        contact = await db.get(Contact, (db.workspace_id, id_))
        assert contact is not None
        await edit_contact(db, contact, {NAMES[key]: value for key, value in values.items()}, by=bench.world.agent.id)


@pytest.mark.behaviour(172)
async def test_new_contacts_go(bench: Bench) -> None:
    await bench.imported("First name\nDee\n", purpose="all")
    job = await bench.imported(PEOPLE, purpose="all", tags=["Fair"])
    undone = await bench.undone(job.id)
    assert (undone.state, undone.done, undone.counts, undone.result_path) == ("done", 3, {"deleted": 3, "restored": 0, "kept": 0}, None)
    assert await bench.contacts("first_name") == [("Dee",)]


@pytest.mark.behaviour(172)
async def test_who_was_worked_with_since_stays_and_is_named_with_the_reason(bench: Bench) -> None:
    job = await bench.imported(PEOPLE, purpose="all")
    await edited(bench, "Ada", lastName="Nwosu")
    comment = "INSERT INTO comment (contact_id, author_kind, text, created_at) SELECT id, 'user', 'Called', now() FROM contact"
    await bench.shop.change(f"{comment} WHERE first_name = 'Bo'")
    undone = await bench.undone(job.id)
    assert undone.counts == {"deleted": 1, "restored": 0, "kept": 2}
    assert await bench.contacts("first_name") == [("Ada",), ("Bo",)]
    heading, ada, bo = await bench.result(undone)
    assert heading == ["Contact ID", "Reason", "First name", "Last name"]
    assert ada[1:] == ["Kept: somebody has changed this contact or worked on it since.", "Ada", "Nwosu"]
    assert bo[2] == "Bo"


@pytest.mark.behaviour(172)
async def test_old_values_return_where_nobody_changed_them_since(bench: Bench) -> None:
    size = await bench.field("Size", "text")
    await bench.imported("First name,Last name,Phone,Size,Tags\nAda,Nwosu,+60123456781,S,Old\n", purpose="all")
    table = "Phone,First name,Last name,Email,Size,Tags\n+60123456781,Adele,Okafor,ada@lumen.example,M,New\n"
    job = await bench.imported(table, purpose="update", tags=["Fair"])
    await edited(bench, "Adele", lastName="Obi")
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        ((contact_id,),) = await bench.contacts("id")
        (late,) = await tags_by_name(db, ["Late"])
        (fair,) = await tags_by_name(db, ["Fair"])
        await tag_contacts(db, [contact_id], add=[late.id], remove=[fair.id])
    undone = await bench.undone(job.id)
    assert undone.counts == {"deleted": 0, "restored": 1, "kept": 1}
    assert await bench.contacts("first_name, last_name, email, fields") == [("Ada", "Obi", None, {size.key: "S"})]
    tags = "SELECT t.name FROM contact c JOIN tag t ON t.id = ANY(c.tag_ids) ORDER BY t.name"
    assert await bench.shop.rows(tags) == [("Late",), ("Old",)]
    assert (await bench.result(undone))[1][1] == "Changed since, and kept: Last name, tags."


async def test_rows_that_changed_one_contact_twice_are_taken_back_together(bench: Bench) -> None:
    await bench.imported("First name,Last name,Phone\nAda,Nwosu,+60123456781\n", purpose="all")
    table = "Phone,First name,Last name\n+60123456781,Adele,\n" + "".join(f"+6012345{n:04},Bo,\n" for n in range(600))
    job = await bench.imported(table + "+60123456781,,Okafor\n", purpose="both")
    assert job.counts == {"updated": 2, "added": 600}
    assert await bench.shop.value("SELECT count(*) FROM imported_contact WHERE before IS NOT NULL") == 1
    assert (await bench.undone(job.id)).counts == {"deleted": 600, "restored": 1, "kept": 0}
    assert await bench.contacts("first_name, last_name") == [("Ada", "Nwosu")]


@pytest.mark.behaviour(172)
async def test_an_import_is_undone_once_and_within_a_day(bench: Bench) -> None:
    job = await bench.imported(PEOPLE, purpose="all")
    with shifted(UNTIL + timedelta(minutes=1)), pytest.raises(Refused, match="24 hours"):
        await bench.undone(job.id)
    await bench.undone(job.id)
    with pytest.raises(Refused, match="undone already"):
        await bench.undone(job.id)


async def test_a_draft_cannot_be_undone(bench: Bench) -> None:
    with pytest.raises(Refused, match="not come to its end"):
        await bench.undone(await bench.uploaded(PEOPLE))
