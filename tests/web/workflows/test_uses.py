"""What uses a thing is told before it is deleted; a merged tag goes on under the other one's name."""

import httpx
import pytest

from ismessenger.contacts.retire import merge_tags
from ismessenger.contacts.tags import tags_by_name
from tests.web.site import Shop
from tests.web.workflows.making import Json, manual, of_step, publish, save
from tests.web.workflows.test_builder import made


async def tags_called(shop: Shop, *names: str) -> list[int]:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        return [tag.id for tag in await tags_by_name(db, names)]


async def told(browser: httpx.AsyncClient, thing: str, id_: int) -> str:
    answer = await browser.get(f"/workflows/using/{thing}/{id_}")
    assert answer.status_code == 200
    return answer.text


def adding(tag: int) -> Json:
    """A workflow that asks for a tag and adds it."""
    asks = {"$and": [{"category": "contactTag", "operator": "hasNoneOf", "value": [tag]}]}
    return of_step("update_tags", {"action": "add", "tag_ids": [tag]}, trigger={"kind": "manual", "condition": asks})


@pytest.mark.behaviour(326)
async def test_whoever_deletes_a_thing_is_told_which_workflows_use_it(shop: Shop) -> None:
    browser, id_ = await made(shop, "Greeting")
    vip, other = await tags_called(shop, "VIP", "other")
    step = {"id": "s2", "kind": "assign_to", "params": {"action": "member", "member_id": shop.world.agent.id}}
    definition = adding(vip)
    definition["steps"][0]["exits"] = {"next": "s2"}
    definition["steps"].append(step)
    await publish(browser, id_, definition)
    await save(browser, id_, manual())
    assert "A workflow uses it and will have something to mend: Greeting." in await told(browser, "tag", vip)
    assert "Greeting" in await told(browser, "member", shop.world.agent.id)
    assert "Greeting" not in await told(browser, "tag", other)
    assert "Greeting" not in await told(browser, "channel", shop.channel_id)
    assert (await browser.get("/workflows/using/nothing/1")).status_code == 404
    await browser.delete(f"/workflows/{id_}/publication")
    assert "Greeting" not in await told(browser, "tag", vip)


async def test_every_question_before_a_deletion_has_a_place_for_it(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    (vip,) = await tags_called(shop, "VIP")
    for address, thing, id_ in (
        (f"/settings/tags/{vip}", "tag", vip),
        (f"/settings/channels/{shop.channel_id}", "channel", shop.channel_id),
        (f"/settings/users/{shop.world.agent.id}", "member", shop.world.agent.id),
    ):
        assert f'src="/workflows/using/{thing}/{id_}"' in (await browser.get(address)).text


@pytest.mark.behaviour(327)
async def test_a_merged_tag_is_named_by_the_other_ones_number_in_drafts_and_in_what_runs(shop: Shop) -> None:
    browser, id_ = await made(shop, "Greeting")
    vip, best = await tags_called(shop, "VIP", "Best")
    await publish(browser, id_, adding(vip))
    contact_id = await shop.wrote("ada")
    await shop.change(
        "INSERT INTO workflow_run (workflow_id, version_id, contact_id, standing, waits_for, state, trigger, depth, started_at, changed_at)"
        " SELECT w.id, w.published_id, :c, 'waiting', '{time}', '{}', '{}', 0, now(), now() FROM workflow w",
        c=contact_id,
    )
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await merge_tags(db, vip, best, by=shop.world.manager.id)
    data = (await browser.get(f"/workflows/{id_}/export")).json()
    assert data["definition"]["steps"][0]["params"]["tag_ids"] == [best]
    assert data["definition"]["trigger"]["condition"]["$and"][0]["value"] == [best]
    rows = await shop.rows(
        "SELECT v.number, v.definition #> '{steps,0,params,tag_ids}', w.published_id = v.id FROM workflow_run r"
        " JOIN workflow_version v ON v.id = r.version_id JOIN workflow w ON w.id = r.workflow_id"
    )
    assert rows == [(2, [best], True)]
    first = (await browser.get(f"/workflows/{id_}/versions/1")).json()
    assert first["steps"][0]["params"]["tag_ids"] == [vip]
    assert (await browser.patch(f"/workflows/{id_}", json={})).json()["changed"] is False
