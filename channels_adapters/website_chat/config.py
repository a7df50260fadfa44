"""What the owner of a website chat can choose. Every field takes the plain text of a form or of ``channel connect --set key=value``."""

import json
import re
import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

from ismessenger.sdk.words import gettext

PALETTE = {
    "teal": "#0f766e",
    "blue": "#1d4ed8",
    "indigo": "#4338ca",
    "violet": "#6d28d9",
    "rose": "#be123c",
    "amber": "#b45309",
    "green": "#15803d",
    "slate": "#334155",
}
LANGUAGES = ("auto", "en", "ar", "de", "es", "fr", "id", "pt", "zh")

_HOST_LENGTH = 253
_HEX = re.compile(r"#[0-9a-f]{6}")
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class PreChatField(BaseModel):
    """One question of the form before the first message."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["name", "email", "phone"]
    required: bool = False


def _listed(value: object) -> object:
    """Text as a list: JSON, or words parted by commas or white space."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part for part in re.split(r"[,\s]+", value) if part]


def _field(value: object) -> object:
    """``email*`` as a required question, ``email`` as one that may stay empty."""
    return {"kind": value.rstrip("*"), "required": value.endswith("*")} if isinstance(value, str) else value


def _visitor_key() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(32))


Question = Annotated[PreChatField, BeforeValidator(_field)]


class WebsiteChatConfig(BaseModel):
    """Everything is optional: a chat without any choice works on every website."""

    model_config = ConfigDict(hide_input_in_errors=True)

    title: str = Field("Chat with us", title="Title", min_length=1, max_length=60, description="Shown at the top of the chat.")
    greeting: str = Field(
        "Hello! How can we help?", title="Greeting", max_length=500, description="Shown before the first message; empty for none."
    )
    colour: str = Field("teal", title="Colour", description="A name of the palette, or #rrggbb.")
    icon: Literal["bubble", "question", "smile", "spark"] = Field("bubble", title="Icon of the button")
    position: Literal["right", "left"] = Field("right", title="Corner of the page")
    language: Literal["auto", "en", "ar", "de", "es", "fr", "id", "pt", "zh"] = Field(
        "auto", title="Language", description="auto follows the visitor's browser."
    )
    pre_chat: Annotated[list[Question], BeforeValidator(_listed)] = Field(
        [], title="Questions before the chat", max_length=3, description="name, email, phone; a star makes one required: name*, email"
    )
    allowed_domains: Annotated[list[str], BeforeValidator(_listed)] = Field(
        [], title="Allowed websites", max_length=100, description="example.com, *.example.com; empty allows every website."
    )
    hide_branding: bool = Field(False, title="Hide the line with our name")
    online_hours: str = Field("", title="Hours", max_length=120, description="One line under the title, such as Mon–Fri, 9 to 17.")
    file_upload: bool = Field(True, title="Visitors may send files")
    emoji: bool = Field(True, title="Show the emoji button")
    sound: bool = Field(False, title="Play a sound for a new message")
    require_identity: bool = Field(
        False, title="Only signed-in visitors", description="The website must name its visitor, signed with the identity secret."
    )
    visitor_key: SecretStr = Field(
        default_factory=_visitor_key, title="Identity secret", min_length=32, json_schema_extra={"generated": True}
    )

    @field_validator("colour")
    @classmethod
    def _known_colour(cls, value: str) -> str:
        value = value.strip().lower()
        if value in PALETTE or _HEX.fullmatch(value):
            return value
        raise ValueError(gettext("Choose one of %(palette)s, or write #rrggbb.") % {"palette": ", ".join(PALETTE)})

    @field_validator("pre_chat")
    @classmethod
    def _each_once(cls, value: list[PreChatField]) -> list[PreChatField]:
        if len({field.kind for field in value}) != len(value):
            raise ValueError(gettext("Ask each question once."))
        return value

    @field_validator("allowed_domains")
    @classmethod
    def _host_names(cls, value: list[str]) -> list[str]:
        hosts = [_host(part) for part in value]
        for host, part in zip(hosts, value, strict=True):
            if len(host) > _HOST_LENGTH or not _HOST.fullmatch(host):
                raise ValueError(gettext("%(part)s is no host name. Write example.com or *.example.com.") % {"part": part})
        return list(dict.fromkeys(hosts))

    @property
    def accent(self) -> str:
        """The colour as ``#rrggbb``."""
        return PALETTE.get(self.colour, self.colour)

    def allows(self, host: str) -> bool:
        """Whether a page on this host (without port) may carry the chat. ``*.example.com`` is every name below example.com, not itself."""
        host = host.lower().rstrip(".")
        if not self.allowed_domains:
            return True
        return any(host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed for allowed in self.allowed_domains)


def _host(text: str) -> str:
    """The host name of what somebody typed: scheme, port, path and upper case go, other alphabets become their ASCII form."""
    host = re.sub(r"^[a-z]+://", "", text.strip().lower()).split("/")[0].split(":")[0].rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return ""
