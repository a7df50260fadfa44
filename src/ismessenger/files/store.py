"""Where files live: a folder of this machine, or a bucket of an S3-compatible server."""

import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from ismessenger.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Config

PIECE_BYTES: Final = 1 << 20
LIST_CHUNK: Final = 1000
_KEY: Final = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)


class FileMissing(LookupError):
    """There is no file under this key."""


class StoreUnavailable(Exception):
    """The folder or the bucket cannot be used right now; the text says why."""


@dataclass(frozen=True, slots=True)
class Stat:
    """What is known of a stored file without reading it. ``etag`` is quoted, as HTTP wants it."""

    size: int
    etag: str


class FileStore:
    """Keeps files under keys that ``workspace.key(…)`` makes: words of a-z, 0-9, ``.``, ``_`` and ``-``, joined by slashes.

    A file is written whole or not at all and never changes. Every method raises `StoreUnavailable`.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, source: bytes | IO[bytes] | AsyncIterable[bytes]) -> int:
        """Store a file and return its size in bytes. A file object is read from where it stands."""
        with _named_errors(key):
            await obstore.put_async(self._store, _checked(key), source, chunk_size=5 * PIECE_BYTES, max_concurrency=2)
        return (await self.stat(key)).size

    async def stat(self, key: str) -> Stat:
        """Size and version of a file. Raises `FileMissing`."""
        with _named_errors(key):
            meta = await obstore.head_async(self._store, _checked(key))
        etag = (meta["e_tag"] or str(meta["size"])).removeprefix("W/").strip('"')
        return Stat(meta["size"], f'"{etag}"')

    async def size(self, key: str) -> int:
        """Size of a file in bytes. Raises `FileMissing`."""
        return (await self.stat(key)).size

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to, not including, ``end``, in pieces of at most 1 MiB. Raises `FileMissing`.

        Each piece is a request of its own: a slow reader holds neither memory nor a connection to the bucket.
        """
        until = await self.size(key) if end is None else end
        for at in range(start, until, PIECE_BYTES):
            with _named_errors(key):
                piece = await obstore.get_range_async(self._store, _checked(key), start=at, end=min(until, at + PIECE_BYTES))
            yield bytes(piece)

    async def listed(self, prefix: str = "") -> AsyncIterator[str]:
        """Every key below a prefix (whole words of keys), a bounded number of them in memory."""
        if prefix:
            _checked(prefix)
        with _named_errors(prefix):
            async for found in obstore.list(self._store, prefix or None, chunk_size=LIST_CHUNK):
                for meta in found:
                    if _KEY.fullmatch(meta["path"]):
                        yield meta["path"]

    async def delete(self, key: str) -> None:
        """Forget a file; one that is not there is fine."""
        with suppress(FileMissing), _named_errors(key):
            await obstore.delete_async(self._store, _checked(key))


def open_store(settings: Settings) -> FileStore:
    """The store that the settings name: ``s3://bucket/prefix``, else ``DATA_DIR/files``. Opens no connection yet."""
    if not settings.files_url:
        return FileStore(LocalStore(settings.data_dir.absolute() / "files", mkdir=True))
    bucket = re.fullmatch(r"s3://([^/]+)/?(.*)", settings.files_url)
    if bucket is None:
        raise ValueError("ISMESSENGER_FILES_URL is empty or looks like s3://bucket/prefix.")
    return FileStore(_s3(settings, bucket[1], bucket[2].strip("/")))


def _s3(settings: Settings, bucket: str, prefix: str) -> S3Store:
    config: S3Config = {"region": settings.files_s3_region}
    if settings.files_s3_endpoint:
        config["endpoint"] = settings.files_s3_endpoint
    # Without keys the machine's own identity is used (environment, instance role).
    if settings.files_s3_access_key and settings.files_s3_secret_key:
        config["access_key_id"] = settings.files_s3_access_key.get_secret_value()
        config["secret_access_key"] = settings.files_s3_secret_key.get_secret_value()
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={"allow_http": settings.files_s3_endpoint.startswith("http:"), "connect_timeout": timedelta(seconds=5)},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    )


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a file.")
    return key


@contextmanager
def _named_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing(f"There is no file {key}.") from error
    except (BaseError, OSError) as error:
        raise StoreUnavailable(f"The store of files cannot be used: {error}") from error
