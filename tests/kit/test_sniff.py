import io
import zipfile

import pytest

from ismessenger.kit.sniff import DANGEROUS_TYPES, SHOWN_TYPES, is_shown, safe_type

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"


def _zip(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"),
        (b"BM\x10\x00\x00\x00\x00\x00\x00\x00\x36", "image/bmp"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x14ftyp3gp4", "video/3gpp"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"OggS\x00\x02OpusHead", "audio/ogg"),
        (b"OggS\x00\x02" + bytes(20) + b"\x80theora", "video/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (b"fLaC\x00", "audio/flac"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "video/x-matroska"),
        (b"%PDF-1.4\n", "application/pdf"),
        (b"{\\rtf1", "application/rtf"),
        (b"\x1f\x8b\x08\x00", "application/gzip"),
        (b"Rar!\x1a\x07\x01\x00", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (_zip(**{"a.txt": b"x"}), "application/zip"),
        (_zip(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), DOCX),
        (_zip(**{"_rels/.rels": b"<x/>", "[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), XLSX),
        (_zip(mimetype=ODT.encode(), **{"content.xml": b"<x/>"}), ODT),
        (_zip(mimetype=b"application/epub+zip"), "application/epub+zip"),
        (_zip(mimetype=b"text/html"), "application/zip"),
        (b"plain words, \xc3\xa4 too", "text/plain"),
        (b"\xef\xbb\xbfwith a mark", "text/plain"),
        ("\ufeffzwei Byte".encode("utf-16-be"), "text/plain"),
        ("cut \U0001f600".encode()[:-1], "text/plain"),
        (b"", "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"\xff\xff\xff\xff", "application/octet-stream"),
        (b"gr\xf6\xdfe", "application/octet-stream"),
        (b"MZ\x90\x00\x03\x00", "application/octet-stream"),
        (b"\x7fELF\x02\x01", "application/octet-stream"),
    ],
)
def test_the_bytes_tell_the_type(head: bytes, mime: str) -> None:
    assert safe_type(head) == mime
    assert safe_type(head, "image/png; charset=x", "x.png") in {mime, "video/mp4"}


@pytest.mark.parametrize(
    ("head", "claimed", "name", "mime"),
    [
        (b"\x00\x00\x00\x18ftypisom", "audio/mp4", None, "audio/mp4"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "audio/webm;codecs=opus", None, "audio/webm"),
        (b"a,b\n1,2", "text/csv", None, "text/csv"),
        (b"a;b\ngr\xf6\xdfe;2", None, "table.csv", "text/csv"),
        (b"BEGIN:VCARD", None, "ann.VCF", "text/vcard"),
        (b'{"a": 1}', "application/json", None, "application/json"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "letter.doc", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel", "x", "application/vnd.ms-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, None, "application/x-ole-storage"),
        (_zip(**{"[Content_Types].xml": b"x" * 9000})[:8192], None, "long.docx", DOCX),
        (_zip(**{"a.txt": b"x"}), DOCX, "fake.docx", "application/zip"),
        (b"words", "text/html", "page.html", "text/plain"),
        (b"words", "application/javascript", "a.js", "text/plain"),
        (b"\x00\x01", "image/png", "a.png", "application/octet-stream"),
    ],
)
def test_a_claim_only_chooses_between_types_that_look_alike(head: bytes, claimed: str | None, name: str | None, mime: str) -> None:
    assert safe_type(head, claimed, name) == mime


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"<svg>", "image/svg+xml"),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'>", "image/svg+xml"),
        (b"<?xml version='1.0'?><!DOCTYPE svg><svg/>", "image/svg+xml"),
        (b"  \n<!DOCTYPE html>", "text/html"),
        (b"<HTML><head>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"<!-- --><a href='javascript:alert(1)'>", "text/html"),
        (b"\xef\xbb\xbf<html >", "text/html"),
        ("\ufeff<html>".encode("utf-16-le"), "text/html"),
        ("\ufeff<svg>".encode("utf-16-be"), "image/svg+xml"),
        (b"<html>\x00\x01", "text/html"),
        (b"<?xml version='1.0'?><feed/>", "application/xml"),
    ],
)
@pytest.mark.parametrize("claimed", [None, "image/png", "text/plain", "text/csv"])
def test_what_a_browser_would_run_is_called_by_its_name(head: bytes, mime: str, claimed: str | None) -> None:
    assert safe_type(head, claimed, "photo.png") == mime
    assert mime in DANGEROUS_TYPES
    assert not is_shown(mime)


def test_no_dangerous_type_is_ever_shown() -> None:
    assert not DANGEROUS_TYPES & SHOWN_TYPES
    assert not [mime for mime in SHOWN_TYPES if mime.partition("/")[0] not in {"image", "audio", "video"}]
