"""What the tests of conversations share with those of messages: a channel without a provider."""

from tests.messages.conftest import line

__all__ = ["line"]
