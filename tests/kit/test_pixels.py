import struct
import zlib

import pytest

from ismessenger.kit.pixels import size_of


def png(width: int, height: int) -> bytes:
    """A whole PNG of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"".join(b"\x00" + b"\x20\x80\x80" * width for _row in range(height)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xff\xdb\x00\x04ab\xff\xc2\x00\x11\x08\x00\x20\x00\x30"
    + bytes(20)
)
GIF = b"GIF89a" + struct.pack("<HH", 48, 32) + bytes(3)
LOSSY = b"RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00abc\x9d\x01\x2a" + struct.pack("<HH", 48, 32)
LOSSLESS = b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f" + struct.pack("<I", 47 | 31 << 14)
EXTENDED = b"RIFF\x00\x00\x00\x00WEBPVP8X\x00\x00\x00\x00\x00\x00\x00\x00" + (47).to_bytes(3, "little") + (31).to_bytes(3, "little")


@pytest.mark.parametrize("picture", [png(48, 32), JPEG, GIF, LOSSY, LOSSLESS, EXTENDED])
def test_the_size_stands_in_the_header(picture: bytes) -> None:
    assert size_of(picture) == (48, 32)


@pytest.mark.parametrize(
    "picture", [b"", b"\xff\xd8", b"\xff\xd8\xff\xff", b"RIFF", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"<svg/>", JPEG[:22], EXTENDED[:26]]
)
def test_half_a_header_has_no_size(picture: bytes) -> None:
    assert size_of(picture) is None
