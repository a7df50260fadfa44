"""Members who are named in comments: ``@Bo Lindqvist`` as it is typed, ``{{@user.7}}`` as it is stored, told to whom it names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.members import members
from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import sees
from ismessenger.contacts.model import Contact
from ismessenger.messages.errors import ReplyRefused
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession

MENTION: Final = re.compile(r"\{\{\s*@user\.(\d{1,18})\s*\}\}")


async def mentionable(db: ReadSession, contact: Contact) -> Sequence[Member]:
    """The members who may see a contact, by name: only they can be named in its comments."""
    everybody = await members(db)
    return [member for member in everybody if sees(member, assignee_id=contact.assignee_id, mates=_mates(member, everybody))]


async def mentioned(db: ReadSession, contact: Contact, words: str) -> tuple[str, list[int]]:
    """The comment as it is stored, and whom it names. Raises `ReplyRefused` for somebody who may not see the contact.

    A name behind an @ counts where one member alone has it; others are plain words.
    """
    if "@" not in words:
        return words, []
    may_be = await mentionable(db, contact)
    stored = _with_ids(words, may_be)
    ids = list(dict.fromkeys(int(found[1]) for found in MENTION.finditer(stored)))
    if set(ids) - {member.id for member in may_be}:
        raise ReplyRefused(
            gettext("Somebody who is named in this comment is not here any more or may not see this contact. Take the name out."), "mention"
        )
    return stored, ids


async def names_of(db: ReadSession, member_ids: Iterable[int]) -> Mapping[int, str]:
    """What members are called, also those who were removed."""
    wanted = sorted(set(member_ids))
    if not wanted:
        return {}
    rows = await db.execute(select(col(Member.id), col(Member.name)).where(col(Member.id).in_(wanted)))
    return {row.id: row.name for row in rows.all()}


def _with_ids(words: str, may_be: Sequence[Member]) -> str:
    by_name: dict[str, list[int]] = {}
    for member in may_be:
        by_name.setdefault(member.name, []).append(member.id)
    alone = {name: ids[0] for name, ids in by_name.items() if len(ids) == 1}
    if not alone:
        return words
    # The longest first: "@Ann Lee" is not Ann.
    either = "|".join(map(re.escape, sorted(alone, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)@({either})(?!\w)", lambda found: f"{{{{@user.{alone[found[1]]}}}}}", words)


def _mates(member: Member, everybody: Sequence[Member]) -> frozenset[int]:
    if member.team_id is None:
        return frozenset()
    return frozenset(mate.id for mate in everybody if mate.team_id == member.team_id)
