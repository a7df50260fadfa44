"""The development mailbox is for whoever sits at the machine."""

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette

from ismessenger.installation import Installation
from ismessenger.mail.write import write_letter


def browser_at(app: Starlette, address: str, host: str = "localhost:8080", **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 1000))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=headers)


async def written(installation: Installation) -> None:
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(text("DELETE FROM catalog.letter"))
        write_letter(
            catalog, to="ada@example.com", subject="<b>Hello</b>", text="Open\nhttp://127.0.0.1:8080/sign-up/abc\n<script>alert(1)</script>"
        )


@pytest.mark.behaviour(118)
@pytest.mark.parametrize(("address", "host"), [("127.0.0.1", "localhost:8080"), ("::1", "[::1]:8080"), ("127.0.0.1", "127.0.0.1:9000")])
async def test_letters_are_shown_on_the_machine_itself(app: Starlette, installation: Installation, address: str, host: str) -> None:
    await written(installation)
    page = (await browser_at(app, address, host).get("/mailbox")).text
    assert "ada@example.com" in page
    assert 'href="http://127.0.0.1:8080/sign-up/abc"' in page
    assert "<script>alert" not in page
    assert "<b>Hello" not in page


@pytest.mark.behaviour(118)
@pytest.mark.parametrize(
    ("address", "host", "headers"),
    [
        ("10.0.0.1", "localhost:8080", {}),
        ("10.0.0.1", "10.0.0.2:8080", {}),
        ("::ffff:10.0.0.1", "localhost:8080", {}),
        ("127.0.0.1", "chat.example", {}),
        ("127.0.0.1", "localhost.evil.example", {}),
        ("127.0.0.1", "localhost:8080", {"X-Forwarded-For": "10.0.0.1"}),
        ("127.0.0.1", "localhost:8080", {"Via": "1.1 proxy"}),
        ("testclient", "localhost:8080", {}),
    ],
)
async def test_nobody_else_sees_them(app: Starlette, installation: Installation, address: str, host: str, headers: dict[str, str]) -> None:
    await written(installation)
    assert (await browser_at(app, "127.0.0.1").get("/mailbox")).status_code == 200
    answer = await browser_at(app, address, host, **headers).get("/mailbox")
    assert answer.status_code == 404
    assert "ada@example.com" not in answer.text


@pytest.mark.behaviour(118)
async def test_with_a_mail_server_or_a_public_address_there_is_no_mailbox(app: Starlette, installation: Installation) -> None:
    browser = browser_at(app, "127.0.0.1")
    assert (await browser.get("/mailbox")).status_code == 200
    installation.settings.smtp_url = SecretStr("smtp://127.0.0.1:1")
    try:
        assert (await browser.get("/mailbox")).status_code == 404
    finally:
        installation.settings.smtp_url = None
    installation.settings.public_url = "https://chat.example"
    try:
        assert (await browser.get("/mailbox")).status_code == 404
    finally:
        installation.settings.public_url = ""
