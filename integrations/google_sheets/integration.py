"""Google Sheets: rows of what workflows know, written by a service account."""

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel

from integrations.google_sheets.config import Account, GoogleSheetsConfig, account_of
from integrations.google_sheets.sheet import Spreadsheet
from integrations.google_sheets.sign_in import SHEETS, forget, token_of
from ismessenger.sdk.channel import Rejected
from ismessenger.sdk.integration import Asked
from ismessenger.sdk.words import gettext


class GoogleSheets:
    """One action, ``append``: ``{"spreadsheet": …, "sheet": …, "values": {"Name": "Ada"}}``. It answers ``{"range": "Sheet1!A7:C7"}``."""

    kind: ClassVar[str] = "google_sheets"
    name: ClassVar[str] = "Google Sheets"
    description: ClassVar[str] = "Workflows add rows to your spreadsheets."
    base_url: ClassVar[str | None] = SHEETS
    Config: ClassVar[type[BaseModel]] = GoogleSheetsConfig

    async def call(self, asked: Asked, config: BaseModel, http: httpx.AsyncClient) -> Mapping[str, Any]:
        """Add a row. Raises a `SendFailed`."""
        if asked.action != "append":
            raise Rejected("action", gettext("Google Sheets cannot do this."))
        spreadsheet = Spreadsheet(_account(config), str(asked.request["spreadsheet"]), http)
        values = {str(name): str(value) for name, value in asked.request["values"].items()}
        return {"range": await spreadsheet.append(str(asked.request["sheet"]), values)}

    async def choices(self, what: str, within: Mapping[str, str], config: BaseModel, http: httpx.AsyncClient) -> list[tuple[str, str]]:
        """``sheets`` within a ``spreadsheet``, and ``columns`` within one of its sheets. Raises a `SendFailed`."""
        spreadsheet = Spreadsheet(_account(config), within.get("spreadsheet", ""), http)
        match what:
            case "sheets":
                names = await spreadsheet.sheets()
            case "columns":
                names = [name for name in await spreadsheet.columns(within.get("sheet", "")) if name]
            case _:
                raise Rejected("choices", gettext("Google Sheets has nothing like this to choose from."))
        return [(name, name) for name in names]

    async def check(self, config: BaseModel, http: httpx.AsyncClient) -> None:
        """Sign in anew. Raises a `SendFailed`."""
        account = _account(config)
        forget(account, http)
        await token_of(account, http)


def _account(config: BaseModel) -> Account:
    if not isinstance(config, GoogleSheetsConfig):
        raise TypeError("The config of Google Sheets is a GoogleSheetsConfig.")
    return account_of(config.service_account)
