"""Files that people send."""

import struct
import zlib

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# Two frames of silence. Source: ISO/IEC 11172-3, layer III, 32 kbit/s at 32 kHz.
VOICE = b"\xff\xfb\x18\xc4" + bytes(140) + b"\xff\xfb\x18\xc4" + bytes(140)


def png(width: int = 120, height: int = 80, colour: tuple[int, int, int] = (15, 118, 110)) -> bytes:
    """A picture of one colour. Source: W3C, PNG, "Concepts"."""
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
