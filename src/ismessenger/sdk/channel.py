"""The channel contract: what an adapter declares, what it receives and what it raises.

An adapter translates between a provider and the neutral types of ``sdk.content``. It never touches the database, the clock of the
process or another adapter. Times are aware UTC datetimes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol, runtime_checkable
from urllib.parse import parse_qs

import httpx
from pydantic import BaseModel

from ismessenger.sdk.content import Content, Media, MediaKind
from ismessenger.sdk.words import gettext

# --- What comes in -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One webhook call as it arrived. Header names are lower case; ``body`` is the exact bytes that were signed."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes
    received_at: datetime

    def argument(self, name: str) -> str:
        """The first value of a query argument, or an empty string."""
        return parse_qs(self.query).get(name, [""])[0]


@dataclass(frozen=True, slots=True)
class Challenge:
    """An answer to give at once instead of storing an event (a provider's ownership check)."""

    body: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a provider tells about a person. ``None`` means unknown and never overwrites what is known."""

    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    country_code: str | None = None
    picture_url: str | None = None


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A customer wrote. ``identifier`` names the person on this channel, ``external_id`` the message; both are at most 255 characters.

    ``opens`` is false for what is no conversation (a welcome event, a follow): it creates the contact but opens nothing. ``awaits`` names
    what waits at the provider until it is told that this has arrived: see `Acknowledges`.
    """

    identifier: str
    external_id: str
    content: Content
    sent_at: datetime
    profile: Profile = field(default_factory=Profile)
    reply_to: str | None = None
    source: Literal["contact", "ctc_ads", "growth_widget"] = "contact"
    referral: Mapping[str, str] | None = None
    opens: bool = True
    awaits: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEchoed:
    """Something was sent to the person: by us, or from the provider's own application.

    ``our_id`` is the ``OutboundMessage.id`` if the provider hands our metadata back.
    """

    identifier: str
    external_id: str
    content: Content
    sent_at: datetime
    our_id: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A receipt. It names one message (``external_id`` or ``our_id``), or all sent to ``identifier`` up to ``watermark``."""

    status: Literal["sent", "delivered", "read", "failed"]
    at: datetime
    external_id: str | None = None
    our_id: str | None = None
    identifier: str | None = None
    watermark: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The person changed a message sent before."""

    identifier: str
    external_id: str
    content: Content
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageReacted:
    """The person put a reaction on a message (ours or theirs), or took it away (``emoji`` is ``None``)."""

    identifier: str
    external_id: str
    emoji: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """The person did something that is no message: pressed Get started, joined, blocked the bot, changed a name."""

    identifier: str
    at: datetime
    profile: Profile = field(default_factory=Profile)
    happened: str | None = None
    referral: Mapping[str, str] | None = None
    opens: bool = False
    reachable: bool | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An item that is understood and deliberately not imported."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One item of a batch that does not have the provider's shape. Its neighbours go on; the channel's log shows the reason."""

    reason: str


InboundEvent = MessageReceived | MessageEchoed | StatusChanged | MessageEdited | MessageReacted | ContactChanged | Ignored | Unreadable


class SignatureInvalid(Exception):
    """The request does not prove that it comes from the provider: answered 401."""


class BodyInvalid(ValueError):
    """The body as a whole cannot be read; the text is shown to whoever can mend it."""


# --- What a channel can do -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediaLimit:
    """The largest file of a kind, and its MIME types (empty: any)."""

    max_bytes: int
    types: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MessageTag:
    """A reason for which a provider lets a business write after the window has closed. ``until`` counts from the last incoming message."""

    value: str
    title: str
    until: timedelta | None = None
    by_hand_only: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """How long after the last incoming message anything may be sent, and what may be sent afterwards."""

    length: timedelta
    tags: Sequence[MessageTag] = ()
    templates_after: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages per second that the provider takes for one channel, and how many may go at once."""

    per_second: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel takes. Zero means "not at all": ``sdk.compose.fit`` turns it into what the channel does take."""

    text_length: int = 4096
    caption_length: int = 0
    media: Mapping[MediaKind, MediaLimit] = field(default_factory=dict)
    quick_replies: int = 0
    quick_reply_length: int = 20
    buttons: int = 0
    button_length: int = 20
    button_text_length: int | None = None  # the words above buttons or a list; None: as text_length
    button_kinds: frozenset[Literal["reply", "url", "phone"]] = frozenset()
    list_rows: int = 0
    cards: int = 0
    location: bool = False
    contact: bool = False
    template: bool = False
    custom_payload: bool = False
    reply_to: bool = False
    starts: Literal["contact", "either"] = "contact"
    window: Window | None = None
    rate: Rate = field(default_factory=lambda: Rate(per_second=20, burst=20))
    idempotency_key: bool = False
    reports_delivery: bool = False


# --- What goes out -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message that already fits the channel's capabilities: exactly one call to the provider.

    ``id`` is ours, opaque, stable over retries: hand it to the provider as metadata or idempotency key where it has such a field.
    Media URLs are absolute, signed and expire.
    """

    id: str
    channel_id: str
    identifier: str
    content: Content
    reply_to: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took the message. ``external_id`` is its id for it, where it has one."""

    external_id: str | None
    status: Literal["sent", "delivered"] = "sent"


class SendFailed(Exception):
    """Why a message did not go out; exactly one of the subclasses below. ``str()`` is a sentence for the agent."""


class Throttled(SendFailed):
    """The provider asks to slow down."""

    def __init__(self, words: str = "The provider asks to slow down.", *, retry_after: timedelta | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class Unavailable(SendFailed):
    """The provider did certainly not take the message and may take it later: refused connection, 5xx before processing."""


class Unconfirmed(SendFailed):
    """Nobody knows whether the provider took the message: the answer was cut off or never came."""


class Rejected(SendFailed):
    """The provider will never take this message. ``code`` is the provider's own."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class WindowClosed(SendFailed):
    """The messaging window is over."""


class ContactGone(SendFailed):
    """The person blocked us, left, or never existed."""


class CredentialsInvalid(SendFailed):
    """The channel's token or key is not accepted: the channel needs to be connected again."""


# --- The contract --------------------------------------------------------------------------------------------------------------


class Channel(Protocol):
    """Every adapter. Instances hold no state: one serves all channels of its kind."""

    kind: ClassVar[str]
    name: ClassVar[str]
    source: ClassVar[str]  # the wire name in the API and in webhooks, e.g. "facebook"
    base_url: ClassVar[str | None]  # the provider's API; None where each channel names its own
    capabilities: ClassVar[Capabilities]
    Config: ClassVar[type[BaseModel]]

    def verify(self, request: RawRequest, config: BaseModel) -> Challenge | None:
        """Prove that the provider sent this, in constant time. Raises `SignatureInvalid`."""
        ...

    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        """Translate; pure. Raises `BodyInvalid` if nothing of the body can be read; a bad item becomes `Unreadable`."""
        ...

    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        """Make one call. Raises a `SendFailed`. ``http`` has the provider's base URL, a time-out and refuses private addresses."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the provider finds us: the channel's webhook and the public address of this installation."""

    webhook_url: str
    public_url: str
    channel_id: str
    route: str


@dataclass(frozen=True, slots=True)
class Connected:
    """What the provider told while connecting: a display name, and values to keep in the config."""

    name: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)


class ConnectFailed(Exception):
    """The provider refused the credentials or the webhook. The text says what to mend."""


@runtime_checkable
class Connectable(Protocol):
    """Checks credentials and registers (or removes) the webhook at the provider."""

    async def connect(self, config: BaseModel, endpoint: Endpoint, http: httpx.AsyncClient) -> Connected: ...

    async def disconnect(self, config: BaseModel, endpoint: Endpoint, http: httpx.AsyncClient) -> None: ...


@runtime_checkable
class HasAccount(Protocol):
    """The provider's own id of the connected account (page id, number id); unique per kind, so that a shared webhook can be split."""

    def account(self, config: BaseModel) -> str: ...


@runtime_checkable
class ShowsSetup(Protocol):
    """Values that the owner copies to somewhere else after connecting: a token, a script tag."""

    def setup_values(self, config: BaseModel, endpoint: Endpoint) -> Mapping[str, str]: ...


@runtime_checkable
class AdjustsCapabilities(Protocol):
    """Capabilities that depend on how the channel is configured."""

    def capabilities_for(self, config: BaseModel) -> Capabilities: ...


@runtime_checkable
class ValidatesBody(Protocol):
    """The sender is a third party who can mend a bad call: it is refused with 400 and the reason before anything is stored."""

    def validate(self, request: RawRequest, config: BaseModel) -> None:
        """Raises `BodyInvalid`."""
        ...


@runtime_checkable
class SupportsProfile(Protocol):
    """Looks a person up at the provider."""

    async def profile(self, identifier: str, config: BaseModel, http: httpx.AsyncClient) -> Profile: ...


@dataclass(frozen=True, slots=True)
class MediaSource:
    """Where to fetch a file. ``headers`` are sent only to the provider's own origin, never after a redirect to another."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class SupportsMedia(Protocol):
    """Turns a provider's media id or link into something that can be downloaded."""

    async def locate(self, media: Media, config: BaseModel, http: httpx.AsyncClient) -> MediaSource: ...


@runtime_checkable
class SupportsTyping(Protocol):
    """Shows the person that somebody is typing."""

    async def typing(self, identifier: str, config: BaseModel, http: httpx.AsyncClient) -> None: ...


@runtime_checkable
class SupportsReadReceipts(Protocol):
    """Tells the provider that the person's message was read."""

    async def mark_read(self, identifier: str, external_id: str, config: BaseModel, http: httpx.AsyncClient) -> None: ...


@runtime_checkable
class Acknowledges(Protocol):
    """Tells the provider that what a person pressed has arrived, where they are shown that they wait for it."""

    async def acknowledge(self, awaits: str, config: BaseModel, http: httpx.AsyncClient) -> None: ...


@dataclass(frozen=True, slots=True)
class AppKeys:
    """An operator's keys for a provider application that many channels share."""

    secret: str
    verify_token: str


@runtime_checkable
class SharesApp(Protocol):
    """One webhook URL of a provider application serves many channels, even of several workspaces: ``/hooks/{app}``."""

    app: ClassVar[str]

    def verify_app(self, request: RawRequest, keys: AppKeys) -> Challenge | None:
        """As `Channel.verify`, with the application's keys. Raises `SignatureInvalid`."""
        ...

    def split(self, request: RawRequest) -> Iterable[tuple[str, bytes]]:
        """Cut the body into (account id, body of that account alone), in order. Entries of other kinds are left out."""
        ...


def capabilities_of(channel: Channel, config: BaseModel) -> Capabilities:
    """What a channel takes, as it is configured."""
    return channel.capabilities_for(config) if isinstance(channel, AdjustsCapabilities) else channel.capabilities


# --- Windows -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be sent now. ``state`` says it in a word; ``until`` is when the open window ends, ``templates`` go out all the same."""

    state: Literal["open", "tag", "template", "closed"]
    until: datetime | None = None
    tags: Sequence[MessageTag] = ()
    words: str = ""
    templates: bool = False


def permission(capabilities: Capabilities, *, last_incoming_at: datetime | None, now: datetime, has_address: bool = True) -> Permission:
    """What a business may send to a person now. Everybody asks here: composer, API, workflows, broadcasts, delivery."""
    if not has_address or (last_incoming_at is None and capabilities.starts == "contact"):
        return Permission("closed", words=gettext("This contact must write first."))
    window = capabilities.window
    if window is None:
        return Permission("open")
    if last_incoming_at is not None and now < last_incoming_at + window.length:
        return Permission("open", until=last_incoming_at + window.length)
    tags = [tag for tag in window.tags if tag.until is None or (last_incoming_at is not None and now < last_incoming_at + tag.until)]
    if tags:
        words = gettext("The messaging window has closed. Choose why you write.")
        return Permission("tag", tags=tags, words=words, templates=window.templates_after)
    if window.templates_after:
        words = gettext("The messaging window has closed. Only an approved template can be sent.")
        return Permission("template", words=words, templates=True)
    return Permission("closed", words=gettext("The messaging window has closed. This contact must write first."))
