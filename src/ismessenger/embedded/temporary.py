"""Servers for tests and demonstrations, gone with all their data when the block ends."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ismessenger.embedded.postgres import EmbeddedPostgres
from ismessenger.embedded.redis import EmbeddedRedis


@contextmanager
def temporary_servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedRedis]]:
    """A running PostgreSQL, as durable as the real one, and a running Redis."""
    home = Path(tempfile.mkdtemp(prefix="ismessenger-"))
    if os.geteuid() == 0:
        home.chmod(0o711)  # ours and new: lets the database's own user through to its files
    postgres, redis = EmbeddedPostgres(home / "postgres"), EmbeddedRedis(home / "redis")
    try:
        with postgres, redis:
            yield postgres, redis
    finally:
        postgres.erase()
        redis.erase()
        home.rmdir()
