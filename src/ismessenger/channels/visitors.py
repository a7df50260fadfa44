"""Visitors of a website: what they may read of their own conversation.

Everything is found by channel and identifier, which their token proves, and never by an id that they send.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, Protocol, runtime_checkable

from pydantic import BaseModel
from sqlalchemy import RowMapping, text

from ismessenger.files.model import StoredFile
from ismessenger.installation import Installation
from ismessenger.kit.ids import new_uuid
from ismessenger.kit.pagination import BIGINT
from ismessenger.sdk.channel import RawRequest
from ismessenger.sdk.content import Media
from ismessenger.tenancy.doors import ReadSession, WriteSession, workspace_key

PAGE = 30


class Visitor(Protocol):
    """Who a token names, and for the channel of which route it was made. ``known``: the website vouched for the person."""

    @property
    def identifier(self) -> str:
        """The person's name on the channel."""
        ...

    @property
    def route(self) -> str:
        """The channel's route."""
        ...

    @property
    def known(self) -> bool:
        """Whether the website vouched for the person."""
        ...


@runtime_checkable
class HostsVisitors(Protocol):
    """A channel whose customers talk to us directly, from a page that carries our widget."""

    def visitor(self, token: str, config: BaseModel, *, now: datetime) -> Visitor:
        """Who a token names. Raises `SignatureInvalid`."""
        ...

    def identify(self, user_id: str, given_hash: str, config: BaseModel) -> str:
        """The identifier of a user for whom the website vouches. Raises `SignatureInvalid`."""
        ...

    def newcomer(self, config: BaseModel) -> str:
        """An identifier for a stranger. Raises `SignatureInvalid` where strangers are not served."""
        ...

    def issue(self, identifier: str, route: str, config: BaseModel, *, now: datetime) -> str:
        """A token for a visitor."""
        ...

    def addressed(self, request: RawRequest, identifier: str) -> bytes:
        """The body to store of what a visitor posted: it says by itself who sent it. Raises `BodyInvalid`."""
        ...

    def ticket(self, identifier: str, file: Media, config: BaseModel) -> str:
        """The right to send a file that this visitor uploaded."""
        ...

    def client_id(self, identifier: str, external_id: str) -> str | None:
        """The id that the visitor's page gave its message."""
        ...

    def allows(self, host: str, config: BaseModel) -> bool:
        """Whether a page on this host may carry the widget."""
        ...

    def takes_files(self, config: BaseModel) -> bool:
        """Whether visitors may send files."""
        ...

    def public_options(self, config: BaseModel) -> Mapping[str, Any]:
        """What everybody may know: looks and words."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of a visitor, oldest first. ``before`` is where the next older page begins, ``None`` if there is none."""

    rows: Sequence[RowMapping]
    before: tuple[datetime, int] | None


# What we send is shown once it counts as sent; what failed or still waits is not.
_COLUMNS = (
    "SELECT m.id, m.traffic, m.body, m.external_id, m.status, m.sent_at, p.id AS sender_id, cc.channel_id, cc.identifier,"
    " p.name AS sender_name, a.state AS file_state, a.path, a.file_name, a.mime, a.size"
)
_JOINS = (
    " LEFT JOIN attachment a ON a.message_id = m.id LEFT JOIN member p ON p.id = m.sender_id AND m.source <> 'workflow'"
    " WHERE (m.traffic = 'incoming' OR m.status IN ('sent', 'delivered', 'read'))"
)
_HISTORY = text(
    f"{_COLUMNS} FROM contact_channel cc JOIN message m ON m.contact_id = cc.contact_id AND m.contact_channel_id = cc.id{_JOINS}"
    " AND cc.channel_id = :channel_id AND cc.identifier = :identifier AND (m.sent_at, m.id) < (:at, :id)"
    " ORDER BY m.sent_at DESC, m.id DESC LIMIT :limit"
)
_NAMED = text(
    f"{_COLUMNS} FROM message m JOIN contact_channel cc ON cc.id = m.contact_channel_id{_JOINS}"
    " AND m.id = ANY(:ids) AND cc.channel_id = ANY(:channels) ORDER BY m.sent_at, m.id"
)
_CONTACT = text("SELECT contact_id FROM contact_channel WHERE channel_id = :channel_id AND identifier = :identifier")
_VISITORS = text(
    "SELECT channel_id, identifier, contact_id FROM contact_channel WHERE contact_id = ANY(:contacts) AND channel_id = ANY(:channels)"
)
_ADOPT = text(
    "UPDATE contact_channel SET identifier = :known WHERE channel_id = :channel_id AND identifier = :anonymous"
    " AND NOT EXISTS (SELECT FROM contact_channel WHERE channel_id = :channel_id AND identifier = :known)"
)
_UPLOAD = "file/"
_THE_END = (datetime(9000, 1, 1, tzinfo=UTC), BIGINT[-1])


async def history(db: ReadSession, channel_id: int, identifier: str, before: tuple[datetime, int] | None = None) -> Page:
    """A page of one visitor's messages, the newest or those before a position."""
    at, id_ = before or _THE_END
    values = {"channel_id": channel_id, "identifier": identifier, "at": at, "id": id_, "limit": PAGE + 1}
    rows = (await db.execute(_HISTORY, values)).mappings().all()
    shown = rows[PAGE - 1 :: -1] if len(rows) > PAGE else rows[::-1]
    return Page(shown, (shown[0]["sent_at"], shown[0]["id"]) if len(rows) > PAGE else None)


async def messages_of_visitors(db: ReadSession, channels: Sequence[int], ids: Sequence[int]) -> Sequence[RowMapping]:
    """Those of these messages that belong to visitors of these channels and that they may see, in order."""
    return (await db.execute(_NAMED, {"ids": list(ids), "channels": list(channels)})).mappings().all()


async def contact_of(db: ReadSession, channel_id: int, identifier: str) -> int | None:
    """The contact that a visitor is, once it has written."""
    return (await db.execute(_CONTACT, {"channel_id": channel_id, "identifier": identifier})).scalar()


async def visitors_among(db: ReadSession, channels: Sequence[int], contacts: Sequence[int]) -> Sequence[tuple[int, str, int]]:
    """(channel, identifier, contact) of those contacts who are visitors of these channels."""
    rows = await db.execute(_VISITORS, {"channels": list(channels), "contacts": list(contacts)})
    return [(row.channel_id, row.identifier, row.contact_id) for row in rows]


async def adopt(db: WriteSession, channel_id: int, *, anonymous: str, known: str) -> None:
    """What somebody wrote before signing in goes with the person, unless the person has a history of its own."""
    await db.execute(_ADOPT, {"channel_id": channel_id, "anonymous": anonymous, "known": known})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a visitor sent and no message carries yet. ``provider_id`` is how a message names it."""

    provider_id: str
    path: str


async def keep_upload(installation: Installation, workspace_id: int, file: IO[bytes], *, name: str, mime: str, size: int) -> Upload:
    """Store a visitor's file. Raises `StoreUnavailable`."""
    path = workspace_key(workspace_id, "visitors", new_uuid().hex)
    await installation.files.put(path, file)
    async with installation.tenancy.workspace(workspace_id) as db:
        row = StoredFile(path=path, name=name, mime=mime, size=size)
        db.add(row)
        await db.flush()
    return Upload(f"{_UPLOAD}{row.id}", path)


async def uploaded_file(db: ReadSession, media: Media) -> StoredFile | None:
    """The file of `keep_upload` that a visitor's message names."""
    kind, number = (media.provider_id or "")[: len(_UPLOAD)], (media.provider_id or "")[len(_UPLOAD) :]
    if kind != _UPLOAD or not number.isascii() or not number.isdigit() or int(number) not in BIGINT:
        return None
    return await db.get(StoredFile, (db.workspace_id, int(number)))
