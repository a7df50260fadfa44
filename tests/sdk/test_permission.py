"""What may be sent now: data in the capabilities, asked by one function."""

from datetime import UTC, datetime, timedelta

import pytest

from ismessenger.messages.allow import objection
from ismessenger.plugins import load_plugins
from ismessenger.sdk.channel import Capabilities, Window, permission
from ismessenger.sdk.content import Template, Text

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WHATSAPP = Capabilities(window=Window(timedelta(hours=24), templates_after=True), template=True, starts="either")
MESSENGER = load_plugins().channels["messenger"].capabilities


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.behaviour(39)
def test_after_24_hours_whatsapp_takes_only_a_template() -> None:
    within = permission(WHATSAPP, last_incoming_at=ago(hours=23), now=NOW)
    after = permission(WHATSAPP, last_incoming_at=ago(hours=25), now=NOW)
    assert objection(within, Text(text="hi"), None) is None
    assert within.until == NOW + timedelta(hours=1)
    assert objection(after, Text(text="hi"), None) is not None
    assert objection(after, Template(name="update", language="en"), None) is None


@pytest.mark.behaviour(39)
def test_after_24_hours_messenger_takes_a_human_agents_answer_for_seven_days() -> None:
    after = permission(MESSENGER, last_incoming_at=ago(hours=25), now=NOW)
    assert objection(after, Text(text="hi"), None) is not None
    assert objection(after, Text(text="hi"), "HUMAN_AGENT") is None
    assert objection(after, Text(text="hi"), "HUMAN_AGENT", by_hand=False) is not None
    assert objection(after, Template(name="update", language="en"), None) is None
    late = permission(MESSENGER, last_incoming_at=ago(days=8), now=NOW)
    assert objection(late, Text(text="hi"), "HUMAN_AGENT") is not None


@pytest.mark.parametrize("kind", ["messenger", "telegram", "website_chat"])
def test_a_contact_that_never_wrote_cannot_be_written_to_where_the_contact_must_start(kind: str) -> None:
    capabilities = load_plugins().channels[kind].capabilities
    assert permission(capabilities, last_incoming_at=None, now=NOW).state == "closed"
