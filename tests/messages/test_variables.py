"""Variables in what people write: found, filled in from the contact, and refused by name where nothing is known."""

import pytest

from ismessenger.contacts.define_fields import FieldDraft, add_field
from ismessenger.contacts.model import Contact
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.variables import Variable, fill, filled_in, has_variables, names_in, problem, variables
from tests.conftest import World

KNOWN = {
    name: Variable(name, value)
    for name, value in {"contact.firstname": "Ada", "contact.email": "", "contact.note": "{{$contact.email}}"}.items()
}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Hello {{$contact.firstname}}.", "Hello Ada."),
        ("Hello {{ $contact.first_name }}.", "Hello Ada."),
        ("Hello {{$Contact.FirstName|there}}.", "Hello Ada."),
        ("Write to {{$contact.email|us}}.", "Write to us."),
        ('Write to {{$contact.email | "us all"}}.', "Write to us all."),
        ("{{$contact.note}}", "{{$contact.email}}"),
        ("Hello $contact.firstname, or $Contact.First_Name.", "Hello Ada, or Ada."),
        ("$contact.note", "{{$contact.email}}"),
        ("It costs $5 {{today}} {$x} $cash.flow US$contact.firstname $$contact.firstname", None),
    ],
)
def test_a_text_is_filled_in(written: str, sent: str | None) -> None:
    filled = fill(written, KNOWN)
    assert (filled.text, filled.unknown, filled.empty) == (written if sent is None else sent, [], [])


def test_unknown_and_empty_variables_are_named_once_each() -> None:
    filled = fill("{{$contact.shoe}} {{$contact.email}} {{$contact.shoe|x}} {{$ contact.shoe size }} {{$contact.email}}", KNOWN)
    assert (filled.unknown, filled.empty) == (["contact.shoe", "contact.shoe size"], ["contact.email"])
    assert problem(filled, "Ada") == "There is no variable $contact.shoe, $contact.shoe size. Take it out, or choose one by typing $."
    words = problem(fill("{{$contact.email}}", KNOWN), "Ada")
    assert words == "Ada has no $contact.email. Write it yourself, or say what to put instead: {{$contact.email|…}}."
    assert names_in("{{$contact.email}} {{$contact.Email|x}} $contact.email") == ["contact.email"]
    assert fill("$contact.shoe $contact.email", KNOWN).unknown == ["contact.shoe"]
    assert problem(fill("$contact.email", KNOWN), "Ada") == words
    assert not has_variables("{{@user.7}} {{contact.email}}")


def test_what_is_only_half_written_takes_no_time() -> None:
    assert fill("{{$" * 20_000, KNOWN).unknown == []
    assert fill("{{$a|" * 20_000, KNOWN).unknown == []


async def contact_with_everything(world: World) -> Contact:
    """Ada in Malaysia, who reads German, with a value in each custom field."""
    values = {"text": "Lisbon", "number": 1234.5, "checkbox": True, "date": "1990-05-17", "time": "09:30"}
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        fields = {kind: await add_field(db, FieldDraft(name=f"A {kind}", type=kind, slug=f"a_{kind}")) for kind in values}
        await add_field(db, FieldDraft(name="Margin", type="text", slug="margin", agent_access="hidden"))
        contact = Contact(
            first_name="Ada", last_name="Nwosu", phone="+60123456789", language="de", country_code="MY", assignee_id=world.agent.id
        )
        contact.fields = {str(fields[kind].id): value for kind, value in values.items()}
        db.add(contact)
        await db.flush()
    return contact


@pytest.mark.behaviour(221)
async def test_each_variable_says_what_is_known_of_the_contact_in_its_language(world: World) -> None:
    contact = await contact_with_everything(world)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        found = await variables(world.installation, db, world.manager, contact)
        values = {name: variable.value for name, variable in found.items()}
    assert {name: value for name, value in values.items() if not name.startswith("system.")} == {
        "contact.name": "Ada Nwosu",
        "contact.firstname": "Ada",
        "contact.lastname": "Nwosu",
        "contact.phone": "+60123456789",
        "contact.email": "",
        "contact.language": "Deutsch",
        "contact.country": "Malaysia",
        "contact.id": str(contact.id),
        "contact.a_text": "Lisbon",
        "contact.a_number": "1.234,5",
        "contact.a_checkbox": "yes",
        "contact.a_date": "17. Mai 1990",
        "contact.a_time": "09:30",
        "contact.margin": "",
        "assignee.name": world.agent.name,
        "assignee.firstname": "Agent",
        "assignee.lastname": world.agent.name.removeprefix("Agent "),
        "assignee.email": world.agent.email,
        "member.name": world.manager.name,
        "member.firstname": "Manager",
        "member.lastname": world.manager.name.removeprefix("Manager "),
        "member.email": world.manager.email,
        "workspace.name": values["workspace.name"],
    }
    assert values["workspace.name"].startswith("Shop ")
    assert list(values["system.current_datetime"]) == [*values["system.current_date"], " ", *values["system.current_time"]]


@pytest.mark.behaviour(165)
async def test_a_field_that_is_kept_from_agents_is_no_variable_of_theirs(world: World) -> None:
    contact = await contact_with_everything(world)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert await filled_in(world.installation, db, "{{$contact.margin|-}}", contact, by=world.manager) == "-"
        with pytest.raises(ReplyRefused, match=r"no variable \$contact\.margin"):
            await filled_in(world.installation, db, "{{$contact.margin|-}}", contact, by=world.agent)


async def test_without_a_contact_there_are_the_same_variables(world: World) -> None:
    contact = await contact_with_everything(world)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        nobody = await variables(world.installation, db, world.manager)
        assert set(nobody) == set(await variables(world.installation, db, world.manager, contact))
    assert not any(variable.value for name, variable in nobody.items() if name.startswith(("contact.", "assignee.")))
    assert nobody["contact.margin"].label == "Margin"
