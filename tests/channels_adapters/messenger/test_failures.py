import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from channels_adapters.messenger.graph import failure_of
from ismessenger.sdk.channel import (
    ContactGone,
    CredentialsInvalid,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unconfirmed,
    WindowClosed,
)
from ismessenger.sdk.content import Text
from tests.channels_adapters.messenger.conftest import PAGE, PERSON, TOKEN, Sender
from tests.standins.graph import GraphServer
from tests.standins.server import Behaviour

HELLO = Text(text="Hello")


def trouble(code: int, subcode: int | None = None, words: str = "What Facebook says", **more: Any) -> dict[str, Any]:
    error = {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code, "fbtrace_id": "A1b2C3", **more}
    return {"error": error if subcode is None else {**error, "error_subcode": subcode}}


@pytest.mark.parametrize(
    ("code", "subcode", "failure"),
    [
        (190, None, CredentialsInvalid),
        (190, 463, CredentialsInvalid),
        (102, None, CredentialsInvalid),
        (10, None, CredentialsInvalid),
        (3, None, CredentialsInvalid),
        (200, None, CredentialsInvalid),
        (230, None, CredentialsInvalid),
        (299, None, CredentialsInvalid),
        (10, 2018278, WindowClosed),
        (10, 2534022, WindowClosed),
        (10, 2018065, WindowClosed),
        (10, 2018108, ContactGone),
        (100, 2018001, ContactGone),
        (200, 1545041, ContactGone),
        (551, None, ContactGone),
        (551, 1545041, ContactGone),
        (4, None, Throttled),
        (4, 2018022, Throttled),
        (17, None, Throttled),
        (32, None, Throttled),
        (341, None, Throttled),
        (613, None, Throttled),
        (613, 2534040, Throttled),
        (80006, None, Throttled),
        (1200, None, Unavailable),
        (1, 99, Unconfirmed),
        (1, 1357046, Unconfirmed),
        (2, None, Unconfirmed),
        (100, None, Rejected),
        (100, 33, Rejected),
        (100, 2018109, Rejected),
        (368, None, Rejected),
        (10, 1893063, Rejected),
        (200, 2018028, Rejected),
        (2018300, None, Rejected),
        (9000001, None, Rejected),
    ],
)
async def test_every_error_of_facebook_has_a_name(
    send: Sender, graph: GraphServer, code: int, subcode: int | None, failure: type[SendFailed]
) -> None:
    graph.fail(400, body=trouble(code, subcode))
    with pytest.raises(SendFailed) as raised:
        await send(HELLO)
    assert type(raised.value) is failure
    assert str(raised.value) == f"(#{code}) What Facebook says"
    if isinstance(raised.value, Rejected):
        assert raised.value.code == (f"{code}/{subcode}" if subcode else str(code))


async def test_the_old_form_of_the_closed_window_is_told_from_a_missing_permission(send: Sender, graph: GraphServer) -> None:
    graph.fail(403, body=trouble(10, words="This message is sent outside of allowed window. Learn more about the new policy"))
    with pytest.raises(WindowClosed):
        await send(HELLO)


@pytest.mark.parametrize("code", [1, 2])
@pytest.mark.parametrize(
    ("status", "transient", "failure"),
    [(500, True, Unavailable), (500, False, Unconfirmed), (503, False, Unavailable), (400, True, Unavailable)],
)
async def test_only_a_call_for_repetition_makes_a_repetition_safe(
    send: Sender, graph: GraphServer, code: int, status: int, transient: bool, failure: type[SendFailed]
) -> None:
    graph.fail(status, body=trouble(code, is_transient=transient))
    with pytest.raises(failure):
        await send(HELLO)


async def test_words_for_people_are_preferred(send: Sender, graph: GraphServer) -> None:
    graph.fail(400, body=trouble(100, error_user_title="Too large", error_user_msg="The picture is too large."))
    with pytest.raises(Rejected, match=r"^The picture is too large\.$"):
        await send(HELLO)


async def test_an_error_without_words_names_its_code(send: Sender, graph: GraphServer) -> None:
    graph.fail(400, body={"error": {"code": 100, "error_subcode": 7}})
    with pytest.raises(Rejected, match="100/7"):
        await send(HELLO)


async def test_a_token_that_facebook_repeats_is_taken_out(send: Sender, graph: GraphServer) -> None:
    graph.fail(401, body=trouble(190, words=f"Malformed access token {TOKEN}"))
    with pytest.raises(CredentialsInvalid) as raised:
        await send(HELLO)
    assert str(raised.value) == "(#190) Malformed access token …"
    assert TOKEN not in repr(raised.value.__cause__)


async def test_a_wrong_app_secret_is_a_matter_of_credentials(send: Sender, graph: GraphServer) -> None:
    graph.pages[PAGE].app_secret = "another"
    with pytest.raises(CredentialsInvalid, match="appsecret_proof"):
        await send(HELLO)


USAGE = {
    PAGE: [
        {"type": "messenger", "call_count": 28, "estimated_time_to_regain_access": 0},
        {"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 19},
    ]
}


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"X-Business-Use-Case-Usage": json.dumps(USAGE)}, timedelta(minutes=19)),
        ({"X-Business-Use-Case-Usage": json.dumps(USAGE), "Retry-After": "7"}, timedelta(seconds=7)),
        ({"X-Business-Use-Case-Usage": "[]"}, None),
        ({"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": "soon"}]}'}, None),
        ({}, None),
    ],
)
def test_the_pause_is_read_from_the_headers(headers: dict[str, str], pause: timedelta | None) -> None:
    failure = failure_of(httpx.Response(400, headers=headers, json=trouble(613)))
    assert isinstance(failure, Throttled)
    assert failure.retry_after == pause


async def test_a_throttled_page(send: Sender, graph: GraphServer) -> None:
    graph.throttle(retry_after=5)
    with pytest.raises(Throttled) as raised:
        await send(HELLO)
    assert raised.value.retry_after == timedelta(seconds=5)


@pytest.mark.parametrize(("status", "failure"), [(500, Unconfirmed), (502, Unconfirmed), (503, Unavailable)])
async def test_a_failing_server(send: Sender, graph: GraphServer, status: int, failure: type[SendFailed]) -> None:
    graph.fail(status)
    with pytest.raises(failure):
        await send(HELLO)


async def test_silence_and_a_lost_connection_leave_it_open_whether_it_was_sent(
    send: Sender, graph: GraphServer, http: httpx.AsyncClient
) -> None:
    http.timeout = httpx.Timeout(60, read=0.3)
    for misbehave in (graph.hang, graph.drop):
        misbehave(count=1)
        with pytest.raises(Unconfirmed):
            await send(HELLO)


async def test_a_late_answer_is_an_answer(send: Sender, graph: GraphServer) -> None:
    graph.late(0.2)
    assert (await send(HELLO)).external_id


@pytest.mark.parametrize("body", [{}, {"recipient_id": PERSON}, {"message_id": ""}, {"message_id": 7}, [], "text", None])
async def test_an_answer_that_names_no_message_confirms_nothing(send: Sender, graph: GraphServer, body: Any) -> None:
    graph.behave(Behaviour("fail", status=200, body=body if body is not None else b"<html>"))
    with pytest.raises(Unconfirmed):
        await send(HELLO)


async def test_an_error_that_is_not_facebooks(send: Sender, graph: GraphServer) -> None:
    graph.fail(404, body={"error": {"message": "Not here"}})
    with pytest.raises(Rejected) as raised:
        await send(HELLO)
    assert raised.value.code == "404"


async def test_a_redirect_goes_nowhere(send: Sender, graph: GraphServer) -> None:
    graph.behave(Behaviour("fail", status=302, body={}))
    with pytest.raises((Unavailable, Unconfirmed)):
        await send(HELLO)


async def test_the_standin_tells_of_windows_and_people_as_facebook_does(send: Sender, graph: GraphServer) -> None:
    graph.silent.add(PERSON)
    with pytest.raises(WindowClosed):
        await send(HELLO)
    await send(HELLO, tag="HUMAN_AGENT")
    graph.gone.add(PERSON)
    with pytest.raises(ContactGone):
        await send(HELLO)


async def test_a_tag_that_meta_retired_is_rejected_in_facebooks_words(send: Sender, graph: GraphServer) -> None:
    graph.refuses_old_tags = True
    with pytest.raises(Rejected, match="no longer supported") as raised:
        await send(HELLO, tag="ACCOUNT_UPDATE")
    assert raised.value.code == "100"
