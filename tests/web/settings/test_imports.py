"""Settings → Contacts import: from the file to the review, starting, the result and taking it back."""

import re
from datetime import timedelta

import pytest

from ismessenger.background.forget import UPLOADS_KEPT, forget_files_of_jobs
from ismessenger.background.job import MAX_UNFINISHED
from ismessenger.jobs.long import work_job
from ismessenger.kit.clock import shifted
from ismessenger.web.ratelimit import FILES_TO_IMPORT
from tests.web.site import Shop

LIST = "/settings/imports"
TABLE = "First name,Mobile,Note\nAda,+60123456789,x\nBo,nothing,y\n"


async def uploaded(shop: Shop, content: str | bytes = TABLE, name: str = "people.csv") -> str:
    """Where the draft is."""
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, files={"file": (name, content if isinstance(content, bytes) else content.encode())})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def work(shop: Shop) -> None:
    """Workers do what waits in this workspace."""
    for (job_id,) in await shop.rows("SELECT id FROM job WHERE state = 'waiting' ORDER BY id"):
        await work_job(shop.installation, (shop.world.workspace_id, int(str(job_id))))


CHOICES = {"purpose": "both", "identifier": "phone", "targets[]": ["firstName", "phone", ""], "kept[]": ["0"], "tags": 'Fair; "a,b"'}


async def test_a_workspace_that_imported_nothing_says_how_to(shop: Shop) -> None:
    page = (await (await shop.browser(shop.world.manager)).get(LIST)).text
    assert "Nothing was imported yet" in page
    assert f'href="{LIST}/new"' in page


async def test_an_import_from_the_file_to_undoing_it(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    draft = await uploaded(shop)
    page = (await browser.get(draft)).text
    assert "2 rows" in page
    assert re.search(r'<option value="phone" selected>Phone</option>', page)
    assert "+60123456789 · nothing" in page
    answer = await browser.post(draft, data=CHOICES)
    assert answer.headers["location"] == f"{draft}/review"
    await work(shop)
    page = (await browser.get(f"{draft}/review")).text
    assert all(words in page for words in ("1 would be added", "1 would fail", "Mobile → Phone", "Fair, a,b", "First name"))
    assert await shop.value("SELECT count(*) FROM contact") == 0
    assert "Not begun" in (await browser.get(LIST)).text
    assert (await browser.post(f"{draft}/start")).headers["location"] == draft
    await work(shop)
    page = (await browser.get(draft)).text
    assert all(words in page for words in ("1 added", "1 failed", "Save the rows that failed", "Undo this import…"))
    result = (await browser.get(re.search(r'href="(/jobs/\d+/result)"', page)[1])).text  # type: ignore[index]
    assert "nothing is no phone number" in result
    assert (await browser.post(f"{draft}/undo")).status_code == 303
    await work(shop)
    assert "1 deleted" in (await browser.get(draft)).text
    assert "Undone" in (await browser.get(LIST)).text
    assert await shop.value("SELECT count(*) FROM contact") == 0
    assert (await browser.post(f"{draft}/undo")).status_code == 422


async def test_a_form_without_a_place_for_every_column_is_shown_again(shop: Shop) -> None:
    browser, draft = await shop.browser(shop.world.manager), await uploaded(shop)
    for targets in ([], ["firstName"], ["firstName", "phone", "", "email"]):
        answer = await browser.post(draft, data=CHOICES | {"targets[]": targets})
        assert answer.status_code == 422
        assert "Say for every column where it goes." in answer.text
        assert answer.text.count('name="targets[]"') == 3


@pytest.mark.behaviour(23)
async def test_what_is_no_table_comes_back_with_the_reason(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answer = await browser.post(LIST, files={"file": ("people.csv", b"%PDF-1.7\n")})
    assert answer.status_code == 422
    assert "neither CSV nor XLSX" in answer.text
    assert (await browser.post(LIST, files={"file": ("", b"")})).status_code == 422
    too_large = await browser.post(LIST, files={"file": ("people.csv", b"Name\r\n" + b"x" * 20_000_000)})
    assert too_large.status_code == 422
    assert "smaller than 20 MB" in too_large.text


async def test_choices_that_cannot_be_come_back_as_they_were_made(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    draft = await uploaded(shop)
    answer = await browser.post(draft, data={**CHOICES, "targets[]": ["", "phone", ""]})
    assert answer.status_code == 422
    assert "New contacts need a first name. Say which column holds it." in answer.text
    assert 'value="Fair; &#34;a,b&#34;"' in answer.text


async def test_a_draft_is_given_up_and_its_file_goes(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    draft = await uploaded(shop)
    kept = [key async for key in shop.installation.files.listed(f"w/{shop.world.workspace_id}/imports")]
    assert len(kept) == 1
    assert (await browser.post(f"{draft}/deletion")).headers["location"] == LIST
    assert [key async for key in shop.installation.files.listed(f"w/{shop.world.workspace_id}/imports")] == []
    assert (await browser.get(draft)).status_code == 404


async def test_an_import_begins_once(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    draft = await uploaded(shop)
    await browser.post(draft, data=CHOICES)
    await browser.post(f"{draft}/start")
    again = await browser.post(f"{draft}/start")
    assert (again.status_code, "begun already" in again.text) == (422, True)
    assert (await browser.get(f"{draft}/review")).headers["location"] == draft


async def test_imports_of_another_workspace_are_not_there(shop: Shop, other_shop: Shop) -> None:
    draft = await uploaded(other_shop)
    assert (await (await shop.browser(shop.world.owner)).get(draft)).status_code == 404


async def test_an_upload_goes_after_a_week_and_a_draft_with_it(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    draft, done = await uploaded(shop), await uploaded(shop)
    await browser.post(done, data=CHOICES)
    await browser.post(f"{done}/start")
    await work(shop)
    with shifted(UPLOADS_KEPT + timedelta(hours=1)):
        await forget_files_of_jobs(shop.installation)
    assert [key async for key in shop.installation.files.listed(f"w/{shop.world.workspace_id}/imports")] == []
    assert await shop.value("SELECT count(*) FROM imported_contact") == 0
    assert (await browser.get(draft)).status_code == 404
    page = (await browser.get(done)).text
    assert "1 added" in page
    assert "The file has expired." in page
    assert await shop.value("SELECT count(*) FROM contact") == 1


@pytest.mark.usefixtures("dry_buckets")
async def test_files_come_only_so_fast_and_jobs_only_so_many(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    answers = [
        (await browser.post(LIST, files={"file": ("a.csv", TABLE.encode())})).status_code for _number in range(FILES_TO_IMPORT.burst + 1)
    ]
    assert answers == [303] * FILES_TO_IMPORT.burst + [429]
    await shop.change(
        "INSERT INTO job (kind, params, state, done, failed, counts, position, error, attempt, result_name, result_bytes, created_at)"
        " SELECT 'export', '{}', 'waiting', 0, 0, '{}', '{}', '', 0, '', 0, now() FROM generate_series(1, :most)",
        most=MAX_UNFINISHED,
    )
    answer = await browser.post("/settings/exports", data={"what": "contacts", "whom": "", "format": "csv"})
    assert answer.status_code == 429
    assert "under way already" in answer.text
    await shop.change("DELETE FROM job WHERE kind = 'export'")
