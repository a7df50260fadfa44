"""Files of contacts: encodings, separators, quoted newlines, headings, sheets, and what is refused."""

import io
import zipfile
from datetime import date, datetime, time

import orjson
import pytest
from openpyxl import Workbook

from ismessenger.imports.errors import FileRefused
from ismessenger.imports.read_csv import encoding_of, separator_of
from ismessenger.imports.take import MAX_BYTES, MAX_ROWS, Taken, headings, write_plain

TABLE = "First name,Phone,City\r\nZoë,+60123456789,Kraków\r\n"


def taken(content: bytes, name: str = "people.csv") -> tuple[Taken, list[list[object]]]:
    plain = io.BytesIO()
    found = write_plain(io.BytesIO(content), name, plain)
    return found, [orjson.loads(line) for line in plain.getvalue().splitlines()]


def refusal(content: bytes, name: str = "people.csv") -> str:
    with pytest.raises(FileRefused) as refused:
        taken(content, name)
    return str(refused.value)


def book(*rows: list[object]) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_encoding_is_read(encoding: str) -> None:
    found, rows = taken(TABLE.encode(encoding))
    assert found.columns == ["First name", "Phone", "City"]
    assert rows == [[2, "Zoë", "+60123456789", "Kraków"]]


def test_windows_1252_is_read_where_it_is_no_utf_8() -> None:
    _found, rows = taken("Name,Price\r\nJosé,5 €\r\n".encode("cp1252"))
    assert rows == [[2, "José", "5 €"]]


def test_a_letter_far_behind_decides_the_encoding_too() -> None:
    content = b"Name\r\n" + b"plain\r\n" * 20_000 + "José\r\n".encode("cp1252")
    assert encoding_of(io.BytesIO(content)) == "cp1252"
    assert taken(content)[1][-1] == [20_002, "José"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found(separator: str) -> None:
    _found, rows = taken(f'Name{separator}Note\nAda{separator}"a{separator}b"\n'.encode())
    assert rows == [[2, "Ada", f"a{separator}b"]]


def test_a_decimal_comma_does_not_make_a_semicolon_file_a_comma_file() -> None:
    assert separator_of("Name;Price;Weight\nA;1,5;2,5\nB;2,5;3,5\n") == ";"


def test_excels_own_line_about_the_separator_is_no_heading() -> None:
    found, rows = taken(b"sep=|\r\nName|Note\r\nAda|x,y\r\n")
    assert (found.columns, rows) == (["Name", "Note"], [[3, "Ada", "x,y"]])


def test_a_quoted_newline_stays_inside_its_cell_and_rows_keep_the_number_a_spreadsheet_shows() -> None:
    _found, rows = taken(b'Name,Note\r\n\r\nAda,"two\r\nlines"\r\nBo,one\r\n')
    assert rows == [[3, "Ada", "two\r\nlines"], [4, "Bo", "one"]]


def test_headings_are_told_apart() -> None:
    assert headings(["Phone", " phone ", "", "Phone", "Phone (2)"]) == ["Phone", "phone (2)", "Column 3", "Phone (3)", "Phone (2) (2)"]


def test_a_sheet_is_read_with_dates_numbers_and_formulas_as_people_see_them() -> None:
    found, rows = taken(
        book(
            ["Name", "Phone", "Born", "At", "Score", "Yes", "Seen"],
            ["Ada", 60123456789, date(1990, 5, 1), time(9, 30), 2.5, True, datetime(2026, 1, 2, 3, 4)],  # noqa: DTZ001 - a sheet knows no zones
            [None] * 7,
            ["Bo", "+60 12", None, None, 3.0],
        ),
        "people.xlsx",
    )
    assert found.columns[0] == "Name"
    assert rows[0] == [2, "Ada", "60123456789", "1990-05-01", "09:30", "2.5", "true", "2026-01-02 03:04"]
    assert rows[1] == [4, "Bo", "+60 12", "", "", "3"]


def test_a_formula_of_a_sheet_is_never_worked_out() -> None:
    _found, rows = taken(book(["Name", "Sum"], ["Ada", "=1+1"]), "people.xlsx")
    assert rows == [[2, "Ada"]]  # the file holds no value for it


def test_quotation_marks_within_a_cell_open_none() -> None:
    _found, rows = taken(b'Name,Size\r\nAda,5" wide\r\n"Bo ""the" kid,"x\ny"\r\nCy,"\r\n"\r\n', "people.csv")
    assert rows == [[2, "Ada", '5" wide'], [3, 'Bo "the kid', "x\ny"], [4, "Cy"]]


@pytest.mark.behaviour(23)
@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "people.csv", "empty"),
        (b"Name,Phone\r\n", "people.csv", "no rows"),
        (b"\r\n,\r\n", "people.csv", "no rows"),
        (b"%PDF-1.7\n1 0 obj\n", "people.csv", "neither CSV nor XLSX"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "people.csv", "neither CSV nor XLSX"),
        (b"<html><table><tr><td>Ada</td></tr></table>", "people.csv", "neither CSV nor XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "people.xls", "neither CSV nor XLSX"),
        (bytes(range(256)) * 20, "people.csv", "neither CSV nor XLSX"),
        (b"Name\r\n" + b"x" * (MAX_BYTES - 6), "people.csv", "smaller than 20 MB"),
        (b"Name\r\n" + b"Ada\r\n" * (MAX_ROWS + 1), "people.csv", "more than 199,999 rows"),
        (b"Name\r\n" + b",".join([b"x"] * 501), "people.csv", "more than 500 columns"),
        (b'Name\r\n"never closed\r\n' + b"x\r\n" * 60_000, "people.csv", "a cell has more than"),
        (b'Name,Phone\r\nBo,1\r\n"Ada,2\r\nCy,3\r\nDi,4\r\n', "people.csv", "quotation mark in row 3 is never closed"),
        (b'Name,Phone\r\nBo,"1', "people.csv", "quotation mark in row 2 is never closed"),
    ],
)
def test_what_cannot_be_imported_is_refused_by_its_content(content: bytes, name: str, words: str) -> None:
    assert words in refusal(content, name)


@pytest.mark.behaviour(23)
def test_the_largest_file_there_may_be_is_taken() -> None:
    found, _rows = taken(b"Name\r\n" + b"Ada\r\n" * MAX_ROWS)
    assert found.rows == MAX_ROWS


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("people.csv", TABLE)
    assert "neither CSV nor XLSX" in refusal(file.getvalue(), "people.xlsx")


@pytest.mark.behaviour(420)
def test_what_stands_above_the_headings_is_named_instead_of_failing_every_row() -> None:
    heading: list[object] = ["First name", "Phone"]
    row: list[object] = ["Ada", "+60 12 345 6789"]
    words = "Every row has more cells than the first one, Customers. Take away what stands above the names of the columns."
    assert refusal(book(["Customers"], [], heading, row), "people.xlsx") == words
    assert refusal(b"Customers,\n\nFirst name,Phone\nAda,+60123456789\n") == words
    assert taken(book(heading, row, ["Bo", "", "more"]), "people.xlsx")[0].rows == 2


def test_a_broken_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    assert "broken" in refusal(file.getvalue(), "people.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    file = io.BytesIO(book(["Name"], ["Ada"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x", "w") as part:
        for _piece in range(402):
            part.write(bytes(1 << 20))
    assert len(file.getvalue()) < 1 << 20
    assert "unpacks to more" in refusal(file.getvalue(), "people.xlsx")
