"""What reaches browsers, by way of a push service."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.accounts.sign_in import start_session
from ismessenger.contacts.define_fields import decide_standard
from ismessenger.contacts.errors import Refused
from ismessenger.jobs.notify import find_pushes, work_push
from ismessenger.kit import clock
from ismessenger.kit.crypto import digest
from ismessenger.language import PSEUDO_LANGUAGE
from ismessenger.notifications.choices import DEFAULTS, choose, show_words
from ismessenger.notifications.push_key import push_key
from ismessenger.notifications.settle import read_one
from ismessenger.notifications.subscribe import MOST, subscribe
from tests.notifications.conftest import Shop
from tests.standins.push_service import Browser, PushService


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with PushService() as running:
        yield running


async def signed_in(shop: Shop, member: Member) -> str:
    token, _end = await start_session(shop.installation, member.account_id, workspace_id=shop.world.workspace_id)
    return digest(token).hex()


async def takes_pushes(shop: Shop, member: Member, browser: Browser, *, session: str | None = None) -> str:
    """The member's browser wants to be told; gives its session."""
    session = session or await signed_in(shop, member)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        given = {"endpoint": browser.endpoint, **browser.keys, "session": session, "user_agent": "Test", "secure": False}
        await subscribe(db, member.id, **given)  # type: ignore[arg-type]
    return session


async def pushed(shop: Shop, *, later: timedelta = timedelta(seconds=5)) -> int:
    """The lane of pushes comes by; how many orders it did."""
    with clock.shifted(later):
        mine = [piece for piece in await find_pushes(shop.installation) if piece[0] == shop.world.workspace_id]
        return sum([await work_push(shop.installation, piece) for piece in mine])


@pytest.mark.behaviour(244)
async def test_a_browser_is_told_without_names_or_words(shop: Shop, service: PushService) -> None:
    browser = service.browser()
    await takes_pushes(shop, shop.world.agent, browser)
    await shop.wrote("ada", "my secret")
    await shop.work()
    assert await pushed(shop) == 1
    (request,) = service.requests
    id_ = await shop.value("SELECT id FROM notification")
    assert browser.read(request.body) == {
        "title": "New message that nobody answers yet",
        "body": "",
        "url": f"{shop.installation.settings.address}/notifications/{id_}?workspace={shop.world.workspace_id}",
        "tag": f"{shop.world.workspace_id}/message_unassigned/{await shop.contact('ada')}",
    }
    assert b"secret" not in request.body
    key = await push_key(shop.installation)
    assert request.headers["authorization"].endswith(f", k={key.public}")
    assert {name: request.headers[name] for name in ("content-encoding", "urgency", "ttl")} == {
        "content-encoding": "aes128gcm",
        "urgency": "high",
        "ttl": "14400",
    }
    assert len(request.headers["topic"]) == 32
    assert await shop.orders() == []


@pytest.mark.behaviour(244)
async def test_names_and_words_are_in_it_where_the_member_wants_them(shop: Shop, service: PushService) -> None:
    browser = service.browser()
    await takes_pushes(shop, shop.world.agent, browser)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await show_words(db, shop.world.agent.id, shown=True)
    await shop.wrote("ada", "x" * 5000)
    await shop.wrote("ada", "Is it " + "blue? " * 500)
    await shop.work()
    await pushed(shop)
    shown = browser.read(service.requests[0].body)
    assert shown["title"] == "2 new messages from Ada"
    assert shown["body"].startswith("Is it blue? blue?")
    assert len(service.requests[0].body) < 4096


@pytest.mark.behaviour(415)
async def test_a_push_calls_nobody_by_what_is_hidden_from_its_reader(shop: Shop, service: PushService) -> None:
    browsers = {"manager": service.browser("manager"), "agent": service.browser("agent")}
    for name, member in (("manager", shop.world.manager), ("agent", shop.world.agent)):
        await takes_pushes(shop, member, browsers[name])
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await show_words(db, member.id, shown=True)
            await decide_standard(db, "phone", visible=True, agent_access="hidden")
    contact_id = await shop.wrote("ada")
    await shop.change("UPDATE contact SET first_name = NULL, phone = '+4930901820' WHERE id = :c", c=contact_id)
    await shop.work()
    assert await pushed(shop) == 2
    told = {request.path: request.body for request in service.requests}
    titles = {name: browser.read(told[f"/send/{name}"])["title"] for name, browser in browsers.items()}
    assert titles == {"manager": "New message from +4930901820", "agent": f"New message from #{contact_id}"}


async def test_a_flood_is_one_push(shop: Shop, service: PushService) -> None:
    browser = service.browser()
    await takes_pushes(shop, shop.world.agent, browser)
    for each in range(9):
        await shop.wrote(f"p{each}")
    await shop.work()
    await pushed(shop)
    assert [browser.read(request.body)["title"] for request in service.requests] == ["9 new notifications"]


async def test_what_comes_before_the_lane_does_is_in_the_same_push(shop: Shop, service: PushService) -> None:
    browser = service.browser()
    await takes_pushes(shop, shop.world.agent, browser)
    for name in ("ada", "bo", "ada", "cleo", "di", "ed"):
        await shop.wrote(name)
        await shop.work()
    assert [kind for kind, _payload in await shop.orders()] == ["push"]
    assert await pushed(shop) == 1
    assert [browser.read(request.body)["title"] for request in service.requests] == ["5 new notifications"]


async def test_what_was_read_meanwhile_is_not_pushed(shop: Shop, service: PushService) -> None:
    await takes_pushes(shop, shop.world.agent, service.browser())
    await shop.wrote("ada")
    await shop.work()
    id_ = await shop.value("SELECT id FROM notification")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await read_one(db, shop.world.agent.id, int(id_))
    assert await pushed(shop) == 1
    assert service.requests == []


@pytest.mark.behaviour(243)
async def test_what_the_member_sees_no_more_is_not_pushed(shop: Shop, service: PushService) -> None:
    await takes_pushes(shop, shop.world.agent, service.browser())
    contact_id = await shop.wrote("ada")
    await shop.work()
    await shop.restrict(shop.world.agent, "contacts_assigned_to_me")
    await shop.assign(contact_id, shop.world.owner)
    await pushed(shop)
    assert service.requests == []


async def test_who_wants_no_pushes_of_a_kind_gets_none(shop: Shop, service: PushService) -> None:
    await takes_pushes(shop, shop.world.agent, service.browser())
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await choose(db, shop.world.agent.id, {**DEFAULTS, "message_unassigned": frozenset({"app"})})
    await shop.wrote("ada")
    await shop.work()
    assert await pushed(shop) == 0
    assert await shop.told(shop.world.agent) == [("message_unassigned", 1)]


@pytest.mark.behaviour(245)
@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(shop: Shop, service: PushService, status: int) -> None:
    here, gone = service.browser("here"), service.browser("gone")
    await takes_pushes(shop, shop.world.agent, here)
    await takes_pushes(shop, shop.world.agent, gone)
    service.fail(status, path="/send/gone")
    await shop.wrote("ada")
    await shop.work()
    await pushed(shop)
    assert len(service.requests) == 2
    assert await shop.rows("SELECT endpoint FROM push_subscription") == [(here.endpoint,)]


@pytest.mark.behaviour(245)
@pytest.mark.parametrize("ends", ["signed out", "expired"])
async def test_a_browser_whose_session_has_ended_is_told_nothing(shop: Shop, service: PushService, ends: str) -> None:
    session = await takes_pushes(shop, shop.world.agent, service.browser())
    await shop.wrote("ada")
    await shop.work()
    statement = "DELETE FROM catalog.sign_in_session" if ends == "signed out" else "UPDATE catalog.sign_in_session SET expires_at = now()"
    async with shop.installation.tenancy.catalog() as catalog:
        await catalog.execute(text(f"{statement} WHERE token_hash = :hash"), {"hash": bytes.fromhex(session)})
    await pushed(shop)
    assert service.requests == []
    assert await shop.rows("SELECT * FROM push_subscription") == []


async def test_a_service_that_is_away_is_asked_again_for_its_browsers_alone(shop: Shop, service: PushService) -> None:
    here, there = service.browser("here"), service.browser("there")
    for browser in (here, there):
        await takes_pushes(shop, shop.world.agent, browser)
    service.fail(503, path="/send/there", count=1)
    await shop.wrote("ada")
    await shop.work()
    await pushed(shop)
    assert await pushed(shop) == 0
    assert await pushed(shop, later=timedelta(minutes=1)) == 1
    assert [request.path for request in service.requests] == ["/send/here", "/send/there", "/send/there"]
    assert await shop.orders() == []


async def test_a_service_that_stays_away_is_given_up(shop: Shop, service: PushService) -> None:
    await takes_pushes(shop, shop.world.agent, service.browser())
    service.fail(500)
    await shop.wrote("ada")
    await shop.work()
    tries = 0
    for hours in range(1, 10):
        tries += await pushed(shop, later=timedelta(hours=hours))
    assert tries == 5
    assert await shop.orders() == []


async def test_a_refusal_is_noted_and_not_repeated(shop: Shop, service: PushService) -> None:
    await takes_pushes(shop, shop.world.agent, service.browser())
    service.fail(403)
    await shop.wrote("ada")
    await shop.work()
    await pushed(shop)
    assert await shop.orders() == []
    assert await shop.value("SELECT failed_at IS NOT NULL FROM push_subscription") is True


async def test_an_endpoint_inside_a_private_network_is_not_asked(shop: Shop) -> None:
    await takes_pushes(shop, shop.world.agent, Browser("http://10.1.2.3/send"))
    await shop.wrote("ada")
    await shop.work()
    await pushed(shop)
    assert await shop.value("SELECT failed_at IS NOT NULL FROM push_subscription") is True


async def test_a_redirect_is_not_followed(shop: Shop, service: PushService) -> None:
    await takes_pushes(shop, shop.world.agent, service.browser())
    service.fail(307)
    await shop.wrote("ada")
    await shop.work()
    await pushed(shop)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "endpoint",
    ["", "http://push.example/x", "ftp://push.example/x", "https://a:b@push.example/", "https://push.example/" + "x" * 1000, "https://"],
)
async def test_an_address_that_is_none_is_refused(shop: Shop, endpoint: str) -> None:
    given = {"endpoint": endpoint, **Browser("").keys, "session": "00", "user_agent": "", "secure": True}
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        with pytest.raises(Refused):
            await subscribe(db, shop.world.agent.id, **given)  # type: ignore[arg-type]


async def test_a_browser_tells_only_whoever_is_signed_in_there_now(shop: Shop, service: PushService) -> None:
    browser = service.browser()
    await takes_pushes(shop, shop.world.agent, browser)
    await takes_pushes(shop, shop.world.manager, browser)
    assert await shop.rows("SELECT member_id FROM push_subscription") == [(shop.world.manager.id,)]


async def test_a_member_has_so_many_browsers_and_no_more(shop: Shop, service: PushService) -> None:
    session = await signed_in(shop, shop.world.agent)
    for each in range(MOST + 3):
        await takes_pushes(shop, shop.world.agent, service.browser(str(each)), session=session)
    assert await shop.value("SELECT count(*) FROM push_subscription") == MOST


async def test_the_installation_has_one_key_whoever_asks_first(shop: Shop) -> None:
    one, other = await push_key(shop.installation), await push_key(shop.installation)
    assert one.public == other.public
    assert len(one.public) == 87


@pytest.mark.behaviour(382)
async def test_it_is_in_the_language_of_the_member(shop: Shop, service: PushService) -> None:
    async with shop.installation.tenancy.catalog() as catalog:
        change = text("UPDATE catalog.account SET language = :language WHERE id = :id")
        await catalog.execute(change, {"language": PSEUDO_LANGUAGE, "id": shop.world.agent.account_id})
    browser = service.browser()
    await takes_pushes(shop, shop.world.agent, browser)
    await shop.wrote("ada")
    await shop.work()
    assert await pushed(shop) == 1
    assert browser.read(service.requests[0].body)["title"] == "⟦New message that nobody answers yet⟧"
