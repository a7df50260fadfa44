"""What lies behind a contact, for looking at its parts in the contact panel."""

from datetime import timedelta

from ismessenger.web.view import FileView
from ismessenger.web.view_history import ConversationView, ExchangedView
from tests.web import samples

OPEN = ConversationView(
    id=31, opened_at=samples.NOW - timedelta(days=1), opened="Opener-words", assignee="Mira Okafor", incoming=4, outgoing=3, message_id=101
)
CLOSED = ConversationView(
    id=12,
    opened_at=samples.NOW - timedelta(days=40),
    opened="Opener-words",
    closed_at=samples.NOW - timedelta(days=39),
    closed="Jonas Lind",
    category="Order-words",
    summary="Summary-words",
    assignee="Jonas Lind",
    responder="Mira Okafor",
    first_response="Span-words",
    resolution="Long-span-words",
    incoming=12,
    outgoing=9,
)
PICTURE = ExchangedView(
    id=5, file=FileView(kind="image", url="/sample/lamp.svg", name="Lamp.png"), at=samples.NOW, sender="Ada Nwosu", message_id=101
)
VIDEO = ExchangedView(id=6, file=FileView(kind="video", url="/sample/lamp.svg"), at=samples.NOW, sender="Ada Nwosu", message_id=102)
INVOICE = ExchangedView(
    id=7, file=FileView(kind="file", url="/x.pdf", name="Invoice.pdf", size_bytes=2_430_000), at=samples.NOW, sender="Mira", message_id=103
)
VOICE = ExchangedView(id=8, file=FileView(kind="audio", url="/x.ogg"), at=samples.NOW, sender="Ada Nwosu", message_id=104)
NAMELESS = ExchangedView(id=9, file=FileView(kind="file", url="/x"), at=samples.NOW, sender="Ada Nwosu", message_id=105)
FIRST = {"contact_id": 1, "before": "", "older": "c2"}
LAST = {"contact_id": 1, "before": "c2", "older": None}
VIEWERS = [*samples.MEMBERS, samples.MIRA, samples.JONAS]

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("contacts/conversations.html", {**FIRST, "rows": [OPEN, CLOSED]}),
    ("contacts/conversations.html", {**LAST, "rows": [CLOSED]}),
    ("contacts/conversations.html", {**LAST, "before": "", "rows": []}),
    ("contacts/activities.html", {**FIRST, "rows": samples.every_event(), "linked": True}),
    ("contacts/activities.html", {**LAST, "before": "", "rows": [], "linked": False}),
    ("contacts/_files.html", {"contact_id": 1, "kind": "pictures", "rows": [PICTURE, VIDEO], "older": "c2"}),
    ("contacts/files.html", {"contact_id": 1, "pictures": [PICTURE], "more_pictures": None, "files": [INVOICE, VOICE], "more_files": "c3"}),
    ("contacts/files.html", {"contact_id": 1, "pictures": [], "more_pictures": None, "files": [], "more_files": None}),
    ("contacts/files_more.html", {**LAST, "kind": "files", "rows": [INVOICE, VOICE, NAMELESS]}),
    ("conversations/_crossing.html", {}),
    ("conversations/_viewers.html", {"viewers": VIEWERS}),
    ("conversations/viewers.stream.html", {"contact_id": 1, "viewers": VIEWERS[:1]}),
]
