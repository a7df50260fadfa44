"""HTTP requests of workflows: where they may go, how long they take, what comes back, what stays secret."""

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr

from ismessenger.automation import http_request
from ismessenger.automation.hidden import Secrets
from ismessenger.automation.http_request import Answered, ask, is_ours, own_addresses, storable
from ismessenger.kit.http import outside_client
from ismessenger.sdk.channel import Rejected, SendFailed, Unavailable, Unconfirmed
from ismessenger.sdk.integration import HttpRequest, around_secrets
from ismessenger.settings import Settings
from tests.standins.anything import AnyServer
from tests.standins.server import Answer

OWN = "https://inbox.example.com"
KEY = "s3cr3t/äöü key+"
SECRETS = Secrets({"key": KEY})


@pytest.fixture
async def server() -> AsyncIterator[AnyServer]:
    async with AnyServer() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(_env_file=None, allowed_private_networks="127.0.0.0/8", secret_keys=[SecretStr("x" * 20)])
    async with outside_client(settings) as client:
        yield client


async def _ask(http: httpx.AsyncClient, own: str = OWN, secrets: Secrets = SECRETS, **request: object) -> Answered:
    return await ask(http, HttpRequest.model_validate(request), secrets, key="1/2/s1/3", own=[own])


async def test_a_request_goes_out_as_it_was_made_with_a_key_to_know_it_by(server: AnyServer, http: httpx.AsyncClient) -> None:
    server.answers["/orders"] = Answer({"id": 7}, 201)
    answered = await _ask(http, method="POST", url=f"{server.url}/orders?a=1", headers={"X-Shop": "Lumen"}, body='{"lamp": "Halo"}')
    assert (answered.status, answered.json) == (201, {"id": 7})
    (sent,) = server.requests
    assert (sent.method, sent.path, sent.query, sent.json()) == ("POST", "/orders", {"a": "1"}, {"lamp": "Halo"})
    assert sent.headers["idempotency-key"] == "1/2/s1/3"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["x-shop"] == "Lumen"


@pytest.mark.behaviour(37)
@pytest.mark.parametrize(
    ("url", "own", "ours"),
    [
        ("https://inbox.example.com/hooks/workflows/1-2-x", OWN, True),
        ("http://INBOX.example.com./", OWN, True),
        ("https://user@inbox.example.com:8443/", OWN, True),
        ("https://inbox.example.com.evil.test/", OWN, False),
        ("https://example.com/", OWN, False),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", True),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:8080", False),
        ("http://localhost/", "http://localhost", True),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example", True),
        ("https://xn--mnchen-3ya.example/", "https://xn--mnchen-3ya.example", True),
        ("https://XN--MNCHEN-3YA.example/", "https://münchen.example", True),
    ],
)
def test_our_own_address_is_known_however_it_is_written(url: str, own: str, ours: bool) -> None:
    assert is_ours(httpx.URL(url), [own]) is ours


@pytest.mark.behaviour(37)
def test_behind_a_proxy_the_port_of_this_machine_is_ours_too() -> None:
    settings = Settings(_env_file=None, public_url=OWN, port=8090, host="0.0.0.0")
    ours = own_addresses(settings)
    for url in (OWN, "http://localhost:8090/", "http://127.0.0.1:8090", "http://[::1]:8090/x", "http://0.0.0.0:8090/"):
        assert is_ours(httpx.URL(url), ours)
    assert not is_ours(httpx.URL("http://127.0.0.1:9000/"), ours)


@pytest.mark.behaviour(37)
async def test_no_request_reaches_ourselves_also_by_a_redirect(server: AnyServer, http: httpx.AsyncClient) -> None:
    async with AnyServer() as ourselves:
        server.answers["/away"] = Answer({}, 302, {"Location": f"{ourselves.url}/v2/contact"})
        for url in (f"{ourselves.url}/v2/contact", f"{server.url}/away"):
            with pytest.raises(Rejected, match="IS-Messenger itself"):
                await _ask(http, own=ourselves.url, url=url)
        assert ourselves.requests == []


@pytest.mark.behaviour(37)
@pytest.mark.parametrize(
    ("kind", "body", "mapped"),
    [
        ("application/json; charset=utf-8", b'{"a": [1, 2.5, null, "x"]}', {"a": [1, 2.5, None, "x"]}),
        ("application/problem+json", b'{"title": "no"}', {"title": "no"}),
        ("text/html", b'{"a": 1}', None),
        ("application/octet-stream", b'{"a": 1}', None),
        ("application/json", b"<html>", None),
        ("application/json", b"", None),
        ("application/json", b'"\\u0000"', "\N{REPLACEMENT CHARACTER}"),
        ("application/json", b"[" * 5000 + b"]" * 5000, None),
        ("application/json", b'{"n": 1e999}', None),
    ],
)
async def test_only_answers_in_json_are_mapped(server: AnyServer, http: httpx.AsyncClient, kind: str, body: bytes, mapped: object) -> None:
    server.answers["/"] = Answer(body, 200, {"Content-Type": kind})
    answered = await _ask(http, url=server.url)
    assert answered.json == mapped or (mapped is None and answered.json in (None, {"n": None}))
    json.dumps(answered.json, allow_nan=False)


def test_what_is_nested_without_end_is_cut() -> None:
    deep: list[object] = []
    for _level in range(200):
        deep = [deep]
    assert len(json.dumps(storable(deep))) < 200


@pytest.mark.behaviour(333)
@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::1]:9/", "http://0x7f.1.1.1.1/", "http://192.168.1.1:8080/x"],
)
async def test_no_request_reaches_a_private_network(http: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(SendFailed) as refused:
        await _ask(http, url=url)
    assert isinstance(refused.value, Rejected | Unavailable)


@pytest.mark.behaviour(333)
async def test_an_answer_that_is_too_large_or_packed_is_refused(server: AnyServer, http: httpx.AsyncClient) -> None:
    server.answers["/large"] = Answer(b"x" * 1_000_001)
    server.answers["/packed"] = Answer(b"\x1f\x8b", 200, {"Content-Encoding": "gzip"})
    with pytest.raises(Rejected, match="larger than 1 MB"):
        await _ask(http, url=f"{server.url}/large")
    with pytest.raises(Rejected, match="packs its answer"):
        await _ask(http, url=f"{server.url}/packed")
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.behaviour(333)
async def test_a_server_that_never_answers_is_given_up(server: AnyServer, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_request, "SECONDS", 0.3)
    server.hang()
    with pytest.raises(Unconfirmed, match="did not answer within"):
        await _ask(http, url=server.url)


async def test_a_server_that_hangs_up_or_is_not_there_is_told_apart(server: AnyServer, http: httpx.AsyncClient) -> None:
    server.drop()
    with pytest.raises(Unconfirmed):
        await _ask(http, url=server.url)
    async with AnyServer() as gone:
        address = gone.url
    with pytest.raises(Unavailable):
        await _ask(http, url=address)


@pytest.mark.behaviour(333)
async def test_another_server_gets_neither_headers_nor_body_by_a_redirect(server: AnyServer, http: httpx.AsyncClient) -> None:
    async with AnyServer() as other:
        server.answers["/see"] = Answer({}, 303, {"Location": f"{other.url}/there"})
        server.answers["/moved"] = Answer({}, 307, {"Location": f"{other.url}/there"})
        wanted: dict[str, Any] = {
            "method": "POST",
            "headers": {"Authorization": "Bearer {{secret.KEY}}".replace("KEY", "plain")},
            "body": "{}",
        }
        plain = Secrets({"plain": "opensesame"})
        await _ask(http, url=f"{server.url}/see", secrets=plain, **wanted)
        assert server.requests[0].headers["authorization"] == "Bearer opensesame"
        assert "authorization" not in other.requests[0].headers
        assert "idempotency-key" not in other.requests[0].headers
        with pytest.raises(Rejected, match="would get the body too"):
            await _ask(http, url=f"{server.url}/moved", secrets=plain, **wanted)
        assert len(other.requests) == 1


async def test_redirects_end(server: AnyServer, http: httpx.AsyncClient) -> None:
    server.answers["/"] = Answer({}, 302, {"Location": "/"})
    with pytest.raises(Rejected, match="without end"):
        await _ask(http, url=f"{server.url}/")


@pytest.mark.behaviour(332)
async def test_a_secret_is_written_as_its_place_wants_it(server: AnyServer, http: httpx.AsyncClient) -> None:
    quoted = 'a"b\\c d&e'
    secrets = Secrets({"key": quoted})
    await _ask(http, secrets=secrets, method="POST", url=f"{server.url}/x?k={{{{secret.KEY}}}}", body='{"k": "{{ secret.Key }}"}')
    form = "application/x-www-form-urlencoded"
    await _ask(http, secrets=secrets, method="POST", url=server.url, body="k={{secret.KEY}}&l=1", content_type=form)
    first, second = server.requests
    assert first.query == {"k": quoted}
    assert first.json() == {"k": quoted}
    assert second.body == b"k=a%22b%5Cc%20d%26e&l=1"


@pytest.mark.behaviour(332)
async def test_a_server_that_repeats_a_secret_gets_it_into_no_variable(server: AnyServer, http: httpx.AsyncClient) -> None:
    echo = {"you said": f"Bearer {KEY}", KEY: [KEY, base64.b64encode(KEY.encode()).decode()], "n": 1}
    server.answers["/"] = Answer(echo)
    answered = await _ask(http, method="POST", url=server.url, body='"{{secret.KEY}}"')
    assert server.requests[0].json() == KEY
    assert answered.json == {"you said": "Bearer ***", "***": ["***", "***"], "n": 1}
    assert answered.text == ""
    assert KEY not in repr(SECRETS)


@pytest.mark.behaviour(332)
@pytest.mark.parametrize(
    "repeated",
    [
        KEY.upper(),
        KEY.lower(),
        re.sub("%..", lambda found: found[0].lower(), quote(KEY, safe="")),
        base64.urlsafe_b64encode(f"user:{KEY}".encode()).decode(),
        base64.b64encode(f"me:{KEY}".encode()).decode(),
        base64.b64encode(f"x:{KEY}!".encode()).decode().rstrip("="),
        json.dumps({"inner": KEY}),
    ],
)
async def test_a_secret_stays_hidden_however_a_server_writes_it(server: AnyServer, http: httpx.AsyncClient, repeated: str) -> None:
    server.answers["/"] = Answer({"said": repeated})
    server.answers["/page"] = Answer(repeated.encode(), headers={"Content-Type": "text/plain"})
    of_json = await _ask(http, method="POST", url=server.url, body='"{{secret.KEY}}"')
    of_text = await _ask(http, method="POST", url=f"{server.url}/page", body='"{{secret.KEY}}"')
    for shown in (of_json.json["said"], of_text.text):
        assert "***" in shown
        assert len(shown) <= len(repeated) - len(KEY) + len("***")


@pytest.mark.behaviour(332)
async def test_a_secret_in_the_sign_in_of_an_address_or_as_a_number_or_in_markup_is_hidden(
    server: AnyServer, http: httpx.AsyncClient
) -> None:
    secrets = Secrets({"key": "12345678", "mark": "a<b>&c'd"})
    place = server.url.removeprefix("http://")
    server.answers["/"] = Answer({"pin": 12345678, "page": "a&lt;b&gt;&amp;c&#x27;d", "authorization": "Basic dXNlcjoxMjM0NTY3OA=="})
    answered = await _ask(http, secrets=secrets, url=f"http://user:{{{{secret.KEY}}}}@{place}/?a={{{{secret.MARK}}}}")
    assert server.requests[0].headers["authorization"] == "Basic dXNlcjoxMjM0NTY3OA=="
    assert (answered.json["pin"], answered.json["page"]) == ("***", "***")
    assert "MTIzNDU2Nzg" not in answered.json["authorization"]
    assert "xMjM0NTY3O" not in answered.json["authorization"]


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "zlib", "no such"])
async def test_an_answer_in_what_is_no_alphabet_is_read_as_utf_8(server: AnyServer, http: httpx.AsyncClient, charset: str) -> None:
    long = "a-" + "z9k" * 150_000
    server.answers["/"] = Answer(long.encode(), headers={"Content-Type": f"text/plain; charset={charset}"})
    began = time.process_time()
    answered = await _ask(http, url=server.url)
    assert (answered.json, answered.text) == (None, long)
    assert time.process_time() - began < 5


def test_numbers_that_no_database_or_browser_takes_are_texts_or_nothing() -> None:
    kept = storable({"whole": 10**40, "less": -(10**40), "most": 2**63 - 1, "true": True, "none": float("inf"), "in": [2**64]})
    assert kept == {"whole": str(10**40), "less": str(-(10**40)), "most": 2**63 - 1, "true": True, "none": None, "in": [str(2**64)]}


async def test_a_secret_that_is_not_there_is_said(server: AnyServer, http: httpx.AsyncClient) -> None:
    with pytest.raises(Rejected, match="no secret OTHER"):
        await _ask(http, url=f"{server.url}/{{{{secret.OTHER}}}}")
    assert server.requests == []


@pytest.mark.parametrize(
    "request_",
    [
        {"url": "ftp://example.com/"},
        {"url": "javascript:alert(1)"},
        {"url": ""},
        {"url": "https://"},
        {"url": "http://example.com:99999/"},
        {"headers": {"Host": "inbox.example.com"}},
        {"headers": {"Content-Length": "5"}},
        {"headers": {"X": "é"}},
        {"headers": {"X": "a\r\nHost: b"}},
        {"headers": {"a b": "c"}},
    ],
)
async def test_what_is_no_request_is_refused_in_words(server: AnyServer, http: httpx.AsyncClient, request_: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        await _ask(http, **{"url": server.url, **request_})
    assert server.requests == []


@pytest.mark.behaviour(332)
def test_whoever_writes_the_name_of_a_secret_gets_nothing_put_in() -> None:
    said = {"$words": "{{secret.KEY}} {{ secret.KEY}}", "$half": "{{secret.K"}

    def fill(words: str) -> str:
        for name, value in said.items():
            words = words.replace(name, value)
        return words

    filled = around_secrets("Bearer {{secret.KEY}} $words $half{{secret.KEY}}", fill)
    assert SECRETS.put_into(filled) == f"Bearer {KEY} {{ {{secret.KEY}}}} {{ {{ secret.KEY}}}} {{ {{secret.K{KEY}"
