"""Settings → Data export: choosing, the list, the file, and for whom it is."""

from datetime import timedelta

import pytest

from ismessenger.background.forget import forget_files_of_jobs
from ismessenger.background.result import KEPT
from ismessenger.jobs.long import work_job
from ismessenger.kit.clock import shifted
from tests.web.site import NOON, Shop

LIST = "/settings/exports"


async def exported(shop: Shop, **values: str) -> int:
    """The job, done."""
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"what": "contacts", **values})
    assert answer.headers["location"] == LIST
    job_id = int(str(await shop.value("SELECT max(id) FROM job")))
    await work_job(shop.installation, (shop.world.workspace_id, job_id))
    return job_id


async def test_contacts_of_a_segment_are_exported_and_saved(shop: Shop) -> None:
    await shop.wrote("ada")
    await shop.wrote("bo")
    await shop.change("UPDATE contact SET country_code = 'MY' WHERE first_name = 'Ada'")
    job_id = await exported(shop, whom="country")
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    assert all(words in page for words in ("Country known", "1 row written", f'href="/jobs/{job_id}/result"'))
    answer = await browser.get(f"/jobs/{job_id}/result")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert ("Ada" in answer.text, "Bo" in answer.text) == (True, False)


async def test_messages_of_a_day_are_exported(shop: Shop) -> None:
    await shop.wrote("ada", "on the day", at=NOON)
    await shop.wrote("ada", "the day after", at=NOON + timedelta(days=1))
    day = NOON.date().isoformat()
    job_id = await exported(shop, what="messages", since=day, until=day, format="jsonl")
    text = (await (await shop.browser(shop.world.manager)).get(f"/jobs/{job_id}/result")).text
    assert ("on the day" in text, "the day after" in text) == (True, False)


async def test_days_in_the_wrong_order_come_back(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, data={"what": "messages", "since": "2026-02-02", "until": "2026-02-01"})
    assert answer.status_code == 422
    assert "The last day is before the first." in answer.text
    assert 'value="2026-02-02"' in answer.text


async def test_a_segment_that_is_gone_is_not_there(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    assert (await browser.post(LIST, data={"what": "contacts", "whom": "999"})).status_code == 404
    assert (await browser.post(LIST, data={"what": "contacts", "whom": "nonsense"})).status_code == 404


@pytest.mark.behaviour(175)
async def test_a_file_goes_after_a_week_and_its_line_says_so(shop: Shop) -> None:
    await shop.wrote("ada")
    job_id = await exported(shop)
    path = str(await shop.value("SELECT result_path FROM job WHERE id = :id", id=job_id))
    with shifted(KEPT - timedelta(minutes=1)):
        await forget_files_of_jobs(shop.installation)
    assert await shop.installation.files.size(path) > 0
    with shifted(KEPT + timedelta(minutes=1)):
        await forget_files_of_jobs(shop.installation)
    assert [key async for key in shop.installation.files.listed(f"w/{shop.world.workspace_id}/exports")] == []
    browser = await shop.browser(shop.world.manager)
    assert "The file has expired." in (await browser.get(LIST)).text
    assert (await browser.get(f"/jobs/{job_id}/result")).status_code == 404
