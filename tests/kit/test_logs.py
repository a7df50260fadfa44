import io
import json
import logging
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from pydantic import BaseModel, SecretStr

from ismessenger.kit import logs
from ismessenger.settings import Settings

BOT = "123456:AAH-abcdefghijklmnopqrstuvwxyz_0123"
META = "EAAGm0PX4ZCpsBAKZCabcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _logged(form: str = "json", level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(Settings(_env_file=None, log_format=form, log_level=level), stream)
    return stream


def _line(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    return dict(json.loads(line))


def test_our_lines_carry_time_level_name_and_request() -> None:
    stream = _logged()
    structlog.contextvars.bind_contextvars(request_id="abc")
    structlog.get_logger("ismessenger.somewhere").info("channel connected", kind="telegram", channel_id=7)
    line = _line(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "channel connected",
        "kind": "telegram",
        "channel_id": 7,
        "request_id": "abc",
        "level": "info",
        "logger": "ismessenger.somewhere",
    }


def test_the_schedule_says_nothing_of_its_own_end() -> None:
    stream = _logged()
    logging.getLogger("arq.worker").info("shutdown on SIGUSR1 ◆ 0 jobs complete")
    assert stream.getvalue() == ""
    logging.getLogger("arq.worker").warning("job expired")
    assert "job expired" in stream.getvalue()


def test_lines_of_libraries_look_the_same() -> None:
    stream = _logged()
    logging.getLogger("library").warning("%s is slow", "disk", extra={"seconds": 3})
    line = _line(stream)
    assert (line["event"], line["level"], line["logger"], line["seconds"]) == ("disk is slow", "warning", "library", 3)


def test_warnings_of_python_are_logged() -> None:
    stream = _logged()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "old" in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_quieter_levels_are_left_out(form: str) -> None:
    stream = _logged(form, "warning")
    structlog.get_logger().info("unseen")
    logging.getLogger("library").info("unseen")
    structlog.get_logger().warning("seen")
    assert "unseen" not in stream.getvalue()
    assert "seen" in stream.getvalue()


class Config(BaseModel):
    page_id: str = "1"
    access: SecretStr = SecretStr("hunter2hunter2")


class Careless:
    def __repr__(self) -> str:
        return f"<Careless https://api.telegram.org/bot{BOT}/getMe>"


SECRETS: dict[str, dict[str, object]] = {
    "token": {"bot_token": "hunter2"},
    "authorization": {"authorization": "hunter2"},
    "nested": {"config": {"app_secret": "hunter2", "deep": [{"password": "hunter2"}]}},
    "list": {"secret_keys": ["hunter2", "hunter2b"]},
    "bytes": {"signature": b"hunter2"},
    "secret string": {"value": SecretStr("hunter2")},
    "model": {"config": Config()},
    "object": {"careless": Careless()},
    "headers": {"headers": {"Authorization": "Bearer hunter2hunter2", "X-Api-Key": "hunter2"}},
    "header list": {"headers": [("authorization", "Bearer hunter2hunter2")]},
    "request": {"request": httpx.Request("GET", f"https://api.telegram.org/bot{BOT}/getMe?secret=hunter2")},
    "bot url": {"url": f"https://api.telegram.org/bot{BOT}/sendMessage"},
    "file url": {"url": f"https://api.telegram.org/file/bot{BOT}/photos/1.jpg"},
    "escaped bot url": {"url": f"/bot{BOT.replace(':', '%3A')}/sendMessage"},
    "bearer": {"text": "sent Authorization: Bearer hunter2hunter2"},
    "database": {"url": "postgresql://app:hunter2@db/inbox"},
    "redis": {"url": "redis://:hunter2@cache:6379/0"},
    "graph": {"url": "https://graph.facebook.com/me?access_token=hunter2&fields=id"},
    "proof": {"url": "https://graph.facebook.com/me?fields=id&appsecret_proof=hunter2"},
    "json text": {"body": '{"access_token": "hunter2", "id": 1}'},
    "python text": {"body": "{'bot_token': 'hunter2'}"},
    "meta": {"text": f"token is {META} now"},
    "hook": {"path": "/hooks/telegram/hunter2hunter2hunter2"},
    "file link": {"path": "/files/hunter2hunter2hunter2/a.png"},
}


def _leaks(text: str) -> bool:
    return any(secret in text for secret in ("hunter2", BOT, BOT.split(":")[1], META))


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_written_whoever_logs_it(form: str, name: str) -> None:
    values = SECRETS[name]
    assert _leaks(repr(values)) or name in {"secret string", "model"}
    stream = _logged(form)
    structlog.get_logger().info("something", **values)
    logging.getLogger("library").info("something %s", values)
    logging.getLogger("library").info("something", extra=values)
    assert "something" in stream.getvalue()
    assert not _leaks(stream.getvalue())


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_neither_secrets_in_words_nor_local_variables(form: str) -> None:
    stream = _logged(form)
    password = "hunter2"  # noqa: F841 - must not be printed
    try:
        httpx.Response(500, request=httpx.Request("GET", f"https://api.telegram.org/bot{BOT}/getMe")).raise_for_status()
    except httpx.HTTPStatusError:
        assert BOT in traceback.format_exc()
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed")
    assert "HTTPStatusError" in stream.getvalue()
    assert "bot123456:***" in stream.getvalue()
    assert not _leaks(stream.getvalue().replace('password = "hunter2"', ""))


def test_http_libraries_do_not_write_addresses() -> None:
    stream = _logged(level="debug")
    for name in ("httpx", "httpcore.connection", "uvicorn.access"):
        logging.getLogger(name).info("GET /bot%s/getMe", BOT)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tokenizer took 3 s", "tokenizer took 3 s"),
        ("key=value", "key=value"),
        ("https://shop.example/?page=2&code=42x", "https://shop.example/?page=2&code=***"),
        ("write to ann@example.com", "write to ann@example.com"),
        ("basic idea", "basic idea"),
    ],
)
def test_ordinary_words_stay(text: str, shown: str) -> None:
    assert logs.hide_secrets(text) == shown


def test_counts_and_ids_stay_even_if_they_are_named_like_secrets() -> None:
    stream = _logged()
    structlog.get_logger().info("done", tokens=3, token_id=7, secret=None, password_changed=True)
    line = _line(stream)
    assert (line["tokens"], line["token_id"], line["secret"], line["password_changed"]) == (3, 7, None, True)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/conversations/7/messages", "/conversations/7/messages"),
        ("/hooks/telegram/abcdefghijklmnopqrst2345", "/hooks/telegram/***"),
        ("/invitations/AbC-_efGhIjKlMnOpQrStUv", "/invitations/***"),
        ("/bot123:secret/getMe", "/bot123:***/getMe"),
    ],
)
def test_a_path_is_shown_without_its_tokens(path: str, shown: str) -> None:
    assert logs.hide_tokens(path) == shown


def test_a_structure_that_contains_itself_is_cut() -> None:
    stream = _logged()
    loop: dict[str, Any] = {}
    loop["again"] = loop
    structlog.get_logger().info("done", loop=loop)
    assert "…" in stream.getvalue()
