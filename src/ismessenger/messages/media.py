"""Files of messages: what kind they are shown as, and the links by which providers fetch them."""

from datetime import timedelta

from ismessenger.files.links import file_url
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.content import Content, Media, MediaKind

LINK_LIFE = timedelta(hours=24)
_SHOWN = {"image": ("image/png", "image/jpeg", "image/gif", "image/webp")}


def kind_of(mime: str) -> MediaKind:
    """What a file of a true type is shown and sent as."""
    if mime in _SHOWN["image"]:
        return "image"
    if mime.startswith("video/"):
        return "video"
    if mime.startswith("audio/"):
        return "audio"
    return "file"


def with_link(installation: Installation, workspace_id: int, content: Content, path: str | None, name: str | None) -> Content:
    """The content as a provider gets it: our own file under a signed link that expires."""
    if not isinstance(content, Media) or path is None:
        return content
    url = file_url(installation, workspace_id, path, name or "file", expires_at=now() + LINK_LIFE)
    return content.model_copy(update={"url": url})
