"""What the widget posts, checked. Unknown fields are left out, so that an older server takes a newer widget.

A posted body names its visitor, since the token that proves it is not kept: the server adds it (`addressed`), and whoever posts to the
webhook directly writes it himself.
"""

import json
import re
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from ismessenger.sdk.body import json_object
from ismessenger.sdk.channel import BodyInvalid, Profile, RawRequest

TEXT_LENGTH = 10_000
PAYLOAD_LENGTH = 1_000

ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Body(_Part):
    visitor: Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _or_unknown(value: object, check: ValidatorFunctionWrapHandler) -> object:
    """A message must not be lost because a website knows its user's phone number as "n/a"."""
    try:
        return check(value)
    except ValidationError:
        return None


_Email = Annotated[Line, StringConstraints(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
_Phone = Annotated[Line, StringConstraints(pattern=r"^\+?[0-9 ()./-]{5,30}$")]
_Language = Annotated[Line, StringConstraints(pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$")]


class Introduction(_Part):
    """What a visitor, or the website, says about the person. None of it is proven; what makes no sense is left out."""

    name: Annotated[Line | None, WrapValidator(_or_unknown)] = None
    first_name: Annotated[Line | None, WrapValidator(_or_unknown)] = None
    last_name: Annotated[Line | None, WrapValidator(_or_unknown)] = None
    email: Annotated[_Email | None, WrapValidator(_or_unknown)] = None
    phone: Annotated[_Phone | None, WrapValidator(_or_unknown)] = None
    language: Annotated[_Language | None, WrapValidator(_or_unknown)] = None

    def profile(self) -> Profile:
        """As the core wants it; empty answers are unknown ones."""
        first, last = (self.first_name, self.last_name) if self.first_name or self.last_name else _parted(self.name)
        language = (self.language or "").replace("_", "-").split("-")[0].lower()
        return Profile(
            first_name=first or None,
            last_name=last or None,
            email=self.email or None,
            phone=_dialled(self.phone),
            language=language or None,
        )


class Said(_Body):
    """A message: words, or a pressed answer with its payload, or the ticket of an uploaded file with an optional caption."""

    type: Literal["message"]
    id: ClientId
    text: Annotated[str, StringConstraints(max_length=TEXT_LENGTH)] = ""
    payload: Annotated[str, StringConstraints(max_length=PAYLOAD_LENGTH)] | None = None
    attachment: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    profile: Introduction | None = None


class Receipt(_Body):
    """The visitor's page has shown (read) or holds (delivered) everything up to a time that our server gave."""

    type: Literal["read", "delivered"]
    up_to: AwareDatetime


class Introduced(_Body):
    """The visitor filled in the form before the chat, or the website told who it is."""

    type: Literal["profile"]
    profile: Introduction


Body = Annotated[Said | Receipt | Introduced, Field(discriminator="type")]
_BODY: TypeAdapter[Said | Receipt | Introduced] = TypeAdapter(Body)


def read_body(request: RawRequest) -> Said | Receipt | Introduced:
    """One posted body. Raises `BodyInvalid` with what to mend."""
    try:
        found = _BODY.validate_python(json_object(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BodyInvalid(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    if isinstance(found, Said) and not found.text.strip() and found.attachment is None:
        raise BodyInvalid("text: A message needs words or a file.")
    return found


def visitor_of(request: RawRequest) -> str | None:
    """Whom a body claims to come from; ``None`` if it cannot be read."""
    try:
        named = json_object(request).get("visitor")
    except BodyInvalid:
        return None
    return named if isinstance(named, str) else None


def addressed(request: RawRequest, identifier: str) -> bytes:
    """The body with its visitor's name in it. Raises `BodyInvalid` if it is no JSON object."""
    return json.dumps({**json_object(request), "visitor": identifier}).encode()


def _parted(name: str | None) -> tuple[str, str]:
    first, _, last = (name or "").strip().partition(" ")
    return first, last.strip()


def _dialled(phone: str | None) -> str | None:
    """A number as it is dialled: signs between the digits go. Without a country it stays as typed."""
    return re.sub(r"[^0-9+]", "", phone) or None if phone else None
