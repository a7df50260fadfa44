"""What a Telegram channel needs to know. Every field takes the plain text of a form or of ``channel connect --set key=value``."""

import re
import secrets

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from ismessenger.sdk.words import gettext

# Both become part of an address or a header, so nothing that would end either may be in them.
_BOT_TOKEN = re.compile(r"[A-Za-z0-9:_-]{1,256}")
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")


def _secret_token() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


class TelegramConfig(BaseModel):
    """The owner gives the bot token; the rest is made or asked for while connecting."""

    model_config = ConfigDict(hide_input_in_errors=True)

    bot_token: SecretStr = Field(title="Bot token", description="From @BotFather: digits, a colon, then letters and digits.")
    secret_token: SecretStr = Field(
        default_factory=_secret_token,
        title="Secret token",
        description="Telegram sends it with every update, which proves where the update comes from.",
        json_schema_extra={"generated": True},
    )
    bot_username: str | None = Field(
        None, title="Bot username", max_length=64, description="For links such as t.me/name; read from Telegram while connecting."
    )

    @field_validator("bot_token")
    @classmethod
    def _is_bot_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not _BOT_TOKEN.fullmatch(token):
            raise ValueError(gettext("This is no bot token. Copy the whole line that @BotFather shows, such as 123456:ABC-def."))
        return SecretStr(token)

    @field_validator("secret_token")
    @classmethod
    def _is_secret_token(cls, value: SecretStr) -> SecretStr:
        if not _SECRET_TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError(gettext("Use 1 to 256 of the characters A-Z, a-z, 0-9, _ and -."))
        return value

    @field_validator("bot_username")
    @classmethod
    def _without_at(cls, value: str | None) -> str | None:
        return (value or "").strip().removeprefix("@") or None
