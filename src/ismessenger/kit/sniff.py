"""What a file really is, told from its first bytes. Names and claims only choose between types that look alike.

Source: WHATWG, "MIME Sniffing"; the magic numbers of the formats' own specifications.
"""

import codecs
import re
from typing import Final

HEAD_BYTES: Final = 8192
UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
HTML: Final = "text/html"
SVG: Final = "image/svg+xml"

# A browser may show these on our own address: none of them can hold a script.
SHOWN_TYPES: Final = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/x-icon"),
        *("audio/mpeg", "audio/ogg", "audio/wav", "audio/aac", "audio/flac", "audio/mp4", "audio/amr", "audio/midi", "audio/webm"),
        *("video/mp4", "video/webm", "video/quicktime", "video/3gpp", "video/ogg", "video/x-msvideo", "video/mpeg", "video/x-matroska"),
    }
)
# A browser would run what these hold.
DANGEROUS_TYPES: Final = frozenset({HTML, SVG, "application/xhtml+xml", "text/xml", "application/xml"})

_STARTS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"MThd", "audio/midi"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp2",
}
_OFFICE: Final = {
    b"word/": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    b"xl/": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    b"ppt/": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
_OLD_OFFICE: Final = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint"}
_TEXTS: Final = {
    "csv": "text/csv",
    "vcf": "text/vcard",
    "ics": "text/calendar",
    "json": "application/json",
    "md": "text/markdown",
}
_HTML_TAGS: Final = (
    "!doctype html|html|head|body|script|iframe|style|title|meta|link|base|object|embed|math|form"
    "|h1|div|font|table|a|b|br|p|img|video|audio|frameset"
)
_MARKUP: Final = re.compile(rf"<(?:{_HTML_TAGS})(?=[\s/>])".encode(), re.IGNORECASE)
_SVG: Final = re.compile(rb"<(?:[\w-]+:)?svg[\s/>:]", re.IGNORECASE)
_BOMS: Final = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BINARY: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MPEG_FRAME: Final = re.compile(rb"\xff[\xe2\xe3\xf2-\xf5\xfa-\xfd][\x10-\xef]", re.DOTALL)
_ADTS_FRAME: Final = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]")


def safe_type(head: bytes, claimed: str | None = None, name: str | None = None) -> str:
    """The MIME type of a file by its first `HEAD_BYTES`. HTML and SVG are called so, whatever they are claimed to be."""
    claim = (claimed or "").partition(";")[0].strip().lower()
    ending = (name or "").rpartition(".")[2].lower()
    return _media(head, claim) or _container(head, claim, ending) or _text(head, claim, ending) or UNKNOWN


def is_shown(mime: str) -> bool:
    """Whether a browser may show this type in place; everything else is only ever downloaded."""
    return mime in SHOWN_TYPES


def _media(head: bytes, claim: str) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12], claim)
    if head[:4] == b"\x1a\x45\xdf\xa3":
        kind = "webm" if b"webm" in head[:64] else "x-matroska"
        return f"{'audio' if claim.startswith('audio/') else 'video'}/{kind}"
    if head[:4] == b"OggS" and b"theora" in head[:128]:
        return "video/ogg"
    for start, mime in _STARTS:
        if head.startswith(start) and (mime != "image/bmp" or head[6:10] == bytes(4)):
            return mime
    return "audio/aac" if _ADTS_FRAME.match(head) else "audio/mpeg" if _MPEG_FRAME.match(head) else None


def _iso_media(brand: bytes, claim: str) -> str:
    """MP4 and its relatives. A voice note has the same brand as a film; there the claim decides."""
    known = _BRANDS.get(brand) or _BRANDS.get(brand[:3])
    return known or ("audio/mp4" if claim.startswith("audio/") else "video/mp4")


def _container(head: bytes, claim: str, ending: str) -> str | None:
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        known = {mime: mime for mime in _OLD_OFFICE.values()}
        return known.get(claim) or _OLD_OFFICE.get(ending) or "application/x-ole-storage"
    if head[:4] not in {b"PK\x03\x04", b"PK\x05\x06"}:
        return None
    if head[30:38] == b"mimetype":
        stated = re.match(rb"application/(?:vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip)", head[38:138])
        return stated[0].decode("ascii") if stated else "application/zip"
    if b"[Content_Types].xml" not in head and b"_rels/" not in head:
        return "application/zip"
    inside = [mime for folder, (_, mime) in _OFFICE.items() if folder in head]
    looks = [mime for suffix, mime in _OFFICE.values() if mime == claim or suffix == ending]
    return next(iter(inside or looks), "application/zip")


def _text(head: bytes, claim: str, ending: str) -> str | None:
    encoding = next((name for bom, name in _BOMS.items() if head.startswith(bom)), "utf-8")
    if encoding != "utf-8":
        head = head.decode(encoding, "replace").encode()
    if _SVG.search(head):
        return SVG
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    # Markup may hide behind a comment or a declaration, as it may for a browser.
    if _MARKUP.match(start) or (start[:2] in {b"<!", b"<?"} and _MARKUP.search(head)):
        return HTML
    if _BINARY.search(head):
        return None
    if start[:5].lower() == b"<?xml":
        return "application/xml"
    # Spreadsheets write tables in old character sets, so there a claim or a name is needed.
    stated = claim if claim in {TEXT, *_TEXTS.values()} else _TEXTS.get(ending)
    return stated or (TEXT if _is_utf8(head) else None)


def _is_utf8(head: bytes) -> bool:
    """Whether these are UTF-8 characters; the last one may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
