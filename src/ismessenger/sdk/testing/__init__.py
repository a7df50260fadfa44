"""Tests that every adapter, step and trigger gets for free, and what they are made of. Needs pytest and pytest-asyncio.

``docs/writing-a-channel.md`` walks through an example.
"""

# ruff: noqa: E402 - pytest rewrites the asserts only of what is imported after it is told
import pytest

pytest.register_assert_rewrite("ismessenger.sdk.testing.receiving", "ismessenger.sdk.testing.sending", "ismessenger.sdk.testing.steps")

from ismessenger.sdk.testing.contract import ChannelContract
from ismessenger.sdk.testing.fixtures import dump_event
from ismessenger.sdk.testing.samples import SAMPLES, misfits
from ismessenger.sdk.testing.scene import MadeUpScene
from ismessenger.sdk.testing.setup import Provider, raw_request
from ismessenger.sdk.testing.steps import StepContract, TriggerContract
from ismessenger.sdk.testing.told import Answer, Told, answering, refusing

__all__ = [
    "SAMPLES",
    "Answer",
    "ChannelContract",
    "MadeUpScene",
    "Provider",
    "StepContract",
    "Told",
    "TriggerContract",
    "answering",
    "dump_event",
    "misfits",
    "raw_request",
    "refusing",
]
