"""What the API takes: pydantic models of the bodies, and contact identifiers in paths."""

from typing import Annotated, Any, Literal, TypeVar

import phonenumbers
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, func
from starlette.requests import Request

from ismessenger.contacts.model import Contact
from ismessenger.kit.faults import sentence
from ismessenger.sdk.content import Content, CustomPayload, Location, Media, MediaKind, QuickReplies, QuickReply, Text
from ismessenger.web.body import json_body
from ismessenger.web.errors import BadRequest

MAX_BIGINT = 2**63 - 1
MAX_DIGITS = 19
MAX_TEXT = 10_000


Model = TypeVar("Model", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TextBody(_Body):
    type: Literal["text"]
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    messageTag: str | None = Field(None, max_length=64)  # noqa: N815 - the name on the wire

    def content(self) -> Content:
        return Text(text=self.text)


class FileBody(_Body):
    type: MediaKind
    url: HttpUrl
    fileName: str | None = Field(None, max_length=255)  # noqa: N815 - the name on the wire
    mimeType: str | None = Field(None, max_length=255)  # noqa: N815 - the name on the wire
    caption: str | None = Field(None, max_length=MAX_TEXT)


class AttachmentBody(_Body):
    type: Literal["attachment"]
    attachment: FileBody

    def content(self) -> Content:
        file = self.attachment
        return Media(kind=file.type, url=str(file.url), file_name=file.fileName, mime=file.mimeType, caption=file.caption)


class QuickReplyBody(_Body):
    type: Literal["quick_reply"]
    title: str = Field(min_length=1, max_length=MAX_TEXT)
    replies: list[Annotated[str, Field(min_length=1, max_length=255)]] = Field(min_length=1, max_length=10)

    def content(self) -> Content:
        return QuickReplies(title=self.title, replies=[QuickReply(title=reply) for reply in self.replies])


class LocationBody(_Body):
    type: Literal["location"]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    title: str | None = Field(None, max_length=255)
    address: str | None = Field(None, max_length=1000)

    def content(self) -> Content:
        return Location(latitude=self.latitude, longitude=self.longitude, title=self.title, address=self.address)


class PayloadBody(_Body):
    type: Literal["custom_payload"]
    payload: dict[str, Any]

    def content(self) -> Content:
        return CustomPayload(payload=self.payload)


AnyMessage = Annotated[TextBody | AttachmentBody | QuickReplyBody | LocationBody | PayloadBody, Field(discriminator="type")]


def _no_switch(value: object) -> object:
    """True is no number, though Python and pydantic take it for 1."""
    return str(value) if isinstance(value, bool) else value


class SendBody(_Body):
    """``POST /contact/{identifier}/message``. Source: 09-api, 9.4."""

    channelId: Annotated[int, BeforeValidator(_no_switch)] | None = Field(None, ge=1, le=MAX_BIGINT)  # noqa: N815 - the name on the wire
    message: AnyMessage


def _user(value: object) -> object:
    if value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_BIGINT):
        return value
    raise ValueError("the id or the e-mail address of a user, or null, is wanted")


class AssigneeBody(_Body):
    assignee: Annotated[int | str | None, BeforeValidator(_user)]


class StatusBody(_Body):
    status: Literal["open", "close"]
    category: str | None = Field(None, max_length=128)
    summary: str | None = Field(None, max_length=512)


class ListBody(_Body):
    search: str = Field("", max_length=255)
    timezone: str = ""
    filter: dict[str, Any] | None = None


class ContactBody(_Body):
    firstName: str = Field(min_length=1, max_length=255)  # noqa: N815 - the name on the wire
    lastName: str | None = Field(None, max_length=255)  # noqa: N815 - the name on the wire
    phone: str | None = Field(None, max_length=32)
    email: str | None = Field(None, max_length=254)
    language: str | None = Field(None, max_length=16)
    countryCode: str | None = Field(None, max_length=2)  # noqa: N815 - the name on the wire


async def read(request: Request, model: type[Model]) -> Model:
    """The body as a model. Raises `BadRequest` that names the field."""
    try:
        return TypeAdapter(model).validate_python(await json_body(request))
    except ValidationError as error:
        raise BadRequest(sentence(error, tagged="message")) from None


def whole_number(digits: str) -> int | None:
    """A number that the database takes; None for any other text."""
    fits = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
    return number if fits and (number := int(digits)) <= MAX_BIGINT else None


def contact_named(identifier: str) -> ColumnElement[bool]:
    """A condition on `Contact` for ``id:123``, ``email:a@b.co`` or ``phone:+60123456789``. Raises `BadRequest`."""
    kind, colon, value = identifier.partition(":")
    if colon and value:
        match kind:
            case "id" if (number := whole_number(value)) is not None:
                return Contact.id == number  # type: ignore[return-value]
            case "email":
                return func.lower(Contact.email) == value.lower()
            case "phone":
                return Contact.phone == e164(value)  # type: ignore[return-value]
    raise BadRequest("Name a contact as id:123, email:name@example.com or phone:+60123456789.")


def e164(phone: str) -> str:
    """A phone number in international form without spaces; as it is where it cannot be read."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return phone.replace(" ", "")
