"""Rows of a text file whose cells are separated by a comma, a semicolon, a tab or a bar, in any of the usual encodings."""

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterable, Iterator
from typing import IO, Final

from ismessenger.imports.errors import FileRefused
from ismessenger.language import figures
from ismessenger.sdk.words import gettext

Row = tuple[int, list[str]]
"""The number that a spreadsheet shows for a row, and its cells."""

SEPARATORS: Final = (",", ";", "\t", "|")
PIECE_BYTES: Final = 1 << 16
LOOKED_AT: Final = 20
LEAST_AGREEING: Final = 0.8
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_STATED: Final = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


def csv_rows(file: IO[bytes]) -> Generator[Row, None, None]:
    """All rows, empty ones as empty lists. Raises `FileRefused` for what is no text."""
    encoding = encoding_of(file)
    text = io.TextIOWrapper(file, encoding, errors="strict" if encoding != "cp1252" else "replace", newline="")
    try:
        yield from _rows(text)
    except UnicodeDecodeError as error:
        raise FileRefused(gettext("This file is neither CSV nor XLSX: its characters cannot be read.")) from error
    except csv.Error as error:
        raise FileRefused(
            gettext("The file cannot be read: a cell has more than %(most)s characters.") % {"most": figures(csv.field_size_limit())}
        ) from error
    finally:
        text.detach()


def encoding_of(file: IO[bytes]) -> str:
    """The encoding, told from the bytes; the file stands at its beginning afterwards."""
    file.seek(0)
    head = file.read(PIECE_BYTES)
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    found = marked or _unmarked_utf16(head) or ("utf-8" if _is_utf8(file, head) else "cp1252")
    file.seek(0)
    return found


def separator_of(sample: str) -> str:
    """The separator by which most of the first rows have as many cells as the heading, the more cells the better."""
    best = (False, 1, ",")
    for separator in SEPARATORS:
        counts = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if row][:LOOKED_AT]
        if counts and counts[0] > 1:
            agreeing = sum(count == counts[0] for count in counts) / len(counts) >= LEAST_AGREEING
            best = max(best, (agreeing, counts[0], separator), key=lambda scored: scored[:2])
    return best[2]


def _rows(text: io.TextIOWrapper) -> Generator[Row, None, None]:
    sample = text.read(PIECE_BYTES)
    if stated := _STATED.match(sample):
        separator = stated[1]
    else:
        complete = sample if len(sample) < PIECE_BYTES else sample[: sample.rfind("\n") + 1] or sample
        separator = separator_of(complete)
    text.seek(0)
    lines = _checked(text)
    if stated:
        next(lines)
    yield from _closed(lines, separator, start=2 if stated else 1)


def _closed(lines: Iterable[str], separator: str, *, start: int) -> Generator[Row, None, None]:
    """The rows. Raises `FileRefused` where a quotation mark takes in all that follows: people would be lost in one cell."""
    taken: list[str] = []
    for number, cells in enumerate(csv.reader(_noted(lines, taken), delimiter=separator), start=start):
        if sum(line.count('"') for line in taken) % 2 and _is_open(taken, separator):
            words = gettext("A quotation mark in row %(row)s is never closed. Mend that row, or save the table again.")
            raise FileRefused(words % {"row": number})
        taken.clear()
        yield number, cells


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _is_open(lines: Iterable[str], separator: str) -> bool:
    """Whether a row ends within a cell."""
    try:
        list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _checked(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "\x00" in line:
            raise FileRefused(gettext("This file is neither CSV nor XLSX."))
        yield line


def _unmarked_utf16(head: bytes) -> str | None:
    """Text of the West in UTF-16 has a zero in every other byte."""
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.4 and not head[0::2].count(0):
        return "utf-16-le"
    return "utf-16-be" if half and head[0::2].count(0) > half * 0.4 and not head[1::2].count(0) else None


def _is_utf8(file: IO[bytes], head: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while head:
            decoder.decode(head)
            head = file.read(PIECE_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
