"""What a custom channel needs to know. Every field takes the plain text of a form or of ``channel connect --set key=value``."""

import re
import secrets
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from ismessenger.sdk.words import gettext

# It becomes part of a header, so nothing that would end one may be in it.
_TOKEN = re.compile(r"[\x21-\x7e]{16,256}")


def _token() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class CustomChannelConfig(BaseModel):
    """The owner says how contacts are named and where the integration server is; the token is made."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id_type: Literal["phone", "custom"] = Field(
        title="ID type",
        description="How your server names contacts: by phone number (you may write first) or by an ID of its own (they write first).",
    )
    api_base_url: str = Field(
        title="API base URL", max_length=2000, description="Messages to contacts are sent to this address followed by /message."
    )
    api_token: SecretStr = Field(
        default_factory=_token,
        title="API token",
        description="Both sides send it as a bearer token.",
        json_schema_extra={"generated": True},
    )
    messages_per_second: float = Field(20, gt=0, le=1000, title="Messages per second", description="How many your server takes at most.")

    @field_validator("api_base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        """An address to which a path can be added, without the last slash."""
        address = value.strip().rstrip("/")
        if not _can_be_called(address):
            raise ValueError(gettext("This is no address. Give one such as https://integration.example.com/api, without ? and #."))
        return address

    @field_validator("api_token")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError(gettext("The token needs 16 to 256 letters, digits or signs, without spaces."))
        return value


def _can_be_called(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    whole = not parts.query and not parts.fragment and parts.username is None and not re.search(r"[\s?#\x00-\x20\x7f]", address)
    return whole and parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0
