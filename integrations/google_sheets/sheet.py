"""Spreadsheets: what their sheets and columns are called, and a row more.

Source: Google, Sheets API v4, "REST Resource: spreadsheets.values".
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx

from integrations.google_sheets.config import Account
from integrations.google_sheets.sign_in import forget, token_of
from ismessenger.sdk.channel import CredentialsInvalid, Rejected, SendFailed, Throttled
from ismessenger.sdk.http import call, json_of, retry_after
from ismessenger.sdk.words import gettext

MAX_COLUMNS: Final = 1000
_LINK = re.compile(r"/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,200})")
_ID = re.compile(r"[A-Za-z0-9_-]{10,200}")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?")


def spreadsheet_id(written: str) -> str | None:
    """The id of a spreadsheet out of its link, or as it is; None for anything else."""
    if found := _LINK.search(written):
        return found[1]
    return written.strip() if _ID.fullmatch(written.strip()) else None


class Spreadsheet:
    """One spreadsheet, as the service account may use it. Every method raises a `SendFailed`."""

    def __init__(self, account: Account, written: str, http: httpx.AsyncClient) -> None:
        id_ = spreadsheet_id(written)
        if id_ is None:
            raise Rejected("spreadsheet", gettext("This is neither the link nor the ID of a spreadsheet."))
        self._account, self._id, self._http = account, id_, http

    async def sheets(self) -> list[str]:
        """The names of its sheets."""
        given = await self._call("GET", f"/v4/spreadsheets/{self._id}", params={"fields": "sheets.properties.title"})
        return [str(sheet["properties"]["title"]) for sheet in given.get("sheets", ()) if "title" in sheet.get("properties", {})]

    async def columns(self, sheet: str) -> list[str]:
        """What stands in the first row of a sheet."""
        given = await self._call("GET", self._values(f"{_quoted(sheet)}!1:1"))
        rows = given.get("values") or [[]]
        return [str(cell).strip() for cell in rows[0][:MAX_COLUMNS]]

    async def append(self, sheet: str, values: Mapping[str, str]) -> str:
        """Add a row under the last one, each value in the column with that heading; returns the range that it got."""
        row = _row(await self.columns(sheet), values)
        # RAW: what a customer wrote must not become a formula.
        how = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
        where = self._values(f"{_quoted(sheet)}!A1") + ":append"
        given = await self._call("POST", where, params=how, json={"majorDimension": "ROWS", "values": [row]})
        return str(given.get("updates", {}).get("updatedRange", ""))

    def _values(self, cells: str) -> str:
        return f"/v4/spreadsheets/{self._id}/values/{quote(cells, safe='')}"

    async def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._send(method, path, **more)
        except CredentialsInvalid:
            # Perhaps only the token is over before its time.
            forget(self._account, self._http)
            answer = await self._send(method, path, **more)
        given = json_of(answer)
        if not isinstance(given, dict):
            raise Rejected("answer", gettext("Google Sheets gave an answer that cannot be read."))
        return given

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await token_of(self._account, self._http)}"}
        return await call(self._http, method, path, headers=headers, explain=self._refusal, **more)

    def _refusal(self, answer: httpx.Response) -> SendFailed | None:
        match answer.status_code:
            case 400:
                return Rejected(
                    "sheet",
                    gettext("Google Sheets refused this: %(why)s") % {"why": _why(answer) or gettext("the sheet or a value is not valid")},
                )
            case 401:
                return CredentialsInvalid(gettext("Google does not accept the key of the service account any more. Make a new key."))
            case 403 if _status(answer) == "RESOURCE_EXHAUSTED":
                return Throttled(gettext("Google asks to slow down."), retry_after=retry_after(answer))
            case 403:
                return Rejected(
                    "shared",
                    gettext("This spreadsheet is not shared with %(email)s. Share it with this address, as Editor.")
                    % {"email": self._account.email},
                )
            case 404:
                return Rejected("spreadsheet", gettext("There is no such spreadsheet. Check its link."))
            case 429:
                return Throttled(gettext("Google asks to slow down."), retry_after=retry_after(answer))
            case _:
                return None


def _row(columns: list[str], values: Mapping[str, str]) -> list[str | float | int]:
    """The cells in the order of the columns. Raises `Rejected` for a heading that is not there."""
    places = {name.casefold(): place for place, name in reversed(list(enumerate(columns))) if name}
    row: list[str | float | int] = [""] * len(columns)
    for name, value in values.items():
        if (place := places.get(name.strip().casefold())) is None:
            raise Rejected("column", gettext("The first row of the sheet has no column called “%(name)s”.") % {"name": name})
        row[place] = _cell(value)
    return row


def _cell(value: str) -> str | float | int:
    """A number where it is written as one and nothing of it is lost; so a telephone number or a leading zero stays."""
    if not _NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)


def _quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


def _why(answer: httpx.Response) -> str:
    return str(_error(answer).get("message", ""))[:200]


def _status(answer: httpx.Response) -> str:
    return str(_error(answer).get("status", ""))


def _error(answer: httpx.Response) -> dict[str, Any]:
    given = json_of(answer)
    error = given.get("error") if isinstance(given, dict) else None
    return error if isinstance(error, dict) else {}
