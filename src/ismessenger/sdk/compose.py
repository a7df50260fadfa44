"""The declared downgrade: any neutral content becomes contents that a channel takes."""

from ismessenger.sdk.channel import Capabilities
from ismessenger.sdk.content import Content


class CannotCarry(Exception):
    """The channel has no form for this content at all. ``str()`` is a sentence for the person who writes."""


def fit(content: Content, capabilities: Capabilities) -> list[Content]:
    """Contents that each take exactly one call to the provider, in order. Raises `CannotCarry`."""
    raise NotImplementedError
