"""What a Messenger channel needs to know. Every field takes the plain text of a form or of ``channel connect --set key=value``."""

import re
import secrets

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from ismessenger.sdk.words import gettext

# The token becomes a header, so nothing that would end one may be in it.
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,1000}")


def _verify_token() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(24))


class MessengerConfig(BaseModel):
    """The owner gives the Page and the application's keys; the verify token is made unless one is given."""

    model_config = ConfigDict(hide_input_in_errors=True)

    page_id: str = Field(title="Page ID", description="Digits only. In Facebook: your Page → About → Page transparency → Page ID.")
    page_access_token: SecretStr = Field(
        title="Page access token", description="From the application's Messenger settings, generated for exactly this Page."
    )
    app_secret: SecretStr = Field(title="App secret", description="From the application's settings: App settings → Basic → App secret.")
    verify_token: SecretStr = Field(
        default_factory=_verify_token,
        title="Verify token",
        description="A word of your choice that Facebook repeats when it checks the callback URL. Leave it empty to have one made.",
        json_schema_extra={"generated": True},
    )

    @field_validator("page_id", mode="before")
    @classmethod
    def _is_page_id(cls, value: object) -> str:
        page_id = str(value).strip()
        if not re.fullmatch(r"[0-9]{1,64}", page_id):
            raise ValueError(gettext("A Page ID is a number of at most 64 digits."))
        return page_id

    @field_validator("page_access_token", "app_secret", "verify_token")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value().strip()
        if not _PRINTABLE.fullmatch(key):
            raise ValueError(gettext("Copy the whole value; it holds no spaces."))
        return SecretStr(key)

    @field_validator("verify_token", mode="before")
    @classmethod
    def _made_if_empty(cls, value: object) -> object:
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        return _verify_token() if given is None or (isinstance(given, str) and not given.strip()) else value
