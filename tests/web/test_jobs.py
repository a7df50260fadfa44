"""Long jobs on a page: who sees them, stopping them, and the file that they leave."""

from datetime import timedelta
from typing import Any

from ismessenger.background.job import RUNNING
from ismessenger.background.model import Job
from ismessenger.jobs.long import KINDS
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import workspace_key
from ismessenger.web.templating import templates_folder
from tests.web.site import Shop

FRAME = {"Turbo-Frame": "job"}


async def added(shop: Shop, **values: Any) -> Job:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        job = Job(**{"kind": "contacts_import", "state": RUNNING, "created_by_id": shop.world.manager.id, **values})
        db.add(job)
        await db.flush()
    return job


async def test_a_running_job_shows_how_far_it_is_and_loads_itself_again(shop: Shop) -> None:
    job = await added(shop, done=1200, total=4000)
    page = (await (await shop.browser(shop.world.manager)).get(f"/jobs/{job.id}", headers=FRAME)).text
    assert page.startswith(f'<turbo-frame id="job_{job.id}"')
    assert "1,200 of 4,000" in page
    assert f'data-controller="reload" data-reload-url-value="/jobs/{job.id}"' in page


async def test_a_job_that_is_over_stops_loading_itself(shop: Shop) -> None:
    job = await added(shop, state="done", done=5, total=5, counts={"added": 3, "skipped": 1}, failed=1)
    page = (await (await shop.browser(shop.world.manager)).get(f"/jobs/{job.id}")).text
    assert "data-reload-url-value" not in page
    assert ("3 added" in page, "1 left out" in page, "1 failed" in page) == (True, True, True)


async def test_stopping_a_job_lets_it_end_its_slice(shop: Shop) -> None:
    job = await added(shop)
    answer = await (await shop.browser(shop.world.owner)).post(f"/jobs/{job.id}/cancellation")
    assert answer.headers["location"] == f"/jobs/{job.id}"
    assert await shop.value("SELECT state FROM job WHERE id = :id", id=job.id) == "cancelling"


async def test_an_agent_sees_their_own_job_and_no_other(shop: Shop) -> None:
    theirs, other = await added(shop, created_by_id=shop.world.agent.id), await added(shop)
    browser = await shop.browser(shop.world.agent)
    assert (await browser.get(f"/jobs/{theirs.id}")).status_code == 200
    assert (await browser.get(f"/jobs/{other.id}")).status_code == 404
    assert (await browser.post(f"/jobs/{other.id}/cancellation")).status_code == 404


async def test_a_draft_is_no_job_yet(shop: Shop) -> None:
    job = await added(shop, state="draft")
    assert (await (await shop.browser(shop.world.manager)).get(f"/jobs/{job.id}")).status_code == 404


async def test_the_file_of_an_export_is_only_for_who_may_export(shop: Shop) -> None:
    key = workspace_key(shop.world.workspace_id, "exports", "test.csv")
    await shop.installation.files.put(key, b"First name\r\nAda\r\n")
    values = {"kind": "export", "state": "done", "result_path": key, "result_name": "contacts.csv", "expires_at": now() + timedelta(days=1)}
    job = await added(shop, **values)
    manager = await shop.browser(shop.world.manager)
    answer = await manager.get(f"/jobs/{job.id}/result")
    assert answer.text == "First name\r\nAda\r\n"
    assert answer.headers["content-disposition"].startswith('attachment; filename="contacts.csv"')
    await shop.restrict(shop.world.manager, "data_export")
    assert (await manager.get(f"/jobs/{job.id}/result")).status_code == 404
    assert f"/jobs/{job.id}/result" not in (await manager.get(f"/jobs/{job.id}")).text


async def test_a_file_that_expired_is_gone_and_says_so(shop: Shop) -> None:
    values = {"kind": "export", "state": "done", "result_path": "w/1/x", "result_name": "contacts.csv", "expires_at": now()}
    job = await added(shop, **values)
    browser = await shop.browser(shop.world.manager)
    assert (await browser.get(f"/jobs/{job.id}/result")).status_code == 404
    assert "expired" in (await browser.get(f"/jobs/{job.id}")).text


def test_every_kind_of_job_has_words() -> None:
    words = (templates_folder() / "jobs" / "_progress.html").read_text("utf-8")
    assert [kind for kind in KINDS if f'"{kind}": _(' not in words] == []
