"""Writing to somebody first: who is found, which channel allows it, and whose contact a typed number becomes."""

import asyncio

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.channels.connect import connect
from tests.web.site import STREAMS, Shop

pytestmark = pytest.mark.behaviour(263)
PATH = "/conversations/new"
FRAME = {"Turbo-Frame": "new_conversation"}
NUMBER = "+4930901820"


@pytest.fixture
async def line(shop: Shop) -> int:
    """A channel on which the shop may write first."""
    values = {"id_type": "phone", "api_base_url": "http://127.0.0.1:9/nobody"}
    return (
        await connect(shop.installation, shop.world.workspace_id, "custom_channel", name="Order line", values=values, check=False)
    ).channel_id


async def asked(shop: Shop, query: str = "", path: str = PATH) -> str:
    answer = await (await shop.browser(shop.world.agent)).get(f"{path}?{query}", headers=FRAME)
    assert answer.status_code == 200, answer.text
    return answer.text


async def begun(shop: Shop, member: Member | None = None, **form: object) -> httpx.Response:
    return await (await shop.browser(member or shop.world.agent)).post(PATH, data=form)


async def restrict(shop: Shop, member: Member) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await db.execute(update(Member).where(col(Member.id) == member.id).values(restrictions=[ONLY_MINE]))


async def numbers(shop: Shop) -> list[tuple[object, ...]]:
    return await shop.rows("SELECT id, phone, first_name, assignee_id, status FROM contact WHERE phone IS NOT NULL ORDER BY id")


async def test_people_are_found_by_name_number_and_address_and_those_active_last_come_first(shop: Shop) -> None:
    await shop.wrote("ada")
    bo = await shop.wrote("bo")
    html = await asked(shop)
    assert html.index("Bo") < html.index("Ada")
    assert f"contact={bo}" in await asked(shop, "words=bo", f"{PATH}/people")
    nobody = await asked(shop, "words=Zelda", f"{PATH}/people")
    assert "Nobody is called so" in nobody
    assert "no channel writes to an address" in await asked(shop, "words=x@example.com", f"{PATH}/people")


async def test_a_number_that_nobody_has_becomes_a_contact_with_the_channel_chosen(shop: Shop, line: int) -> None:
    assert f"number={NUMBER.replace('+', '%2B')}" in await asked(shop, "words=0049 30 901820", f"{PATH}/people")
    html = await asked(shop, "number=%2B4930901820")
    assert "No contact has this number yet." in html
    assert f'value="{line}" required checked' in html
    answer = await begun(shop, number="+49 30 901820", name="Kim", channel_id=line)
    ((contact_id, *kim),) = await numbers(shop)
    assert kim == [NUMBER, "Kim", None, "closed"]
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/inbox/all/contacts/{contact_id}?status=all&channel={line}"
    page = (await (await shop.browser(shop.world.agent)).get(answer.headers["location"])).text
    assert f'<option value="{line}"' in page
    # Nothing is opened before something is sent, and then it is sent there.
    browser = await shop.browser(shop.world.agent)
    sent = await browser.post(f"/contacts/{contact_id}/messages", data={"text": "Hello", "channel_id": str(line)}, headers=STREAMS)
    assert sent.status_code == 200, sent.text
    assert await shop.rows("SELECT status FROM contact WHERE id = :c", c=contact_id) == [("open",)]


async def test_the_same_number_in_another_spelling_is_the_same_contact(shop: Shop, line: int) -> None:
    await begun(shop, number="+5511987654321", channel_id=line)
    ((contact_id, *_),) = await numbers(shop)
    answer = await begun(shop, number="+551187654321", channel_id=line)
    assert answer.headers["location"].startswith(f"/inbox/all/contacts/{contact_id}?")
    assert len(await numbers(shop)) == 1
    html = await asked(shop, "words=%2B551187654321", f"{PATH}/people")
    assert f"contact={contact_id}" in html


async def test_two_who_type_the_same_number_at_once_get_one_contact(shop: Shop, line: int) -> None:
    browsers = [await shop.browser(member) for member in (shop.world.agent, shop.world.manager, shop.world.owner)]
    answers = await asyncio.gather(*(browser.post(PATH, data={"number": NUMBER, "channel_id": line}) for browser in browsers))
    assert [answer.status_code for answer in answers] == [303] * 3
    assert len(await numbers(shop)) == 1


async def test_a_channel_on_which_the_person_must_write_first_says_so_and_is_refused(shop: Shop, line: int) -> None:
    other = await shop.value("SELECT id FROM channel WHERE id <> :line", line=line)
    html = await asked(shop, "number=%2B4930901820")
    assert "This contact must write first." in html
    assert f'value="{other}" required disabled' in html
    answer = await begun(shop, number=NUMBER, channel_id=other)
    assert answer.status_code == 422
    assert "must write first" in answer.text
    assert await numbers(shop) == []
    gone = await begun(shop, number=NUMBER, channel_id=line + 100)
    assert gone.status_code == 422
    assert "not connected any more" in gone.text


async def test_without_a_channel_that_may_start_the_dialog_says_so(shop: Shop) -> None:
    html = await asked(shop, "number=%2B4930901820")
    assert "None of your channels lets you write first." in html
    assert "disabled" in html


async def test_nobody_writes_to_a_blocked_contact_nor_without_a_number(shop: Shop, line: int) -> None:
    contact_id = await shop.wrote("ada")
    browser = await shop.browser(shop.world.agent)
    await browser.post(f"/contacts/{contact_id}/block")
    assert "blocked" in await asked(shop, f"contact={contact_id}")
    answer = await begun(shop, contact_id=contact_id, channel_id=shop.channel_id)
    assert answer.status_code == 422
    assert "blocked" in answer.text
    assert (await begun(shop, number="12", channel_id=line)).status_code == 422
    assert (await browser.get(f"{PATH}?contact=x")).status_code == 400


async def test_a_restricted_agent_gets_the_new_contact_and_learns_that_a_number_is_a_colleagues(shop: Shop, line: int) -> None:
    await restrict(shop, shop.world.agent)
    await begun(shop, number=NUMBER, channel_id=line)
    ((_id, _phone, _name, assignee, _status),) = await numbers(shop)
    assert assignee == shop.world.agent.id
    await begun(shop, member=shop.world.owner, number="+33612345678", channel_id=line)
    answer = await begun(shop, number="+33612345678", channel_id=line)
    assert answer.status_code == 422
    assert "belongs to a contact of a colleague" in answer.text
    assert len(await numbers(shop)) == 2
    hidden = next(id_ for id_, phone, *_ in await numbers(shop) if phone == "+33612345678")
    assert (await begun(shop, contact_id=hidden, channel_id=line)).status_code == 404
    assert f"contact={hidden}" not in await asked(shop, "words=%2B33612345678", f"{PATH}/people")


async def test_beginning_is_a_page_too(shop: Shop) -> None:
    await shop.wrote("ada")
    page = (await (await shop.browser(shop.world.agent)).get(PATH)).text
    assert "<h1>New conversation</h1>" in page
    assert "Ada" in page
