"""Who may read ``/metrics``."""

from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tests.web.site import ADDRESS, Shop, new_browser

TOKEN = "prometheus-reads-this-here"


@pytest.fixture
def with_token(shop: Shop) -> Iterator[None]:
    own = shop.installation.settings
    shop.installation.settings = own.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    yield
    shop.installation.settings = own


def at(shop: Shop, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(shop.app, client=(address, 1000)), base_url=ADDRESS)


@pytest.mark.behaviour(365)
@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.2.0.7", 200), ("93.184.216.34", 403), ("2606:4700::1", 403)]
)
async def test_without_a_token_only_neighbours_read_the_metrics(shop: Shop, address: str, status: int) -> None:
    answer = await at(shop, address).get("/metrics")
    assert answer.status_code == status
    assert ("ismessenger_live_sockets" in answer.text) == (status == 200)


@pytest.mark.behaviour(365)
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_whoever_calls_through_a_proxy_that_is_not_trusted_is_no_neighbour(shop: Shop, header: str) -> None:
    answer = await at(shop, "10.2.0.7").get("/metrics", headers={header: "10.2.0.8"})
    assert answer.status_code == 403
    assert "ISMESSENGER_TRUSTED_PROXIES" in answer.text


@pytest.mark.behaviour(365)
@pytest.mark.parametrize(("named", "status"), [("10.2.0.8", 200), ("93.184.216.34", 403), ("10.2.0.8, 93.184.216.34", 403)])
async def test_a_trusted_proxy_says_who_calls(shop: Shop, named: str, status: int) -> None:
    transport = httpx.ASGITransport(ProxyHeadersMiddleware(shop.app, "10.2.0.7"), client=("10.2.0.7", 1000))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as caller:
        assert (await caller.get("/metrics", headers={"X-Forwarded-For": named})).status_code == status


@pytest.mark.behaviour(365)
@pytest.mark.usefixtures("with_token")
async def test_with_a_token_the_metrics_are_for_whoever_sends_it(shop: Shop) -> None:
    outside = at(shop, "93.184.216.34")
    assert (await outside.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200
    for browser, headers in ((outside, {"Authorization": "Bearer no"}), (new_browser(shop.app), {})):
        answer = await browser.get("/metrics", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert "ISMESSENGER_METRICS_TOKEN" in answer.text
        assert "ismessenger_live_sockets" not in answer.text
