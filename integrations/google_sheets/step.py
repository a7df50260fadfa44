"""Add a row to a spreadsheet."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from integrations.google_sheets.sheet import spreadsheet_id
from ismessenger.sdk.step import Call, Exit, Fail, Fault, Heard, Next, Outcome, Part, Result, Scene, Thing, Wait, refers_to, widget
from ismessenger.sdk.words import gettext


class Cell(Part):
    """What stands in one column. Columns are called by what stands in the first row of the sheet."""

    column: Annotated[
        str,
        Field(title="Column", description="As in the first row of the sheet.", max_length=200),
        widget("choices", of="columns", within=["connection_id", "spreadsheet", "sheet"]),
    ] = ""
    value: Annotated[str, Field(title="Value", max_length=2000), widget("text")] = ""


class AddRow:
    """Adds a row under the last one, through a connection."""

    kind: ClassVar = "google_sheets_row"
    name: ClassVar = "Add a Google Sheets row"
    description: ClassVar = "Write what is known of the contact and the conversation into a spreadsheet."
    icon: ClassVar = "sheet"
    group: ClassVar = "Connections"

    class Params(Part):
        connection_id: Annotated[
            int | None,
            Field(title="Google account", description="Connect one in the settings, under Connections."),
            refers_to("connection", where={"kind": ["google_sheets"]}),
        ] = None
        spreadsheet: Annotated[
            str,
            Field(title="Spreadsheet", description="Its link, as in the browser’s address bar, or its ID.", max_length=500),
            widget(placeholder="https://docs.google.com/spreadsheets/d/…"),
        ] = ""
        sheet: Annotated[
            str,
            Field(title="Sheet", description="The name on its tab.", max_length=200),
            widget("choices", of="sheets", within=["connection_id", "spreadsheet"]),
        ] = "Sheet1"
        values: Annotated[
            list[Cell],
            Field(title="Columns", description="At most 50. The other columns stay empty.", max_length=50),
            widget(item="column"),
        ] = []
        failure_branch: Annotated[
            bool,
            Field(title="Failure branch", description="Go another way if the row cannot be added. Else the workflow goes on."),
            widget(advanced=True),
        ] = False

    def exits(self, params: Params) -> Sequence[Exit]:
        """Success and failure, or one way on."""
        return (
            (Exit("next", gettext("Success")), Exit("failure", gettext("Failure"), "failure"))
            if params.failure_branch
            else (Exit("next", gettext("Next")),)
        )

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """Where and what."""
        columns = ", ".join(cell.column for cell in params.values if cell.column)
        return f"{params.sheet}: {columns}" if columns else params.sheet

    def faults(self, params: Params) -> Sequence[Fault]:
        """What is missing."""
        found = []
        if params.connection_id is None:
            found.append(Fault(gettext("Choose the Google account."), "connection_id"))
        if spreadsheet_id(params.spreadsheet) is None:
            found.append(Fault(gettext("Paste the link of the spreadsheet."), "spreadsheet"))
        if not params.sheet.strip():
            found.append(Fault(gettext("Choose the sheet."), "sheet"))
        if not params.values:
            found.append(Fault(gettext("Choose at least one column."), "values"))
        return [*found, *_of_columns(params.values)]

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Ask for the row; the run goes on when Google has answered."""
        values = {cell.column.strip(): scene.filled(cell.value) for cell in params.values}
        request = {"spreadsheet": params.spreadsheet.strip(), "sheet": params.sheet.strip(), "values": values}
        asked = Call(integration="google_sheets", action="append", request=request, connection_id=params.connection_id)
        return Wait(("result",), effects=(asked,), shown=gettext("Google Sheets to take the row"))

    def resume(self, params: Params, _scene: Scene, heard: Heard) -> Outcome:
        """Go on, or another way."""
        if isinstance(heard, Result) and not heard.ok:
            return Fail(heard.reason, "failure" if params.failure_branch else "next")
        return Next(output={"range": heard.details.get("range", "")} if isinstance(heard, Result) else {})


def _of_columns(cells: Sequence[Cell]) -> list[Fault]:
    found, seen = [], set[str]()
    for place, cell in enumerate(cells):
        name = cell.column.strip().casefold()
        if not name:
            found.append(Fault(gettext("Choose the column."), f"values.{place}.column"))
        elif name in seen:
            found.append(Fault(gettext("The column “%(name)s” is here twice.") % {"name": cell.column}, f"values.{place}.column"))
        seen.add(name)
    return found
