"""Lists of the API: ``limit`` 1 to 100, ``cursorId``, and links to the pages beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse

from ismessenger.api.body import whole_number
from ismessenger.web.errors import BadRequest

DEFAULT_LIMIT = 10
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """What a list was asked for. ``cursor`` is the id after which it goes on; negative: the page before that id."""

    limit: int
    cursor: int | None


def page_of(request: Request) -> Page:
    """Read ``limit`` and ``cursorId``. Raises `BadRequest`."""
    limit, cursor = request.query_params.get("limit", ""), request.query_params.get("cursorId", "")
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= MAX_LIMIT):  # noqa: PLR2004 - "100"
        raise BadRequest(f"limit: a number from 1 to {MAX_LIMIT}.")
    if cursor and whole_number(cursor.removeprefix("-")) is None:
        raise BadRequest("cursorId: this is no cursor.")
    return Page(int(limit or DEFAULT_LIMIT), int(cursor) if cursor else None)


def listed(request: Request, page: Page, items: Sequence[dict[str, Any]], ids: Sequence[int], *, more: bool) -> JSONResponse:
    """The answer. ``ids`` are the items'; ``more`` says whether the list goes on in the direction it was asked in."""
    backwards = page.cursor is not None and page.cursor < 0
    goes_on, came_from = (True, more) if backwards else (more, page.cursor is not None)
    following = _link(request, page, ids[-1]) if ids and goes_on else None
    previous = _link(request, page, -ids[0]) if ids and came_from else None
    return JSONResponse({"items": list(items), "pagination": {"next": following, "previous": previous}})


def _link(request: Request, page: Page, cursor: int) -> str:
    address = request.app.state.installation.settings.address
    return f"{address}{request.url.path}?{urlencode({'limit': page.limit, 'cursorId': cursor})}"
