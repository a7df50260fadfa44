"""Workflows that ask the outside, from the trigger to what becomes of the answer."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ismessenger.automation.call import Caller
from ismessenger.automation.connections import connect
from ismessenger.automation.secrets import add_secret
from ismessenger.jobs.drain import what_is_left
from ismessenger.kit import clock
from tests.automation.flows import OPENED, Flows, step
from tests.standins.anything import AnyServer
from tests.standins.google_sheets import SPREADSHEET, GoogleSheetsServer
from tests.standins.server import Answer


@pytest.fixture
async def server() -> AsyncIterator[AnyServer]:
    async with AnyServer() as running:
        yield running


async def _settle(flows: Flows) -> None:
    """Let both lanes work until nothing is due."""
    caller = Caller(flows.installation)
    for _round in range(10):
        heard = await flows.run()
        asked = await caller.work((flows.world.workspace_id, 0))
        await caller.finish()
        if not heard and not asked:
            return
    raise AssertionError("the lanes have no end")


@pytest.mark.behaviour(37)
@pytest.mark.behaviour(332)
async def test_an_answer_becomes_variables_and_a_secret_does_not(flows: Flows, server: AnyServer) -> None:
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await add_secret(db, flows.installation.vault, "KEY", "opensesame-7", by_id=None)
    server.answers["/lookup"] = Answer({"people": [{"name": "Ada"}], "you": "opensesame-7"})
    request = {
        "method": "POST",
        "url": f"{server.url}/lookup",
        "headers": [{"name": "Authorization", "value": "Bearer {{secret.KEY}}"}],
        "body": '{"said": "$first"}',
        "mapping": [{"path": "$.people[0].name", "variable": "who"}, {"path": "$.you", "variable": "echo"}],
        "status_variable": "code",
    }
    said = "{{secret.KEY}}"
    await flows.publish(
        "Lookup",
        {**OPENED},
        step("s0", "http_request", {**request, "body": '{"said": "{{$contact.firstname}}"}'}, next="s1"),
        step("s1", "add_comment", {"text": "$who $code $echo"}),
    )
    contact_id = await flows.write("ada", said)
    await flows.change("UPDATE contact SET first_name = :said WHERE id = :id", said=said, id=contact_id)
    await _settle(flows)
    (sent,) = server.requests
    assert sent.headers["authorization"] == "Bearer opensesame-7"
    assert sent.json() == {"said": "{ {secret.KEY}}"}
    assert await flows.comments() == ["Ada 200 ***"]
    assert await flows.runs() == [("Lookup", "done")]
    rows = str(await flows.rows("SELECT output, effects FROM workflow_step"))
    assert "opensesame" not in rows
    assert "Answered 200" in rows


@pytest.mark.behaviour(330)
async def test_a_server_that_is_away_takes_the_way_of_failure_after_three_attempts(flows: Flows, server: AnyServer) -> None:
    server.fail(503)
    await flows.publish(
        "Lookup",
        OPENED,
        step("s0", "http_request", {"url": server.url, "failure_branch": True}, next="s1", failure="s2"),
        step("s1", "add_comment", {"text": "well"}),
        step("s2", "add_comment", {"text": "failed"}),
    )
    await flows.write("ada")
    with clock.stopped() as time:
        for _attempt in range(4):
            await _settle(flows)
            time.advance(timedelta(minutes=1))
    assert len(server.requests) == 3
    assert await flows.comments() == ["failed"]


async def test_whoever_waits_for_all_to_be_done_waits_for_a_call_under_way(flows: Flows, server: AnyServer) -> None:
    server.late(0.3)
    await flows.publish("Lookup", OPENED, step("s0", "http_request", {"url": server.url}))
    await flows.write("ada")
    await flows.run()
    caller = Caller(flows.installation)
    before = (await what_is_left(flows.installation)).workflows
    await caller.work((flows.world.workspace_id, 0))
    await server.received(1)
    assert (await what_is_left(flows.installation)).workflows == before
    await caller.finish()
    await _settle(flows)
    assert (await what_is_left(flows.installation)).workflows == before - 1


@pytest.mark.behaviour(335)
async def test_a_conversation_becomes_a_row_of_a_sheet(flows: Flows, monkeypatch: pytest.MonkeyPatch) -> None:
    async with GoogleSheetsServer() as google:
        monkeypatch.setitem(flows.installation.settings.provider_base_urls, "google_sheets", google.url)
        integration = flows.installation.plugins.integrations["google_sheets"]
        config = integration.Config.model_validate({"service_account": google.key_file})
        async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
            made = await connect(db, flows.installation.vault, integration, "Books", config, by_id=None)
        cells = [{"column": "Name", "value": "$contact.firstname"}, {"column": "Words", "value": "{{$first_message}}"}]
        params = {"connection_id": made.id, "spreadsheet": SPREADSHEET, "values": cells, "failure_branch": True}
        await flows.publish(
            "To sheet",
            OPENED,
            step("s0", "google_sheets_row", params, next="s1", failure="s2"),
            step("s1", "google_sheets_row", {**params, "sheet": "Sheet9"}, failure="s3"),
            step("s2", "add_comment", {"text": "not written"}),
            step("s3", "add_comment", {"text": "no such sheet"}),
        )
        await flows.write("ada", "=IMPORTXML(1)")
        await _settle(flows)
        assert google.sheets[SPREADSHEET]["Sheet1"][1] == ["Ada", "", "", "=IMPORTXML(1)"]
    assert await flows.comments() == ["no such sheet"]
    client = flows.installation._clients.pop("integration/google_sheets")
    await client.aclose()
