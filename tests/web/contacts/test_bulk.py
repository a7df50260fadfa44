"""Bulk changes from the contacts page: what is asked before, what is started, and for whom."""

from urllib.parse import urlencode

import orjson
import pytest

from ismessenger.jobs.long import work_job
from tests.web.contacts.test_table import people, tag
from tests.web.site import Shop

LIST = "/contacts"


async def worked(shop: Shop, location: str) -> None:
    """Do the job that a page was sent to."""
    job_id = int(location.rpartition("job=")[2])
    assert await work_job(shop.installation, (shop.world.workspace_id, job_id)) == 1


async def test_chosen_contacts_are_tagged_by_a_job_that_the_table_shows(shop: Shop) -> None:
    made = await people(shop)
    vip = await tag(shop, "VIP")
    browser = await shop.browser(shop.world.manager)
    question = (await browser.get(f"{LIST}/bulk/tag?number=2")).text
    assert "Add tags to 2 contacts" in question
    assert "VIP" in question
    values = {"action": "tag", "ids[]": [str(made["ada"]), str(made["bo"])], "tags[]": str(vip), "query": "q=a"}
    location = (await browser.post(f"{LIST}/bulk", data=values)).headers["location"]
    assert location.startswith("/contacts?q=a&job=")
    assert "Changing contacts" in (await browser.get(location)).text
    await worked(shop, location)
    assert "2 changed" in (await browser.get(location)).text
    assert await shop.value("SELECT count(*) FROM contact WHERE tag_ids <> '{}'") == 2


async def test_all_that_the_table_shows_are_assigned(shop: Shop) -> None:
    made = await people(shop)
    browser = await shop.browser(shop.world.manager)
    condition = orjson.dumps({"$and": [{"category": "contactField", "field": "phone", "operator": "exists"}]}).decode()
    values = {"action": "assign", "all": "true", "member_id": str(shop.world.agent.id), "query": urlencode({"filter": condition})}
    await worked(shop, (await browser.post(f"{LIST}/bulk", data=values)).headers["location"])
    assert await shop.rows("SELECT id FROM contact WHERE assignee_id = :m", m=shop.world.agent.id) == [(made["cleo"],)]


async def test_every_question_can_be_asked(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    for action in ("assign", "unassign", "tag", "untag", "stage", "open", "close", "block", "unblock", "delete", "export"):
        answer = await browser.get(f"{LIST}/bulk/{action}?number=12000&about")
        assert answer.status_code == 200
        assert "about 12,000 contacts" in answer.text
    assert (await browser.get(f"{LIST}/bulk/fly?number=1")).status_code == 404


async def test_who_may_not_delete_or_export_is_neither_asked_nor_obeyed(shop: Shop) -> None:
    made = await people(shop)
    await shop.restrict(shop.world.manager, "contact_deletion", "data_export")
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    for action in ("delete", "export"):
        assert f"/contacts/bulk/{action}" not in page
        assert (await browser.get(f"{LIST}/bulk/{action}?number=1")).status_code == 403
        assert (await browser.post(f"{LIST}/bulk", data={"action": action, "ids[]": str(made["bo"])})).status_code == 403
    assert (await browser.get(f"{LIST}/{made['bo']}/deletion")).status_code == 403
    assert await shop.rows("SELECT kind FROM job") == []


@pytest.mark.parametrize("values", [{}, {"ids[]": "1"}, {"action": "tag", "all": "true"}, {"action": "fly", "all": "true"}])
async def test_a_change_that_is_none_is_refused(shop: Shop, values: dict[str, str]) -> None:
    browser = await shop.browser(shop.world.manager)
    assert (await browser.post(f"{LIST}/bulk", data=values)).status_code == 422
    assert await shop.rows("SELECT kind FROM job") == []


async def test_chosen_contacts_are_exported_where_they_stand(shop: Shop) -> None:
    made = await people(shop)
    browser = await shop.browser(shop.world.manager)
    values = {"action": "export", "ids[]": str(made["bo"]), "format": "jsonl"}
    location = (await browser.post(f"{LIST}/bulk", data=values)).headers["location"]
    await worked(shop, location)
    assert "/result" in (await browser.get(location)).text


async def test_one_contact_is_deleted_after_a_question(shop: Shop) -> None:
    made = await people(shop)
    browser = await shop.browser(shop.world.manager)
    question = (await browser.get(f"{LIST}/{made['bo']}/deletion")).text
    assert "Delete Bo for good?" in question
    assert f'action="/contacts/{made["bo"]}/erasure"' in question
