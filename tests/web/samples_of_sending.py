"""Drafts, replies that go out later, and what comes back: samples of the composer's parts."""

from dataclasses import replace
from datetime import timedelta

from ismessenger.sdk.content import Text
from ismessenger.web.view_compose import DraftsView, DraftView, KeptFile, ReturnedView, ScheduledList, ScheduledView
from tests.web import samples

OFFER = KeptFile(id=77, name="Offer-words.pdf", mime="application/pdf", url="/uploads/77/file")
DRAFTS = DraftsView(reply=DraftView(text="Begun-words", version=3))
SCHEDULED = ScheduledList(
    contact_id=1,
    items=[
        ScheduledView(
            id=1,
            due_at=samples.NOW + timedelta(hours=18),
            text="Later-words",
            writer="Writer-name",
            channel_kind="telegram",
            channel_name="Channel-name",
            files=[OFFER],
        ),
        ScheduledView(
            id=2, due_at=samples.NOW - timedelta(hours=1), text="Failed-words", writer="Writer-name", state="failed", reason="Reason-words"
        ),
    ],
)
RETURNED = ReturnedView(contact_id=1, text="Returned-words", files=[OFFER], reply_to=109, quoted="Quoted-words")
UNDOABLE = replace(samples.we_say(231, 0, Text(text="Undo-words"), "queued"), undo_ms=5000)
COMPOSER = {
    "composer": samples.composer(),
    "member": samples.MIRA,
    "name": "Ada Nwosu",
    "drafts": DRAFTS,
    "scheduled": SCHEDULED,
    "shortcuts": True,
}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("conversations/_composer.html", COMPOSER),
    ("conversations/_composer.html", {**COMPOSER, "scheduled": ScheduledList(contact_id=1), "drafts": DraftsView()}),
    ("conversations/_later.html", {"id": "later_1", "action": "later:chosen->scheduled#move", "words": "Words-1", "verb": "Verb-words"}),
    ("conversations/_scheduled.html", {"scheduled": SCHEDULED}),
    ("conversations/scheduled.stream.html", {"scheduled": SCHEDULED}),
    ("conversations/returned.stream.html", {"returned": RETURNED}),
    ("messages/_message.html", {"item": UNDOABLE}),
    ("messages/withdrawn.stream.html", {"contact_id": 1, "ids": ["message_7", "event_8"]}),
]
