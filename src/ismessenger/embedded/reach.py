"""Whether the servers answer; what is wrong in one sentence if not. No sentence holds a password."""

import asyncio
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.embedded.binaries import OLDEST_POSTGRES
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.settings import Settings

_PATIENCE_S = 10
# It starts, stops, was ended, or has as many connections as it may. Source: PostgreSQL, appendix A, "PostgreSQL Error Codes".
_PASSING = {"57P01", "57P02", "57P03", "53300"}


async def refuse_unreachable(settings: Settings, *, embedded: bool = False) -> None:
    """Ask every database and Redis of the settings one question. Raises ``ServerTrouble`` about the first that does not answer well.

    ``embedded``: the default home's server is ours, and no setting could be corrected.
    """
    named = {
        "ISMESSENGER_DATABASE_URL": settings.database_url,
        **{f"ISMESSENGER_HOMES[{name}]": url for name, url in settings.homes.items()},
    }
    for name, url in named.items():
        if url is not None:
            own = settings.data_dir.absolute() / "postgres" if embedded and url is settings.database_url else None
            await _ask_postgres(make_url(url.get_secret_value()), name, own)
    if settings.redis_url is not None:
        await _ask_redis(settings.redis_url.get_secret_value())


async def _ask_postgres(url: URL, setting: str, own: Path | None) -> None:
    place = f"{url.host or url.query.get('host', 'localhost')}{f':{url.port}' if url.port else ''}/{url.database or ''}"
    engine = create_async_engine(url, connect_args={"timeout": _PATIENCE_S})
    try:
        async with asyncio.timeout(2 * _PATIENCE_S), engine.connect() as connection:
            version = int((await connection.execute(text("SHOW server_version_num"))).scalar_one())
    except (OSError, TimeoutError) as error:
        reason = "it takes too long" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise ServerTrouble(f"The database at {place} does not answer ({reason}): start it, or correct {setting}.") from error
    except (SQLAlchemyError, TypeError, ValueError) as error:
        reason = str(getattr(error, "orig", None) or error).rsplit(">: ", 1)[-1].splitlines()[0].rstrip(".")
        if str(getattr(getattr(error, "orig", None), "sqlstate", None)) in _PASSING:
            raise ServerTrouble(f"The database at {place} takes no connections now ({reason}): try again in a moment.") from error
        if own is not None:
            raise ServerTrouble(
                f"The database in {own} is not as we left it ({reason}):"
                " restore the data folder from a backup, or move it away to start empty."
            ) from error
        raise ServerTrouble(f"The database at {place} refuses us ({reason}): correct {setting}, or grant what it asks for.") from error
    finally:
        await engine.dispose()
    if version < OLDEST_POSTGRES * 10_000:
        raise ServerTrouble(f"The database at {place} is PostgreSQL {version // 10_000}: {OLDEST_POSTGRES} or newer is needed.")


async def _ask_redis(url: str) -> None:
    try:
        async with Redis.from_url(url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S) as client:
            await client.ping()
    except (RedisError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ServerTrouble(f"Redis does not answer ({reason}): start it, or correct ISMESSENGER_REDIS_URL.") from error
