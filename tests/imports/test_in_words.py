"""What an import says, in the language of who imports: on the page, and in the files that it leaves."""

import io
import re

import pytest
from sqlalchemy import text

from ismessenger.contacts.errors import Refused
from ismessenger.imports.choose import begin
from ismessenger.imports.order import Order
from ismessenger.imports.take import write_plain
from ismessenger.language import PSEUDO_LANGUAGE, speaking
from tests.imports.conftest import Bench

SAID = re.compile(r"(⟦[^⟦⟧]+⟧(: )?)+( (⟦[^⟦⟧]+⟧(: )?)+)*")
"""Nothing but what was translated."""


@pytest.fixture
async def translated(bench: Bench) -> Bench:
    """Whoever imports reads the pseudo-language."""
    async with bench.world.installation.tenancy.catalog() as catalog:
        change = text("UPDATE catalog.account SET language = :language WHERE id = :id")
        await catalog.execute(change, {"language": PSEUDO_LANGUAGE, "id": bench.world.manager.account_id})
    return bench


@pytest.mark.behaviour(380)
async def test_the_file_of_failed_rows_is_in_the_language_of_who_imports(translated: Bench) -> None:
    table = "First name,Phone,Email,Language,Assigned to,Tags\n"
    table += "Ada,12,,,,\nBo,+60123456780,nobody,Klingonish,,\n,+60123456781,,,,\nCleo,,,,,\n"
    table += (
        f"Dee,+60123456782,,,nobody@lumen.example,{'x' * 256}\nEve,+60123456783,,,nobody@lumen.example,\nFay,+60123456784,,,,,,too many\n"
    )
    job = await translated.imported(table, purpose="both")
    heading, *rows = await translated.result(job)
    assert heading[:3] == ["⟦Row⟧", "⟦Reason⟧", "First name"]
    assert len(rows) == job.failed == 7
    assert [row[1] for row in rows if not SAID.fullmatch(row[1])] == []


@pytest.mark.behaviour(380)
async def test_contacts_that_are_found_twice_and_rows_without_a_key_are_told_so(translated: Bench) -> None:
    await translated.imported("First name,Phone\nAda,+60123456789\nBo,+60123456789\n", purpose="all")
    job = await translated.imported("Last name,Phone\nNwosu,+60123456789\nLind,+60123456780\nMarsh,\n", purpose="update")
    assert [row[1] for row in (await translated.result(job))[1:]] == [
        "⟦2 contacts have this phone number. Merge them first.⟧",
        "⟦No contact has this phone number.⟧",
        "⟦The row has no phone number to find the contact by.⟧",
    ]


@pytest.mark.behaviour(380)
async def test_what_is_not_taken_back_is_told_in_that_language_too(translated: Bench) -> None:
    job = await translated.imported("First name,Phone\nAda,+60123456789\n", purpose="all")
    await translated.shop.change("UPDATE event SET details = '{}'")
    heading, row = await translated.result(await translated.undone(job.id))
    assert heading == ["⟦Contact ID⟧", "⟦Reason⟧", "⟦First name⟧", "⟦Last name⟧"]
    assert row[1] == "⟦Kept: somebody has changed this contact or worked on it since.⟧"


@pytest.mark.behaviour(380)
async def test_why_a_whole_import_stopped_is_told_in_that_language_too(translated: Bench) -> None:
    world = translated.world
    import_id = await translated.chosen("First name,Phone\nAda,+60123456789\n", purpose="all")
    await world.installation.files.delete(Order.model_validate((await translated.job(import_id)).params).file)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await begin(db, import_id)
    job = await translated.worked(import_id)
    assert (job.state, job.error) == ("failed", "⟦The uploaded file is not there any more. Upload it again.⟧")


@pytest.mark.behaviour(380)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nothing.csv", b""),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("heading.csv", b"First name,Phone\n"),
        ("wide.csv", b"a" + b",a" * 600 + b"\n1\n"),
        ("cell.csv", b'a,b\n"' + b"x" * 140_000 + b'",1\n'),
        ("broken.xlsx", b"PK\x03\x04" + bytes(200)),
    ],
)
def test_a_file_is_refused_in_the_language_of_who_uploads_it(name: str, content: bytes) -> None:
    with speaking(PSEUDO_LANGUAGE), pytest.raises(Refused) as refused:
        write_plain(io.BytesIO(content), name, io.BytesIO())
    assert SAID.fullmatch(str(refused.value))


@pytest.mark.behaviour(380)
@pytest.mark.parametrize(
    "choices",
    [
        {"targets": []},
        {"targets": ["nobody", ""]},
        {"targets": ["phone", "phone"]},
        {"targets": ["phone", ""]},
        {"targets": ["phone", ""], "purpose": "update", "identifier": "email"},
        {"purpose": "new", "identifier": "id"},
        {"region": "XYZ"},
        {"tags": ["x" * 200] * 30},
    ],
)
async def test_choices_are_refused_in_the_language_of_who_makes_them(bench: Bench, choices: dict[str, object]) -> None:
    with speaking(PSEUDO_LANGUAGE), pytest.raises(Refused) as refused:
        await bench.chosen("First name,Phone\nAda,+60123456789\n", **choices)
    assert str(refused.value).startswith("⟦")
