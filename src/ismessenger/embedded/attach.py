"""Settings whose database and Redis are there: the operator's own, those of a running ``up``, or ones started for a while."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import SecretStr

from ismessenger.embedded.claim import UP, Holder, try_claim
from ismessenger.embedded.postgres import EmbeddedPostgres
from ismessenger.embedded.process import Say, silent, wait_until
from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.settings import Settings


@contextmanager
def attached_or_started(settings: Settings, *, purpose: str, say: Say = silent) -> Iterator[Settings]:
    """Settings with every URL filled in, for as long as the block lasts.

    ``purpose`` is the command's name, shown to whoever waits for the data folder. Servers that nobody runs are started, and stopped at
    the end. ``ServerTrouble`` says why that fails.
    """
    if not wanting(settings):
        yield settings
        return
    folder = settings.data_dir.absolute()
    claims: list[int] = []
    running: list[dict[str, str]] = []

    def settled() -> bool:
        if (claim := try_claim(folder, purpose)) is not None:
            claims.append(claim)
        elif (holder := Holder.of(folder / "lock")) and holder.purpose == UP and (state := read_state(folder, holder.pid)):
            running.append(state)
        return bool(claims or running)

    wait_until(settled, waiting=lambda _s: say(f"Waiting for the servers of {folder}"))
    if running:
        yield resolved(settings, running[0])
        return
    try:
        with servers(settings, say=say) as (postgres, redis):
            yield resolved(settings, urls_of(postgres, redis))
    finally:
        os.close(claims[0])


def attached(settings: Settings) -> Settings:
    """Settings with every URL filled in, from the operator or from a running ``up``. ``ServerTrouble`` where there is neither."""
    if not wanting(settings):
        return settings
    folder = settings.data_dir.absolute()
    holder = Holder.of(folder / "lock")
    state = read_state(folder, holder.pid) if holder else None
    if state is None:
        raise ServerTrouble(
            "No database or no Redis is named: set ISMESSENGER_DATABASE_URL and ISMESSENGER_REDIS_URL,"
            " or use `ismessenger up`, which brings both."
        )
    return resolved(settings, state)


def environment_of(settings: Settings) -> dict[str, str]:
    """What a child process must be told so that it works with the same servers, folder and port."""
    told = {"DATA_DIR": str(settings.data_dir), "HOST": settings.host, "PORT": str(settings.port)}
    for name, url in (("DATABASE_URL", settings.database_url), ("REDIS_URL", settings.redis_url)):
        if url is not None:
            told[name] = url.get_secret_value()
    return {f"ISMESSENGER_{name}": value for name, value in told.items()}


def wanting(settings: Settings) -> bool:
    """Whether a server of ours is needed, since the operator named none."""
    return settings.database_url is None or settings.redis_url is None


@contextmanager
def servers(settings: Settings, *, say: Say = silent) -> Iterator[tuple[EmbeddedPostgres | None, EmbeddedRedis | None]]:
    """Start the servers that the operator has not named (None for those he has). Only the holder of the data folder may."""
    folder = settings.data_dir.absolute()
    with ExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres", say=say)) if settings.database_url is None else None
        redis = stack.enter_context(EmbeddedRedis(folder / "redis", say=say)) if settings.redis_url is None else None
        yield postgres, redis


def urls_of(postgres: EmbeddedPostgres | None, redis: EmbeddedRedis | None) -> dict[str, str]:
    """Settings name to URL, of the servers that run."""
    return {name: server.url for name, server in (("database_url", postgres), ("redis_url", redis)) if server is not None}


def resolved(settings: Settings, urls: dict[str, str]) -> Settings:
    """The settings with the URLs of our servers and with a data folder that holds from anywhere."""
    secrets = {name: SecretStr(url) for name, url in urls.items()}
    return settings.model_copy(update={**secrets, "data_dir": settings.data_dir.absolute()})


def read_state(folder: Path, pid: int) -> dict[str, str] | None:
    """The URLs that the ``up`` of this process id wrote; None if it has written none yet."""
    try:
        state = json.loads((folder / "embedded.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return dict(state["urls"]) if state.get("pid") == pid else None


@contextmanager
def published_state(folder: Path, urls: dict[str, str]) -> Iterator[None]:
    """Tell commands, for as long as the block lasts, where the servers of this process are. Only our own user may read it."""
    state = folder / "embedded.json"
    draft = folder / "embedded.json.new"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"pid": os.getpid(), "urls": urls}))
    draft.replace(state)
    try:
        yield
    finally:
        state.unlink(missing_ok=True)
