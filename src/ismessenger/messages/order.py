"""The order to send one message, as a worker holds it."""

from dataclasses import dataclass
from datetime import datetime

from ismessenger.sdk.channel import OutboundMessage


@dataclass(frozen=True, slots=True)
class Order:
    """One leased delivery with everything that is needed to send it."""

    id: int
    kind: str
    attempt: int
    message_id: int
    contact_id: int
    contact_channel_id: int
    last_incoming_at: datetime | None
    outbound: OutboundMessage
    blocked: bool = False
