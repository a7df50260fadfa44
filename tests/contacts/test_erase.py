"""Whoever is erased is gone: the rows, the files, the raw webhooks. What stays says how much it was, who did it and when."""

import pytest
from sqlalchemy import text

from ismessenger.contacts.erase import erase_contacts
from ismessenger.files.store import FileMissing, StoreUnavailable
from ismessenger.jobs.outbox import work_row
from ismessenger.messages.fetch import fetch
from ismessenger.sdk.channel import MessageReceived, Profile
from ismessenger.sdk.content import Media
from ismessenger.tenancy.doors import workspace_key
from tests.messages.conftest import Line, line  # noqa: F401 - a fixture
from tests.messages.test_receive import NOON, rows, take, wrote

_RAW = text(
    "INSERT INTO inbound_event (channel_id, headers, query, body, received_at, state, attempt, note)"
    " VALUES (:channel, '{}', '', :body, now() - interval '1 minute', :state, 0, :note) RETURNING id"
)
GONE_WITH_THE_CONTACT = ("contact_channel", "conversation", "message", "attachment", "comment", "event", "read_mark", "contact")


async def erase(line: Line, *ids: int) -> list[int]:  # noqa: F811
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        return await erase_contacts(db, ids, by=line.world.owner.id)


async def finish(line: Line) -> None:  # noqa: F811
    """Do what the erasure ordered."""
    while found := await rows(line, "SELECT id FROM outbox WHERE kind = 'erase'"):
        for (id_,) in found:
            await work_row(line.world.installation, (line.world.workspace_id, id_))


async def keep_file(line: Line, *names: str) -> None:  # noqa: F811
    for name in names:
        await line.world.installation.files.put(workspace_key(line.world.workspace_id, "media", name), b"bytes")


async def stored(line: Line, name: str) -> bool:  # noqa: F811
    try:
        await line.world.installation.files.size(workspace_key(line.world.workspace_id, "media", name))
    except FileMissing:
        return False
    return True


async def attach(line: Line, who: str, name: str) -> None:  # noqa: F811
    statement = text(
        "INSERT INTO attachment (message_id, channel_id, kind, source, path, state, due_at)"
        " SELECT m.id, m.channel_id, 'file', '{}', :path, 'stored', now()"
        " FROM message m JOIN contact c ON c.id = m.contact_id WHERE c.first_name = :who"
    )
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(statement, {"path": workspace_key(line.world.workspace_id, "media", name), "who": who})


@pytest.mark.behaviour(191)
async def test_nothing_of_the_person_stays_in_the_database_and_the_neighbour_keeps_everything(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("ada", "2"), wrote("bo", "3"))
    ada, bo = [id_ for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]
    assert await erase(line, ada, ada, 999_999_999) == [ada]
    for table in GONE_WITH_THE_CONTACT:
        column = "id" if table == "contact" else "contact_id"
        if table != "attachment":
            assert await rows(line, f"SELECT count(*) FROM {table} WHERE {column} = {ada}") == [(0,)]
    assert await rows(line, "SELECT contact_id, count(*) FROM message GROUP BY 1") == [(bo, 1)]
    assert await rows(line, "SELECT contact_id, by_id, messages, conversations, files FROM erasure") == [
        (ada, line.world.owner.id, 2, 1, 0)
    ]


@pytest.mark.behaviour(191)
async def test_stored_files_go_but_not_one_that_somebody_else_got_too(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("bo", "2"))
    await keep_file(line, "own", "shared")
    await attach(line, "Ada", "own")
    await attach(line, "Ada", "shared")
    await attach(line, "Bo", "shared")
    ((ada,),) = await rows(line, "SELECT id FROM contact WHERE first_name = 'Ada'")
    await erase(line, ada)
    assert await stored(line, "own")
    await finish(line)
    assert (await stored(line, "own"), await stored(line, "shared")) == (False, True)
    assert await rows(line, "SELECT files FROM erasure") == [(2,)]
    assert await rows(line, "SELECT count(*) FROM outbox WHERE kind = 'erase'") == [(0,)]


async def test_a_file_that_comes_home_after_the_erasure_is_not_kept(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    media = Media(kind="file", url="https://example.com/a.txt")
    await take(line, MessageReceived("ada", "1", media, NOON, Profile(first_name="Ada")))
    ((attachment, ada),) = await rows(line, "SELECT a.id, m.contact_id FROM attachment a JOIN message m ON m.id = a.message_id")
    path = workspace_key(line.world.workspace_id, "media", "late")

    async def bring(*_arguments: object) -> dict[str, object]:
        await erase(line, ada)
        await line.world.installation.files.put(path, b"bytes")
        return {"path": path, "name": "a.txt", "mime": "text/plain", "size": 5, "kind": "file"}

    monkeypatch.setattr("ismessenger.messages.fetch._bring", bring)
    assert await fetch(line.world.installation, (line.world.workspace_id, attachment)) == 1
    assert not await stored(line, "late")


@pytest.mark.behaviour(191)
async def test_raw_webhooks_of_the_person_are_emptied_and_those_of_others_are_not(line: Line) -> None:  # noqa: F811
    await take(line, wrote("+60123456789", "1"))
    bodies = {
        "hers": (b'{"from": "60123456789", "text": "my secret"}', "done"),
        "failed": (b'{"from": 60123456789, "oops": 1}', "failed"),
        "longer": (b'{"from": "601234567890"}', "done"),
        "waiting": (b'{"from": "60123456789", "text": "more"}', "pending"),
    }
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        for body, state in bodies.values():
            note = "Could not be read: my secret" if state == "failed" else None
            await db.execute(_RAW, {"channel": line.channel_id, "body": body, "state": state, "note": note})
    ((ada,),) = await rows(line, "SELECT id FROM contact")
    await erase(line, ada)
    await finish(line)
    kept = [bytes(body) for (body,) in await rows(line, "SELECT body FROM inbound_event ORDER BY id")]
    assert kept == [b"", b"", bodies["longer"][0], bodies["waiting"][0]]
    assert await rows(line, "SELECT note FROM inbound_event WHERE note IS NOT NULL") == [("Erased together with its contact.",)]


async def test_the_order_survives_a_store_that_is_away(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    await keep_file(line, "own")
    await attach(line, "Ada", "own")
    ((ada,),) = await rows(line, "SELECT id FROM contact")
    await erase(line, ada)
    ((order,),) = await rows(line, "SELECT id FROM outbox WHERE kind = 'erase'")

    async def away(_key: str) -> None:
        raise StoreUnavailable("The bucket does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(line.world.installation.files, "delete", away)
        assert await work_row(line.world.installation, (line.world.workspace_id, order)) == 0
    assert await stored(line, "own")
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(text("UPDATE outbox SET due_at = now() - interval '1 s' WHERE kind = 'erase'"))
    await finish(line)
    assert not await stored(line, "own")


async def test_whoever_writes_again_after_the_erasure_is_a_new_contact(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    ((ada,),) = await rows(line, "SELECT id FROM contact")
    await erase(line, ada)
    await take(line, wrote("ada", "2"))
    ((again,),) = await rows(line, "SELECT id FROM contact")
    assert again != ada
