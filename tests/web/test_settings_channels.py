"""Settings → Channels: who may, how a channel is connected, mended and disconnected, and what its log shows."""

from dataclasses import replace

from ismessenger.channels.drain import drain_channel
from ismessenger.plugins import BrokenPlugin
from ismessenger.web.settings.config_form import config_fields
from tests.web.site import Shop

LIST = "/settings/channels"
CUSTOM = {"channel_name": "Orders", "id_type": "custom", "api_base_url": "https://orders.example/api", "messages_per_second": "7"}


async def connected(shop: Shop) -> int:
    """The number of a custom channel, connected by the form."""
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(f"{LIST}/new/custom_channel", data=CUSTOM)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/")[3].split("?")[0])


async def failed_webhook(shop: Shop, channel_id: int, body: bytes = b"\xff<script>") -> int:
    """A stored webhook that its adapter could not read."""
    await shop.change(
        "INSERT INTO inbound_event (channel_id, headers, query, body, received_at, state, attempt, note)"
        " VALUES (:channel, '{}', '', :body, now(), 'failed', 0, 'The body is no JSON.')",
        channel=channel_id,
        body=body,
    )
    return int(str(await shop.value("SELECT max(id) FROM inbound_event")))


async def test_agents_have_no_settings(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    for path in (
        LIST,
        f"{LIST}/new/telegram",
        f"{LIST}/{shop.channel_id}",
        f"{LIST}/{shop.channel_id}/edit",
        f"{LIST}/{shop.channel_id}/log",
    ):
        assert (await browser.get(path)).status_code == 403
    for path in (f"{LIST}/new/telegram", f"{LIST}/{shop.channel_id}/edit", f"{LIST}/{shop.channel_id}/disconnection"):
        assert (await browser.post(path, data=CUSTOM)).status_code == 403
    assert 'href="/settings"' not in (await browser.get("/inbox")).text
    assert 'href="/settings"' in (await (await shop.browser(shop.world.manager)).get("/inbox")).text


async def test_the_list_shows_what_is_connected_and_what_can_be(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(LIST)).text
    assert f'href="{LIST}/{shop.channel_id}">Lumen bot</a>' in page
    for kind in shop.installation.plugins.channels:
        assert f'href="{LIST}/new/{kind}"' in page


async def test_a_broken_channel_says_why_and_what_to_do(shop: Shop) -> None:
    await shop.change("UPDATE channel SET status = 'broken', status_reason = 'Unauthorized: the token was revoked.'")
    browser = await shop.browser(shop.world.manager)
    for path in (LIST, f"{LIST}/{shop.channel_id}", f"{LIST}/{shop.channel_id}/edit"):
        page = (await browser.get(path)).text
        assert "Unauthorized: the token was revoked." in page
        assert "valid key" in page


async def test_a_plugin_that_cannot_be_loaded_is_shown_with_its_error(shop: Shop) -> None:
    installation = shop.installation
    before = installation.plugins
    broken = BrokenPlugin("echo", "ismessenger-echo", "ImportError: no module <b>named</b> echo")
    installation.plugins = replace(before, broken=(broken,))
    try:
        page = (await (await shop.browser(shop.world.owner)).get(LIST)).text
    finally:
        installation.plugins = before
    assert "ismessenger-echo" in page
    assert "ImportError: no module &lt;b&gt;named" in page


async def test_a_channel_is_connected_by_its_form(shop: Shop) -> None:
    browser = await shop.browser(shop.world.manager)
    form = (await browser.get(f"{LIST}/new/custom_channel")).text
    assert 'name="api_token"' not in form  # made by us
    assert '<option value="phone">' in form
    answer = await browser.post(f"{LIST}/new/custom_channel", data=CUSTOM)
    page = (await browser.get(answer.headers["location"])).text
    assert "Connected. Follow the steps" in page
    assert "/hooks/custom_channel/" in page
    config = await shop.value("SELECT config FROM channel WHERE kind = 'custom_channel'")
    assert config == {"id_type": "custom", "api_base_url": "https://orders.example/api", "messages_per_second": 7.0}
    assert "Try it from a terminal" in page


async def test_a_form_that_is_refused_comes_back_with_what_was_typed_and_what_is_wrong(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(f"{LIST}/new/custom_channel", data={**CUSTOM, "api_base_url": 'no"address<b>'})
    assert answer.status_code == 422
    assert "This is no address." in answer.text
    assert 'value="no&#34;address&lt;b&gt;"' in answer.text
    assert 'value="Orders"' in answer.text
    assert await shop.value("SELECT count(*) FROM channel") == 1


async def test_a_secret_is_a_password_field_that_never_comes_back(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    form = (await browser.get(f"{LIST}/new/telegram")).text
    assert 'name="bot_token" type="password"' in form
    refused = await browser.post(f"{LIST}/new/telegram", data={"bot_token": "not a token"})
    assert refused.status_code == 422
    assert "not a token" not in refused.text
    edit = (await browser.get(f"{LIST}/{shop.channel_id}/edit")).text
    assert "123456:abc-def" not in edit
    assert "Leave it empty to keep it." in edit


async def test_what_the_provider_refuses_is_told_and_nothing_is_kept(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    installation = shop.installation
    before = dict(installation.settings.provider_base_urls)
    installation.settings.provider_base_urls["telegram"] = "http://127.0.0.1:9"
    installation._clients.pop("telegram", None)
    try:
        answer = await browser.post(f"{LIST}/new/telegram", data={"channel_name": "Bot", "bot_token": "1:a"})
    finally:
        installation.settings.provider_base_urls.clear()
        installation.settings.provider_base_urls.update(before)
        await installation._clients.pop("telegram").aclose()
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert await shop.value("SELECT count(*) FROM channel WHERE disconnected_at IS NULL") == 1


async def test_editing_keeps_the_secrets_that_are_left_empty(shop: Shop) -> None:
    channel_id = await connected(shop)
    browser = await shop.browser(shop.world.owner)
    secrets = await shop.value("SELECT secrets FROM channel WHERE id = :id", id=channel_id)
    form = (await browser.get(f"{LIST}/{channel_id}/edit")).text
    assert 'value="https://orders.example/api"' in form
    answer = await browser.post(f"{LIST}/{channel_id}/edit", data={**CUSTOM, "channel_name": "New name", "messages_per_second": "9"})
    assert answer.status_code == 303
    assert await shop.rows("SELECT name, config ->> 'messages_per_second' FROM channel WHERE id = :id", id=channel_id) == [
        ("New name", "9.0")
    ]
    assert await shop.value("SELECT secrets FROM channel WHERE id = :id", id=channel_id) != secrets  # sealed anew
    assert "/hooks/custom_channel/" in (await browser.get(f"{LIST}/{channel_id}")).text


async def test_only_owners_disconnect_and_history_stays(shop: Shop) -> None:
    await shop.wrote("ada", "before")
    channel_id = await connected(shop)
    manager, owner = await shop.browser(shop.world.manager), await shop.browser(shop.world.owner)
    assert "Disconnect…" not in (await manager.get(f"{LIST}/{channel_id}")).text
    assert (await manager.post(f"{LIST}/{channel_id}/disconnection")).status_code == 403
    assert "Disconnect…" in (await owner.get(f"{LIST}/{channel_id}")).text
    assert (await owner.post(f"{LIST}/{channel_id}/disconnection")).status_code == 303
    assert (await owner.get(f"{LIST}/{channel_id}")).status_code == 404
    assert await shop.value("SELECT count(*) FROM message") == 1
    assert await shop.value("SELECT status FROM channel WHERE id = :id", id=channel_id) == "disconnected"


async def test_the_log_shows_what_was_left_out_and_replays_what_failed(shop: Shop) -> None:
    event_id = await failed_webhook(shop, shop.channel_id)
    browser = await shop.browser(shop.world.manager)
    page = (await browser.get(f"{LIST}/{shop.channel_id}/log")).text
    assert "The body is no JSON." in page
    assert "\ufffd&lt;script&gt;" in page
    answer = await browser.post(f"{LIST}/{shop.channel_id}/log/{event_id}/attempts")
    assert answer.status_code == 303
    assert await shop.value("SELECT state FROM inbound_event WHERE id = :id", id=event_id) == "pending"
    assert (await browser.post(f"{LIST}/{shop.channel_id}/log/{event_id}/attempts")).status_code == 409
    assert await drain_channel(shop.installation, shop.world.workspace_id, shop.channel_id) == 1
    assert await shop.value("SELECT state FROM inbound_event WHERE id = :id", id=event_id) == "failed"


async def test_a_long_log_is_read_in_pages(shop: Shop) -> None:
    ids = [await failed_webhook(shop, shop.channel_id, b"{}") for _number in range(35)]
    browser = await shop.browser(shop.world.owner)
    first = (await browser.get(f"{LIST}/{shop.channel_id}/log")).text
    assert first.count("/attempts") == 30
    second = (await browser.get(f"{LIST}/{shop.channel_id}/log?before={ids[5]}")).text
    assert second.count("/attempts") == 5
    assert (await browser.get(f"{LIST}/{shop.channel_id}/log?before=99999999999999999999")).status_code == 200


async def test_the_channel_of_a_missing_plugin_is_shown_and_can_be_disconnected(shop: Shop) -> None:
    await shop.change("UPDATE channel SET kind = 'gone'")
    browser = await shop.browser(shop.world.owner)
    assert "Plugin missing" in (await browser.get(LIST)).text
    assert (await browser.get(f"{LIST}/{shop.channel_id}")).status_code == 200
    assert (await browser.get(f"{LIST}/{shop.channel_id}/edit")).status_code == 404
    assert (await browser.post(f"{LIST}/{shop.channel_id}/disconnection")).status_code == 303


async def test_an_unknown_kind_cannot_be_connected(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    assert (await browser.get(f"{LIST}/new/fax")).status_code == 404
    assert (await browser.post(f"{LIST}/new/fax", data=CUSTOM)).status_code == 404


async def test_every_installed_kind_has_a_form_and_a_guide(shop: Shop) -> None:
    browser = await shop.browser(shop.world.owner)
    for kind, adapter in shop.installation.plugins.channels.items():
        page = (await browser.get(f"{LIST}/new/{kind}")).text
        assert "How it goes" in page
        for field in config_fields(adapter.Config):
            assert f'name="{field.name}"' in page
