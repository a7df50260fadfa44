import io
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import SpooledTemporaryFile

import pytest

from ismessenger.files.store import PIECE_BYTES, FileMissing, FileStore, StoreUnavailable, open_store
from ismessenger.kit.ids import new_token
from ismessenger.settings import Settings
from tests.files.conftest import s3_store

BODY = bytes(range(256)) * 4 * 9000  # a little over eight pieces, more than one part of an upload


@pytest.fixture
def key() -> str:
    return f"w/7/{new_token(9)}/photo.png"


async def _all(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 100_000):
        yield body[at : at + 100_000]


async def test_bytes_come_back_as_they_went_in(store: FileStore, key: str) -> None:
    assert await store.put(key, b"hello") == 5
    assert await _all(store.read(key)) == b"hello"
    assert await store.size(key) == 5


async def test_an_empty_file_is_a_file(store: FileStore, key: str) -> None:
    assert await store.put(key, b"") == 0
    assert await _all(store.read(key)) == b""


async def test_a_large_stream_is_stored_whole_and_read_in_pieces(store: FileStore, key: str) -> None:
    assert await store.put(key, _stream(BODY)) == len(BODY)
    pieces = [piece async for piece in store.read(key)]
    assert b"".join(pieces) == BODY
    assert max(map(len, pieces)) == PIECE_BYTES


async def test_a_file_object_is_read_from_where_it_stands(store: FileStore, key: str) -> None:
    with SpooledTemporaryFile(max_size=1000) as file:
        file.write(BODY)
        file.seek(100)
        assert await store.put(key, file) == len(BODY) - 100
    assert await store.put(key + "2", io.BytesIO(b"abc")) == 3


async def test_a_part_can_be_read(store: FileStore, key: str) -> None:
    await store.put(key, BODY)
    assert await _all(store.read(key, 5, 9)) == BODY[5:9]
    assert await _all(store.read(key, len(BODY) - 3)) == BODY[-3:]
    across = PIECE_BYTES - 2
    assert await _all(store.read(key, across, across + PIECE_BYTES + 4)) == BODY[across : across + PIECE_BYTES + 4]


async def test_what_was_never_stored_is_missing(store: FileStore, key: str) -> None:
    for attempt in (store.size(key), store.stat(key), _all(store.read(key)), _all(store.read(key, 0, 3))):
        with pytest.raises(FileMissing):
            await attempt


async def test_a_deleted_file_is_gone_and_may_be_deleted_again(store: FileStore, key: str) -> None:
    await store.put(key, b"x")
    await store.delete(key)
    await store.delete(key)
    with pytest.raises(FileMissing):
        await store.size(key)


async def test_the_version_is_quoted_and_follows_the_content(store: FileStore, key: str) -> None:
    await store.put(key, b"one")
    await store.put(key + "b", b"another")
    one, other = await store.stat(key), await store.stat(key + "b")
    assert one.etag.startswith('"')
    assert one.etag.endswith('"')
    assert one.etag != other.etag
    assert (await store.stat(key)).etag == one.etag


async def test_a_stream_that_breaks_leaves_no_file(store: FileStore, key: str) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield BODY
        raise ConnectionResetError("the sender left")

    with pytest.raises((ConnectionResetError, StoreUnavailable)):
        await store.put(key, broken())
    with pytest.raises(FileMissing):
        await store.size(key)


@pytest.mark.parametrize(
    "key",
    ["", "/", "/a", "a/", "a//b", "..", "a/../b", "../a", ".hidden", "a/.b", "a\\b", "a\x00b", "a b", "ä", "a\n", "C:/x", "a?b", "a#b"],
)
async def test_a_key_cannot_leave_its_place(store: FileStore, key: str) -> None:
    for attempt in (store.put(key, b"x"), store.size(key), store.delete(key), _all(store.read(key)), _all(store.read(key, 0, 1))):
        with pytest.raises(ValueError, match="key"):
            await attempt


async def test_on_disk_a_file_lies_in_the_data_folder(tmp_path: Path) -> None:
    store = open_store(Settings(_env_file=None, data_dir=tmp_path / "some data"))
    await store.put("w/7/a.txt", b"hello")
    assert _files(tmp_path) == {"some data/files/w/7/a.txt": b"hello"}


async def test_a_bucket_that_cannot_be_reached_is_unavailable() -> None:
    store = s3_store("http://127.0.0.1:1")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        await store.size("w/7/a")


async def test_a_bucket_that_does_not_exist_is_no_empty_bucket(s3_endpoint: str) -> None:
    settings = Settings(
        _env_file=None, files_url="s3://no-such-bucket", files_s3_endpoint=s3_endpoint, files_s3_access_key="a", files_s3_secret_key="s"
    )
    with pytest.raises((StoreUnavailable, FileMissing)):
        await open_store(settings).put("w/7/a", b"x")


@pytest.mark.parametrize("url", ["bucket", "http://bucket", "s3://", "/files"])
def test_a_place_for_files_that_is_none_is_said_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="ISMESSENGER_FILES_URL"):
        open_store(Settings(_env_file=None, files_url=url))
