"""A click and a worker that hold what the other one needs: the database parts them, and nobody sees an error."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.tenancy import parted
from tests.web.site import Shop

_BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


async def _parted(shop: Shop) -> int:
    """Erase somebody while a receipt for a message to them is being written; returns what the click was answered.

    The database takes back whichever of the two looks first: on a machine that was slow for a second, the receipt. Then once more.
    """
    while True:
        try:
            return await _met(shop)
        except DBAPIError as error:
            if not parted.is_deadlock(error):
                raise


async def _met(shop: Shop) -> int:
    ada = await shop.wrote("ada")
    browser = await shop.browser(shop.world.owner)
    url = shop.installation.settings.database_url
    assert url is not None
    engine = create_async_engine(url.get_secret_value(), isolation_level="AUTOCOMMIT")
    async with AsyncExitStack() as over, engine.connect() as owner:
        over.push_async_callback(engine.dispose)
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as worker:
            await worker.execute(text("UPDATE message SET status = 'read' WHERE contact_id = :c"), {"c": ada})
            click = asyncio.create_task(browser.post(f"/contacts/{ada}/erasure", headers={"Accept": "text/vnd.turbo-stream.html"}))
            over.push_async_callback(asyncio.wait, [click])
            async with asyncio.timeout(30):
                while not (await owner.execute(_BLOCKED)).scalar_one():  # noqa: ASYNC110 - the condition is the database's
                    await asyncio.sleep(0.01)
            # The click holds the contact and waits for the message; now the worker waits for the contact.
            signal = "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at) VALUES (:c, 'result', '{}', now(), now())"
            await worker.execute(text(signal), {"c": ada})
        return (await click).status_code


@pytest.mark.behaviour(358)
async def test_an_erasure_that_meets_a_receipt_is_carried_out_again(shop: Shop) -> None:
    assert await _parted(shop) == 200
    for table in ("contact", "message", "workflow_signal"):
        assert await shop.value(f"SELECT count(*) FROM {table}") == 0


async def test_after_some_times_whoever_clicks_is_asked_to_come_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parted, "REPEATS", 0)
    assert await _parted(shop) == 503
    assert await shop.value("SELECT count(*) FROM contact") == 1
