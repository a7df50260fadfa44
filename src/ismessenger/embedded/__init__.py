"""PostgreSQL and Redis that come with us, for one machine and for tests."""

from ismessenger.embedded.postgres import EmbeddedPostgres
from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.embedded.temporary import temporary_servers
from ismessenger.embedded.trouble import ServerTrouble

__all__ = ["EmbeddedPostgres", "EmbeddedRedis", "ServerTrouble", "temporary_servers"]
