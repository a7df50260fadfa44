"""Letters go out over a real SMTP server: once, with headers that nobody can add to, and not for ever where it fails."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import Row, text

from ismessenger.installation import Installation
from ismessenger.jobs.tidy import tidy
from ismessenger.kit import clock
from ismessenger.mail.message import server_of
from ismessenger.mail.send import find_letters, send_letter
from ismessenger.mail.write import write_letter
from ismessenger.settings import Settings
from tests.mail.post_office import PostOffice
from tests.ports import free_port


async def written(
    installation: Installation, to: str = "ada@example.com", subject: str = "Hello", words: str = "See\nhttps://x.example/1"
) -> int:
    """A letter that waits to be sent; returns its number."""
    async with installation.tenancy.catalog() as catalog:
        write_letter(catalog, to=to, subject=subject, text=words)
        await catalog.flush()
        return int((await catalog.execute(text("SELECT max(id) FROM catalog.letter"))).scalar_one())


async def run(installation: Installation) -> int:
    """What the lane does in one sweep; how many letters went out."""
    return sum([await send_letter(installation, piece) for piece in await find_letters(installation)])


async def letter(installation: Installation, id_: int) -> Row[tuple[object, ...]]:
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(text("SELECT * FROM catalog.letter WHERE id = :id"), {"id": id_})).one()


async def test_a_letter_arrives_with_its_words_and_links(installation: Installation, office: PostOffice) -> None:
    long_link = "http://127.0.0.1:8080/password-resets/" + "x" * 90
    await written(installation, "ada@example.com", "Résumé of today", f"Grüße,\n{long_link}\n")
    assert await run(installation) == 1
    (arrived,) = office.letters
    assert arrived["Subject"] == "Résumé of today"
    assert arrived["To"] == "ada@example.com"
    assert arrived["From"] == "IS-Messenger <no-reply@localhost.localdomain>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived.get_content().splitlines() == ["Grüße,", long_link]
    assert office.envelopes == [("no-reply@localhost.localdomain", ["ada@example.com"])]


async def test_the_sender_is_the_operators_choice(installation: Installation, office: PostOffice) -> None:
    installation.settings.mail_from = "Our Shop, Inc. <help@shop.example>"
    try:
        await written(installation)
        await run(installation)
    finally:
        installation.settings.mail_from = ""
    assert office.envelopes[0][0] == "help@shop.example"


@pytest.mark.behaviour(110)
async def test_what_was_accepted_is_not_sent_again(installation: Installation, office: PostOffice) -> None:
    id_ = await written(installation)
    outcomes = await asyncio.gather(*(send_letter(installation, (0, id_)) for _worker in range(3)))
    assert sorted(outcomes) == [0, 0, 1]
    with clock.shifted(timedelta(hours=1)):
        assert await run(installation) == 0
    assert len(office.letters) == 1


async def test_the_links_of_a_sent_letter_are_not_kept(installation: Installation, office: PostOffice) -> None:
    id_ = await written(installation)
    assert "https://x.example/1" in str((await letter(installation, id_)).text)
    await run(installation)
    row = await letter(installation, id_)
    assert (row.text, row.due_at, row.problem) == ("", None, "")
    assert row.sent_at is not None


async def test_a_repeated_letter_has_the_same_message_id(installation: Installation, office: PostOffice) -> None:
    id_ = await written(installation)
    for _time in range(2):  # as after a crash between the server's answer and our note of it
        await run(installation)
        async with installation.tenancy.catalog() as catalog:
            await catalog.execute(text("UPDATE catalog.letter SET due_at = created_at, sent_at = NULL WHERE id = :id"), {"id": id_})
    first, second = office.letters
    assert first["Message-ID"] == second["Message-ID"]
    await written(installation)
    await run(installation)
    assert office.letters[-1]["Message-ID"] != first["Message-ID"]


@pytest.mark.behaviour(110)
async def test_a_server_that_is_down_delays_a_letter(installation: Installation, office: PostOffice) -> None:
    up = installation.settings.smtp_url
    installation.settings.smtp_url = SecretStr(f"smtp://127.0.0.1:{free_port()}")
    id_ = await written(installation)
    assert await run(installation) == 0
    row = await letter(installation, id_)
    assert row.problem
    assert row.due_at is not None
    installation.settings.smtp_url = up
    assert await run(installation) == 0  # not yet
    with clock.shifted(timedelta(minutes=2)):
        assert await run(installation) == 1
    assert (await letter(installation, id_)).problem == ""


async def test_a_server_that_refuses_for_now_is_asked_again_for_a_day(installation: Installation, office: PostOffice) -> None:
    office.to_letter = "451 Come back later"
    id_ = await written(installation)
    for minutes in range(0, 26 * 60, 30):
        with clock.shifted(timedelta(minutes=minutes)):
            await run(installation)
    row = await letter(installation, id_)
    assert (row.due_at, row.problem, row.text) == (None, "451 Come back later", "")
    assert 5 < row.attempts < 15
    office.to_letter = "250 OK"
    with clock.shifted(timedelta(days=2)):
        assert await run(installation) == 0


async def test_an_address_that_does_not_exist_is_given_up_at_once(installation: Installation, office: PostOffice) -> None:
    office.to_recipient = "550 No such mailbox"
    refused, other = await written(installation), await written(installation, "bo@example.com")
    await run(installation)
    for id_ in (refused, other):
        row = await letter(installation, id_)
        assert (row.due_at, row.attempts) == (None, 1)
        assert "550 No such mailbox" in row.problem


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: x@example.com", "a@example.com, b@example.com", "nobody", ""])
async def test_nobody_can_add_a_header_or_another_recipient(installation: Installation, office: PostOffice, to: str) -> None:
    id_ = await written(installation, to)
    await run(installation)
    assert office.letters == []
    assert (await letter(installation, id_)).due_at is None


async def test_line_breaks_in_a_subject_are_spaces(installation: Installation, office: PostOffice) -> None:
    await written(installation, subject="Hello\r\nBcc: x@example.com\n\nbody")
    await run(installation)
    (arrived,) = office.letters
    assert arrived["Subject"] == "Hello Bcc: x@example.com body"
    assert arrived["Bcc"] is None


async def test_a_login_of_the_url_is_used(installation: Installation, office: PostOffice) -> None:
    installation.settings.smtp_url = SecretStr(f"smtp://shop%40example.com:p%2Fw@127.0.0.1:{office.port}")
    await written(installation)
    assert await run(installation) == 1
    assert office.logins == [(b"shop@example.com", b"p/w")]


async def test_a_letter_that_waited_for_a_mail_server_too_long_is_not_sent(installation: Installation, office: PostOffice) -> None:
    with clock.shifted(timedelta(days=-2)):
        id_ = await written(installation)
    assert await run(installation) == 0
    assert (await letter(installation, id_)).problem == "It could not be sent within a day."


async def test_without_a_mail_server_letters_stay(installation: Installation, no_mail_server: None) -> None:
    id_ = await written(installation)
    assert await run(installation) == 0
    assert (await letter(installation, id_)).attempts == 0


async def test_letters_are_deleted_after_thirty_days(installation: Installation) -> None:
    with clock.shifted(timedelta(days=-31)):
        await written(installation)
    kept = await written(installation)
    await tidy(installation)
    async with installation.tenancy.catalog() as catalog:
        assert list((await catalog.execute(text("SELECT id FROM catalog.letter"))).scalars()) == [kept]


def settings_with(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_a_password_goes_to_another_machine_by_tls_only() -> None:
    def server(url: str) -> tuple[int, bool, bool | None]:
        found = server_of(settings_with(smtp_url=url))
        return found["port"], found["use_tls"], found["start_tls"]

    assert server("smtp://user:word@mail.example") == (587, False, True)
    assert server("smtp://mail.example:2525") == (2525, False, None)
    assert server("smtps://user:word@mail.example") == (465, True, False)
    assert server("smtp://user:word@localhost:25") == (25, False, False)


@pytest.mark.parametrize(
    "values", [{"smtp_url": "mail.example"}, {"smtp_url": "http://mail.example"}, {"mail_from": "nobody"}, {"mail_from": "a@b\nc"}]
)
def test_settings_that_cannot_work_are_refused_at_the_start(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings_with(**values)
