"""A reply that goes out later: shown to everybody who sees the contact, sent at its time or kept with the reason why not."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.merge import merge
from ismessenger.files.forget import KEPT, forget_unsent
from ismessenger.installation import Installation
from ismessenger.jobs.wakeups import find_wakeups, work_wakeup
from ismessenger.kit import clock
from tests.conftest import World, forget_work
from tests.web.site import STREAMS, Shop, open_shop

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def nothing_else_to_do(installation: Installation) -> None:
    await forget_work(installation)


def at(ahead: timedelta = HOUR) -> str:
    return (datetime.now(UTC) + ahead).isoformat()


async def post(browser: httpx.AsyncClient, path: str, *, expect: int = 200, **form: object) -> str:
    answer = await browser.post(path, data=form, headers=STREAMS)
    assert answer.status_code == expect, answer.text
    return answer.text


async def schedule(shop: Shop, contact_id: int, text: str = "Good morning", *, by: Member | None = None, **form: object) -> str:
    browser = await shop.browser(by or shop.world.agent)
    return await post(browser, f"/contacts/{contact_id}/scheduled", text=text, due_at=form.pop("due_at", at()), **form)  # type: ignore[arg-type]


async def its_id(shop: Shop) -> object:
    return await shop.value("SELECT max(id) FROM scheduled_message")


async def time_comes(shop: Shop, ahead: timedelta = HOUR) -> None:
    """An hour later the worker looks."""
    with clock.shifted(ahead):
        for piece in await find_wakeups(shop.installation):
            await work_wakeup(shop.installation, piece)


async def outcome(shop: Shop) -> list[tuple[object, ...]]:
    return await shop.rows("SELECT state, reason FROM scheduled_message ORDER BY id")


async def sent(shop: Shop) -> list[tuple[object, ...]]:
    return await shop.rows("SELECT words, sender_id, source FROM message WHERE traffic = 'outgoing' ORDER BY id")


@pytest.mark.behaviour(233)
async def test_it_is_sent_at_its_time_as_its_writer_would(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    html = await schedule(shop, contact_id)
    assert "Good morning" in html
    assert shop.world.agent.name in html
    await time_comes(shop, timedelta(minutes=59))
    assert await sent(shop) == []
    await time_comes(shop)
    await time_comes(shop)
    assert await sent(shop) == [("Good morning", shop.world.agent.id, "user")]
    assert await outcome(shop) == [("sent", None)]
    assert await shop.value("SELECT assignee_id FROM contact") == shop.world.agent.id
    # It was long enough that it could be cancelled: it does not wait for another five seconds.
    assert await shop.value("SELECT undo FROM delivery") is None


async def test_everybody_who_sees_the_contact_sees_it(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    page = (await (await shop.browser(shop.world.owner)).get(f"/inbox/all/contacts/{contact_id}")).text
    assert "Good morning" in page
    assert f'id="scheduled_message_{await its_id(shop)}"' in page


async def test_a_repeated_request_is_one(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    for _time in range(2):
        assert "Good morning" in await schedule(shop, contact_id, client_id="c-1")
    assert await shop.value("SELECT count(*) FROM scheduled_message") == 1


async def test_the_draft_that_it_was_is_gone(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    kept = await browser.put(f"/contacts/{contact_id}/drafts", data={"kind": "reply", "text": "Good morning"})
    await schedule(shop, contact_id, draft_version=kept.json()["version"])
    assert await shop.value("SELECT count(*) FROM draft") == 0


@pytest.mark.parametrize(
    ("ahead", "words"), [(timedelta(seconds=-5), "This time has passed."), (timedelta(days=366), "This is more than a year away.")]
)
async def test_no_other_time_than_one_in_the_next_year(shop: Shop, ahead: timedelta, words: str) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    assert words in await post(browser, f"/contacts/{contact_id}/scheduled", expect=422, text="x", due_at=at(ahead))
    await schedule(shop, contact_id)
    assert words in await post(browser, f"/scheduled/{await its_id(shop)}", expect=422, due_at=at(ahead))


@pytest.mark.parametrize("due_at", ["tomorrow", "2030-01-01T09:00", ""])
async def test_a_time_without_its_zone_is_none(shop: Shop, due_at: str) -> None:
    contact_id = await shop.wrote("ada")
    await post(await shop.browser(shop.world.agent), f"/contacts/{contact_id}/scheduled", expect=422, text="x", due_at=due_at)


async def test_what_could_never_be_sent_is_refused_at_once(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    path = f"/contacts/{contact_id}/scheduled"
    assert "Write something first." in await post(browser, path, expect=422, text="  ", due_at=at())
    assert "There is no variable $contact.shoe" in await post(browser, path, expect=422, text="{{$contact.shoe}}", due_at=at())
    await shop.change("UPDATE contact SET blocked_at = now()")
    assert "This contact is blocked." in await post(browser, path, expect=422, text="x", due_at=at())


async def test_only_so_many_wait_for_one_contact(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    for number in range(20):
        await schedule(shop, contact_id, f"Number {number}")
    browser = await shop.browser(shop.world.agent)
    assert "Cancel one of them first." in await post(browser, f"/contacts/{contact_id}/scheduled", expect=422, text="x", due_at=at())


async def test_variables_are_filled_in_when_it_goes_out(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id, "Good morning, {{$contact.firstname}}")
    await shop.change("UPDATE contact SET first_name = 'Augusta'")
    await time_comes(shop)
    assert [words for words, *_rest in await sent(shop)] == ["Good morning, Augusta"]


async def test_the_time_can_be_changed_by_a_colleague(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    later = (datetime.now(UTC) + 3 * HOUR).replace(microsecond=0)
    await post(await shop.browser(shop.world.owner), f"/scheduled/{await its_id(shop)}", due_at=later.isoformat())
    assert await shop.rows("SELECT due_at FROM wakeup WHERE kind = 'send'") == [(later,)]
    await time_comes(shop, 2 * HOUR)
    assert await sent(shop) == []
    await time_comes(shop, 3 * HOUR)
    assert await sent(shop) == [("Good morning", shop.world.agent.id, "user")]


@pytest.mark.behaviour(234)
async def test_cancelling_gives_words_and_files_to_whoever_cancels(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "Which one?")
    browser, owner = await shop.browser(shop.world.agent), await shop.browser(shop.world.owner)
    file = (await browser.post("/uploads", files={"file": ("lamp.txt", b"a lamp", "text/plain")})).json()
    quoted = await shop.value("SELECT id FROM message")
    await schedule(shop, contact_id, "This one", reply_to=quoted, **{"files[]": file["id"]})
    answer = await owner.request("DELETE", f"/scheduled/{await its_id(shop)}", headers=STREAMS)
    assert "This one</textarea>" in answer.text
    assert f'data-id="{file["id"]}"' in answer.text
    assert f'data-reply-to="{quoted}"' in answer.text
    assert await shop.value("SELECT count(*) FROM wakeup") == 0
    await time_comes(shop)
    assert await sent(shop) == []
    # The owner can go on with it: the file is theirs now.
    await post(owner, f"/contacts/{contact_id}/messages", text="That one", **{"files[]": file["id"]})
    again = await owner.request("DELETE", f"/scheduled/{await its_id(shop)}", headers=STREAMS)
    assert (again.status_code, "This message was cancelled meanwhile." in again.text) == (422, True)


async def test_sent_now_it_is_whoever_says_so_who_sends_it_and_it_goes_once(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    owner = await shop.browser(shop.world.owner)
    await post(owner, f"/scheduled/{await its_id(shop)}/delivery")
    assert "This message was sent meanwhile." in await post(owner, f"/scheduled/{await its_id(shop)}/delivery", expect=422)
    await time_comes(shop)
    assert await sent(shop) == [("Good morning", shop.world.owner.id, "user")]


async def failing(shop: Shop, words: str) -> None:
    """At its time it is not sent, and this is the reason."""
    await time_comes(shop)
    [(state, reason)] = await outcome(shop)
    assert (state, words in str(reason)) == ("failed", True), reason
    assert await sent(shop) == []


async def told(shop: Shop) -> list[tuple[object, ...]]:
    return await shop.rows("SELECT payload ->> 'kind', payload -> 'to' FROM outbox WHERE kind = 'notify'")


@pytest.mark.behaviour(235)
async def test_a_contact_who_is_blocked_by_then_gets_nothing(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    await shop.change("UPDATE contact SET blocked_at = now()")
    await shop.change("DELETE FROM outbox")
    await failing(shop, "This contact is blocked.")
    assert await told(shop) == [("send_failed", [shop.world.agent.id])]
    page = (await (await shop.browser(shop.world.owner)).get(f"/inbox/all/contacts/{contact_id}")).text
    assert "This contact is blocked." in page


@pytest.mark.behaviour(235)
async def test_a_window_that_is_shut_by_then_is_the_reason(app: Starlette, world: World) -> None:
    values = {"page_id": "1", "page_access_token": "token-of-the-page", "app_secret": "secret-of-the-app"}
    shop = await open_shop(app, world, kind="messenger", **values)
    contact_id = await shop.wrote("ada", at=clock.now() - timedelta(hours=23, minutes=30))
    await schedule(shop, contact_id)
    await failing(shop, "The messaging window has closed.")
    # A reason would do.
    await schedule(shop, contact_id, tag="HUMAN_AGENT")
    await time_comes(shop)
    assert [state for state, _reason in await outcome(shop)] == ["failed", "sent"]
    await shop.close()


@pytest.mark.behaviour(235)
async def test_a_writer_who_lost_sight_of_the_contact_or_was_removed_sends_nothing(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    await shop.restrict(shop.world.agent, ONLY_MINE)
    await failing(shop, "may not write to this contact any more.")
    await post(await shop.browser(shop.world.owner), f"/scheduled/{await its_id(shop)}", due_at=at())
    await shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=shop.world.agent.id)
    await shop.assign(contact_id, shop.world.manager)
    await shop.change("DELETE FROM outbox")
    await failing(shop, "is not in this workspace any more.")
    # The writer reads nothing any more: whoever has the contact is told.
    assert await told(shop) == [("send_failed", [shop.world.manager.id])]
    await post(await shop.browser(shop.world.owner), f"/scheduled/{await its_id(shop)}/delivery")
    assert await sent(shop) == [("Good morning", shop.world.owner.id, "user")]


@pytest.mark.behaviour(235)
async def test_a_channel_that_is_gone_is_the_reason(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    await shop.change("UPDATE channel SET disconnected_at = now()")
    await failing(shop, "is not connected any more.")


async def test_nobody_touches_what_they_cannot_see(shop: Shop, other_shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await schedule(shop, contact_id)
    number = await its_id(shop)
    await shop.restrict(shop.world.agent, ONLY_MINE)
    for browser in (await shop.browser(shop.world.agent), await other_shop.browser(other_shop.world.owner)):
        await post(browser, f"/scheduled/{number}/delivery", expect=404)
        await post(browser, f"/scheduled/{number}", expect=404, due_at=at())
        assert (await browser.request("DELETE", f"/scheduled/{number}", headers=STREAMS)).status_code == 404


async def test_it_goes_with_the_contact_that_is_merged(shop: Shop) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    await schedule(shop, bo)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await merge(db, ada, bo, by=shop.world.owner.id)
    await time_comes(shop)
    assert await shop.rows("SELECT contact_id FROM message WHERE traffic = 'outgoing'") == [(ada,)]


async def test_its_files_are_not_tidied_away_before(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    file = (await browser.post("/uploads", files={"file": ("lamp.txt", b"a lamp", "text/plain")})).json()
    await schedule(shop, contact_id, "In spring", due_at=at(timedelta(days=100)), **{"files[]": file["id"]})
    with clock.shifted(KEPT + HOUR):
        await forget_unsent(shop.installation)
    assert await shop.value("SELECT count(*) FROM file") == 1
    await browser.request("DELETE", f"/scheduled/{await its_id(shop)}", headers=STREAMS)
    with clock.shifted(KEPT + HOUR):
        await forget_unsent(shop.installation)
    assert await shop.value("SELECT count(*) FROM file") == 0
