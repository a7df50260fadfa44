"""What an import shall do, as it stands in its job."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

IMPORT: Final = "contacts_import"
CHECK: Final = "contacts_import_check"
UNDO: Final = "contacts_import_undo"

Purpose = Literal["new", "update", "both", "all"]
Identifier = Literal["phone", "email", "id"]


class Order(BaseModel):
    """``file`` is the key of the kept rows. ``targets`` says for each column where it goes, empty for nowhere: see `targets`.

    ``kept`` are the targets that are not overwritten, ``tags`` the names that everybody gets, ``region`` (ISO 3166) is the country of
    phone numbers that name none. ``check`` is the job that tried it out.
    """

    file: str
    name: str
    rows: int
    columns: list[str]
    sample: list[list[str]] = []
    purpose: Purpose = "both"
    identifier: Identifier = "phone"
    targets: list[str]
    kept: list[str] = []
    tags: list[Annotated[str, Field(max_length=255)]] = []
    region: str = ""
    check: int | None = None
    undone_by: int | None = None

    @property
    def adds(self) -> bool:
        """Whether it can make new contacts."""
        return self.purpose != "update"

    @property
    def changes(self) -> bool:
        """Whether it can change contacts that are there."""
        return self.purpose in {"update", "both"}
