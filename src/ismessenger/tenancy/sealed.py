"""The register of sealed columns, and walks over all of them: which keys they need, and sealing them anew with the newest."""

import string
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, text

from ismessenger.kit.crypto import SealBroken, Vault
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.owner import owner

BATCH = 200
_THERE = text(
    "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attname = CAST(:column AS name) AND NOT attisdropped)"
)


@dataclass(frozen=True)
class Sealed:
    """A column that a `Vault` sealed. ``context`` and ``words`` are filled from the columns of its row."""

    table: str
    column: str
    key: tuple[str, ...]
    context: str
    words: str

    @property
    def columns(self) -> Sequence[str]:
        """All that is needed of a row."""
        named = [name for pattern in (self.context, self.words) for _text, name, _format, _how in string.Formatter().parse(pattern) if name]
        return sorted({*self.key, *named, self.column})


SEALED = (
    Sealed("catalog.home", "url", ("name",), "home/{name}", "the address of home {name}"),
    Sealed("catalog.account", "totp_secret", ("id",), "totp/{id}", "the second factor of {email}"),
    Sealed("catalog.push_key", "private", ("id",), "push/{id}", "the key of browser notifications"),
    Sealed("store.channel", "secrets", ("workspace_id", "id"), "channel/{route}", "channel {name} ({kind}) of workspace {workspace_id}"),
    Sealed("store.workflow_secret", "value", ("workspace_id", "id"), "secret/{id}", "the secret {name} of workspace {workspace_id}"),
    Sealed(
        "store.connection",
        "secrets",
        ("workspace_id", "id"),
        "connection/{id}",
        "the connection {name} ({kind}) of workspace {workspace_id}",
    ),
)
NOT_SEALED = {
    "account_link.token_hash", "api_token.token_hash", "inbound_event.body", "invitation.token_hash", "known_browser.token_hash",
    "recovery_code.code_hash", "sign_in_session.token_hash", "sign_up.token_hash",
}  # fmt: skip
"""Columns of bytes that are hashes, or what a provider sent. Every other one must be in `SEALED`."""


@dataclass
class Survey:
    """How many values each key has sealed, and in words those that no known key opens."""

    by_key: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    resealed: int = 0


async def survey(homes: Mapping[str, str], vault: Vault) -> Survey:
    """Open every sealed value of the homes once."""
    found = Survey()
    for home, url in homes.items():
        for sealed in _of(home):
            async for rows in _batches(url, sealed):
                for row in rows:
                    _open(found, vault, sealed, row)
    return found


async def reseal(homes: Mapping[str, str], vault: Vault) -> Survey:
    """Seal with the newest key what another has sealed, a bounded number at a time; what changes meanwhile is left to its writer.

    It may be interrupted and begun again. What cannot be opened stays as it is.
    """
    found = Survey()
    for home, url in homes.items():
        for sealed in _of(home):
            async for rows in _batches(url, sealed):
                opened = [(row, _open(found, vault, sealed, row)) for row in rows]
                found.resealed += await _store(url, vault, sealed, [(row, plain) for row, plain in opened if plain is not None])
    return found


def _of(home: str) -> Sequence[Sealed]:
    return [sealed for sealed in SEALED if home == DEFAULT_HOME or sealed.table.startswith("store.")]


async def _batches(url: str, sealed: Sealed) -> AsyncIterator[Sequence[RowMapping]]:
    key, names = ", ".join(sealed.key), ", ".join(f":{name}" for name in sealed.key)
    start = f"SELECT {', '.join(sealed.columns)} FROM {sealed.table} WHERE {sealed.column} IS NOT NULL"  # noqa: S608 - names of SEALED
    end = f" ORDER BY {key} LIMIT {BATCH}"
    after: dict[str, Any] = {}
    async with owner(url) as connection:
        if not (await connection.execute(_THERE, {"table": sealed.table, "column": sealed.column})).scalar_one():
            return  # a database of an earlier version
    while True:
        async with owner(url) as connection:
            further = f" AND ({key}) > ({names})" if after else ""
            rows = (await connection.execute(text(start + further + end), after)).mappings().all()
        if not rows:
            return
        yield rows
        after = {name: rows[-1][name] for name in sealed.key}


def _open(found: Survey, vault: Vault, sealed: Sealed, row: RowMapping) -> bytes | None:
    found.by_key[vault.key_of(row[sealed.column])] += 1
    try:
        return vault.open(row[sealed.column], sealed.context.format_map(dict(row)))
    except SealBroken:
        found.broken.append(sealed.words.format_map(dict(row)))
        return None


async def _store(url: str, vault: Vault, sealed: Sealed, opened: Sequence[tuple[RowMapping, bytes]]) -> int:
    which = " AND ".join(f"{name} = :{name}" for name in sealed.key)
    statement = text(f"UPDATE {sealed.table} SET {sealed.column} = :new WHERE {which} AND {sealed.column} = :old")  # noqa: S608 - names of SEALED
    stale = [(row, plain) for row, plain in opened if vault.needs_rotation(row[sealed.column])]
    if not stale:
        return 0
    done = 0
    async with owner(url) as connection:
        for row, plain in stale:
            new = vault.seal(plain, sealed.context.format_map(dict(row)))
            values = {name: row[name] for name in sealed.key}
            done += (await connection.execute(statement, values | {"new": new, "old": row[sealed.column]})).rowcount
    return done
