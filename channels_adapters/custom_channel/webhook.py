"""The body of a call from an integration server. Source: the protocol in README.md."""

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from ismessenger.sdk.body import json_object
from ismessenger.sdk.channel import BodyInvalid, RawRequest

IdType = Literal["phone", "custom"]

_ID_FORMS = {
    "phone": (re.compile(r"\+[1-9][0-9]{6,14}"), "must be a phone number in the form +60123456789"),
    "custom": (re.compile(r"[A-Za-z0-9_=+/@]{1,50}"), "must have 1 to 50 characters out of A-Z a-z 0-9 _ = + / @"),
}
_LEAST_MILLISECONDS = 100_000_000_000  # in 1973; less is a time in seconds
_MOST_MILLISECONDS = 253_402_300_799_999  # the end of the year 9999
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _in_milliseconds(value: int) -> int:
    if not _LEAST_MILLISECONDS <= value <= _MOST_MILLISECONDS:
        raise ValueError("must be a Unix time in milliseconds")
    return value


def _web_address(value: str) -> str:
    if not _WEB_ADDRESS.fullmatch(value):
        raise ValueError("must be an address that begins with https:// or http://")
    return value


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _blank_is_missing(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Words = Annotated[StrictStr, AfterValidator(_not_blank)]
Hint = Annotated[StrictStr | None, BeforeValidator(_blank_is_missing)]
Milliseconds = Annotated[StrictInt, AfterValidator(_in_milliseconds)]
WebAddress = Annotated[StrictStr, Field(max_length=4096), AfterValidator(_web_address)]


class Person(BaseModel):
    """What the server knows about the contact. All of it may be missing."""

    first_name: Hint = Field(None, alias="firstName")
    last_name: Hint = Field(None, alias="lastName")
    picture_url: Hint = Field(None, alias="profilePic")
    country_code: Hint = Field(None, alias="countryCode")
    email: Hint = None
    phone: Hint = None
    language: Hint = None


class Envelope(BaseModel):
    """The whole body; its events are read one by one. ``channelId`` is the core's: it has chosen this channel by it or by the URL."""

    channel_id: Annotated[StrictStr | None, BeforeValidator(_number_as_text)] = Field(None, alias="channelId")
    contact_id: StrictStr = Field(alias="contactId")
    events: list[dict[str, Any]]
    contact: Person | None = None


class Event(BaseModel):
    """What all events have. ``mId`` is the server's own id of the message, unique in the channel."""

    message_id: Annotated[Words, Field(max_length=50)] = Field(alias="mId")
    timestamp: Milliseconds


class MessageEvent(Event):
    """Something that the contact wrote, or that was sent from the server's own application."""

    message: dict[str, Any]


class Status(BaseModel):
    """How far a message of ours has come. ``message`` gives the reason of a failure."""

    value: Literal["sent", "delivered", "read", "failed"]
    message: Hint = None


class StatusEvent(Event):
    """A receipt; ``mId`` is what the server answered when it took the message."""

    status: Status


class TextMessage(BaseModel):
    """``{"type": "text"}``."""

    text: Words


class Attachment(BaseModel):
    """A file that we fetch from ``url``."""

    type: Literal["image", "video", "audio", "file"]
    url: WebAddress
    mime: Hint = Field(None, validation_alias=AliasChoices("mimeType", "mime"))
    file_name: Hint = Field(None, alias="fileName")


class AttachmentMessage(BaseModel):
    """``{"type": "attachment"}``."""

    attachment: Attachment


class LocationMessage(BaseModel):
    """``{"type": "location"}``."""

    latitude: Annotated[StrictFloat, Field(ge=-90, le=90)]
    longitude: Annotated[StrictFloat, Field(ge=-180, le=180)]
    address: Hint = None


class QuickReplyMessage(BaseModel):
    """``{"type": "quick_reply"}``: a question with answers, or without them the answer that was chosen."""

    title: Words
    replies: list[Words] = []


class CustomPayloadMessage(BaseModel):
    """``{"type": "custom_payload"}``."""

    payload: dict[str, Any]


Model = TypeVar("Model", bound=BaseModel)


def read_envelope(request: RawRequest, id_type: IdType) -> Envelope:
    """The body without its events. Raises `BodyInvalid`, naming the field."""
    envelope = read(Envelope, json_object(request))
    form, rule = _ID_FORMS[id_type]
    if not form.fullmatch(envelope.contact_id):
        raise BodyInvalid(f"contactId: {rule}")
    return envelope


def read(model: type[Model], value: object, where: str = "") -> Model:
    """A part of the body as a model. Raises `BodyInvalid` with the first thing that is wrong; ``where`` is the path of the part."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BodyInvalid(f"{_path(where, first['loc'])}: {first['msg'].removeprefix('Value error, ')}") from error


def _path(where: str, location: tuple[int | str, ...]) -> str:
    """As it would be written in JavaScript: ``events[0].message.text``."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return (where + steps).removeprefix(".")
