"""What a contract test wants to know of an adapter."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Protocol

import pytest
from pydantic import BaseModel

from ismessenger.sdk.channel import Channel, RawRequest
from ismessenger.sdk.content import Content
from ismessenger.sdk.testing.fixtures import fixtures_in
from ismessenger.sdk.testing.samples import SAMPLES
from ismessenger.sdk.testing.told import Answer

RECEIVED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def raw_request(body: bytes, headers: Mapping[str, str] | None = None, *, query: str = "", method: str = "POST") -> RawRequest:
    """A webhook call as adapters see it: header names in lower case, arrived at `RECEIVED_AT`."""
    return RawRequest(method=method, headers=headers or {}, query=query, body=body, received_at=RECEIVED_AT)


class Provider(Protocol):
    """A stand-in of the provider while it runs; it takes every message that is sent in the right form."""

    @property
    def url(self) -> str:
        """Where it listens."""
        ...


class AdapterUnderTest(ABC):
    """The adapter, a config with secrets of at least four characters, and how its provider signs and answers."""

    channel: ClassVar[Channel]
    config: ClassVar[BaseModel]
    fixtures: ClassVar[Path]
    identifier: ClassVar[str] = "1001"
    body_is_json: ClassVar[bool] = True
    throttled: ClassVar[Answer] = Answer(429, {}, {"Retry-After": "7"})
    throttled_for: ClassVar[timedelta | None] = timedelta(seconds=7)
    samples: ClassVar[Mapping[str, Content]] = SAMPLES

    @abstractmethod
    def sign(self, body: bytes) -> RawRequest:
        """The body in a request that proves to come from the provider; see `raw_request`."""

    @abstractmethod
    def provider(self) -> AbstractAsyncContextManager[Provider]:
        """A stand-in of the provider that runs while the context is open; ``answering(Answer(200, {…}))`` will often do."""

    def config_at(self, url: str) -> BaseModel:  # noqa: ARG002 - for those who override it
        """The config for a provider at this URL. Override it where the config names the address (``base_url`` is ``None``)."""
        return self.config

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test per recorded webhook, and one per sample of content."""
        if "fixture" in metafunc.fixturenames:
            found = fixtures_in(self.fixtures)
            metafunc.parametrize("fixture", found, ids=[fixture.path.stem for fixture in found])
        if "sample" in metafunc.fixturenames:
            metafunc.parametrize("sample", list(self.samples))
