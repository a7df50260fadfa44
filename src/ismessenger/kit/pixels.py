"""Width and height of a picture, out of its header: so much is known without decoding it.

Source: the specifications of PNG (section 11.2.2), GIF89a (section 18), WebP (RFC 9649) and JPEG (ITU T.81, annex B).
"""

import struct

Size = tuple[int, int]

_NO_SIZE_MARKERS = {0x01, *range(0xD0, 0xD9)}
_NO_FRAME_MARKERS = {0xC4, 0xC8, 0xCC}


def size_of(content: bytes) -> Size | None:
    """Width and height in pixels; ``None`` for what is no whole header of PNG, GIF, WebP or JPEG."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
            return struct.unpack(">II", content[16:24])
        if content[:6] in {b"GIF87a", b"GIF89a"}:
            return struct.unpack("<HH", content[6:10])
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
        return _jpeg(content) if content.startswith(b"\xff\xd8") else None
    except (struct.error, IndexError):
        return None


def _webp(content: bytes) -> Size | None:
    match content[12:16]:
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack("<HH", content[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if content[20] == 0x2F:  # noqa: PLR2004 - its signature
            (bits,) = struct.unpack("<I", content[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X" if len(content) >= 30:  # noqa: PLR2004 - where its header ends
            return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
        case _:
            return None


def _jpeg(content: bytes) -> Size | None:
    at = 2
    while content[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker = content[at + 1]
        if marker == 0xFF or marker in _NO_SIZE_MARKERS:  # noqa: PLR2004 - a fill byte
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004 - same
            continue
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME_MARKERS:  # noqa: PLR2004 - starts of frames
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None
