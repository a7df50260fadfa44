"""The history of workflows: numbers on the canvas, lists of runs, one run step by step, and a failed one again."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from tests.automation.flows import OPENED, Flows, open_flows, step, trigger
from tests.conftest import World, make_world
from tests.tenancy.test_migrations import owner_of
from tests.web.site import new_browser, sign_in

Queries = Callable[..., AbstractContextManager[list[str]]]

ASK = (
    step("hi", "send_message", {"message": {"text": "Hello $contact.firstname"}}, next="ask"),
    step(
        "ask",
        "ask_question",
        {"question": {"text": "Your e-mail?"}, "type": "email", "save_variable": "mail"},
        success="done",
        invalid="note",
    ),
    step("done", "add_comment", {"text": "Got $mail"}),
    step("note", "add_comment", {"text": "No address"}),
)


@pytest.fixture
async def flows(world: World) -> Flows:
    return await open_flows(world)


@pytest.fixture
async def browser(app: Starlette, world: World) -> httpx.AsyncClient:
    """The manager's."""
    return await sign_in(app, world.manager)


async def counted(browser: httpx.AsyncClient, workflow_id: int, **period: str) -> dict[str, Any]:
    answer = await browser.get(f"/workflows/{workflow_id}/counts", params=period)
    assert answer.status_code == 200, answer.text
    counts: dict[str, Any] = answer.json()
    return counts


def words_of(page: str) -> str:
    """What a person reads on a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.behaviour(347)
async def test_numbers_say_how_often_steps_were_entered_left_and_failed_in_a_period(flows: Flows, browser: httpx.AsyncClient) -> None:
    id_ = await flows.publish("Ask", OPENED, *ASK)
    for who in ("ada", "bo", "cy"):
        await flows.write(who)
    await flows.run()
    await flows.write("ada", "ada@example.com")
    await flows.write("bo", "no idea")
    await flows.run()
    counts = await counted(browser, id_)
    assert counts["entered"] == {"hi": 3, "ask": 3, "done": 1, "note": 1}
    assert counts["inside"] == {"ask": 1}
    assert counts["exits"]["hi"] == {"next": 3}
    assert counts["exits"]["ask"] == {"success": 1, "invalid": 1}
    assert counts["runs"] == {"waiting": 1, "done": 2, "failed": 0, "ended": 0}
    before = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    earlier = await counted(browser, id_, to=before)
    assert (earlier["entered"], earlier["exits"], earlier["inside"]) == ({}, {}, {"ask": 1})
    assert (await counted(browser, id_, **{"from": before}))["entered"] == counts["entered"]


async def test_a_failed_step_is_counted_where_it_failed(flows: Flows, browser: httpx.AsyncClient) -> None:
    id_ = await flows.publish("Broken", OPENED, step("x", "of_a_plugin"))
    await flows.write("ada")
    await flows.run()
    counts = await counted(browser, id_)
    assert (counts["failed"], counts["runs"]["failed"]) == ({"x": 1}, 1)


@pytest.mark.parametrize(
    "query", ["from=yesterday", "from=2026-01-01T00:00:00", "from=0001-01-01T00:00:00%2B14:00", "to=9999-12-31T23:59:59-12:00"]
)
async def test_a_period_that_is_none_is_refused(flows: Flows, browser: httpx.AsyncClient, query: str) -> None:
    id_ = await flows.publish("Ask", OPENED, *ASK)
    assert (await browser.get(f"/workflows/{id_}/counts?{query}")).status_code == 422


@pytest.mark.behaviour(348)
async def test_runs_are_listed_by_state_with_the_step_where_they_stand(flows: Flows, browser: httpx.AsyncClient) -> None:
    id_ = await flows.publish("Ask", OPENED, *ASK)
    await flows.write("ada")
    await flows.write("bo")
    await flows.run()
    await flows.write("ada", "ada@example.com")
    await flows.run()
    every = words_of((await browser.get(f"/workflows/{id_}/runs")).text)
    assert "All 2" in every
    assert "Inside 1" in every
    inside = words_of((await browser.get(f"/workflows/{id_}/runs?state=waiting&period=7")).text)
    assert "Bo" in inside
    assert "Ada" not in inside
    assert "Ask a question" in inside
    assert "Waits for an answer" in inside
    nobody = words_of((await browser.get(f"/workflows/{id_}/runs?state=failed")).text)
    assert "No runs here" in nobody
    assert (await browser.get(f"/workflows/{id_}/runs?state=lost")).status_code == 422
    assert (await browser.get(f"/workflows/{id_}/runs?before=nonsense")).status_code == 400
    assert (await browser.get("/workflows/999999/runs")).status_code == 404


@pytest.mark.behaviour(348)
async def test_a_run_shows_business_hours_as_days_with_their_times(flows: Flows, browser: httpx.AsyncClient) -> None:
    hours = {"saturday": {"on": True, "opens": "10:00", "closes": "14:00"}, "monday": {"on": False}}
    note = step("note", "add_comment", {"text": "Seen"})
    id_ = await flows.publish("Hours", OPENED, step("open", "date_time", {"mode": "hours", "hours": hours}, success="note"), note)
    await flows.write("ada", "good morning")
    await flows.run()
    ((run_id,),) = await flows.rows("SELECT id FROM workflow_run")
    page = words_of((await browser.get(f"/workflows/{id_}/runs/{run_id}")).text)
    assert "Business hours Tue 09:00–18:00, Wed 09:00–18:00, Thu 09:00–18:00, Fri 09:00–18:00, Sat 10:00–14:00" in page


@pytest.mark.behaviour(348)
async def test_a_run_shows_each_step_with_input_output_effects_and_the_way_it_took(flows: Flows, browser: httpx.AsyncClient) -> None:
    id_ = await flows.publish("Ask", OPENED, *ASK)
    await flows.write("ada", "good morning")
    await flows.run()
    await flows.write("ada", "ada@example.com")
    await flows.run()
    ((run_id,),) = await flows.rows("SELECT id FROM workflow_run")
    page = words_of((await browser.get(f"/workflows/{id_}/runs/{run_id}")).text)
    for words in (
        "Done Version 1",
        "$first_message good morning",
        "Send “Hello Ada”",
        "Send “Your e-mail?”",
        "Success",
        "Answer ada@example.com",
        "Variables set $mail ada@example.com",
        "Comment “Got ada@example.com”",
        "Open the conversation",
    ):
        assert words in page, words
    assert "No address" not in page
    assert page.count("$first_message") == 1


async def test_a_long_list_of_runs_is_read_page_by_page_with_few_queries(
    flows: Flows, browser: httpx.AsyncClient, queries: Queries
) -> None:
    id_ = await flows.publish("Ask", OPENED, *ASK)
    await flows.write("ada")
    await flows.run()
    await flows.change(
        "INSERT INTO workflow_run (workflow_id, version_id, contact_id, standing, waits_for, step, state, trigger, depth, started_at,"
        " changed_at, ended_at) SELECT workflow_id, version_id, contact_id, 'done', '{}', 'done', state, trigger, 0,"
        " started_at - n * interval '1 minute', changed_at, now() FROM workflow_run, generate_series(1, 70) AS n"
    )
    with queries(at_most=12):
        first = await browser.get(f"/workflows/{id_}/runs")
    assert len(re.findall(r'<li class="runs-row"', first.text)) == 50
    older = re.search(r'href="([^"]*before=[^"]*)"', first.text)
    assert older
    rest = await browser.get(unescape(older[1]))
    assert len(re.findall(r'<li class="runs-row"', rest.text)) == 21


@pytest.mark.behaviour(349)
async def test_a_failed_run_goes_on_from_the_step_that_failed(flows: Flows, browser: httpx.AsyncClient) -> None:
    fails = step("mail", "update_field", {"field": "email", "value": "$contact.lastname"})
    id_ = await flows.publish("Mail", OPENED, step("hi", "add_comment", {"text": "once"}, next="mail"), fails)
    contact_id = await flows.write("ada")
    await flows.rename(contact_id, "nonsense")
    await flows.run()
    ((run_id, standing),) = await flows.rows("SELECT id, standing FROM workflow_run")
    assert standing == "failed"
    page = await browser.get(f"/workflows/{id_}/runs/{run_id}")
    assert "Retry from this step" in page.text
    await flows.rename(contact_id, "ada@example.com")
    again = await browser.post(f"/workflows/{id_}/runs/{run_id}/retry")
    assert (again.status_code, again.headers["location"]) == (303, f"/workflows/{id_}/runs/{run_id}")
    await flows.run()
    assert await flows.runs() == [("Mail", "done")]
    assert await flows.comments() == ["once"]
    refused = await browser.post(f"/workflows/{id_}/runs/{run_id}/retry")
    assert refused.status_code == 422
    assert "did not fail" in refused.text


async def test_whoever_is_not_seen_has_no_run_and_agents_have_no_page(flows: Flows, app: Starlette, world: World) -> None:
    id_ = await flows.publish("Ask", OPENED, *ASK)
    await flows.write("ada")
    await flows.run()
    ((run_id,),) = await flows.rows("SELECT id FROM workflow_run")
    agent = await sign_in(app, world.agent)
    for address in ("runs", f"runs/{run_id}", "counts"):
        assert (await agent.get(f"/workflows/{id_}/{address}")).status_code == 403
    assert (await agent.post(f"/workflows/{id_}/runs/{run_id}/retry")).status_code == 403
    other = await make_world(world.installation)
    stranger = await sign_in(app, other.manager)
    assert (await stranger.get(f"/workflows/{id_}/runs/{run_id}")).status_code == 404
    assert (await stranger.post(f"/workflows/{id_}/runs/{run_id}/retry")).status_code == 404
    assert (await new_browser(app).get(f"/workflows/{id_}/runs")).status_code == 303


async def test_counting_many_steps_reads_an_index_and_no_row(flows: Flows, world: World) -> None:
    """As the role that the web process has, through the views."""
    id_ = await flows.publish("Ask", trigger("manual"), *ASK)
    contact_id = await flows.write("ada")
    await flows.change(
        "INSERT INTO workflow_run (workflow_id, version_id, contact_id, standing, waits_for, state, trigger, depth, started_at, changed_at,"
        " ended_at) SELECT w.id, w.published_id, :contact, 'done', '{}', '{}', '{}', 0, now(), now(), now() FROM workflow w"
        " WHERE w.id = :id",
        contact=contact_id,
        id=id_,
    )
    await flows.change(
        "INSERT INTO workflow_step (run_id, workflow_id, step, kind, entry, exit, entered, output, variables, effects, began_at, at)"
        " SELECT r.id, r.workflow_id, 's' || n % 7, 'add_comment', n, 'next', true, '{}', '{}', '[]', now(),"
        " now() - n * interval '1 second' FROM workflow_run r, generate_series(1, 20000) AS n"
    )
    query = (
        "SELECT step, exit, count(*), count(*) FILTER (WHERE entered) FROM workflow_step"
        f" WHERE workflow_id = {id_} AND at >= now() - interval '1 hour' AND at < now() GROUP BY step, exit"
    )
    url = world.installation.settings.database_url
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        await connection.execute(text("ANALYZE store.workflow_step"))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        await db.execute(text("SET LOCAL enable_seqscan = off"))
        await db.execute(text("SET LOCAL enable_bitmapscan = off"))
        plan = "\n".join((await db.execute(text(f"EXPLAIN (ANALYZE, BUFFERS) {query}"))).scalars())
    assert "Index Only Scan using workflow_step_counts_idx" in plan, plan
