"""Cells of files that a spreadsheet opens: none of them may run there, and each comes back as it was meant."""

import re
from collections.abc import Iterable

# A spreadsheet takes a cell that begins so for a formula and runs it. Source: OWASP, "CSV Injection".
_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_TELEPHONE = re.compile(r"\+\d{6,15}", re.ASCII)
_SEPARATOR = re.compile(r"[,;\n\"]")
_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[,;\n]|$)|([^,;\n]*))[,;\n]?')


def harmless(cell: str) -> str:
    """A text for a CSV file: with an apostrophe in front where a spreadsheet would run it. Telephone numbers stay as they are."""
    return f"'{cell}" if _RUN.match(cell) and not _TELEPHONE.fullmatch(cell) else cell


def as_meant(cell: str) -> str:
    """What `harmless` made a cell of, undone."""
    return cell[1:] if cell[:1] == "'" and _RUN.match(cell, 1) else cell


def joined(names: Iterable[str]) -> str:
    """The names with semicolons between them. One that holds a separator itself stands in quotation marks."""
    return "; ".join('"' + name.replace('"', '""') + '"' if _SEPARATOR.search(name) else name for name in names)


def split(cell: str) -> list[str]:
    """The names of a cell, each once; commas, semicolons and new lines separate them."""
    quoted_or_plain = (name[1].replace('""', '"') if name[1] is not None else name[2] for name in _NAME.finditer(cell))
    found = (" ".join(words.split()) for words in quoted_or_plain)
    return list(dict.fromkeys(name for name in found if name))
