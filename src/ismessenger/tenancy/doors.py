"""The doors to a workspace's data. No other module makes a session.

``workspace`` and ``reading`` open one workspace, ``system`` finds work across a home, ``ingest`` may only add raw events,
``catalog`` knows what is shared. Each is one transaction that commits when its block ends without an exception, but for ``system`` and
``ingest``, where every statement is one.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

from sqlalchemy import event, text
from sqlalchemy.engine import URL, AdaptedConnection, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from ismessenger.tenancy.errors import TooPowerful
from ismessenger.tenancy.rows import WorkspaceRow

DEFAULT_HOME = "default"
# Connection failures, no room for another connection, shutting down or starting up. Source: PostgreSQL, "Error Codes".
_AWAY = ("08", "53", "57P")
Json = str | int | float | bool | None
Change = dict[str, Json]


class WorkspaceNotFound(LookupError):
    """No workspace has this id."""


class HomeUnavailable(ConnectionError):
    """The database of a home cannot be reached now; what was asked works later."""


class ReadSession(AsyncSession):
    """A transaction that sees one workspace and writes nothing."""

    workspace_id: int

    def key(self, *parts: object) -> str:
        """The name under which something of this workspace is kept outside the database: cache, stream, file."""
        return workspace_key(self.workspace_id, *parts)


class WriteSession(ReadSession):
    """A transaction that sees and changes one workspace, and remembers whom to tell once it is on disk."""

    changes: list[Change]
    bells: set[str]

    def announce(self, kind: str, contact_id: int, **facts: Json) -> None:
        """Show a change on the screens of those who may see the contact, after the commit. ``facts`` are ids and short words."""
        self.changes.append({"kind": kind, "contact_id": contact_id, **facts})

    def ring(self, lane: str) -> None:
        """Wake the workers of a lane after the commit."""
        self.bells.add(lane)


class Aftermath(Protocol):
    """What a commit sets off: the doors call it, ``realtime`` is it."""

    async def committing(self, db: WriteSession) -> None: ...

    async def committed(self, db: WriteSession, home: str) -> None: ...


async def _nothing_new() -> None: ...


class _Silence:
    async def committing(self, db: WriteSession) -> None: ...

    async def committed(self, db: WriteSession, home: str) -> None: ...


def workspace_key(workspace_id: int, *parts: object) -> str:
    """The one place that makes names of cache keys, streams and file paths of a workspace."""
    return "/".join(["w", str(workspace_id), *map(str, parts)])


@event.listens_for(Session, "before_flush")
def _fill_workspace(session: Session, _context: object, _instances: object) -> None:
    workspace_id = session.info.get("workspace_id")
    for row in session.new:
        if isinstance(row, WorkspaceRow) and workspace_id is not None and row.workspace_id is None:
            row.workspace_id = workspace_id


def _refuse_closed(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """The server was restarted while the connection lay in the pool: the pool then opens another, without asking the server first."""
    if connection.driver_connection is None or connection.driver_connection.is_closed():
        raise DisconnectionError


class HomeEngines:
    """The connections to one home, one pool per role."""

    def __init__(self, url: URL, *, pool_size: int) -> None:
        self.app = self._engine(url, "ismessenger_app", "app", pool_size)
        # These say one thing at a time: without BEGIN and COMMIT it takes one round trip instead of three.
        self.system = self._engine(url, "ismessenger_system", "store", 3, isolation_level="AUTOCOMMIT")
        self.ingest = self._engine(url, "ismessenger_ingest", "store", 2, isolation_level="AUTOCOMMIT")

    @staticmethod
    def _engine(url: URL, role: str, search_path: str, pool_size: int, **options: str) -> AsyncEngine:
        engine = create_async_engine(
            url,
            **options,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=False,
            pool_recycle=1800,
            connect_args={
                "server_settings": {"role": role, "search_path": search_path, "application_name": role, "jit": "off"},
                "timeout": 5,
                "command_timeout": 60,
            },
        )
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
        return engine

    async def close(self) -> None:
        for engine in (self.app, self.system, self.ingest):
            await engine.dispose()


class Tenancy:
    """All homes of this installation. ``homes`` maps a name to its database URL; ``default`` must be among them."""

    def __init__(self, homes: Mapping[str, str], *, pool_size: int = 10) -> None:
        self.aftermath: Aftermath = _Silence()
        self.learn: Callable[[], Awaitable[None]] = _nothing_new
        self.homes = {name: HomeEngines(make_url(url), pool_size=pool_size) for name, url in homes.items()}
        self._pool_size = pool_size
        self._home_of: dict[int, str] = {}

    async def check_roles(self) -> None:
        """Refuse to run with a role that owns the tables, may touch them or is a superuser. Raises `TooPowerful`."""
        for name, engines in self.homes.items():
            await check_role(name, engines)

    async def add(self, name: str, url: str) -> None:
        """Open the door to a home that was added while this process runs. Raises `TooPowerful`."""
        engines = HomeEngines(make_url(url), pool_size=self._pool_size)
        try:
            await check_role(name, engines)
        except BaseException:
            await engines.close()
            raise
        self.homes = {**self.homes, name: engines}  # whoever walks over the homes right now goes on undisturbed

    async def close(self) -> None:
        """Close every connection."""
        for engines in self.homes.values():
            await engines.close()

    async def home_of(self, workspace_id: int) -> str:
        """The home of a workspace, which never changes. Raises `WorkspaceNotFound`."""
        if (home := self._home_of.get(workspace_id)) is None:
            async with self.catalog() as db:
                home = (await db.execute(text("SELECT home FROM catalog.workspace WHERE id = :id"), {"id": workspace_id})).scalar()
            if home is not None and home not in self.homes:
                await self.learn()
            if home is None or home not in self.homes:
                raise WorkspaceNotFound(f"There is no workspace {workspace_id}.")
            self._home_of[workspace_id] = home
        return home

    @asynccontextmanager
    async def workspace(self, workspace_id: int) -> AsyncIterator[WriteSession]:
        """Change one workspace in one transaction. Raises `WorkspaceNotFound`."""
        home = await self.home_of(workspace_id)
        db = WriteSession(self.homes[home].app, expire_on_commit=False, info={"workspace_id": workspace_id})
        db.workspace_id, db.changes, db.bells = workspace_id, [], set()
        async with db:
            await _enter(db, workspace_id)
            yield db
            if db.changes:
                await self.aftermath.committing(db)
            await db.commit()
        if db.changes or db.bells:
            await self.aftermath.committed(db, home)

    @asynccontextmanager
    async def reading(self, workspace_id: int, *, snapshot: bool = False) -> AsyncIterator[ReadSession]:
        """Look at one workspace in one read-only transaction, with ``snapshot`` as it is now however long that takes.

        Raises `WorkspaceNotFound`.
        """
        home = await self.home_of(workspace_id)  # which may replace `homes`
        db = ReadSession(self.homes[home].app, expire_on_commit=False, info={"workspace_id": workspace_id})
        db.workspace_id = workspace_id
        async with db:
            if snapshot:
                await db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await _enter(db, workspace_id, read_only=True)
            yield db

    @asynccontextmanager
    async def system(self, home: str) -> AsyncIterator[AsyncConnection]:
        """Read the to-do tables of all workspaces of a home, to find work. Every statement is a transaction of its own."""
        async with self.homes[home].system.begin() as connection:
            yield connection

    @asynccontextmanager
    async def ingest(self, home: str) -> AsyncIterator[AsyncConnection]:
        """Add raw events of any workspace of a home, and nothing else. Every statement is a transaction of its own."""
        async with self.homes[home].ingest.connect() as connection:
            yield connection

    @asynccontextmanager
    async def catalog(self) -> AsyncIterator[AsyncSession]:
        """Read and change the catalog."""
        async with AsyncSession(self.homes[DEFAULT_HOME].app, expire_on_commit=False) as db:
            with _reaching():
                await db.connection()
            yield db
            await db.commit()


async def check_role(name: str, engines: HomeEngines) -> None:
    """Refuse a home whose run-time role could see more than one workspace. Raises `TooPowerful`."""
    question = text(
        "SELECT rolsuper OR rolbypassrls OR has_schema_privilege('store', 'USAGE') OR has_schema_privilege('app', 'CREATE')"
        " OR EXISTS (SELECT FROM pg_tables WHERE schemaname = 'store' AND tableowner = current_user)"
        " FROM pg_roles WHERE rolname = current_user"
    )
    async with engines.app.connect() as connection:
        if (await connection.execute(question)).scalar_one():
            raise TooPowerful(f"The database role of home {name!r} can go around workspace isolation; run `ismessenger migrate`.")


async def _enter(db: AsyncSession, workspace_id: int, *, read_only: bool = False) -> None:
    statement = "SELECT set_config('app.workspace_id', :id, true), set_config('transaction_read_only', :read_only, true)"
    with _reaching():
        await db.execute(text(statement), {"id": str(workspace_id), "read_only": "on" if read_only else "off"})


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HomeUnavailable("The database does not answer.") from error
    except DBAPIError as error:
        if error.connection_invalidated or str(getattr(error.orig, "sqlstate", "")).startswith(_AWAY):
            raise HomeUnavailable("The database does not answer.") from error
        raise
