"""What a backup looks like: kind and heading."""

from importlib.metadata import version

import orjson
from pydantic import BaseModel, Field, ValidationError

from ismessenger.kit.bundle import BundleRefused, Kind

KIND = Kind("ismessenger-backup", "backup of IS-Messenger", 1)
FILES = "files"


class BackupRefused(ValueError):
    """No backup can be made, or this one cannot be restored here; the text says why. Nothing was changed."""


class HomeCopy(BaseModel):
    """One home as it lies in a backup. ``part`` holds the dump, ``server`` is the major version it came from."""

    name: str
    part: str
    server: int
    revisions: dict[str, str]


class About(BaseModel):
    """The heading of a backup. ``dumped_with`` is the major version of ``pg_dump``."""

    version: str
    taken_at: str
    dumped_with: int
    homes: list[HomeCopy] = Field(min_length=1)

    @classmethod
    def read(cls, values: object) -> "About":
        """Raises `BundleRefused`."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise BundleRefused("The heading of the backup cannot be read.") from error


class Keys(BaseModel):
    """What lies in a backup under the passphrase: all keys, newest first, and the ids of those that stored secrets need."""

    keys: list[str] = Field(min_length=1)
    needed: list[str]

    def packed(self) -> bytes:
        """As bytes to be sealed."""
        return orjson.dumps(self.model_dump())


def product_version() -> str:
    """The version of this installation's code."""
    return version("ismessenger")
