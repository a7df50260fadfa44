"""Connections: a workspace's accounts at services outside, which steps ask through integrations. Their secrets are sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog
from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import func, select, text
from sqlmodel import col

from ismessenger.automation.model import Connection
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.installation import Installation
from ismessenger.kit.crypto import SealBroken, Vault
from ismessenger.plugins import Plugins
from ismessenger.sdk.channel import Rejected, SendFailed
from ismessenger.sdk.integration import Checked, Integration, Lists
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession, WriteSession

log = structlog.get_logger()

MAX_CONNECTIONS: Final = 50
MAX_NAME: Final = 100
MAX_REASON: Final = 1000
NOT_ASKED: Final = marked("The integration failed while it asked the service. The log of the server has the reason.")

_USES = text(
    "SELECT DISTINCT w.name, used.id FROM workflow w LEFT JOIN workflow_version v ON v.id = w.published_id,"
    " jsonb_path_query(jsonb_build_array(w.draft, v.definition), '$.**.connection_id ? (@.type() == \"number\")') AS used(id)"
    " ORDER BY w.name"
)


class ConfigRefused(Refused):
    """What a connection needs is not right; ``errors`` say it field by field."""

    def __init__(self, words: str, errors: Mapping[str, str]) -> None:
        super().__init__(words)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection ready to be used. Its configuration shows no secret when it is printed."""

    id: int
    integration: Integration
    config: BaseModel


async def list_connections(db: ReadSession) -> Sequence[Connection]:
    """All of a workspace, by name."""
    return (await db.execute(select(Connection).order_by(func.lower(Connection.name), col(Connection.id)))).scalars().all()


async def connection(db: ReadSession, connection_id: int) -> Connection:
    """One of them. Raises `NotThere`."""
    row = await db.get(Connection, (db.workspace_id, connection_id))
    if row is None:
        raise NotThere(gettext("There is no such connection any more."))
    return row


def config_of(integration: Integration, values: Mapping[str, object], before: BaseModel | None = None) -> BaseModel:
    """The configuration as the integration declares it; secrets that are left empty stay as they were. Raises `ConfigRefused`."""
    kept = dict(before) if before is not None else {}
    given = {name: value for name, value in values.items() if value or not isinstance(kept.get(name), SecretStr)}
    try:
        return integration.Config.model_validate({**kept, **given})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        errors = {".".join(map(str, each["loc"])): each["msg"].removeprefix("Value error, ") for each in found}
        words = "; ".join(errors.values())
        raise ConfigRefused(
            gettext("%(name)s cannot be connected: %(words)s") % {"name": integration.name, "words": words}, errors
        ) from None


async def connect(
    db: WriteSession, vault: Vault, integration: Integration, name: str, config: BaseModel, *, by_id: int | None
) -> Connection:
    """Keep a new connection. Raises `Refused`."""
    rows = await list_connections(db)
    if len(rows) >= MAX_CONNECTIONS:
        raise Refused(
            gettext("A workspace has at most %(most)s connections. Delete one that no workflow uses.") % {"most": MAX_CONNECTIONS}
        )
    row = Connection(kind=integration.kind, name=_name(name, integration, rows), by_id=by_id)
    db.add(row)
    await db.flush()  # its id is part of the seal
    _put(row, vault, config)
    await db.flush()
    return row


async def reconnect(db: WriteSession, vault: Vault, row: Connection, integration: Integration, name: str, config: BaseModel) -> None:
    """Give a connection another name or other credentials, which are held to work until a call fails. Raises `Refused`."""
    others = [each for each in await list_connections(db) if each.id != row.id]
    row.name = _name(name, integration, others)
    row.error = None
    _put(row, vault, config)
    await db.flush()


async def disconnect(db: WriteSession, connection_id: int) -> None:
    """Forget a connection; steps that use it fail from now on. Raises `NotThere`."""
    await db.delete(await connection(db, connection_id))
    await db.flush()


async def workflows_by_connection(db: ReadSession) -> Mapping[int, Sequence[str]]:
    """The names of the workflows whose draft or published version uses a connection, by its id."""
    found: dict[int, list[str]] = {}
    for workflow, used in (await db.execute(_USES)).all():
        found.setdefault(int(used), []).append(workflow)
    return found


def opened(plugins: Plugins, vault: Vault, row: Connection) -> Opened:
    """A connection with its secrets. Raises `Rejected` with words for whoever can mend it."""
    integration = plugins.integrations.get(row.kind)
    if integration is None:
        raise Rejected("plugin", gettext("The integration “%(kind)s” is not installed any more.") % {"kind": row.kind})
    try:
        secrets: dict[str, Any] = orjson.loads(vault.open(row.secrets, _context(row.id))) if row.secrets else {}
        return Opened(row.id, integration, integration.Config.model_validate({**row.config, **secrets}))
    except (SealBroken, ValidationError):
        words = gettext("The credentials of the connection %(name)s cannot be read any more. Enter them again in the settings.") % {
            "name": row.name
        }
        raise Rejected("credentials", words) from None


async def check(installation: Installation, integration: Integration, config: BaseModel) -> str:
    """Ask the service whether the credentials work; why not, in words, or empty."""
    if not isinstance(integration, Checked):
        return ""
    try:
        await integration.check(config, installation.http_of_integration(integration))
    except SendFailed as error:
        return str(error)[:MAX_REASON]
    except Exception:
        log.exception("integration.broken", kind=integration.kind)
        return gettext(NOT_ASKED)
    return ""


async def choices(installation: Installation, asked: Opened, what: str, within: Mapping[str, str]) -> list[tuple[str, str]]:
    """What there is to choose from at the service. Raises `Refused` with its words."""
    if not isinstance(asked.integration, Lists):
        raise Refused(gettext("This connection has nothing to choose from."))
    try:
        return await asked.integration.choices(what, within, asked.config, installation.http_of_integration(asked.integration))
    except SendFailed as error:
        raise Refused(str(error)) from error
    except Exception as error:
        log.exception("integration.broken", kind=asked.integration.kind)
        raise Refused(gettext(NOT_ASKED)) from error


def _name(name: str, integration: Integration, others: Sequence[Connection]) -> str:
    chosen = name.strip() or integration.name
    if len(chosen) > MAX_NAME:
        raise Refused(gettext("The name of a connection has at most %(most)s characters.") % {"most": MAX_NAME})
    if any(each.kind == integration.kind and each.name.lower() == chosen.lower() for each in others):
        raise Refused(gettext("There is a connection %(name)s already. Choose another name.") % {"name": chosen})
    return chosen


def _put(row: Connection, vault: Vault, config: BaseModel) -> None:
    secrets = {name: value.get_secret_value() for name, value in dict(config).items() if isinstance(value, SecretStr)}
    row.config = config.model_dump(mode="json", exclude=set(secrets))
    row.secrets = vault.seal(orjson.dumps(secrets), _context(row.id))


def _context(connection_id: int) -> str:
    return f"connection/{connection_id}"
