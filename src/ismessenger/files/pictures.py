"""Pictures of people and organizations: small raster images, told by what their bytes are."""

from ismessenger.files.store import FileStore
from ismessenger.kit.ids import new_uuid
from ismessenger.kit.pixels import size_of
from ismessenger.kit.sniff import HEAD_BYTES, safe_type
from ismessenger.sdk.words import gettext

MAX_BYTES = 2 << 20
MAX_PIXELS = 4096
TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


class PictureRefused(ValueError):
    """This is no picture that we keep; the text says why."""


async def keep_picture(files: FileStore, folder: str, content: bytes) -> str:
    """Store a picture; returns its key. Raises `PictureRefused`, `StoreUnavailable`."""
    mime = safe_type(content[:HEAD_BYTES])
    if len(content) > MAX_BYTES:
        raise PictureRefused(gettext("A picture has at most %(most)s MiB.") % {"most": MAX_BYTES >> 20})
    if mime not in TYPES or (size := size_of(content)) is None:
        raise PictureRefused(gettext("Choose a picture in PNG, JPEG, GIF or WebP format."))
    if max(size) > MAX_PIXELS:
        raise PictureRefused(gettext("A picture is at most %(most)s pixels wide and high.") % {"most": MAX_PIXELS})
    key = f"{folder}/{new_uuid().hex}.{TYPES[mime]}"
    await files.put(key, content)
    return key
