"""Rows of the first sheet of an XLSX file, one after the other. Of a formula the value counts that was saved with it."""

import struct
import zlib
from collections.abc import Generator
from datetime import date, datetime, time
from typing import IO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from ismessenger.imports.errors import FileRefused
from ismessenger.imports.read_csv import Row
from ismessenger.sdk.words import gettext

# A file of 20 MB can hold a thousand times as much.
MAX_UNPACKED_BYTES: Final = 400 << 20
MAX_STRINGS_BYTES: Final = 100 << 20
MAX_PARTS: Final = 2000
_STRINGS: Final = "xl/sharedStrings.xml"
_BROKEN: Final = (
    *(BadZipFile, ParseError, zlib.error, struct.error, OSError, EOFError),
    *(StopIteration, KeyError, ValueError, TypeError, AttributeError, IndexError, NotImplementedError, RuntimeError),
)


def is_xlsx(file: IO[bytes]) -> bool:
    """Whether it is a zip archive with a workbook in it; it stands at its beginning afterwards."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except _BROKEN:
        return False
    finally:
        file.seek(0)


def xlsx_rows(file: IO[bytes]) -> Generator[Row, None, None]:
    """All rows of the first sheet that is not hidden. Raises `FileRefused`."""
    from openpyxl import load_workbook  # noqa: PLC0415 - 170 modules that only files of this kind need

    _see_bounded(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = next(each for each in book.worksheets if each.sheet_state == "visible")
        sheet.reset_dimensions()  # what a program wrote about the size may be wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_words(cell) for cell in cells]
    except _BROKEN as error:
        raise FileRefused(gettext("This XLSX file is broken. Save it again, or save it as CSV.")) from error


def _see_bounded(file: IO[bytes]) -> None:
    """Raises `FileRefused` for an archive that would fill the memory. No part unpacks to more than its entry says."""
    with ZipFile(file) as archive:
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    strings = sum(part.file_size for part in parts if part.filename.lower() == _STRINGS.lower())
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or strings > MAX_STRINGS_BYTES:
        raise FileRefused(gettext("This XLSX file unpacks to more than can be imported. Save the sheet as CSV, or in parts."))
    file.seek(0)


def _words(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.strftime("%H:%M")
        case _:
            return str(cell)
