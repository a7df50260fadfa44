"""One file of many parts, written and read as a stream: a plain tar whose end says what must be in it, so that every damage shows.

A member is called ``part/name``; ``about.json`` comes first, ``manifest.json`` and ``seal.json`` come last. The manifest holds the SHA-256
of every part, headers included, and the seal that of the manifest.
"""

import fcntl
import hashlib
import os
import re
import tarfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

import orjson

BLOCK = tarfile.BLOCKSIZE
PIECE_BYTES = 8 << 20
COPY_BYTES = 1 << 20
ABOUT, MANIFEST, SEAL = "about.json", "manifest.json", "seal.json"
MAX_SMALL_BYTES = 32 << 20
_NAME = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)


class BundleRefused(ValueError):
    """The file is damaged, of another kind or too new; the text says which."""


@dataclass(frozen=True)
class Kind:
    """What a file is for, and the newest format of it that this version reads. ``words`` name it to a person."""

    name: str
    words: str
    format: int


class Digest(Protocol):
    """What `hashlib` gives."""

    def update(self, chunk: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass
class Part:
    """Members that follow each other under one name."""

    name: str
    members: int = 0
    size: int = 0
    digest: Digest = field(default_factory=hashlib.sha256)

    def add(self, chunk: bytes) -> None:
        """Count what was written or read."""
        self.size += len(chunk)
        self.digest.update(chunk)

    def sums(self) -> dict[str, object]:
        """As it stands in the manifest."""
        return {"name": self.name, "members": self.members, "bytes": self.size, "sha256": self.digest.hexdigest()}


class BundleWriter:
    """Writes ``PATH.part`` and renames it when all of it is on disk; a failure leaves nothing."""

    def __init__(self, path: Path, kind: Kind, about: Mapping[str, Any]) -> None:
        self.path = path
        self._draft = path.with_name(path.name + ".part")
        self._kind = kind
        self._about = about
        self._parts: list[Part] = []

    def __enter__(self) -> Self:
        # The file holds customers' data: nobody else may read it.
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise BundleRefused(f"Another process is writing {self.path}.") from error
        os.ftruncate(descriptor, 0)
        self._file: IO[bytes] = os.fdopen(descriptor, "wb", buffering=COPY_BYTES)
        self.member(ABOUT, orjson.dumps({"kind": self._kind.name, "format": self._kind.format, **self._about}))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._file.close()
        self._draft.unlink(missing_ok=True)

    def member(self, name: str, content: bytes) -> None:
        """Add a member whose content is at hand."""
        self._begin(name, len(content))
        self._write(content)
        self._end(len(content))

    async def copy(self, name: str, size: int, chunks: AsyncIterator[bytes]) -> None:
        """Add a member of a known size. Raises `BundleRefused` if the chunks are of another one."""
        self._begin(name, size)
        written = 0
        async for chunk in chunks:
            self._write(chunk)
            written += len(chunk)
        if written != size:
            raise BundleRefused(f"{name} changed its size while it was read.")
        self._end(size)

    async def stream(self, part: str, chunks: AsyncIterator[bytes]) -> int:
        """Add a part of unknown size, cut into members; returns its size."""
        piece, number, total = bytearray(), 0, 0
        async for chunk in chunks:
            piece += chunk
            total += len(chunk)
            while len(piece) >= PIECE_BYTES:
                number += 1
                self.member(f"{part}/{number:08}", bytes(piece[:PIECE_BYTES]))
                del piece[:PIECE_BYTES]
        self.member(f"{part}/{number + 1:08}", bytes(piece))
        return total

    def manifest(self) -> bytes:
        """What is in the file so far; the last thing to be asked before `finish`."""
        return orjson.dumps({"parts": [part.sums() for part in self._parts]}, option=orjson.OPT_SORT_KEYS)

    def finish(self, manifest: bytes, box: Mapping[str, str] | None = None) -> int:
        """Write the end, with what is sealed under a passphrase, and give the file its name; returns its size."""
        self.member(MANIFEST, manifest)
        self.member(SEAL, _seal(manifest, box))
        self._file.write(bytes(2 * BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._file.tell()
        self._draft.replace(self.path)
        return size

    def _begin(self, name: str, size: int) -> None:
        part = name.partition("/")[0]
        if not self._parts or self._parts[-1].name != part:
            self._parts.append(Part(part))
        self._parts[-1].members += 1
        self._write(_header(name, size))

    def _write(self, chunk: bytes) -> None:
        self._parts[-1].add(chunk)
        self._file.write(chunk)

    def _end(self, size: int) -> None:
        self._write(bytes(-size % BLOCK))


@dataclass
class Member:
    """One piece of a bundle while it is read. What is not read of it is skipped, and counted all the same."""

    part: str
    name: str
    size: int
    _reader: "BundleReader"
    _left: int

    def chunks(self) -> Iterator[bytes]:
        """The content, at most 1 MiB at a time."""
        while self._left:
            chunk = self._reader.take(min(self._left, COPY_BYTES))
            self._left -= len(chunk)
            yield chunk

    def content(self, limit_bytes: int = MAX_SMALL_BYTES) -> bytes:
        """The whole content. Raises `BundleRefused` where that is too much."""
        if self.size > limit_bytes:
            raise BundleRefused(f"{self.name} is larger than {limit_bytes >> 20} MiB.")
        return b"".join(self.chunks())


@dataclass(frozen=True)
class Checked:
    """A bundle that is whole. ``box`` is what lies in it under a passphrase, bound to ``manifest``."""

    about: Mapping[str, Any]
    manifest: bytes
    box: Mapping[str, str] | None


class BundleReader:
    """Reads a bundle from its beginning to its end; every pass compares all sums."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self._kind = kind
        self._parts: list[Part] = []

    def check(self) -> Checked:
        """Read everything once. Raises `BundleRefused`."""
        with self.members() as members:
            for _member in members:
                pass
        return Checked(self._about, self._manifest, self._box)

    @contextmanager
    def members(self) -> Iterator[Iterator[Member]]:
        """Every member between the first and the last ones, once. Raises `BundleRefused`, at the latest at the end."""
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise BundleRefused(f"{self.path} cannot be read: {error.strerror}.") from error
        with file as self._file:
            self._parts = []
            yield self._walk()

    def take(self, size: int) -> bytes:
        """The next bytes."""
        chunk = self._file.read(size)
        if len(chunk) != size:
            raise self._damage("it ends too early")
        self._parts[-1].add(chunk)
        return chunk

    def _walk(self) -> Iterator[Member]:
        self._about = self._first()
        while (member := self._next()).name != MANIFEST:
            yield member
            self._skip(member)
        stated = orjson.dumps({"parts": [part.sums() for part in self._parts[:-1]]}, option=orjson.OPT_SORT_KEYS)
        self._manifest = member.content()
        self._skip(member)
        seal = self._next()
        content = seal.content()
        self._skip(seal)
        if self._file.read(2 * BLOCK + 1) != bytes(2 * BLOCK):
            raise self._damage("it does not end where it should")
        self._box = self._json(seal.name, content).get("box")
        if seal.name != SEAL or content != _seal(self._manifest, self._box) or self._manifest != stated:
            raise self._damage("its check sums do not fit")

    def _first(self) -> Mapping[str, Any]:
        try:
            first = self._next()
        except BundleRefused as error:
            raise BundleRefused(f"{self.path} is no {self._kind.words}.") from error
        about = self._json(first.name, first.content()) if first.name == ABOUT else {}
        if about.get("kind") != self._kind.name:
            raise BundleRefused(f"{self.path} is no {self._kind.words}.")
        if not isinstance(about.get("format"), int) or about["format"] > self._kind.format:
            version = str(about.get("version", "?"))[:40]
            raise BundleRefused(f"{self.path} was written by IS-Messenger {version}, in a format that this version does not know.")
        self._skip(first)
        return about

    def _next(self) -> Member:
        raw = self._file.read(BLOCK)
        if len(raw) != BLOCK:
            raise self._damage("it ends too early")
        try:
            header = tarfile.TarInfo.frombuf(raw, "ascii", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise self._damage("a heading in it cannot be read") from error
        if not header.isreg() or header.size < 0 or not _NAME.fullmatch(header.name):
            raise self._damage("it holds something that does not belong there")
        if raw != _header(header.name, header.size):
            raise self._damage("a heading in it was changed")
        part = header.name.partition("/")[0]
        if not self._parts or self._parts[-1].name != part:
            if any(other.name == part for other in self._parts):
                raise self._damage("its parts are out of order")
            self._parts.append(Part(part))
        self._parts[-1].members += 1
        self._parts[-1].add(raw)
        return Member(part, header.name, header.size, self, header.size)

    def _skip(self, member: Member) -> None:
        for _chunk in member.chunks():
            pass
        if any(self.take(-member.size % BLOCK)):
            raise self._damage("there is something where nothing should be")

    def _json(self, name: str, content: bytes) -> dict[str, Any]:
        try:
            values = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise self._damage(f"{name} cannot be read") from error
        return values if isinstance(values, dict) else {}

    def _damage(self, reason: str) -> BundleRefused:
        return BundleRefused(f"{self.path} is damaged: {reason}. Nothing was changed; take another copy of the file.")


def _header(name: str, size: int) -> bytes:
    """The one way in which we head a member, so that no byte of it can differ unseen."""
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _seal(manifest: bytes, box: Mapping[str, str] | None) -> bytes:
    return orjson.dumps({"manifest": hashlib.sha256(manifest).hexdigest(), "box": box})
