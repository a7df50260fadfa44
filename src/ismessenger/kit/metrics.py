"""Everything that is counted, in one place, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

registry = CollectorRegistry()
ProcessCollector(registry=registry)

INBOUND = Counter(
    "ismessenger_inbound_events", "Webhook events, by channel kind and what became of them.", ["kind", "outcome"], registry=registry
)
DELIVERIES = Counter(
    "ismessenger_deliveries", "Attempts to send a message, by channel kind and outcome.", ["kind", "outcome"], registry=registry
)
LANE_DEPTH = Gauge("ismessenger_lane_depth", "Rows that are due and wait for a lane.", ["lane"], registry=registry)
LANE_SECONDS = Histogram("ismessenger_lane_batch_seconds", "Time that one batch of a lane takes.", ["lane"], registry=registry)
LANE_TROUBLE = Counter("ismessenger_lane_trouble", "Times that a lane could not find or do its work.", ["lane"], registry=registry)
REQUESTS = Histogram("ismessenger_request_seconds", "Time to answer a request.", ["endpoint", "method", "status"], registry=registry)
LIVE_SOCKETS = Gauge("ismessenger_live_sockets", "WebSockets of agents' pages that are open on this process.", registry=registry)
REDIS_TROUBLE = Counter("ismessenger_redis_trouble", "Times that something went on without Redis.", ["where"], registry=registry)


async def metrics(_request: Request) -> Response:
    """``GET /metrics``: the numbers of this process."""
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
