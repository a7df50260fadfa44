"""A workspace travels in one file: all of it arrives, under its own ids, beside whatever is there."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from ismessenger.channels.connect import connect
from ismessenger.channels.route import load_target
from ismessenger.files.model import StoredFile
from ismessenger.installation import Installation
from ismessenger.kit.bundle import BundleReader, BundleWriter
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import workspace_key
from ismessenger.tenancy.rows import workspace_metadata
from ismessenger.workspaces import transfer
from ismessenger.workspaces.export import export_workspace
from ismessenger.workspaces.take_in import LOST, MOVED, import_workspace
from ismessenger.workspaces.transfer import FILE_COLUMNS, HIDDEN, KIND, LEFT_OUT, TransferRefused
from tests.conftest import World, forget_work, make_world

PASSPHRASE = "a passphrase of the tests"
NEW_TEAM = "INSERT INTO team (name, description, created_at) VALUES ('Day', '', now()) RETURNING id"
FILE = b"%PDF-" + bytes(range(256)) * 9000


@dataclass
class Packed:
    world: World
    path: Path


@pytest.fixture(scope="module")
async def packed(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Packed]:
    """A workspace with a channel, a contact, messages and a file, and its archive."""
    world = await make_world(installation)
    file = tmp_path_factory.mktemp("packed") / "w"
    made = await connect(
        world.installation, world.workspace_id, "custom_channel", name="Shop API",
        values={"id_type": "custom", "api_base_url": "https://their.example"},
    )  # fmt: skip
    path = workspace_key(world.workspace_id, "uploads", "abc")
    await world.installation.files.put(path, FILE)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(StoredFile(path=path, name="plan.pdf", mime="application/pdf", size=len(FILE)))
        contact = text(
            "INSERT INTO contact (first_name, status, created_at, created_source, assignee_id)"
            " VALUES ('Ärger \"1\"', 'open', now(), 'contact', :id) RETURNING id"
        )
        contact_id = (await db.execute(contact, {"id": world.agent.id})).scalar_one()
        messages = text(
            "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
            " SELECT :contact, :channel, 'outgoing', 'text', '{\"type\": \"text\", \"text\": \"hi\"}', 'hi', 'user', 'queued',"
            " '{}', now(), now() FROM generate_series(1, 1200) RETURNING id"
        )
        ids = (await db.execute(messages, {"contact": contact_id, "channel": made.channel_id})).scalars().all()
        delivery = text(
            "INSERT INTO delivery (message_id, channel_id, contact_channel_id, lane, state, due_at, created_at)"
            " VALUES (:id, :channel, 1, 'replies', 'due', now(), now())"
        )
        await db.execute(delivery, {"id": ids[0], "channel": made.channel_id})
        event = text("INSERT INTO inbound_event (channel_id, headers, query, body, received_at) VALUES (:channel, '{}', '', :body, now())")
        await db.execute(event, {"channel": made.channel_id, "body": b"\x00\xff{}"})
    await export(world, file, PASSPHRASE)
    yield Packed(world, file)
    await forget_work(installation)


async def export(world: World, path: Path, passphrase: str | None) -> None:
    async with world.installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, world.workspace_id)
    await export_workspace(world.installation, workspace, path, passphrase)


async def rows(world: World, workspace_id: int, table: str) -> list[dict[str, Any]]:
    async with world.installation.tenancy.reading(workspace_id) as db:
        found = await db.execute(text(f"SELECT CAST(to_jsonb(t) - 'workspace_id' AS text) FROM {table} t ORDER BY id"))
        return [orjson.loads(row) for row in found.scalars()]


async def footprint(world: World) -> dict[str, int]:
    """How many workspaces, organizations and accounts there are."""
    async with world.installation.tenancy.catalog() as catalog:
        names = ("workspace", "organization", "account", "membership", "channel_route")
        return {name: (await catalog.execute(text(f"SELECT count(*) FROM catalog.{name}"))).scalar_one() for name in names}


@pytest.mark.behaviour(143)
@pytest.mark.parametrize("home", ["default", "eu"])
async def test_a_workspace_arrives_whole_under_its_own_ids_beside_the_one_it_came_from(packed: Packed, home: str) -> None:
    world = packed.world
    made = await import_workspace(world.installation, packed.path, PASSPHRASE, name="Copy", home=home)
    assert (made.files, made.members, made.new_accounts, made.disconnected) == (1, 3, [], [])
    for table in transfer.tables():
        before, after = await rows(world, world.workspace_id, table), await rows(world, made.workspace_id, table)
        assert [row["id"] for row in before] == [row["id"] for row in after], table
        if table not in ("channel", "file", "delivery", "message"):
            assert before == after, table
    (file,) = await rows(world, made.workspace_id, "file")
    assert file["path"] == f"w/{made.workspace_id}/uploads/abc"
    assert b"".join([piece async for piece in world.installation.files.read(file["path"])]) == FILE
    (channel,) = await rows(world, made.workspace_id, "channel")
    (old,) = await rows(world, world.workspace_id, "channel")
    assert (channel["status"], channel["status_reason"], made.new_webhooks) == ("broken", MOVED, ["Shop API"])
    assert channel["route"] != old["route"]
    here, there = [await load_target(world.installation, id_, channel["id"]) for id_ in (world.workspace_id, made.workspace_id)]
    assert here is not None
    assert there is not None
    assert here.config == there.config
    assert (await rows(world, made.workspace_id, "delivery"))[0]["state"] == "unconfirmed"
    assert (await rows(world, made.workspace_id, "message"))[0]["status"] == "sending"


@pytest.mark.parametrize("home", ["default", "eu"])
async def test_what_is_made_afterwards_gets_new_numbers_in_every_workspace_of_the_home(packed: Packed, home: str) -> None:
    world = packed.world
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        newest = 1_000_000 + (await db.execute(text(NEW_TEAM))).scalar_one()
        await db.rollback()
    team = orjson.dumps({"id": newest, "name": "Night", "description": "", "created_at": "2026-01-01T00:00:00Z"}) + b"\n"
    changed = repack(packed, lambda name, content: team if "table-team" in name else content)
    made = await import_workspace(world.installation, changed, None, home=home)
    other = await make_world(world.installation, home)
    for workspace_id in (made.workspace_id, other.workspace_id):
        async with world.installation.tenancy.workspace(workspace_id) as db:
            assert (await db.execute(text(NEW_TEAM))).scalar_one() > newest


@pytest.mark.behaviour(144)
async def test_without_secrets_the_channels_come_back_disconnected_and_say_so(packed: Packed, tmp_path: Path) -> None:
    world = packed.world
    await export(world, tmp_path / "open", None)
    made = await import_workspace(world.installation, tmp_path / "open", None)
    (channel,) = await rows(world, made.workspace_id, "channel")
    assert (channel["status"], channel["status_reason"], made.disconnected) == ("disconnected", LOST, ["Shop API"])
    assert await load_target(world.installation, made.workspace_id, channel["id"]) is None
    token = (await load_target(world.installation, world.workspace_id, channel["id"])).config.model_dump()  # type: ignore[union-attr]
    secret = next(value.get_secret_value() for value in token.values() if hasattr(value, "get_secret_value"))
    for path in (packed.path, tmp_path / "open"):
        assert secret.encode() not in path.read_bytes()
    with pytest.raises(TransferRefused, match="holds no credentials"):
        await import_workspace(world.installation, tmp_path / "open", PASSPHRASE)


async def test_people_are_known_by_their_e_mail_and_strangers_get_an_account_without_a_password(packed: Packed) -> None:
    world = packed.world
    stranger = f"new-{world.workspace_id}@example.com".encode()
    agent = world.agent.email.encode()
    changed = repack(packed, lambda name, content: content.replace(agent, stranger) if "table-member" in name else content)
    made = await import_workspace(world.installation, changed, None)
    assert made.new_accounts == [stranger.decode()]
    async with world.installation.tenancy.catalog() as catalog:
        account = text("SELECT id, password_hash, email_verified_at FROM catalog.account WHERE email = :email")
        row = (await catalog.execute(account, {"email": stranger.decode()})).one()
        places = text("SELECT account_id FROM catalog.membership WHERE workspace_id = :id")
        assert set((await catalog.execute(places, {"id": made.workspace_id})).scalars()) == {
            world.owner.account_id, world.manager.account_id, row.id
        }  # fmt: skip
        role = text(
            "SELECT role FROM catalog.organization_member m JOIN catalog.workspace w USING (organization_id)"
            " WHERE w.id = :id AND account_id = :account"
        )
        assert (await catalog.execute(role, {"id": made.workspace_id, "account": world.owner.account_id})).scalar_one() == "admin"
    assert (row.password_hash, row.email_verified_at) == ("", None)


def repack(packed: Packed, change: Callable[[str, bytes], bytes | None], add: tuple[str, bytes] | None = None) -> Path:
    """The same archive with other contents, whole and under no passphrase but the old box."""
    reader = BundleReader(packed.path, KIND)
    checked = reader.check()
    about = orjson.loads(change("about.json", orjson.dumps(dict(checked.about))) or b"{}")
    target = packed.path.with_name("changed")
    with BundleWriter(target, KIND, about) as bundle, reader.members() as members:
        for member in members:
            content = change(member.name, b"".join(member.chunks()))
            if content is not None:
                bundle.member(member.name, content)
        if add is not None:
            bundle.member(*add)
        bundle.finish(bundle.manifest())
    return target


REFUSED: dict[str, tuple[Callable[[str, bytes], bytes], str]] = {
    "unknown column": (lambda n, c: c.replace(b'"first_name"', b'"shoe_size"') if "table-contact/" in n else c, "column 'shoe_size'"),
    "other columns": (lambda n, c: c.replace(b'"words": "hi", ', b"", 1) if "table-message/" in n else c, "same columns"),
    "too deep": (lambda n, c: c.replace(b'"reactions": {}', b'"reactions": ' + b'{"a": ' * 60 + b"{}" + b"}" * 60, 1), "nested too deeply"),
    "endlessly deep": (lambda n, c: c.replace(b'"reactions": {}', b'"reactions": ' + b"[" * 5000 + b"]" * 5000, 1), "is no JSON"),
    "no JSON": (lambda n, c: c + b"{\n" if "table-team/" in n else c, "is no JSON"),
    "no row": (lambda n, c: c + b"[]\n" if "table-team/" in n else c, "is no row"),
    "cut line": (lambda n, c: c[:-5] if "table-file/" in n else c, "cut off"),
    "huge number": (lambda n, c: c.replace(b'"id": ', b'"id": 9999999999999999', 1) if "table-contact/" in n else c, "no fitting number"),
    "negative number": (lambda n, c: c.replace(b'"id": ', b'"id": -', 1) if "table-contact/" in n else c, "no fitting number"),
    "foreign file": (lambda n, c: c.replace(b'"path": "w/', b'"path": "w/1') if "table-file/" in n else c, "outside of the workspace"),
    "wrong type": (lambda n, c: c.replace(b'"size": ', b'"size": "x", "size": "') if "table-file/" in n else c, "is no JSON"),
    "no such member": (
        lambda n, c: c.replace(b'"assignee_id": ', b'"assignee_id": 9') if "table-contact/" in n else c,
        "cannot be imported",
    ),
    "NUL in text": (lambda n, c: c.replace(b'"plan.pdf"', b'"a\\u0000b"') if "table-file/" in n else c, "cannot be imported"),
    "bad e-mail": (lambda n, c: c.replace(b"@example.com", b"") if "table-member/" in n else c, "not an e-mail address"),
    "newer": (lambda n, c: c.replace(b'"revision":"', b'"revision":"9') if n == "about.json" else c, "newer than this"),
    "no heading": (lambda n, c: c.replace(b'"revision"', b'"x"') if n == "about.json" else c, "heading of the archive"),
}


@pytest.mark.behaviour(145)
@pytest.mark.parametrize("case", list(REFUSED))
async def test_an_archive_that_was_tampered_with_is_refused_and_leaves_nothing(packed: Packed, case: str) -> None:
    change, words = REFUSED[case]
    world = packed.world
    changed = repack(packed, change)
    before, files = await footprint(world), {key async for key in world.installation.files.listed()}
    with pytest.raises(TransferRefused, match=words):
        await import_workspace(world.installation, changed, None)
    assert await footprint(world) == before
    assert {key async for key in world.installation.files.listed()} == files


@pytest.mark.behaviour(145)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("table-account/00000001", "belongs to no workspace"),
        ("table-team/00000001", "parts are out of order"),
        ("anything", "belongs to no workspace or comes too late"),
        ("files/w/1", "is no file of the workspace"),
        ("files/x", "is no file of the workspace"),
    ],
)
async def test_what_does_not_belong_into_an_archive_is_refused(packed: Packed, name: str, words: str) -> None:
    before = await footprint(packed.world)
    changed = repack(packed, lambda n, c: None if n.startswith("files/") else c, add=(name, b""))
    with pytest.raises(ValueError, match=words):
        await import_workspace(packed.world.installation, changed, None)
    assert await footprint(packed.world) == before


async def test_a_wrong_passphrase_an_unknown_home_and_a_long_name_leave_nothing(packed: Packed) -> None:
    before = await footprint(packed.world)
    for arguments, words in (
        ({"passphrase": "another passphrase"}, "does not open"),
        ({"passphrase": PASSPHRASE, "home": "mars"}, "no home 'mars'"),
        ({"passphrase": PASSPHRASE, "name": "x" * 101}, "at most 100 characters"),
    ):
        with pytest.raises(ValueError, match=words):
            await import_workspace(packed.world.installation, packed.path, **arguments)
    assert await footprint(packed.world) == before


def test_every_table_and_every_column_that_points_out_of_the_workspace_is_known() -> None:
    """Who adds one decides here how it travels."""
    names = set(workspace_metadata.tables)
    assert set(LEFT_OUT) | set(FILE_COLUMNS) | set(HIDDEN) <= names
    columns = {(table.name, column.name) for table in workspace_metadata.sorted_tables for column in table.columns}
    assert {pair for pair in columns if pair[1] in ("path", "picture", "logo")} == {*FILE_COLUMNS.items(), ("member", "picture")}
    assert {pair for pair in columns if "account" in pair[1]} == {("member", "account_id")}
