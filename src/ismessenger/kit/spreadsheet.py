"""Cells of files that a spreadsheet opens: none of them may run there, and each comes back as it was meant."""

import re

# A spreadsheet takes a cell that begins so for a formula and runs it. Source: OWASP, "CSV Injection".
_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def harmless(cell: str) -> str:
    """The cell for a CSV file: with an apostrophe in front where a spreadsheet would run it. Numbers stay, also telephone numbers."""
    return f"'{cell}" if _RUN.match(cell) and not _NUMBER.fullmatch(cell) else cell


def as_meant(cell: str) -> str:
    """What `harmless` made a cell of, undone."""
    return cell[1:] if cell[:1] == "'" and _RUN.match(cell, 1) else cell
