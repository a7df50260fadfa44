import logging
import traceback
from datetime import timedelta
from typing import Any

import httpx
import pytest

from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import (
    ContactGone,
    CredentialsInvalid,
    OutboundMessage,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unconfirmed,
)
from ismessenger.sdk.content import Text
from tests.channels_adapters.telegram.conftest import CHAT, TOKEN, Sender
from tests.standins.server import Behaviour
from tests.standins.telegram import TelegramServer

HELLO = Text(text="Hello")


def refusal(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return {**body, "parameters": parameters} if parameters else body


@pytest.mark.parametrize(
    ("code", "description", "failure"),
    [
        (401, "Unauthorized", CredentialsInvalid),
        (404, "Not Found", CredentialsInvalid),
        (404, "Not Found: method not found", Rejected),
        (403, "Forbidden: bot was blocked by the user", ContactGone),
        (403, "Forbidden: user is deactivated", ContactGone),
        (403, "Forbidden: bot can't initiate conversation with a user", ContactGone),
        (400, "Bad Request: chat not found", ContactGone),
        (400, "Bad Request: USER_IS_BLOCKED", ContactGone),
        (400, "Bad Request: PEER_ID_INVALID", ContactGone),
        (400, "Bad Request: message text is empty", Rejected),
        (400, "Bad Request: wrong type of the web page content", Rejected),
        (413, "Request Entity Too Large", Rejected),
        (409, "Conflict: terminated by other getUpdates request", Rejected),
    ],
)
async def test_what_telegram_says_has_a_name(
    send: Sender, telegram: TelegramServer, code: int, description: str, failure: type[SendFailed]
) -> None:
    telegram.fail(code, body=refusal(code, description))
    with pytest.raises(failure) as raised:
        await send(HELLO)
    assert type(raised.value) is failure
    assert description in str(raised.value)
    if isinstance(raised.value, Rejected):
        assert raised.value.code == str(code)


async def test_telegram_says_how_long_to_wait(send: Sender, telegram: TelegramServer) -> None:
    telegram.fail(429, body=refusal(429, "Too Many Requests: retry after 17", retry_after=17))
    with pytest.raises(Throttled) as raised:
        await send(HELLO)
    assert raised.value.retry_after == timedelta(seconds=17)


async def test_a_header_says_how_long_to_wait_too(send: Sender, telegram: TelegramServer) -> None:
    telegram.behave(Behaviour("throttle", status=429, retry_after=5, body={"ok": False}))
    with pytest.raises(Throttled) as raised:
        await send(HELLO)
    assert raised.value.retry_after == timedelta(seconds=5)


@pytest.mark.parametrize(("status", "failure"), [(500, Unconfirmed), (502, Unconfirmed), (503, Unavailable)])
async def test_a_failing_server(send: Sender, telegram: TelegramServer, status: int, failure: type[SendFailed]) -> None:
    telegram.fail(status)
    with pytest.raises(failure):
        await send(HELLO)


async def test_a_page_of_html_in_place_of_an_answer(send: Sender, telegram: TelegramServer) -> None:
    telegram.fail(200, body=b"<html>down for maintenance</html>")
    with pytest.raises(Unconfirmed):
        await send(HELLO)


async def test_a_refusal_with_status_200(send: Sender, telegram: TelegramServer) -> None:
    telegram.fail(200, body=refusal(400, "Bad Request: chat not found"))
    with pytest.raises(ContactGone):
        await send(HELLO)


async def test_a_redirect_means_a_wrong_base_url(send: Sender, telegram: TelegramServer) -> None:
    telegram.fail(302, body=b"")
    with pytest.raises(Unavailable, match="base URL"):
        await send(HELLO)


async def test_an_answer_that_is_cut_off_leaves_a_doubt(send: Sender, telegram: TelegramServer) -> None:
    telegram.drop()
    with pytest.raises(Unconfirmed):
        await send(HELLO)


async def test_a_blocked_bot_and_an_unknown_chat(send: Sender, telegram: TelegramServer) -> None:
    telegram.blocked.add(1)
    telegram.unknown.add(2)
    for identifier in ("1", "2"):
        with pytest.raises(ContactGone):
            await send(HELLO, identifier=identifier)


# --- The token stays secret ---


@pytest.mark.parametrize("trouble", ["unreachable", "hang", "drop", "unauthorized", "redirect", "html"])
async def test_the_token_is_in_no_failure_and_no_log(
    config: TelegramConfig, telegram: TelegramServer, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    url = telegram.url
    match trouble:
        case "unreachable":
            url = "http://127.0.0.1:1"
        case "hang":
            telegram.hang()
        case "drop":
            telegram.drop()
        case "unauthorized":
            telegram.token = "another"
        case "redirect":
            telegram.fail(302, body=b"")
        case "html":
            telegram.fail(404, body=b"<html>")
    caplog.set_level(logging.INFO)
    async with httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(60, read=0.2), trust_env=False) as http:
        with pytest.raises(SendFailed) as raised:
            await Telegram().send(OutboundMessage("m1", "7", CHAT, HELLO), config, http)
    told = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert TOKEN not in told
    assert "AAF-x_standin" not in told


async def test_a_good_call_logs_no_token(send: Sender, telegram: TelegramServer, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("httpx").setLevel(logging.INFO)
    caplog.set_level(logging.INFO)
    await send(HELLO)
    assert TOKEN not in caplog.text


def test_the_configuration_shows_no_token(config: TelegramConfig) -> None:
    assert TOKEN not in repr(config)
    with pytest.raises(ValueError, match="no bot token") as raised:
        TelegramConfig.model_validate({"bot_token": "12:ab/../getMe"})
    assert "getMe" not in str(raised.value)
