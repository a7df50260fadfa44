"""The secrets that HTTP requests of workflows name. A value goes in, is put into requests that leave, and is never shown again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import func, or_, select, text, update
from sqlmodel import col

from ismessenger.automation.hidden import Secrets
from ismessenger.automation.model import WorkflowSecret
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken, Vault
from ismessenger.sdk.channel import Rejected
from ismessenger.sdk.integration import SECRET
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_SECRETS: Final = 100
MAX_VALUE: Final = 10_000
MAX_NAMED: Final = 20
"""Of one request: each is looked for in the whole answer."""

MIN_VALUE: Final = 6
"""Something shorter stands by chance in any answer, out of which it must be kept."""

USED_EVERY: Final = timedelta(minutes=1)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
# A body is a text inside of JSON, but no character of these names is written differently there.
_USES = text(
    "SELECT DISTINCT w.name, lower(named[1]) AS secret FROM workflow w LEFT JOIN workflow_version v ON v.id = w.published_id,"
    " regexp_matches(w.draft::text || COALESCE(v.definition::text, ''),"
    r" '\{\{\s*secret\.([A-Za-z][A-Za-z0-9_]{0,63})\s*\}\}', 'g') AS named"
    " ORDER BY w.name"
)


async def list_secrets(db: ReadSession) -> Sequence[WorkflowSecret]:
    """All of a workspace, by name."""
    return (await db.execute(select(WorkflowSecret).order_by(func.lower(WorkflowSecret.name)))).scalars().all()


async def add_secret(db: WriteSession, vault: Vault, name: str, value: str, *, by_id: int | None) -> WorkflowSecret:
    """Keep a new secret. Raises `Refused`."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise Refused(gettext("The name of a secret begins with a letter and has letters, digits and underscores, at most 64."))
    _check(value)
    names = {row.name.lower() for row in await list_secrets(db)}
    if name.lower() in names:
        raise Refused(gettext("There is a secret %(name)s already. Replace its value, or choose another name.") % {"name": name})
    if len(names) >= MAX_SECRETS:
        raise Refused(gettext("A workspace has at most %(most)s secrets. Delete one that no workflow uses.") % {"most": MAX_SECRETS})
    secret = WorkflowSecret(name=name, value=b"", by_id=by_id)
    db.add(secret)
    await db.flush()  # its id is part of the seal
    secret.value = vault.seal(value.encode(), _context(secret.id))
    await db.flush()
    return secret


async def replace_secret(db: WriteSession, vault: Vault, secret_id: int, value: str, *, by_id: int | None) -> None:
    """Give a secret another value; requests that leave from now on carry it. Raises `NotThere`, `Refused`."""
    secret = await _secret(db, secret_id)
    _check(value)
    secret.value, secret.by_id, secret.at = vault.seal(value.encode(), _context(secret.id)), by_id, now()
    await db.flush()


async def delete_secret(db: WriteSession, secret_id: int) -> None:
    """Forget a secret; requests that name it fail from now on. Raises `NotThere`."""
    await db.delete(await _secret(db, secret_id))
    await db.flush()


async def workflows_by_secret(db: ReadSession) -> Mapping[str, Sequence[str]]:
    """The names of the workflows whose draft or published version names a secret, by the secret's name in lower case."""
    found: dict[str, list[str]] = {}
    for workflow, secret in (await db.execute(_USES)).all():
        found.setdefault(secret, []).append(workflow)
    return found


def named_secrets(words: Iterable[str]) -> set[str]:
    """The names of secrets in texts, in lower case."""
    return {named[1].lower() for each in words for named in SECRET.finditer(each)}


async def open_secrets(db: ReadSession, vault: Vault, names: Iterable[str]) -> Secrets:
    """Those of these names that there are. Raises `Rejected` for too many, and for one that no key opens."""
    wanted = sorted(set(names))
    if not wanted:
        return Secrets()
    if len(wanted) > MAX_NAMED:
        raise Rejected("secret", gettext("A request names at most %(most)s secrets.") % {"most": MAX_NAMED})
    rows = (await db.execute(select(WorkflowSecret).where(func.lower(WorkflowSecret.name).in_(wanted)))).scalars().all()
    return Secrets({row.name.lower(): _opened(vault, row) for row in rows})


async def note_use(db: WriteSession, names: Iterable[str]) -> None:
    """Remember to the minute that secrets were used."""
    if wanted := sorted(set(names)):
        old = or_(col(WorkflowSecret.used_at).is_(None), col(WorkflowSecret.used_at) < now() - USED_EVERY)
        await db.execute(update(WorkflowSecret).where(func.lower(WorkflowSecret.name).in_(wanted), old).values(used_at=now()))


def _opened(vault: Vault, row: WorkflowSecret) -> str:
    try:
        return vault.open(row.value, _context(row.id)).decode()
    except SealBroken as error:
        raise Rejected(
            "secret", gettext("The secret %(name)s cannot be read any more. Enter its value again in the settings.") % {"name": row.name}
        ) from error


async def _secret(db: WriteSession, secret_id: int) -> WorkflowSecret:
    secret = await db.get(WorkflowSecret, (db.workspace_id, secret_id), with_for_update=True)
    if secret is None:
        raise NotThere(gettext("There is no such secret any more."))
    return secret


def _check(value: str) -> None:
    if not MIN_VALUE <= len(value) <= MAX_VALUE:
        raise Refused(
            gettext("The value of a secret has %(least)s to %(most)s characters.") % {"least": MIN_VALUE, "most": f"{MAX_VALUE:,}"}
        )


def _context(secret_id: int) -> str:
    return f"secret/{secret_id}"
