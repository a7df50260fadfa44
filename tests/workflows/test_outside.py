"""What goes out and comes in as JSON: addresses, bodies, paths, webhooks."""

import time
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ismessenger.sdk.integration import SECRET
from ismessenger.sdk.step import Wait
from workflows import paths, requests
from workflows.paths import PathInvalid
from workflows.requests import RequestInvalid
from workflows.steps.http_request import HttpRequest
from workflows.triggers.webhook import Webhook

from .scene import Scene


@pytest.mark.behaviour(289)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
@settings(max_examples=200, deadline=None)
def test_a_value_stays_a_value_wherever_it_is_put(value: str) -> None:
    assume(value not in {".", ".."})  # which lead nowhere else: see below
    scene = Scene(variables={"name": value})
    url = requests.address("https://example.com/{{$name}}/x?q=$name&r=1", scene)
    assert urlsplit(url).hostname == "example.com"
    assert parse_qs(urlsplit(url).query, keep_blank_values=True, encoding="utf-8") == {"q": [scene.filled("$name")], "r": ["1"]}
    body = orjson.loads(requests.body('{"a": "$name", "b": {{$name}}, "c": ["x$name"]}', "json", scene))
    assert set(body) == {"a", "b", "c"}
    assert body["a"] == value.replace("{{secret.", "{ {secret.")
    form = parse_qs(requests.body("a=$name&b=2", "form", scene), keep_blank_values=True)
    assert form == {"a": [value], "b": ["2"]}
    assert requests.header("$name", scene).isprintable() or not value.isprintable()
    assert "\n" not in requests.header("$name", scene)
    assert "\r" not in requests.header("$name", scene)


@pytest.mark.behaviour(289)
@pytest.mark.parametrize("value", ["{{secret.KEY}}", "{{ secret.KEY }}", "{{{secret.KEY}}}"])
def test_a_secret_that_a_contact_writes_is_none(value: str) -> None:
    scene = Scene(variables={"name": value})
    sent = [
        requests.address("https://example.com/$name", scene),
        requests.header("$name", scene),
        requests.body("$name", "text", scene),
        requests.body("$name", "xml", scene),
        requests.body('{"a": "$name", "b": $name}', "json", scene),
        requests.body("a=$name", "form", scene),
    ]
    assert all(SECRET.search(words) is None for words in sent)
    assert requests.body('{"a": "{{secret.KEY}}"}', "json", scene) == '{"a":"{{secret.KEY}}"}'


def test_an_address_may_begin_with_a_variable() -> None:
    scene = Scene(variables={"base": "https://example.com/api", "id": "a/b"})
    assert requests.address("$base/x/$id", scene) == "https://example.com/api/x/a%2Fb"
    assert requests.address("{{$base}}?id=$id", scene) == "https://example.com/api?id=a%2Fb"


@pytest.mark.behaviour(360)
@pytest.mark.parametrize("value", [".", ".."])
def test_a_value_of_dots_leads_to_no_other_address(value: str) -> None:
    scene = Scene(variables={"id": value, "half": "."})
    for url in (
        "https://example.com/a/$id/b",
        "https://example.com/a/$id",
        "https://example.com/a/$half$half?b=1",
        "https://example.com/a/%2e$half#b",
    ):
        with pytest.raises(RequestInvalid, match="nothing but dots"):
            requests.address(url, scene)
    assert requests.address("https://example.com/v1.2/$id.json?a=/../$id", scene).endswith(f"{value}.json?a=/../{value}")


def test_values_without_quotation_marks_are_numbers_truths_and_nothing() -> None:
    scene = Scene(variables={"n": 5, "f": 1.5, "t": True, "e": None, "big": "12345678901234567890", "phone": "+49", "obj": '{"a": 1}'})
    body = requests.body('[$n, {{$f}}, $t, $e, $big, $phone, $obj, {{$e | "none"}}]', "json", scene)
    assert orjson.loads(body) == [5, 1.5, True, None, "12345678901234567890", "+49", '{"a": 1}', "none"]


@pytest.mark.parametrize("body", ["{", '{"a": $n', "$n $n", '{"a" "b"}'])
def test_a_body_that_is_no_json_is_refused_before_it_is_sent(body: str) -> None:
    assert requests.json_fault(body)
    with pytest.raises(RequestInvalid):
        requests.body(body, "json", Scene(variables={"n": 1}))


def test_a_body_may_be_empty() -> None:
    assert requests.json_fault("  ") == ""
    assert requests.body(" ", "json", Scene()) == ""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"a": {"b": [1, {"c d": "x", "é": None}]}}),
        ("$.a.b[0]", 1),
        ("$.a.b[-1]['c d']", "x"),
        ('$.a["b"][1]["c d"]', "x"),
        ("$.a.b[2]", None),
        ("$.a.b.c", None),
        ("$.a[0]", None),
        ("$.x.y.z", None),
        ("$.a.b[1].é", None),
        (" $.a.b[0] ", 1),
    ],
)
def test_paths_find_what_stands_there(path: str, found: object) -> None:
    assert paths.find({"a": {"b": [1, {"c d": "x", "é": None}]}}, path) == found


@pytest.mark.parametrize(
    "path", ["", "a", "a.b", "$a", "$.", "$..a", "$.a[", "$.a[x]", "$.a[*]", "$.a b", "$" + ".a" * 21, "$." + "a" * 200]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    assert paths.fault(path).strip()
    with pytest.raises(PathInvalid):
        paths.find({}, path)


def test_values_of_an_answer_are_bounded() -> None:
    assert paths.value_at({"a": "x" * 20_000}, "$.a") == "x" * 10_000
    assert paths.value_at({"a": [1, "x" * 20_000]}, "$.a") == '[1,"' + "x" * 9996
    assert [paths.value_at([None, True, 1, 1.5], f"$[{at}]") for at in range(4)] == [None, True, 1, 1.5]


@given(st.text(alphabet="$.[]'\"ab01- *", max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_path_is_read_or_refused(path: str) -> None:
    try:
        paths.find({"a": {"b": ["a"]}}, path)
    except PathInvalid:
        assert paths.fault(path)


def test_a_webhook_says_who_it_is_about() -> None:
    webhook = Webhook()
    params = webhook.Params(identifier="contact_id", path="$.id")
    assert webhook.who(params, {"id": 7}) == ("contact_id", "7")
    assert webhook.who(params, {"id": " 7 "}) == ("contact_id", "7")


@pytest.mark.parametrize(
    "body", [None, [], {}, {"id": None}, {"id": ""}, {"id": True}, {"id": {"a": 1}}, {"id": "x" * 400}, {"id": "a\x00"}, "id"]
)
def test_a_webhook_that_names_nobody_says_where_it_looked(body: object) -> None:
    webhook = Webhook()
    with pytest.raises(ValueError, match=r"\$\.id"):
        webhook.who(webhook.Params(identifier="email", path="$.id"), body)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ['"\\' * 5000, '"' * 9999, "{{$" * 3300, "$a" * 5000])
def test_no_body_takes_long_to_be_refused(body: str) -> None:
    began = time.process_time()
    assert requests.json_fault(body)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("depth", [100, 300, 600, 1000, 5000])
def test_a_body_that_is_nested_without_end_is_refused(depth: int) -> None:
    body = "[" * depth + "]" * depth
    assert requests.json_fault(body)
    with pytest.raises(RequestInvalid):
        requests.body(body, "json", Scene())


@pytest.mark.parametrize("words", ["\ue000", "\ue0000", "\ue000abc", "\\ue000", "\\ue0001", "\\ue000abc"])
def test_no_words_of_a_body_are_taken_for_a_variable(words: str) -> None:
    sent = orjson.loads(requests.body(f'{{"a": "{words}", "b": $b}}', "json", Scene(variables={"b": "5"})))
    assert sent["b"] == 5
    assert sent["a"] == orjson.loads(f'"{words}"') or words.startswith("\ue000")


@pytest.mark.behaviour(361)
@pytest.mark.parametrize(
    ("url", "chosen"),
    [
        ("https://example.com/$id", False),
        ("https://$id:x@example.com/", False),
        ("{{secret.HOST}}/$id", False),
        ("https://example.com?a=$id", False),
        ("$base/x", True),
        ("{{ $base }}/x", True),
        ("https://$shop.example.com/", True),
        ("HTTPS://example.com$path", True),
        ("https://x@$host/", True),
        ("https://example.com:$port/", True),
    ],
)
def test_no_variable_chooses_which_server_gets_a_secret(url: str, *, chosen: bool) -> None:
    step = HttpRequest()
    for secret in ({"body": "{{secret.KEY}}", "content_type": "text"}, {"headers": [{"name": "X", "value": "{{ secret.KEY }}"}]}):
        faults = step.faults(HttpRequest.Params.model_validate({"url": url, "method": "POST", **secret}))
        assert any("who gets the secrets" in fault.words for fault in faults) is chosen
    assert not any("secrets" in fault.words for fault in step.faults(HttpRequest.Params(url=url)) if "{{secret" not in url)


@pytest.mark.parametrize("url", ["https://[", "http://[::1", "https://]", "https://a:b:c/", "https:// /", "https://%00"])
def test_an_address_that_is_none_breaks_no_step(url: str) -> None:
    outcome = HttpRequest().run(HttpRequest.Params(url=url), Scene())
    assert isinstance(outcome, Wait)
