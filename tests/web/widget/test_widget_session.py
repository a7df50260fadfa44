"""Who a visitor is, and from which pages it may come."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from ismessenger.kit import clock
from tests.conftest import World, make_world
from tests.web.widget.site import ORIGIN, Site, Visitor, open_site


async def start(site: Site, body: Any, origin: str = ORIGIN) -> httpx.Response:
    return await site.http.post(site.path("session"), json=body, headers={"Origin": origin})


async def test_the_page_learns_how_the_chat_looks(world: World, http: httpx.AsyncClient) -> None:
    site = await open_site(world, http, title="Ask us", colour="rose", pre_chat="name*, email")
    answer = await http.get(site.path("config"), headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.json()["title"] == "Ask us"
    assert answer.json()["colour"] == "#be123c"
    assert site.key not in answer.text


async def test_a_newcomer_gets_a_token_and_keeps_its_identity_with_it(site: Site) -> None:
    first = await site.visitor()
    await first.says("Hello")
    await site.settle()
    again = await site.visitor(token=first.token)
    assert await again.words() == [("visitor", "Hello")]


async def test_a_user_is_the_same_visitor_on_every_device(site: Site) -> None:
    phone = await site.visitor(identity=site.identity("42"))
    laptop = await site.visitor(identity=site.identity("42"))
    await phone.says("From the phone")
    await laptop.says("From the laptop")
    await site.settle()
    assert await phone.words() == await laptop.words() == [("visitor", "From the phone"), ("visitor", "From the laptop")]
    assert await site.rows("SELECT identifier FROM contact_channel") == [("user:42",)]


async def test_what_was_said_before_signing_in_goes_with_the_person(site: Site) -> None:
    stranger = await site.visitor()
    await stranger.says("Do you ship to Norway?")
    await site.settle()
    user = await site.visitor(token=stranger.token, identity=site.identity("42"))
    await user.says("It is me")
    await site.settle()
    assert await user.words() == [("visitor", "Do you ship to Norway?"), ("visitor", "It is me")]
    assert len(await site.rows("SELECT id FROM contact")) == 1


async def test_a_user_with_a_history_keeps_it_and_the_strangers_stays_apart(site: Site) -> None:
    user = await site.visitor(identity=site.identity("42"))
    await user.says("Mine")
    stranger = await site.visitor()
    await stranger.says("From a shared computer")
    await site.settle()
    again = await site.visitor(token=stranger.token, identity=site.identity("42"))
    assert await again.words() == [("visitor", "Mine")]


async def test_one_users_token_does_not_move_a_history_to_another(site: Site) -> None:
    first = await site.visitor(identity=site.identity("42"))
    await first.says("Private")
    await site.settle()
    second = await site.visitor(token=first.token, identity=site.identity("43"))
    assert await second.words() == []
    assert await first.words() == [("visitor", "Private")]


@pytest.mark.parametrize(
    "identity",
    [
        {"user_id": "42", "hash": "0" * 64},
        {"user_id": "42", "hash": ""},
        {"user_id": "42", "hash": "ÿ" * 64},
    ],
)
async def test_a_wrong_hash_is_refused(site: Site, identity: dict[str, str]) -> None:
    answer = await start(site, {"identity": identity})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN


async def test_a_token_of_another_channel_is_refused_everywhere(world: World, site: Site) -> None:
    other = await open_site(world, site.http)
    stranger = Visitor(site, (await other.visitor()).token)
    assert (await start(site, {"token": stranger.token})).status_code == 401
    assert (await stranger.says("Hello")).status_code == 401
    assert (await site.http.get(site.path("messages"), headers=stranger.headers)).status_code == 401
    assert (await stranger.upload("a.txt", b"a")).status_code == 401


async def test_a_token_is_bound_to_its_channel_even_if_two_share_a_key(world: World, site: Site) -> None:
    twin = await open_site(world, site.http, visitor_key=site.key)
    stranger = Visitor(site, (await twin.visitor()).token)
    answer = await stranger.says("Hello")
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "This chat token belongs to another channel.")


async def test_a_token_of_another_workspace_is_refused(site: Site) -> None:
    elsewhere = await open_site(await make_world(site.world.installation), site.http)
    stranger = Visitor(site, (await elsewhere.visitor()).token)
    assert (await stranger.says("Hello")).status_code == 401


async def test_an_expired_token_is_refused(site: Site) -> None:
    with clock.shifted(timedelta(days=-181)):
        visitor = await site.visitor()
    assert (await visitor.says("Hello")).status_code == 401
    assert (await start(site, {"token": visitor.token})).status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b", "é", "x" * 3999])
async def test_nonsense_is_no_token(site: Site, token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".encode("latin-1")}
    assert (await site.http.get(site.path("messages"), headers=headers)).status_code == 401


async def test_where_identity_is_required_strangers_are_refused(world: World, http: httpx.AsyncClient) -> None:
    strict = await open_site(world, http, require_identity="true")
    assert (await start(strict, {})).status_code == 401
    assert (await start(strict, {"identity": strict.identity("42")})).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"token": 1}', b'{"identity": "42"}', b'{"identity": {"user_id": "", "hash": "x"}}', b"\xff"]
)
async def test_a_bad_body_is_refused_with_a_reason(site: Site, body: bytes) -> None:
    answer = await site.http.post(site.path("session"), content=body, headers={"Origin": ORIGIN})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


async def test_an_unknown_channel_is_not_there(http: httpx.AsyncClient) -> None:
    answer = await http.get("/widget/nowhere/config", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no chat at this address.")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://shop.example", 200),
        ("http://shop.example:8080", 200),
        ("https://a.stores.example", 200),
        ("https://stores.example", 403),
        ("https://evil.example", 403),
        ("https://shop.example.evil.example", 403),
        ("null", 403),
        ("https://[", 403),
        ("", 403),
    ],
)
async def test_only_allowed_websites_may_show_the_chat(world: World, http: httpx.AsyncClient, origin: str, status: int) -> None:
    site = await open_site(world, http, allowed_domains="shop.example, *.stores.example")
    for method, name in (("GET", "config"), ("POST", "session"), ("OPTIONS", "messages")):
        answer = await http.request(method, site.path(name), json={} if method == "POST" else None, headers={"Origin": origin})
        expected = 204 if method == "OPTIONS" and status == 200 else status
        assert answer.status_code == expected, (method, answer.text)
        assert answer.headers.get("access-control-allow-origin") == (origin if status == 200 else None)


async def test_a_call_that_names_no_page_is_refused_where_websites_are_named(world: World, http: httpx.AsyncClient) -> None:
    site = await open_site(world, http, allowed_domains="shop.example")
    assert (await http.get(site.path("config"))).status_code == 403
    assert (await http.get(site.path("config"), headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403


async def test_our_own_pages_may_always_show_the_chat(world: World, http: httpx.AsyncClient) -> None:
    site = await open_site(world, http, allowed_domains="shop.example")
    own = world.installation.settings.address
    assert (await http.get(site.path("config"), headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200
    assert (await http.post(site.path("session"), json={}, headers={"Origin": own})).status_code == 200


async def test_a_browser_may_ask_before_it_sends_a_token(site: Site) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    answer = await site.http.options(site.path("messages"), headers=asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.usefixtures("dry_buckets")
async def test_a_flood_of_newcomers_is_slowed_down(site: Site) -> None:
    answers = [await start(site, {}) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].headers["access-control-allow-origin"] == ORIGIN
