"""What is read of a message's attachment, received or echoed.

Source: Meta, Messenger Platform, "messages Webhook Event Reference", "message_echoes Webhook Event Reference".
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from channels_adapters.messenger.shapes import Shape, Words, none_is_empty


class Coordinates(Shape):
    """A point on the map, in degrees."""

    lat: float = Field(ge=-90, le=90)
    long: float = Field(ge=-180, le=180)


class TemplateButton(Shape):
    """A button below a card or below words."""

    type: Words = ""
    title: Words | None = None
    url: Words | None = None
    payload: Words | None = None


class Element(Shape):
    """One card of a template."""

    title: Words | None = None
    subtitle: Words | None = None
    image_url: Words | None = None
    buttons: Annotated[tuple[TemplateButton, ...], BeforeValidator(none_is_empty)] = ()


class Product(Shape):
    """Things from the Page's shop."""

    elements: Annotated[tuple[Element, ...], BeforeValidator(none_is_empty)] = ()


class AttachmentPayload(Shape):
    """What an attachment holds; which of it depends on the attachment's type."""

    url: Words | None = None
    title: Words | None = None
    sticker_id: Words | None = None
    coordinates: Coordinates | None = None
    status: Words | None = None
    template_type: Words | None = None
    text: Words | None = None
    elements: Annotated[tuple[Element, ...], BeforeValidator(none_is_empty)] = ()
    buttons: Annotated[tuple[TemplateButton, ...], BeforeValidator(none_is_empty)] = ()
    product: Product | None = None


class Attachment(Shape):
    """Shares of old have title and link beside the payload instead of in it."""

    type: Words
    payload: AttachmentPayload | None = None
    title: Words | None = None
    url: Words | None = None
