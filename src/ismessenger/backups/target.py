"""Whether a backup can go where it shall go: everything is asked before anything is touched."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.backups.form import About, BackupRefused, Keys
from ismessenger.embedded.dumping import DumpPrograms, dump_programs
from ismessenger.kit.crypto import key_id, keys_in
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import known_revisions
from ismessenger.tenancy.roll_out import reason_of
from ismessenger.tenancy.state import HomeState, is_empty, state_of


@dataclass(frozen=True)
class Target:
    """Where everything goes. ``listed`` are the homes whose address the catalog shall keep; ``keys`` shall be known, newest first."""

    homes: Mapping[str, str]
    listed: Mapping[str, str]
    keys: list[str]
    programs: DumpPrograms


async def target_of(settings: Settings, about: About, keys: Keys, homes: Mapping[str, str], *, replace: bool) -> Target:
    """``homes`` are those that the operator named. Raises `BackupRefused`."""
    _refuse_newer(about)
    places = _places(settings, about, homes)
    states = {name: await _state(name, url) for name, url in places.items()}
    for name, state in states.items():
        if state.connections:
            raise BackupRefused(f"Web or worker processes are connected to home {name}: stop them first.")
        if not replace and not await is_empty(places[name]):
            raise BackupRefused(f"Home {name} is not empty: give --replace to delete what it holds.")
    programs = dump_programs(max(about.dumped_with, *(state.major for state in states.values())))
    listed = {name: url for name, url in places.items() if name != DEFAULT_HOME and name not in settings.homes}
    return Target(places, listed, _keys(settings, keys), programs)


def _refuse_newer(about: About) -> None:
    for copy in about.homes:
        for schema, revision in copy.revisions.items():
            if schema not in ("catalog", "store") or revision not in known_revisions(schema):
                raise BackupRefused(
                    f"The backup was taken with IS-Messenger {about.version}, which is newer than this: install that version first."
                )


def _places(settings: Settings, about: About, homes: Mapping[str, str]) -> dict[str, str]:
    if settings.database_url is None:
        raise ValueError("The settings name no database.")
    known = {name: url.get_secret_value() for name, url in settings.homes.items()} | dict(homes)
    known[DEFAULT_HOME] = settings.database_url.get_secret_value()
    names = [copy.name for copy in about.homes]
    if lacking := [name for name in names if name not in known]:
        raise BackupRefused(f"The backup holds home {lacking[0]}: say where it shall go with --home {lacking[0]}=postgresql://…")
    if unknown := [name for name in homes if name not in names]:
        raise BackupRefused(f"The backup holds no home {unknown[0]!r}. Its homes: {', '.join(names)}.")
    seen: dict[tuple[object, ...], str] = {}
    for name in names:
        url = make_url(known[name])
        place = (url.host, url.port, url.database, *sorted(url.query.items()))
        if place in seen:
            raise BackupRefused(f"Homes {seen[place]} and {name} cannot share a database.")
        seen[place] = name
    return {name: known[name] for name in names}


async def _state(name: str, url: str) -> HomeState:
    try:
        return await state_of(url)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise BackupRefused(f"The database for home {name} does not answer: {reason_of(error)}.") from error


def _keys(settings: Settings, kept: Keys) -> list[str]:
    given = [key.get_secret_value() for key in settings.secret_keys]
    if not given:
        return kept.keys + [key for key in keys_in(settings.data_dir) if key not in kept.keys]
    known = {key_id(key).hex() for key in given}
    if lacking := [key for key in kept.needed if key not in known]:
        raise BackupRefused(
            f"ISMESSENGER_SECRET_KEYS lacks {len(lacking)} of the keys that the backup's credentials were sealed with"
            " (`ismessenger keys list` where it was taken names them): add them, or unset it and the backup brings its own."
        )
    return given
