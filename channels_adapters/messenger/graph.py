"""One call of the Graph API, and what its errors mean.

The token travels in a header, since addresses end up in logs. Some errors repeat it, so it is taken out of their words. Every call carries
the proof that we know the app secret: applications may demand it, and a wrong secret shows when it is typed instead of in lost webhooks.
Source: Meta, Messenger Platform, "Common Error Codes" and "Send a Message"; Graph API, "Handle Errors", "Rate Limits", "Secure Requests".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import httpx
from httpx import codes
from pydantic import BaseModel, ConfigDict, ValidationError

from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import (
    ContactGone,
    CredentialsInvalid,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unconfirmed,
    WindowClosed,
)
from ismessenger.sdk.http import call, json_of, retry_after
from ismessenger.sdk.signing import hmac_hex
from ismessenger.sdk.words import gettext

API_VERSION: Final = "v25.0"

# By code and subcode: what one recipient or one message meets, whatever else the code says.
_BY_SUBCODE: dict[tuple[int, int], type[WindowClosed | ContactGone]] = {
    (10, 2018065): WindowClosed,
    (10, 2018278): WindowClosed,
    (10, 2534022): WindowClosed,
    (10, 2018108): ContactGone,
    (100, 2018001): ContactGone,
    (200, 1545041): ContactGone,
}
_BY_CODE: dict[int, type[ContactGone | Unavailable]] = {
    551: ContactGone,
    1200: Unavailable,
}
_THROTTLED = frozenset({4, 17, 32, 341, 613, 80006})
_UNKNOWN = frozenset({1, 2})
TOKEN_CODES: Final = frozenset({102, 190})
PERMISSION_CODES: Final = frozenset({3, 10, *range(200, 300)})


class Trouble(BaseModel):
    """The error object of the Graph API."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: int
    message: str = ""
    error_subcode: int | None = None
    error_user_msg: str | None = None
    is_transient: bool = False

    @property
    def name(self) -> str:
        """The code, and the subcode if there is one."""
        return f"{self.code}/{self.error_subcode}" if self.error_subcode else str(self.code)

    @property
    def words(self) -> str:
        """What Facebook says to a person, else to a developer."""
        return self.error_user_msg or self.message or f"Facebook gave no reason (code {self.name})."

    @property
    def is_about_proof(self) -> bool:
        """Whether the app secret is not that of the application which made the token."""
        return "appsecret_proof" in self.message


class Refused(Exception):
    """An error of the Graph API, for those who ask about the account instead of sending a message."""

    def __init__(self, trouble: Trouble, failure: SendFailed) -> None:
        super().__init__(trouble.words)
        self.trouble, self.failure = trouble, failure


@dataclass(frozen=True, slots=True)
class Graph:
    """The API with the credentials of one Page."""

    http: httpx.AsyncClient
    config: MessengerConfig

    async def send(self, body: dict[str, Any]) -> Any:
        """Post to the Page's messages and give the answer's JSON. Raises a `SendFailed`."""
        address = f"/{API_VERSION}/{self.config.page_id}/messages"
        response = await self._call("POST", address, json=body, explain=partial(failure_of, secret=self._secret))
        return json_of(response)

    async def ask(self, method: str, *steps: str, **values: str) -> Any:
        """Read or change something and give the answer's JSON. Raises `Refused`, or a `SendFailed` if there is no clear answer."""
        response = await self._call(method, "/".join(("", API_VERSION, *(quote(step, safe="") for step in steps))), values=values)
        if response.is_client_error:
            trouble = trouble_of(response, secret=self._secret) or Trouble(code=response.status_code)
            raise Refused(trouble, _failure(trouble, response))
        return json_of(response)

    async def _call(self, method: str, address: str, *, values: Mapping[str, str] | None = None, **request: Any) -> httpx.Response:
        proof = hmac_hex(self.config.app_secret.get_secret_value(), self._secret.encode())
        headers = {"Authorization": f"Bearer {self._secret}"}
        response = await call(self.http, method, address, headers=headers, params={**(values or {}), "appsecret_proof": proof}, **request)
        if response.is_redirect:
            raise Unavailable(gettext("The address of Facebook's API leads elsewhere; check the configured base URL."))
        return response

    @property
    def _secret(self) -> str:
        return self.config.page_access_token.get_secret_value()


def trouble_of(response: httpx.Response, *, secret: str = "") -> Trouble | None:
    """The error in an answer, or ``None`` if it holds none of Facebook's. The ``secret`` is taken out of its words."""
    answer = json_of(response)
    if not isinstance(answer, dict) or "error" not in answer:
        return None
    try:
        trouble = Trouble.model_validate(answer["error"])
    except ValidationError:
        return None
    hidden = {name: words.replace(secret, "…") for name in ("message", "error_user_msg") if (words := getattr(trouble, name)) and secret}
    return trouble.model_copy(update=hidden)


def failure_of(response: httpx.Response, *, secret: str = "") -> SendFailed | None:
    """What an answer of 400 or more means; ``None`` leaves it to the rules that hold for every provider."""
    trouble = trouble_of(response, secret=secret)
    if trouble is not None:
        return _failure(trouble, response)
    if response.is_client_error and response.status_code != codes.TOO_MANY_REQUESTS:
        return Rejected(
            str(response.status_code),
            gettext("Facebook answered %(status)s without a reason.") % {"status": response.status_code},
        )
    return None


def _failure(trouble: Trouble, response: httpx.Response) -> SendFailed:
    words = trouble.words
    if trouble.code in _THROTTLED or response.status_code == codes.TOO_MANY_REQUESTS:
        return Throttled(words, retry_after=retry_after(response) or _regained_after(response))
    if trouble.code in _UNKNOWN:
        return _maybe_sent(trouble, response)(words)
    kind = _BY_SUBCODE.get((trouble.code, trouble.error_subcode or 0)) or _BY_CODE.get(trouble.code) or _of_the_channel(trouble)
    return kind(words) if kind is not None else Rejected(trouble.name, words)


def _of_the_channel(trouble: Trouble) -> type[WindowClosed | CredentialsInvalid] | None:
    """Permissions without a subcode speak of the whole channel, but an old form of the closed window hides among them."""
    if trouble.code in TOKEN_CODES or trouble.is_about_proof:
        return CredentialsInvalid
    if trouble.error_subcode is not None or trouble.code not in PERMISSION_CODES:
        return None
    return WindowClosed if "outside of allowed window" in trouble.message else CredentialsInvalid


def _maybe_sent(trouble: Trouble, response: httpx.Response) -> type[Unavailable | Unconfirmed]:
    """Codes 1 and 2 are also given for messages that did arrive; only where Facebook calls for a repetition is one safe."""
    return Unavailable if trouble.is_transient or response.status_code == codes.SERVICE_UNAVAILABLE else Unconfirmed


def _regained_after(response: httpx.Response) -> timedelta | None:
    """The longest pause, in minutes, that the header X-Business-Use-Case-Usage names."""
    try:
        usage = json.loads(response.headers.get("x-business-use-case-usage", ""))
        minutes = [int(one.get("estimated_time_to_regain_access", 0)) for uses in usage.values() for one in uses]
    except (ValueError, TypeError, AttributeError):
        return None
    longest = max(minutes, default=0)
    return timedelta(minutes=longest) if 0 < longest < 10**6 else None
