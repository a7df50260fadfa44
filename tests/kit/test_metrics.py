import re

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from ismessenger.kit import metrics


async def test_the_numbers_are_shown_in_the_format_of_prometheus() -> None:
    metrics.INBOUND.labels("telegram", "received").inc(3)
    metrics.LANE_DEPTH.labels("replies").set(7)
    app = Starlette(routes=[Route("/metrics", metrics.metrics)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert re.search(r'ismessenger_inbound_events_total\{kind="telegram",outcome="received"\} [3-9]', answer.text)
    assert 'ismessenger_lane_depth{lane="replies"} 7.0' in answer.text
    assert "ismessenger_live_sockets" in answer.text
