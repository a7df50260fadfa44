"""The contract of integrations: a service outside that steps ask.

An integration does what a step's `sdk.step.Call` asks, outside of any transaction, and never touches the database. Failures are those of
``sdk.channel``: `Throttled` and `Unavailable` are tried again, `Unconfirmed`, `Rejected` and `CredentialsInvalid` are told at once.

A step names the connection that it uses in a parameter ``connection_id``, so that people are told what uses it before they delete it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, ConfigDict

HTTP: Final = "http"
"""The integration of a `Call` that is a plain HTTP request: its action is ``request`` and its request an `HttpRequest`."""

SECRET: Final = re.compile(r"\{\{\s*secret\.([A-Za-z][A-Za-z0-9_]{0,63})\s*\}\}")
"""How the words of a step name a secret of the workspace. It is put in when the request leaves, and nowhere else."""

_LOOKS_LIKE_SECRET = re.compile(r"\{\{(?=\s*secret\.)")


def around_secrets(words: str, fill: Callable[[str], str]) -> str:
    """``fill`` the words between the names of secrets, which stay. What a value brings along that looks like one is taken apart.

    So whoever writes ``{{secret.KEY}}`` into a chat gets nothing put in.
    """
    filled, end = [], 0
    for named in SECRET.finditer(words):
        filled += [_LOOKS_LIKE_SECRET.sub("{ {", fill(words[end : named.start()])), named[0]]
        end = named.end()
    return "".join([*filled, _LOOKS_LIKE_SECRET.sub("{ {", fill(words[end:]))])


class HttpRequest(BaseModel):
    """What a `Call` of `HTTP` carries. Secrets are still named (`SECRET`). The answer is ``{"status": 200, "json": …}``.

    ``json`` is None where the answer's content type is not JSON.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: str
    headers: dict[str, str] = {}
    body: str | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call. ``key`` names it for ever and is the same at every attempt: hand it on as an idempotency key where the service has one."""

    action: str
    request: Mapping[str, Any]
    key: str
    attempt: int = 1


class Integration(Protocol):
    """One service. ``Config`` is what a connection to it needs; its `SecretStr` fields are stored sealed.

    ``base_url`` is that of the service; the operator may put a proxy or a stand-in in its place.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    base_url: ClassVar[str | None]
    Config: ClassVar[type[BaseModel]]

    async def call(self, asked: Asked, config: Any, http: httpx.AsyncClient) -> Mapping[str, Any]:
        """Do it; what comes back is JSON. Raises `sdk.channel.SendFailed` of any kind."""
        ...


@runtime_checkable
class Describes(Protocol):
    """An integration that says what it is for, and how to get what its form asks for."""

    description: ClassVar[str]


@runtime_checkable
class Repeats(Protocol):
    """An integration whose service does a call once however often it comes, known by its key: it is tried again also after a crash."""

    def repeatable(self, asked: Asked) -> bool:
        """Whether this one may be made again although nobody knows whether the last attempt arrived."""
        ...


@runtime_checkable
class Lists(Protocol):
    """An integration that can say what there is to choose from, for the forms of its steps."""

    async def choices(self, what: str, within: Mapping[str, str], config: Any, http: httpx.AsyncClient) -> list[tuple[str, str]]:
        """Pairs of id and name. Raises `sdk.channel.SendFailed`."""
        ...


@runtime_checkable
class Checked(Protocol):
    """An integration that can find out whether its credentials work."""

    async def check(self, config: Any, http: httpx.AsyncClient) -> None:
        """Raises `sdk.channel.SendFailed`."""
        ...
