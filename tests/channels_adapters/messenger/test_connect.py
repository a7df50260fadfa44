from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from channels_adapters.messenger.connect import FIELDS
from ismessenger.sdk.channel import Connected, ConnectFailed, Endpoint
from tests.channels_adapters.messenger.conftest import PAGE, TOKEN
from tests.standins.graph import GraphServer
from tests.standins.server import Behaviour


@dataclass
class Account:
    """The Page, to be connected and disconnected."""

    config: MessengerConfig
    endpoint: Endpoint
    http: httpx.AsyncClient

    async def connect(self) -> Connected:
        return await Messenger().connect(self.config, self.endpoint, self.http)

    async def disconnect(self) -> None:
        await Messenger().disconnect(self.config, self.endpoint, self.http)


@pytest.fixture
def account(config: MessengerConfig, endpoint: Endpoint, http: httpx.AsyncClient) -> Account:
    return Account(config, endpoint, http)


def trouble(code: int, words: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code, **more}}


async def test_connecting_names_the_page_and_subscribes_to_its_events(account: Account, graph: GraphServer) -> None:
    assert await account.connect() == Connected(name="Oak & Sons")
    asked, subscribed = graph.requests
    assert (asked.method, asked.path, asked.query["fields"]) == ("GET", f"/v25.0/{PAGE}", "id,name")
    assert (subscribed.method, subscribed.path) == ("POST", f"/v25.0/{PAGE}/subscribed_apps")
    assert subscribed.query["subscribed_fields"] == ",".join(FIELDS)
    assert graph.pages[PAGE].subscribed_fields == list(FIELDS)
    assert all(TOKEN not in str(request.query) for request in graph.requests)


async def test_disconnecting_ends_the_subscription(account: Account, graph: GraphServer) -> None:
    await account.connect()
    await account.disconnect()
    assert (graph.requests[-1].method, graph.requests[-1].path) == ("DELETE", f"/v25.0/{PAGE}/subscribed_apps")
    assert graph.pages[PAGE].subscribed_fields is None


async def test_a_wrong_token(account: Account, graph: GraphServer) -> None:
    graph.pages[PAGE].token = "another"
    with pytest.raises(ConnectFailed, match="does not accept the page access token") as failed:
        await account.connect()
    assert TOKEN not in str(failed.value)


async def test_a_wrong_app_secret_is_found_at_once(account: Account, graph: GraphServer) -> None:
    graph.pages[PAGE].app_secret = "another"
    with pytest.raises(ConnectFailed, match="app secret is not that of the application"):
        await account.connect()


@pytest.mark.parametrize(
    ("body", "mend"),
    [
        (trouble(210, "A page access token is required to request this resource."), "no token of a Page"),
        (trouble(100, "Unsupported get request. Object does not exist", error_subcode=33), "Check the Page ID"),
        (trouble(803, "Some of the aliases you requested do not exist"), "Check the Page ID"),
        (trouble(200, "Requires pages_manage_metadata permission"), "lacks a permission"),
        (trouble(10, "Application does not have permission for this action"), "lacks a permission"),
        (trouble(368, "Temporarily blocked"), "Temporarily blocked"),
        ({"odd": True}, "Facebook refused"),
    ],
)
@pytest.mark.parametrize("path", ["", "subscribed_apps"])
async def test_refusals_say_what_to_mend(account: Account, graph: GraphServer, body: dict[str, Any], mend: str, path: str) -> None:
    graph.fail(400, body=body, path=path)
    with pytest.raises(ConnectFailed, match=mend):
        await account.connect()


async def test_an_answer_that_confirms_nothing_is_no_subscription(account: Account, graph: GraphServer) -> None:
    graph.behave(Behaviour("fail", status=200, body={"success": False}, path="subscribed_apps"))
    with pytest.raises(ConnectFailed, match="did not subscribe"):
        await account.connect()


async def test_a_provider_out_of_reach(account: Account, graph: GraphServer) -> None:
    for misbehaviour in (Behaviour("fail", status=503), Behaviour("throttle", status=429), Behaviour("drop")):
        graph.behave(misbehaviour)
        with pytest.raises(ConnectFailed, match="try again later"):
            await account.connect()
        with pytest.raises(ConnectFailed, match="subscription"):
            await account.disconnect()


async def test_a_refused_disconnection_says_what_to_do(account: Account, graph: GraphServer) -> None:
    graph.pages[PAGE].token = "another"
    with pytest.raises(ConnectFailed, match="Business integrations"):
        await account.disconnect()
