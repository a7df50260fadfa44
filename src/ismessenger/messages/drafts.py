"""What a member has begun to write to a contact, the same on all devices.

A change names the version that it was made to: who writes on an older one is told so, and nothing is overwritten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.messages.model import DraftText
from ismessenger.tenancy.doors import ReadSession, WriteSession

Kind = Literal["reply", "comment"]
MAX_LENGTH: Final = 20_000
MAX_LISTED: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft. Without one the words are empty and the version is 0."""

    text: str = ""
    version: int = 0


class DraftChanged(Exception):
    """Somebody changed it meanwhile: the same member elsewhere. ``kept`` is how it is now."""

    def __init__(self, kept: Kept) -> None:
        super().__init__("These words were changed elsewhere meanwhile.")
        self.kept = kept


# The version is a time, so that one that was deleted never comes back under an old number.
_KEEP = text(
    "INSERT INTO draft (member_id, contact_id, kind, text, version, updated_at)"
    " SELECT m, c, k, CAST(:text AS text), CAST(:version AS bigint), CAST(:now AS timestamptz)"
    " FROM (SELECT CAST(:member AS bigint), CAST(:contact AS bigint), CAST(:kind AS text)) AS n(m, c, k) WHERE CAST(:base AS bigint) = 0"
    " OR EXISTS (SELECT FROM draft WHERE member_id = m AND contact_id = c AND kind = k)"
    " ON CONFLICT (workspace_id, member_id, contact_id, kind) DO UPDATE SET text = excluded.text,"
    " version = GREATEST(draft.version + 1, excluded.version), updated_at = excluded.updated_at"
    " WHERE draft.version = CAST(:base AS bigint) RETURNING version"
)
_CLEAR = text("DELETE FROM draft WHERE member_id = :member AND contact_id = :contact AND kind = :kind AND version = :base RETURNING id")


async def drafts(db: ReadSession, member_id: int, contact_id: int) -> Mapping[str, Kept]:
    """A member's drafts to a contact, by kind."""
    statement = select(DraftText).where(DraftText.member_id == member_id, DraftText.contact_id == contact_id)
    return {row.kind: Kept(row.text, row.version) for row in (await db.execute(statement)).scalars()}


async def contacts_with_drafts(db: ReadSession, member_id: int) -> Sequence[int]:
    """Contacts to whom a member has begun a reply, the newest first."""
    statement = select(col(DraftText.contact_id)).where(DraftText.member_id == member_id, DraftText.kind == "reply")
    return list((await db.execute(statement.order_by(col(DraftText.updated_at).desc()).limit(MAX_LISTED))).scalars())


async def keep_draft(db: WriteSession, member_id: int, contact_id: int, kind: Kind, words: str, *, base: int) -> Kept:
    """Keep words that were written on version ``base`` (0: on nothing); empty ones take the draft away. Raises `DraftChanged`."""
    words = clean(words)
    if not words.strip():
        await clear_draft(db, member_id, contact_id, kind, base)
        return await _as_it_is(db, member_id, contact_id, kind, expected="")
    values = {"member": member_id, "contact": contact_id, "kind": kind, "text": words, "base": base, "now": now()}
    version = (await db.execute(_KEEP, {**values, "version": int(now().timestamp() * 1_000_000)})).scalar()
    if version is None:
        return await _as_it_is(db, member_id, contact_id, kind, expected=words)
    _tell(db, member_id, contact_id, kind, version)
    return Kept(words, version)


async def clear_draft(db: WriteSession, member_id: int, contact_id: int, kind: Kind, version: int) -> None:
    """The words were sent: they are no draft any more, unless they were changed since."""
    values = {"member": member_id, "contact": contact_id, "kind": kind, "base": version}
    if version and (await db.execute(_CLEAR, values)).first() is not None:
        _tell(db, member_id, contact_id, kind, 0)


async def _as_it_is(db: ReadSession, member_id: int, contact_id: int, kind: Kind, *, expected: str) -> Kept:
    kept = (await drafts(db, member_id, contact_id)).get(kind, Kept())
    if kept.text != expected:
        raise DraftChanged(kept)
    return kept


def _tell(db: WriteSession, member_id: int, contact_id: int, kind: Kind, version: int) -> None:
    """The member's other pages read it anew."""
    db.announce("tell", contact_id, member_id=member_id, what="draft", draft=kind, version=version)
