import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ismessenger.kit.bundle import PIECE_BYTES, BundleReader, BundleRefused, BundleWriter, Kind
from ismessenger.kit.passphrase import PassphraseRefused, lock, unlock

KIND = Kind("tests", "file of the tests", 1)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def write(path: Path, kind: Kind = KIND) -> bytes:
    with BundleWriter(path, kind, {"version": "9.9"}) as bundle:
        await bundle.stream("stream", chunks(b"a" * PIECE_BYTES, b"b"))
        await bundle.copy("files/w/1/one", 3, chunks(b"1", b"23"))
        bundle.finish(bundle.manifest())
    return path.read_bytes()


def read(path: Path, kind: Kind = KIND) -> dict[str, bytes]:
    with BundleReader(path, kind).members() as members:
        return {member.name: b"".join(member.chunks()) for member in members}


async def test_what_was_written_is_read_again_and_tar_can_read_it_too(tmp_path: Path) -> None:
    await write(tmp_path / "b")
    assert read(tmp_path / "b") == {"stream/00000001": b"a" * PIECE_BYTES, "stream/00000002": b"b", "files/w/1/one": b"123"}
    with tarfile.open(tmp_path / "b") as archive:
        assert archive.getnames()[0] == "about.json"
        assert archive.getnames()[-2:] == ["manifest.json", "seal.json"]
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


async def test_every_flipped_byte_shows(tmp_path: Path) -> None:
    with BundleWriter(tmp_path / "b", KIND, {}) as bundle:
        await bundle.stream("stream", chunks(b"some words"))
        bundle.finish(bundle.manifest())
    whole = (tmp_path / "b").read_bytes()
    read(tmp_path / "b")
    for at in range(len(whole)):
        (tmp_path / "b").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BundleRefused):
            BundleReader(tmp_path / "b", KIND).check()


async def test_every_cut_shows_and_so_does_anything_added(tmp_path: Path) -> None:
    with BundleWriter(tmp_path / "b", KIND, {}) as bundle:
        await bundle.stream("stream", chunks(b"some words"))
        bundle.finish(bundle.manifest())
    whole = (tmp_path / "b").read_bytes()
    for changed in [whole[:at] for at in range(0, len(whole), 64)] + [whole + b"\0"]:
        (tmp_path / "b").write_bytes(changed)
        with pytest.raises(BundleRefused):
            BundleReader(tmp_path / "b", KIND).check()


async def test_a_failure_while_writing_leaves_the_earlier_file_and_no_other(tmp_path: Path) -> None:
    before = await write(tmp_path / "b")
    with pytest.raises(BundleRefused, match="changed its size"), BundleWriter(tmp_path / "b", KIND, {}) as bundle:
        await bundle.copy("files/one", 5, chunks(b"1"))
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_bytes() == before


async def test_two_who_write_the_same_file_do_not_meet(tmp_path: Path) -> None:
    with BundleWriter(tmp_path / "b", KIND, {}) as bundle:
        with pytest.raises(BundleRefused, match="Another process is writing"):
            BundleWriter(tmp_path / "b", KIND, {}).__enter__()
        bundle.finish(bundle.manifest())
    assert read(tmp_path / "b") == {}


async def test_a_newer_format_another_kind_and_any_other_file_are_refused(tmp_path: Path) -> None:
    await write(tmp_path / "b", Kind("tests", "", 2))
    with pytest.raises(BundleRefused, match=r"written by IS-Messenger 9\.9, in a format that this version does not know"):
        read(tmp_path / "b")
    for content in (b"", b"x" * 5000, bytes(5000)):
        (tmp_path / "c").write_bytes(content)
        with pytest.raises(BundleRefused, match="is no file of the tests"):
            read(tmp_path / "c")
    with pytest.raises(BundleRefused, match="is no other"):
        read(tmp_path / "b", Kind("other", "other", 2))
    with pytest.raises(BundleRefused, match="cannot be read"):
        read(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "files/../../x", "files//x", "a b", "files/.hidden"])
async def test_paths_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    with BundleWriter(tmp_path / "b", KIND, {}) as bundle:
        bundle.member(name, b"x")
        bundle.finish(bundle.manifest())
    with pytest.raises(BundleRefused, match="does not belong there"):
        read(tmp_path / "b")


async def test_a_link_among_the_members_is_refused(tmp_path: Path) -> None:
    whole = await write(tmp_path / "b")
    link = tarfile.TarInfo("files/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    at = whole.index(b"files/w/1/one")
    (tmp_path / "b").write_bytes(whole[:at] + link.tobuf(tarfile.USTAR_FORMAT) + whole[at:])
    with pytest.raises(BundleRefused, match="does not belong there"):
        read(tmp_path / "b")


def test_what_a_passphrase_locks_opens_with_it_and_with_what_it_was_bound_to() -> None:
    locked = lock(b"keys", "a long passphrase", b"manifest")
    assert unlock(locked, "a long passphrase", b"manifest") == b"keys"
    for passphrase, bound in (("another passphrase", b"manifest"), ("a long passphrase", b"another")):
        with pytest.raises(PassphraseRefused, match="does not open"):
            unlock(locked, passphrase, bound)
    for broken in ({}, {**locked, "kind": "x"}, {**locked, "salt": "%"}, {**locked, "box": ""}):
        with pytest.raises(PassphraseRefused):
            unlock(broken, "a long passphrase", b"manifest")
    with pytest.raises(PassphraseRefused, match="12 characters"):
        lock(b"", "short", b"")
