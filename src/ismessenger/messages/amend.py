"""Changes to messages that are there already: edits and reactions by the person."""

from collections.abc import Sequence

from sqlalchemy import text

from ismessenger.kit.text import clean
from ismessenger.messages.stored import body_of, preview_of
from ismessenger.sdk.channel import MessageEdited, MessageReacted
from ismessenger.sdk.content import words_of
from ismessenger.tenancy.doors import WriteSession

# A media message keeps its file: an edit changes its caption only.
_EDIT = text(
    "UPDATE message SET body = CASE WHEN kind = 'attachment' AND :kind = 'attachment'"
    " THEN (body - 'caption') || jsonb_strip_nulls(jsonb_build_object('caption', CAST(:body AS jsonb) -> 'caption'))"
    " ELSE CAST(:body AS jsonb) END, words = :words, kind = :kind, edited_at = :at"
    " WHERE channel_id = :channel_id AND external_id = :external_id AND (edited_at IS NULL OR edited_at < :at)"
    " RETURNING id, contact_id"
)
_PREVIEW = text(
    "UPDATE contact SET preview = :preview WHERE id = :contact_id AND preview_traffic = 'incoming'"
    " AND last_message_at = (SELECT sent_at FROM message WHERE id = :id)"
)
_REACT = text(
    "UPDATE message SET reactions = CASE WHEN CAST(:emoji AS text) IS NULL THEN reactions - CAST(:who AS text)"
    " ELSE reactions || jsonb_build_object(CAST(:who AS text), CAST(:emoji AS text)) END"
    " WHERE channel_id = :channel_id AND external_id = :external_id RETURNING id, contact_id"
)
MAX_EMOJI = 32


async def edit_messages(db: WriteSession, channel_id: int, events: Sequence[MessageEdited]) -> None:
    """Replace contents; an older edit that comes late changes nothing."""
    for event in events:
        values = {
            "channel_id": channel_id,
            "external_id": event.external_id,
            "body": body_of(event.content),
            "kind": event.content.type,
            "words": clean(words_of(event.content)),
            "at": event.at,
        }
        for id_, contact_id in (await db.execute(_EDIT, values)).all():
            await db.execute(_PREVIEW, {"id": id_, "contact_id": contact_id, "preview": preview_of(event.content)})
            db.announce("message", contact_id, id=id_)


async def react_to_messages(db: WriteSession, channel_id: int, events: Sequence[MessageReacted]) -> None:
    """Put a person's reaction on a message, or take it away."""
    for event in events:
        emoji = clean(event.emoji)[:MAX_EMOJI] if event.emoji else None
        values = {"channel_id": channel_id, "external_id": event.external_id, "who": clean(event.identifier), "emoji": emoji}
        for id_, contact_id in (await db.execute(_REACT, values)).all():
            db.announce("message", contact_id, id=id_)
