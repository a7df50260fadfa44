"""What a Messenger message holds, in the neutral form: its words first, then each attachment.

Source: Meta, Messenger Platform, "messages Webhook Event Reference", "message_echoes Webhook Event Reference", "Sticker API".
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import get_args
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from pydantic import ValidationError

from channels_adapters.messenger.attachments import Attachment, AttachmentPayload, Element, TemplateButton
from channels_adapters.messenger.webhook import Message
from ismessenger.sdk.content import Button, Buttons, Card, Carousel, Content, Location, Media, MediaKind, Text, Unsupported

_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_FILES_OF_FACEBOOK = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")
_LIKES = frozenset({"369239263222822", "369239343222814", "369239383222810"})  # the thumb in its three sizes
_NAMES = {"": "Something", "fallback": "Something shared", "share": "Something shared", "location": "A location"}
_BUTTON_KINDS = {"web_url": "url", "postback": "reply", "phone_number": "phone"}


def contents_of(message: Message) -> list[Content]:
    """At least one content. A message without anything that we can show gives one `Unsupported`."""
    contents: list[Content] = []
    if message.text:
        contents.append(Text(text=message.text, payload=message.quick_reply.payload if message.quick_reply else None))
    attachments = _without_sticker_copies([_checked(raw) for raw in message.attachments])
    contents += [_content(one) for one in attachments if not _is_preview(one, message.text or "")]
    if not contents:
        return [Unsupported(what="A message of a kind that Messenger does not pass on")]
    return _grouped(contents, message.mid)


def _checked(raw: object) -> Attachment:
    try:
        return Attachment.model_validate(raw)
    except ValidationError:
        return Attachment(type=str(raw.get("type", "")) if isinstance(raw, dict) else "")


def _without_sticker_copies(attachments: list[Attachment]) -> list[Attachment]:
    """A sticker comes alone. For a while Facebook sent it twice, once more as an image for those who knew no stickers."""
    stickers = [one for one in attachments if one.type == "sticker"]
    images = [one for one in attachments if one.type == "image"]
    if not stickers or len(images) > len(stickers):
        return attachments
    return [one for one in attachments if one.type != "image"]


def _is_preview(attachment: Attachment, text: str) -> bool:
    """A link in the words comes again as an attachment that previews it."""
    if attachment.type not in {"fallback", "share"} or not text:
        return False
    url = _target((attachment.payload.url if attachment.payload else None) or attachment.url or "")
    return not url or bool(_LINK.search(text)) or url.partition("://")[2].rstrip("/") in text


def _grouped(contents: list[Content], mid: str | None) -> list[Content]:
    """Files of one message belong together."""
    if mid is None or sum(isinstance(one, Media) for one in contents) <= 1:
        return contents
    return [one.model_copy(update={"group_id": mid}) if isinstance(one, Media) else one for one in contents]


def _content(attachment: Attachment) -> Content:
    return _FORMS.get(attachment.type, _share)(attachment, attachment.payload or AttachmentPayload())


def _sticker(_attachment: Attachment, payload: AttachmentPayload) -> Content:
    if payload.url:
        return Media(kind="image", url=payload.url, provider_id=payload.sticker_id, subtype="sticker")
    return Text(text="👍") if payload.sticker_id in _LIKES else Unsupported(what="A sticker")


def _image(attachment: Attachment, payload: AttachmentPayload) -> Content:
    return _sticker(attachment, payload) if payload.sticker_id else _file(attachment, payload)


def _file(attachment: Attachment, payload: AttachmentPayload) -> Content:
    kind: MediaKind = next(kind for kind in get_args(MediaKind) if kind == attachment.type)
    if not payload.url:
        return Unsupported(what=f"A file that Messenger does not pass on ({kind})")
    return Media(kind=kind, url=payload.url, file_name=_file_name(payload.url) if kind == "file" else None)


def _file_name(url: str) -> str | None:
    name = PurePosixPath(unquote(_parts(url).path)).name
    return name if "." in name else None


def _reel(attachment: Attachment, payload: AttachmentPayload) -> Content:
    """The link leads to the film itself or to the page that shows it."""
    host = _parts(payload.url or "").hostname or ""
    if not f".{host}".endswith(_FILES_OF_FACEBOOK):
        return _share(attachment, payload)
    return Media(kind="video", url=payload.url, caption=payload.title or None, subtype="reel")


def _location(attachment: Attachment, payload: AttachmentPayload) -> Content:
    point = payload.coordinates
    if point is None:
        return _share(attachment, payload)
    return Location(latitude=point.lat, longitude=point.long, title=attachment.title or None)


def _appointment(_attachment: Attachment, payload: AttachmentPayload) -> Content:
    return Unsupported(what=f"An appointment ({payload.status or 'unknown'})")


def _share(attachment: Attachment, payload: AttachmentPayload) -> Content:
    """A link, with its title if it has one."""
    url = payload.url or attachment.url
    title = attachment.title or payload.title or ""
    if url:
        return Text(text="\n".join(part for part in (title, _target(url)) if part))
    what = _NAMES.get(attachment.type, f"Something of the kind “{attachment.type}”")
    return Unsupported(what=f"{what} that Messenger does not pass on" + (f": {title}" if title else ""))


def _target(url: str) -> str:
    """Where Facebook's link counter leads to."""
    parts = _parts(url)
    if parts.hostname in {"l.facebook.com", "lm.facebook.com"} and parts.path == "/l.php":
        return parse_qs(parts.query).get("u", [url])[0]
    return url


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _template(attachment: Attachment, payload: AttachmentPayload) -> Content:
    elements = payload.elements or (payload.product.elements if payload.product else ())
    cards = [_card(element) for element in elements if element.title]
    if cards:
        return cards[0] if len(cards) == 1 else Carousel(cards=cards)
    words = payload.text or attachment.title or ""
    buttons = _buttons(payload.buttons)
    if buttons:
        return Buttons(text=words, buttons=buttons)
    return Text(text=words) if words else Unsupported(what=f"A template ({payload.template_type or 'unknown'})")


def _card(element: Element) -> Card:
    buttons = _buttons(element.buttons)
    return Card(title=element.title or "", subtitle=element.subtitle or None, image_url=element.image_url or None, buttons=buttons)


def _buttons(buttons: Iterable[TemplateButton]) -> list[Button]:
    """Kinds that we do not know do nothing outside of Messenger and are left out."""
    known = [(_BUTTON_KINDS.get(button.type), button) for button in buttons]
    return [
        Button.model_validate({"kind": kind, "title": button.title or "", "value": button.url or button.payload or ""})
        for kind, button in known
        if kind is not None
    ]


_FORMS: dict[str, Callable[[Attachment, AttachmentPayload], Content]] = {
    "image": _image,
    "video": _file,
    "audio": _file,
    "file": _file,
    "sticker": _sticker,
    "reel": _reel,
    "ig_reel": _reel,
    "location": _location,
    "template": _template,
    "appointment_booking": _appointment,
}
