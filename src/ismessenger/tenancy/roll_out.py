"""Migrates all homes one after the other: first the default one, then a canary that is looked at, then the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.tenancy.doors import DEFAULT_HOME, HomeEngines, check_role
from ismessenger.tenancy.errors import DatabaseNewer, MigrationIncomplete, TooPowerful
from ismessenger.tenancy.migrate import migrate
from ismessenger.tenancy.schema import workspace_metadata
from ismessenger.tenancy.state import state_of

EXPECTED = (DatabaseNewer, TooPowerful, SQLAlchemyError, OSError, TimeoutError)


class UnknownHome(ValueError):
    """No home has the name that was given."""


@dataclass
class HomeMigrated:
    """What became of one home. ``state`` is migrated, current (it was at this version before), failed or waiting."""

    home: str
    state: str = "waiting"
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    error: BaseException | None = None

    def values(self) -> dict[str, object]:
        """For the operator's scripts."""
        told: dict[str, object] = {"state": self.state, "before": dict(self.before), "after": dict(self.after)}
        return told | ({"problem": reason_of(self.error)} if self.error else {})


async def roll_out(homes: Mapping[str, str], *, canary: str | None = None, tell: Callable[[str], None]) -> list[HomeMigrated]:
    """Migrate every home, each in its own transaction. A failing home leaves the ones that are done as they are, and may be tried again.

    Where the default home or the canary fails, the others wait. Without a ``canary`` it is the smallest of the others.
    """
    if canary is not None and canary not in homes:
        raise UnknownHome(f"There is no home {canary!r}. Known homes: {', '.join(homes)}.")
    done = {name: HomeMigrated(name) for name in homes}
    first = [DEFAULT_HOME] if DEFAULT_HOME in homes else []
    for name in first:
        await _migrate(done[name], homes[name], tell)
        if done[name].error:
            return list(done.values())
    others = [name for name in homes if name not in first]
    chosen = canary if canary in others else await _smallest({name: homes[name] for name in others})
    if chosen is not None:
        await _migrate(done[chosen], homes[chosen], tell)
        await _look(done[chosen], homes[chosen])
        if done[chosen].error:
            return list(done.values())
    for name in others:
        if name != chosen:
            await _migrate(done[name], homes[name], tell)
    return list(done.values())


def refuse_incomplete(done: list[HomeMigrated]) -> None:
    """Raises what the only failure was if it has a name of its own, else `MigrationIncomplete`."""
    failed = [home for home in done if home.error is not None]
    for home in failed:
        if isinstance(home.error, DatabaseNewer | TooPowerful):
            raise home.error
    if failed:
        waiting = [home.home for home in done if home.state == "waiting"]
        words = "; ".join(f"home {home.home}: {reason_of(home.error)}" for home in failed)
        rest = f" Not tried yet: {', '.join(waiting)}." if waiting else ""
        raise MigrationIncomplete(f"Not every database is at this version. {words}.{rest} Mend that and run `ismessenger migrate` again.")


def reason_of(error: BaseException | None) -> str:
    """The first line of what a database or its driver said, without the statement."""
    words = str(getattr(error, "orig", None) or error or "").rsplit(">: ", 1)[-1].splitlines() or [type(error).__name__]
    return words[0].rstrip(".") or type(error).__name__


async def check_home(name: str, url: str) -> None:
    """Read every view through the role of the processes. Raises `TooPowerful`, or what the database refuses."""
    engines = HomeEngines(make_url(url), pool_size=1)
    try:
        await check_role(name, engines)
        async with engines.app.begin() as connection:
            await connection.execute(text("SELECT set_config('app.workspace_id', '0', true)"))
            for table in workspace_metadata.sorted_tables:
                await connection.execute(text(f"SELECT * FROM app.{table.name} LIMIT 1"))  # noqa: S608 - a table of ours
    finally:
        await engines.close()


async def _migrate(home: HomeMigrated, url: str, tell: Callable[[str], None]) -> None:
    try:
        home.before = (await state_of(url)).revisions
        await migrate({home.home: url}, tell)
        home.after = (await state_of(url)).revisions
        home.state = "migrated" if home.before != home.after else "current"
    except EXPECTED as error:
        home.state, home.error = "failed", error
        tell(f"Home {home.home} could not be migrated: {reason_of(error)}")


async def _look(home: HomeMigrated, url: str) -> None:
    if home.error is None:
        try:
            await check_home(home.home, url)
        except EXPECTED as error:
            home.state, home.error = "failed", error


async def _smallest(homes: Mapping[str, str]) -> str | None:
    sizes = {}
    for name, url in homes.items():
        try:
            sizes[name] = (await state_of(url)).size_bytes
        except EXPECTED:
            continue  # it is reported when its turn comes
    return min(sizes, key=lambda name: sizes[name]) if len(homes) > 1 and sizes else None
