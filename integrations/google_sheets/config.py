"""What a connection to Google Sheets needs: the key file of a service account.

Source: Google, "Using OAuth 2.0 for Server to Server Applications", "Service account keys".
"""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, Field, SecretStr, field_validator

MAX_KEY: Final = 10_000
NO_KEY: Final = "This is not the key of a service account: paste the whole JSON file that Google gave you."


@dataclass(frozen=True, slots=True)
class Account:
    """A service account. ``key_id`` names its key at Google."""

    email: str
    key_id: str
    key: RSAPrivateKey = field(repr=False)


class GoogleSheetsConfig(BaseModel):
    """A service account may write to the spreadsheets that were shared with its e-mail address."""

    service_account: Annotated[
        SecretStr,
        Field(
            title="Key of the service account (JSON)",
            description="The whole content of the key file. Share your spreadsheets with the account’s e-mail address, as Editor.",
        ),
    ]

    @field_validator("service_account")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        account_of(value)
        return value


def account_of(value: SecretStr) -> Account:
    """The account out of its key file. Raises ``ValueError`` with words that hold nothing of it."""
    given = _json(value.get_secret_value())
    email, key = given.get("client_email"), given.get("private_key")
    if given.get("type") != "service_account" or not isinstance(email, str) or not isinstance(key, str):
        raise ValueError(NO_KEY)
    try:
        loaded = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        loaded = None
    if not isinstance(loaded, RSAPrivateKey):
        raise ValueError(NO_KEY)  # noqa: TRY004 - the key of somebody's file, not a type of ours
    return Account(email, str(given.get("private_key_id", "")), loaded)


def _json(text: str) -> dict[str, Any]:
    if len(text) > MAX_KEY:
        raise ValueError(NO_KEY)
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(NO_KEY) from None
    return given if isinstance(given, dict) else {}
