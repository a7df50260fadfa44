"""Every home: does it answer, is it at this version, are its roles weak enough, does its clock fit, is work piling up."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from ismessenger.doctor.finding import Finding, Place, broken, fine, warning
from ismessenger.embedded.binaries import OLDEST_POSTGRES
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken, Vault, known_keys
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.errors import TooPowerful
from ismessenger.tenancy.homes import open_homes
from ismessenger.tenancy.migrate import known_revisions
from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.roll_out import EXPECTED, check_home, reason_of
from ismessenger.tenancy.sealed import survey
from ismessenger.tenancy.state import is_empty, state_of

SKEW, TOO_MUCH_SKEW = timedelta(seconds=5), timedelta(minutes=1)
MOST_NAMED = 10
# What waits so long waits in vain: the table, what is due in it, since when it counts, and its name to a person.
_BACKLOG = (
    ("store.inbound_event", "received_at", "state = 'pending'", timedelta(minutes=5), "webhooks that were not read yet"),
    ("store.delivery", "due_at", "state = 'due'", timedelta(minutes=10), "replies that were not sent yet"),
    ("store.attachment", "due_at", "state = 'pending'", timedelta(hours=1), "files that were not fetched yet"),
    ("store.outbox", "due_at", "true", timedelta(minutes=10), "changes that were not published yet"),
    ("catalog.letter", "due_at", "due_at IS NOT NULL", timedelta(hours=1), "letters that were not sent yet"),
)
_ASIDE = text("SELECT to_regnamespace('store_before_restore') IS NOT NULL")
_POWER = text("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")


async def databases(place: Place) -> Sequence[Finding]:
    """Whether every database answers and is new enough. Those that do are what further checks look at."""
    known = {name: url.get_secret_value() for name, url in place.settings.homes.items()}
    if place.settings.database_url is None:
        return [broken("There is no database.", "Run `ismessenger up`, or set ISMESSENGER_DATABASE_URL.")]
    known = {DEFAULT_HOME: place.settings.database_url.get_secret_value()} | known
    found = []
    keys = known_keys(place.settings)
    if keys:
        try:
            known |= await open_homes(known[DEFAULT_HOME], Vault(keys))
        except SealBroken:
            found.append(broken("The addresses of further homes cannot be read with the present keys.", "Bring back the missing key."))
        except EXPECTED:
            pass  # said below
    for name, url in known.items():
        try:
            state = await state_of(url)
        except EXPECTED as error:
            mend = "Start it, or correct its address (ISMESSENGER_DATABASE_URL, ISMESSENGER_HOMES, `home add`)."
            found.append(broken(f"The database of home {name} does not answer: {reason_of(error)}.", mend))
            continue
        if state.major < OLDEST_POSTGRES:
            found.append(broken(f"Home {name} is on PostgreSQL {state.major}.", f"Version {OLDEST_POSTGRES} or newer is needed."))
            continue
        place.homes[name], place.states[name] = url, state
        found.append(fine(f"home {name}: PostgreSQL {state.major}, {state.size_bytes / (1 << 20):.0f} MiB"))
    return found


async def revisions(place: Place) -> Sequence[Finding]:
    """Whether every database is at the version of the code, and no restore was interrupted."""
    found = []
    for name, state in place.states.items():
        schemas = ("catalog", "store") if name == DEFAULT_HOME else ("store",)
        for schema in schemas:
            revision, known = state.revisions.get(schema), known_revisions(schema)
            if revision is None:
                found.append(broken(f"Home {name} is not prepared.", "Run `ismessenger migrate`."))
            elif revision not in known:
                found.append(broken(f"Home {name} belongs to a newer version ({revision}).", "Install that version, or restore a backup."))
            elif revision != known[0]:
                found.append(broken(f"Home {name} is at {revision}, the code at {known[0]}.", "Run `ismessenger migrate`."))
            else:
                found.append(fine(f"home {name}, {schema}: {revision}"))
        async with owner(place.homes[name]) as connection:
            if (await connection.execute(_ASIDE)).scalar_one():
                mend = "Run `ismessenger restore --undo` to have the former data again, or restore once more after that."
                found.append(broken(f"A restore into home {name} was interrupted.", mend))
    return found


async def roles(place: Place) -> Sequence[Finding]:
    """Whether the role of the processes is kept to its views, and the owner's is no superuser."""
    found = []
    for name, url in place.homes.items():
        try:
            await check_home(name, url)
        except TooPowerful as error:
            found.append(
                broken(str(error).split(";")[0] + ".", "Run `ismessenger migrate`; if that does not help, see who was granted what.")
            )
        except EXPECTED as error:
            found.append(broken(f"The tables of home {name} cannot be read: {reason_of(error)}.", "Run `ismessenger migrate`."))
        async with owner(url) as connection:
            role = (await connection.execute(_POWER)).one()
        if role.rolsuper:
            mend = "Give ISMESSENGER_DATABASE_URL a role that only owns its database and may create roles."
            found.append(warning(f"Home {name} is used as superuser {role.rolname}.", mend))
    return found or [fine("kept to their views")]


async def clock(place: Place) -> Sequence[Finding]:
    """Whether this machine and the databases agree on the time."""
    found = []
    for name, url in place.homes.items():
        skew = abs((await state_of(url)).now - now())
        words = f"The clock of home {name} and of this machine are {skew.total_seconds():.0f} seconds apart."
        if skew > TOO_MUCH_SKEW:
            found.append(broken(words, "Set both by NTP: codes, leases and links depend on it."))
        elif skew > SKEW:
            found.append(warning(words, "Set both by NTP."))
    return found or [fine("this machine and the databases agree")]


async def backlog(place: Place) -> Sequence[Finding]:
    """Whether work waits that should long be done."""
    found = []
    for name, url in place.homes.items():
        for table, column, due, limit, words in _BACKLOG:
            if table.startswith("catalog.") and name != DEFAULT_HOME:
                continue
            # Names of this module.
            statement = text(f"SELECT count(*) AS many, min({column}) AS oldest FROM {table} WHERE {due} AND {column} < :limit")  # noqa: S608
            async with owner(url) as connection:
                row = (await connection.execute(statement, {"limit": now() - limit})).one()
            if row.many:
                age = (now() - row.oldest).total_seconds() / 60
                mend = "See that a worker runs, and what its log says."
                found.append(broken(f"Home {name}: {row.many} {words}, the oldest for {age:.0f} minutes.", mend))
    return found or [fine("nothing waits for long")]


async def credentials(place: Place) -> Sequence[Finding]:
    """Whether every stored credential opens with the present keys."""
    keys = known_keys(place.settings)
    if not keys:
        missing = place.settings.data_dir / "keys"
        mend = f"Bring back {missing} or set ISMESSENGER_SECRET_KEYS; both are in every backup."
        return [fine("none yet")] if all([await is_empty(url) for url in place.homes.values()]) else [broken("There is no key.", mend)]
    found = await survey(place.homes, Vault(keys))
    if not found.broken:
        return [fine(f"{found.by_key.total()} open with the present keys")]
    named = "; ".join(found.broken[:MOST_NAMED]) + ("; …" if len(found.broken) > MOST_NAMED else "")
    mend = "Add the key that sealed them to ISMESSENGER_SECRET_KEYS or DATA_DIR/keys; else connect these channels again."
    return [broken(f"{len(found.broken)} of {found.by_key.total()} cannot be opened: {named}.", mend)]


async def channels(place: Place) -> Sequence[Finding]:
    """Whether a channel says that it is broken."""
    statement = text(
        "SELECT workspace_id, name, kind, status_reason FROM store.channel WHERE status = 'broken' AND disconnected_at IS NULL"
        " ORDER BY workspace_id, id LIMIT 20"
    )
    found = []
    for url in place.homes.values():
        async with owner(url) as connection:
            for row in (await connection.execute(statement)).all():
                words = f"Channel {row.name} ({row.kind}) of workspace {row.workspace_id}: {row.status_reason or 'broken'}"
                found.append(warning(words, "Open its page under Settings → Channels."))
    return found or [fine("none is broken")]
