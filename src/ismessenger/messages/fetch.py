"""Brings the files of messages home: a job of its own, so that a slow or failing media host never holds a message back."""

from collections.abc import Sequence
from datetime import timedelta

import httpx
from sqlalchemy import RowMapping, text

from ismessenger.channels.route import Target, load_target
from ismessenger.channels.visitors import HostsVisitors, uploaded_file
from ismessenger.files.store import StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken
from ismessenger.kit.http import DownloadFailed, download
from ismessenger.kit.sniff import HEAD_BYTES, safe_type
from ismessenger.messages.media import kind_of
from ismessenger.sdk.channel import MediaSource, Rejected, SendFailed, SupportsMedia
from ismessenger.sdk.content import ContentAdapter, Media
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import workspace_key

MAX_BYTES = 100 << 20
LEASE = timedelta(minutes=6)
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 1800, 7200))
STORE_AWAY = timedelta(minutes=1)
MAX_REASON = 500

_FIND = text("SELECT workspace_id, id FROM attachment WHERE state = 'pending' AND due_at <= :now ORDER BY due_at LIMIT 200")
_CLAIM = text(
    "UPDATE attachment SET due_at = :until, attempt = attempt + 1 WHERE id = :id AND state = 'pending' AND due_at <= :now"
    " RETURNING id, message_id, channel_id, source, file_name, mime, attempt,"
    " (SELECT traffic = 'outgoing' AND source <> 'echo' FROM message WHERE message.id = message_id) AS ours"
)
_STORED = text(
    "UPDATE attachment SET state = 'stored', path = :path, file_name = COALESCE(file_name, :name), mime = :mime, size = :size,"
    " kind = CASE WHEN kind = 'file' THEN kind ELSE :kind END, reason = NULL WHERE id = :id"
    " RETURNING (SELECT contact_id FROM message WHERE message.id = message_id)"
)
_LATER = text("UPDATE attachment SET due_at = :due, reason = :reason WHERE id = :id")
_AWAY = text("UPDATE attachment SET due_at = :due, reason = :reason, attempt = attempt - 1 WHERE id = :id")
_FAILED = text("UPDATE attachment SET state = 'failed', reason = :reason WHERE id = :id AND state = 'pending'")
_CONTACT = text("SELECT contact_id FROM message WHERE id = :id")


async def find_attachments(installation: Installation) -> Sequence[tuple[int, int]]:
    """Files that are due in any home."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(row.workspace_id, row.id) for row in (await connection.execute(_FIND, {"now": now()})).all()]
    return found


async def fetch(installation: Installation, piece: tuple[int, int]) -> int:
    """Fetch one file and store it under its true type; a failure is tried again some times, then told in the thread.

    Our own store is waited for as long as it is away.
    """
    workspace_id, id_ = piece
    async with installation.tenancy.workspace(workspace_id) as db:
        row = (await db.execute(_CLAIM, {"id": id_, "now": now(), "until": now() + LEASE})).mappings().one_or_none()
    if row is None:
        return 0
    try:
        stored = await _bring(installation, workspace_id, row)
    except (DownloadFailed, SealBroken, SendFailed, StoreUnavailable, httpx.InvalidURL) as error:
        await _note_failure(installation, workspace_id, row, error)
        return 0
    async with installation.tenancy.workspace(workspace_id) as db:
        contact_id = (await db.execute(_STORED, {"id": id_, **stored})).scalar()
        if contact_id is not None:
            db.announce("message", contact_id, id=row["message_id"])
    if contact_id is None:
        # The contact was erased meanwhile.
        await installation.files.delete(str(stored["path"]))
    return 1


async def _bring(installation: Installation, workspace_id: int, row: RowMapping) -> dict[str, object]:
    media = ContentAdapter.validate_python(row["source"])
    if not isinstance(media, Media):
        raise DownloadFailed(gettext("This message names no file."), again=False)
    # The address of a file that a script or a workflow sends is theirs: the provider knows nothing of it, nor did a visitor upload it.
    target = None if row["ours"] and media.url else await load_target(installation, workspace_id, row["channel_id"])
    if target is not None and isinstance(target.adapter, HostsVisitors):
        return await _here_already(installation, workspace_id, media)
    source, client = await _locate(installation, target, media)
    with await download(client, source.url, headers=source.headers, max_bytes=MAX_BYTES) as found:
        head = found.file.read(HEAD_BYTES)
        found.file.seek(0)
        mime = safe_type(head, row["mime"] or found.content_type, row["file_name"] or found.name)
        # The same for every attempt: one that the store finished after we had given it up leaves no file that nobody knows.
        path = workspace_key(workspace_id, "media", str(row["message_id"]), str(row["id"]))
        size = await installation.files.put(path, found.file)
    return {"path": path, "name": found.name, "mime": mime, "size": size, "kind": kind_of(mime)}


async def _here_already(installation: Installation, workspace_id: int, media: Media) -> dict[str, object]:
    """What a visitor sends was uploaded to us before."""
    async with installation.tenancy.reading(workspace_id) as db:
        file = await uploaded_file(db, media)
    if file is None:
        raise DownloadFailed(gettext("The uploaded file is not here."), again=False)
    return {"path": file.path, "name": file.name, "mime": file.mime, "size": file.size, "kind": kind_of(file.mime)}


async def _locate(installation: Installation, target: Target | None, media: Media) -> tuple[MediaSource, httpx.AsyncClient]:
    if target is not None and isinstance(target.adapter, SupportsMedia):
        client = installation.http_of(target.adapter)
        source = await target.adapter.locate(media, target.config, client)
        # Only a path that the adapter made belongs to the provider's own host; a link out of a message goes outside, whatever it is.
        return source, client if source.url.startswith("/") and source.url != media.url else installation.outside
    if media.url is None:
        raise Rejected("no_url", gettext("The provider named no address for this file."))
    return MediaSource(media.url), installation.outside


async def _note_failure(installation: Installation, workspace_id: int, row: RowMapping, error: Exception) -> None:
    reason = str(error)[:MAX_REASON]
    final = isinstance(error, Rejected | httpx.InvalidURL) or (isinstance(error, DownloadFailed) and not error.again)
    async with installation.tenancy.workspace(workspace_id) as db:
        if isinstance(error, StoreUnavailable):
            # Ours, and no fault of the file: it is not given up, however long that lasts.
            await db.execute(_AWAY, {"id": row["id"], "reason": reason, "due": now() + STORE_AWAY})
        elif final or row["attempt"] > len(BACK_OFF):
            await db.execute(_FAILED, {"id": row["id"], "reason": reason})
            contact_id = (await db.execute(_CONTACT, {"id": row["message_id"]})).scalar()
            if contact_id is not None:
                db.announce("message", contact_id, id=row["message_id"])
        else:
            await db.execute(_LATER, {"id": row["id"], "reason": reason, "due": now() + BACK_OFF[row["attempt"] - 1]})
