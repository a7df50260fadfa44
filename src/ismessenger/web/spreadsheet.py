"""Lists to save and open elsewhere, as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from ismessenger.kit.spreadsheet import harmless


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A download called ``name``. Cells that a spreadsheet would run get an apostrophe in front."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    body = text.getvalue().encode("utf-8-sig")
    return Response(body, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})
