"""Signing in and out by the pages."""

from tests.conftest import PASSWORD
from tests.web.site import Shop, new_browser


async def test_a_stranger_is_led_to_the_sign_in_and_back(shop: Shop) -> None:
    browser = new_browser(shop.app)
    answer = await browser.get("/inbox/mine?status=closed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/session/new?next=%2Finbox%2Fmine%3Fstatus%3Dclosed")
    form = await browser.get(answer.headers["location"])
    assert 'name="next" value="/inbox/mine?status=closed"' in form.text
    signed_in = await browser.post(
        "/session", data={"email": shop.world.agent.email, "password": PASSWORD, "next": "/inbox/mine?status=closed"}
    )
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/inbox/mine?status=closed")
    assert (await browser.get("/inbox/mine")).status_code == 200
