"""What an import does to contacts: the four purposes, identifiers, what is not overwritten, and what it says of each failed row."""

import asyncio

import pytest

from ismessenger.background.job import cancel_job
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.lifecycle import enable_lifecycle, stages
from ismessenger.imports import stretches
from ismessenger.imports.read_rows import Reader
from ismessenger.imports.rejects import Rejects
from ismessenger.jobs.long import MAX_ATTEMPTS
from tests.imports.conftest import Bench

ADA = "First name,Last name,Phone,Email\nAda,Nwosu,+60123456789,ada@lumen.example\n"


async def test_new_contacts_come_with_all_that_their_row_says(bench: Bench) -> None:
    size, born = await bench.field("Size", "number"), await bench.field("Born", "date")
    table = "First name,Phone,Language,Tags,Assigned to,Size,Born\n"
    table += f'Ada,+60 12-345 6789,German,"VIP; Trial",{bench.world.agent.email},42,1990-05-01\n'
    job = await bench.imported(table, purpose="all")
    assert (job.state, job.done, job.failed, job.counts) == ("done", 1, 0, {"added": 1})
    (row,) = await bench.contacts("first_name, phone, language, country_code, fields, assignee_id, created_source, status")
    fields = {size.key: 42, born.key: "1990-05-01"}
    assert row == ("Ada", "+60123456789", "de", "MY", fields, bench.world.agent.id, "import", "closed")
    assert await bench.shop.rows("SELECT t.name FROM contact c JOIN tag t ON t.id = ANY(c.tag_ids) ORDER BY t.name") == [
        ("Trial",),
        ("VIP",),
    ]
    assert await bench.shop.rows("SELECT kind, actor_kind, actor_id FROM event") == [("contact.created", "user", bench.world.manager.id)]


@pytest.mark.behaviour(21)
async def test_importing_all_makes_duplicates_and_refuses_none(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    job = await bench.imported(ADA, purpose="all")
    assert job.counts == {"added": 1}
    assert await bench.contacts("phone") == [("+60123456789",)] * 2


@pytest.mark.parametrize("identifier", ["phone", "email"])
async def test_only_new_ones_are_added_and_who_is_there_is_left_alone(bench: Bench, identifier: str) -> None:
    await bench.imported(ADA, purpose="all")
    table = "First name,Phone,Email\nAdele,+60 12 345 6789,ADA@lumen.example\n"
    table += "Bo,+60123456780,bo@lumen.example\nBob,+60123456780,BO@lumen.example\n"
    job = await bench.imported(table, purpose="new", identifier=identifier)
    assert job.counts == {"added": 1, "skipped": 2}
    assert await bench.contacts("first_name") == [("Ada",), ("Bo",)]


async def test_only_those_who_are_there_are_updated(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    table = "Phone,Last name\n+60123456789,Okafor\n+60123456780,Lind\n"
    job = await bench.imported(table, purpose="update")
    assert (job.counts, job.failed) == ({"updated": 1}, 1)
    assert await bench.contacts("first_name, last_name") == [("Ada", "Okafor")]
    (details,) = await bench.shop.rows("SELECT details->'fields' FROM event WHERE kind = 'contact.updated'")
    assert details == ([{"name": "Last name", "key": "lastName", "from": "Nwosu", "to": "Okafor"}],)
    assert (await bench.result(job))[1] == ["3", "No contact has this phone number.", "+60123456780", "Lind"]


async def test_adding_and_updating_does_both_and_a_later_row_counts(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    table = "Phone,First name\n+60123456789,Adele\n+60123456780,Bo\n+60123456780,Bob\n+60123456789,Adele\n"
    job = await bench.imported(table, purpose="both")
    assert job.counts == {"updated": 2, "added": 1, "unchanged": 1}
    assert await bench.contacts("first_name") == [("Adele",), ("Bob",)]


async def test_contacts_are_found_by_their_number_and_rows_without_one_are_new(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    ((id_,),) = await bench.contacts("id")
    job = await bench.imported(f"Contact ID,First name\n{id_},Adele\n,Bo\n999999,Cleo\nx,Dee\n", purpose="both", identifier="id")
    assert (job.counts, job.failed) == ({"updated": 1, "added": 1}, 2)
    assert [row[1] for row in (await bench.result(job))[1:]] == ["No contact has this contact ID.", "x is no contact ID."]


async def test_spellings_of_one_telephone_find_one_contact(bench: Bench) -> None:
    await bench.imported("First name,Phone\nAna,+5511987654321\n", purpose="all")
    job = await bench.imported("First name,Phone\nAnna,+551187654321\n", purpose="update")
    assert job.counts == {"updated": 1}


async def test_two_contacts_with_one_number_are_not_guessed_between(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    await bench.imported(ADA, purpose="all")
    job = await bench.imported(ADA.replace("Nwosu", "Okafor"), purpose="both")
    assert (job.failed, job.counts) == (1, {})
    assert "2 contacts have this phone number. Merge them first." in (await bench.result(job))[1]


@pytest.mark.behaviour(24)
async def test_do_not_overwrite_leaves_values_alone_and_fills_what_is_empty(bench: Bench) -> None:
    await bench.imported("First name,Phone\nAda,+60123456789\n", purpose="all")
    table = "Phone,First name,Last name,Email\n+60123456789,Adele,Nwosu,ada@lumen.example\n"
    await bench.imported(table, purpose="update", kept=["firstName", "lastName"])
    assert await bench.contacts("first_name, last_name, email") == [("Ada", "Nwosu", "ada@lumen.example")]


async def test_an_empty_cell_empties_nothing(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    job = await bench.imported("Phone,Last name,Email\n+60123456789,,\n", purpose="update")
    assert job.counts == {"unchanged": 1}
    assert await bench.contacts("last_name, email") == [("Nwosu", "ada@lumen.example")]


@pytest.mark.behaviour(22)
async def test_the_country_comes_from_the_phone_once_and_from_its_column_first(bench: Bench) -> None:
    await bench.imported("First name,Phone,Country\nAda,+60123456789,\nBo,+60123456780,Sweden\n", purpose="all")
    await bench.imported("Phone,First name\n+60123456789,Adele\n+60123456780,Bob\n", purpose="update")
    assert await bench.contacts("country_code") == [("MY",), ("SE",)]


@pytest.mark.behaviour(25)
async def test_new_contacts_get_the_default_stage_or_the_one_they_name(bench: Bench) -> None:
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        first, second, *_rest = await stages(db)
    job = await bench.imported("First name,Lifecycle stage\nAda,\nBo,hot lead\nCleo,Nowhere\n", purpose="all")
    assert await bench.contacts("lifecycle_id") == [(first.id,), (second.id,)]
    assert (await bench.result(job))[1][:2] == ["4", "There is no stage called Nowhere."]


async def test_everybody_in_the_file_gets_the_tags_for_all(bench: Bench) -> None:
    await bench.imported(ADA, purpose="all")
    job = await bench.imported(ADA + "Bo,,+60123456780,\n", purpose="both", tags=["Fair 2026"])
    assert job.counts == {"added": 1, "updated": 1}
    assert await bench.shop.value("SELECT count(*) FROM contact c JOIN tag t ON t.id = ANY(c.tag_ids) WHERE t.name = 'Fair 2026'") == 2
    assert await bench.shop.value("SELECT count(*) FROM event WHERE kind = 'tag.added'") == 1


async def test_a_phone_number_without_its_country_is_read_by_the_one_chosen(bench: Bench) -> None:
    table = "First name,Phone\nAda,012-345 6789\nBo,60123456780\n"
    job = await bench.imported(table, purpose="all")
    assert (job.counts, job.failed) == ({"added": 1}, 1)
    await bench.imported(table, purpose="all", region="MY")
    assert await bench.contacts("phone") == [("+60123456780",), ("+60123456789",), ("+60123456780",)]


@pytest.mark.behaviour(171)
async def test_the_failed_rows_come_back_as_they_were_with_every_reason(bench: Bench) -> None:
    await bench.field("Size", "list", "S", "M")
    table = "First name,Phone,Email,Size,Note\nAda,12,nobody,XL,=1+1\n,+60123456789,,,\nBo,+60123456780,,S,ok,more\nCleo,+60123456781,,M,\n"
    job = await bench.imported(table, purpose="all")
    assert (job.counts, job.failed, job.result_name) == ({"added": 1}, 3, "failed-people.csv")
    heading, ada, nobody, bo = await bench.result(job)
    assert heading == ["Row", "Reason", "First name", "Phone", "Email", "Size", "Note"]
    assert ada[0] == "2"
    assert all(part in ada[1] for part in ("12 is no phone number", "nobody is no e-mail address", "XL is not one of its values"))
    assert ada[2:] == ["Ada", "12", "nobody", "XL", "'=1+1"]
    assert nobody[:2] == ["3", "A new contact needs a first name."]
    assert bo[1] == "This row has 6 cells and the heading 5."


@pytest.mark.behaviour(171)
async def test_what_nobody_knows_is_named_beside_what_cannot_be_read(bench: Bench) -> None:
    async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
    table = (
        "First name,Phone,Email,Lifecycle,Assignee\nTom,12,tom@lumen.example,Nowhere,nobody@lumen.example\n"
        ",+60123456789,nobody,Nowhere,\n,,uma@lumen.example,Nowhere,\nVic,+60123456781,,Hot Lead,,more\n"
    )
    job = await bench.imported(table, purpose="both")
    stage = "There is no stage called Nowhere."
    phone = "Phone: 12 is no phone number; write it with the country’s code, such as +60 12 345 6789."
    assert (job.counts, job.failed) == ({}, 4)
    assert [reason for _row, reason, *_cells in (await bench.result(job))[1:]] == [
        f"{phone} {stage} No member of the workspace has the e-mail address nobody@lumen.example.",
        f"E-mail: nobody is no e-mail address. {stage} A new contact needs a first name.",
        f"{stage} The row has no phone number to find the contact by.",
        "This row has 6 cells and the heading 5.",
    ]


async def test_the_file_of_failed_rows_can_be_imported_again(bench: Bench) -> None:
    job = await bench.imported("First name,Phone\n=Ada,x\n", purpose="all")
    heading, (number, reason, name, _phone) = await bench.result(job)
    assert name == "'=Ada"
    await bench.imported("\n".join([",".join(heading), f'{number},"{reason}",{name},+60123456789']), purpose="all")
    assert await bench.contacts("first_name, phone") == [("=Ada", "+60123456789")]


@pytest.mark.behaviour(170)
async def test_trying_out_says_what_would_happen_and_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SLICE", 2)
    await bench.imported(ADA, purpose="all")
    table = ADA.replace("Nwosu", "Okafor") + "Bo,,+60123456780,\nBob,,+60123456780,\nCleo,,+60123456781,nobody\nDee,,+60123456782,\n"
    tried = await bench.tried(table, purpose="both", tags=["Fair"])
    assert (tried.state, tried.counts, tried.failed) == ("done", {"added": 2, "updated": 2}, 1)
    assert (await bench.result(tried))[1][1].endswith("nobody is no e-mail address.")
    assert await bench.contacts("first_name, last_name") == [("Ada", "Nwosu")]
    assert await bench.shop.rows("SELECT name FROM tag") == []
    done = await bench.imported(table, purpose="both", tags=["Fair"])
    assert (done.counts, done.failed) == (tried.counts, tried.failed)


@pytest.mark.behaviour(171)
async def test_an_import_that_is_stopped_keeps_what_it_did_and_names_the_rows_that_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "SLICE", 2)
    import_id = await bench.chosen("First name,Phone\nAda,x\n" + "".join(f"Bo,+6012345678{digit}\n" for digit in range(10)), purpose="all")
    await bench.shop.change("UPDATE job SET state = 'waiting' WHERE id = :id", id=import_id)
    keep = Rejects.keep

    async def stop(self: Rejects, end: int, rows: list[list[object]]) -> None:
        await keep(self, end, rows)
        async with bench.world.installation.tenancy.workspace(bench.world.workspace_id) as db:
            if (await bench.job(import_id)).done == 4:
                await cancel_job(db, import_id)

    monkeypatch.setattr(Rejects, "keep", stop)
    job = await bench.worked(import_id)
    assert (job.state, job.counts, job.failed) == ("cancelled", {"added": 3}, 1)
    assert len(await bench.contacts()) == 3
    assert (await bench.result(job))[1][0] == "2"


@pytest.mark.behaviour(171)
async def test_an_import_goes_on_where_a_crash_left_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SLICE", 2)
    table = "First name,Phone\n" + "".join(f"Bo{digit},{'x' if digit in {1, 8} else f'+6012345678{digit}'}\n" for digit in range(10))
    import_id = await bench.chosen(table, purpose="all")
    await bench.shop.change("UPDATE job SET state = 'waiting' WHERE id = :id", id=import_id)
    keep = Reader.read
    calls: list[list[bytes]] = []

    def read(self: Reader, lines: list[bytes]) -> object:
        calls.append(lines)
        if len(calls) == 4:
            raise OSError("the machine goes off")
        return keep(self, lines)

    monkeypatch.setattr(Reader, "read", read)
    with pytest.raises(OSError, match="goes off"):
        await bench.worked(import_id)
    assert 0 < (await bench.job(import_id)).done < 10
    await bench.shop.change("UPDATE job SET lease_until = NULL WHERE id = :id", id=import_id)
    job = await bench.worked(import_id)
    assert (job.state, job.done, job.failed, job.counts) == ("done", 10, 2, {"added": 8})
    assert [row[0] for row in (await bench.result(job))[1:]] == ["3", "10"]
    assert job.attempt < MAX_ATTEMPTS
    assert len(await bench.contacts()) == 8


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"targets": ["", "lastName", "phone", "email"]}, "New contacts need a first name"),
        ({"targets": ["firstName", "phone", "phone", "email"]}, "Two columns go to Phone"),
        ({"targets": ["firstName", "lastName", "", "email"]}, "Contacts are found by their phone number"),
        ({"targets": ["firstName", "999", "phone", "email"]}, "There is no field 999 any more"),
        ({"targets": ["firstName", "id", "phone", "email"]}, "only serves to find contacts"),
        ({"purpose": "new", "identifier": "id", "targets": ["firstName", "id", "phone", "email"]}, "have no contact ID yet"),
        ({"tags": ["x" * 256]}, "At most 20 tags"),
    ],
)
async def test_choices_that_cannot_be_are_refused(bench: Bench, choices: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        await bench.chosen(ADA, **choices)


async def test_two_imports_of_one_file_at_once_add_everybody_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SLICE", 5)
    table = "First name,Phone\n" + "".join(f"Bo,+601234567{digit:02}\n" for digit in range(40))
    first, second = await bench.chosen(table, purpose="both"), await bench.chosen(table, purpose="both")
    await bench.shop.change("UPDATE job SET state = 'waiting' WHERE id = ANY(:ids)", ids=[first, second])
    done = await asyncio.gather(bench.worked(first), bench.worked(second))
    assert [job.state for job in done] == ["done", "done"]
    assert len(await bench.contacts()) == 40


async def test_an_import_ends_when_its_member_is_removed(bench: Bench) -> None:
    import_id = await bench.chosen(ADA, purpose="all")
    await bench.shop.change("UPDATE job SET state = 'waiting' WHERE id = :id", id=import_id)
    await bench.shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=bench.world.manager.id)
    job = await bench.worked(import_id)
    assert (job.state, job.error) == ("failed", "Whoever asked for this does not work here any more.")
    assert await bench.contacts() == []


async def test_a_field_that_is_deleted_meanwhile_ends_the_import_in_a_sentence(bench: Bench) -> None:
    field = await bench.field("Size", "number")
    import_id = await bench.chosen("First name,Size\nAda,1\n", purpose="all")
    await bench.shop.change("UPDATE job SET state = 'waiting' WHERE id = :id", id=import_id)
    await bench.shop.change("DELETE FROM contact_field WHERE id = :id", id=field.id)
    job = await bench.worked(import_id)
    assert (job.state, job.error) == ("failed", "The field for the column Size was deleted meanwhile. Start the import again.")
