"""What the application answers beside its pages."""

from ismessenger.web.assets import asset
from tests.web.site import Shop, new_browser


async def test_a_built_file_may_be_kept_for_a_year_and_the_widget_for_minutes(shop: Shop) -> None:
    browser = new_browser(shop.app)
    built = await browser.get(asset("app.css"))
    assert "immutable" in built.headers["cache-control"]
    widget = await browser.get("/static/widget.js")
    assert widget.headers["cache-control"] == "public, max-age=300"
    assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
    assert (await browser.get("/static/../settings.py")).status_code == 404
    assert (await browser.get("/static/manifest.json.bak")).status_code == 404


async def test_the_process_tells_how_it_is(shop: Shop) -> None:
    browser = new_browser(shop.app)
    assert (await browser.get("/healthz")).text == "ok"
    assert (await browser.get("/readyz")).json() == {"ready": True, "checks": {"database": "ok", "redis": "ok"}}
    assert "ismessenger_live_sockets" in (await browser.get("/metrics")).text


async def test_what_is_not_there_is_a_page_of_ours_or_json_for_those_who_ask_for_it(shop: Shop) -> None:
    browser = new_browser(shop.app)
    page = await browser.get("/nowhere")
    assert page.status_code == 404
    assert "Not found" in page.text
    assert "Go to the inbox" in page.text
    told = await browser.get("/nowhere", headers={"Accept": "application/json"})
    assert told.json()["error"]["message"]
    assert (await browser.get("/v2/nowhere")).json()["code"] == 404


async def test_the_root_leads_to_the_inbox(shop: Shop) -> None:
    browser = new_browser(shop.app)
    assert (await browser.get("/")).headers["location"] == "/inbox"
