"""All checks in their order, each for itself: one that fails keeps no other from being made."""

import asyncio
from collections.abc import Sequence

from ismessenger.doctor import contradictions, databases, machine, services
from ismessenger.doctor.finding import Check, Finding, Place, broken, fine
from ismessenger.embedded.attach import attached_or_started, wanting
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.settings import Settings

CHECKS = (
    Check("python", machine.python, needs_servers=False),
    Check("settings", contradictions.settings, needs_servers=False),
    Check("data folder", machine.data_folder, needs_servers=False),
    Check("disk", machine.disk, needs_servers=False),
    Check("plugins", machine.plugins, needs_servers=False),
    Check("embedded PostgreSQL", machine.cluster, needs_servers=False),
    Check("files", services.files, needs_servers=False),
    Check("mail", services.mail, needs_servers=False),
    Check("databases", databases.databases),
    Check("version of the databases", databases.revisions),
    Check("roles", databases.roles),
    Check("clock", databases.clock),
    Check("Redis", services.redis),
    Check("credentials", databases.credentials),
    Check("channels", databases.channels),
    Check("backlog", databases.backlog),
)
PATIENCE_S = 120
Report = dict[str, Sequence[Finding]]


def examine(settings: Settings) -> Report:
    """What every check found. Servers of ours are started for it if they have a data folder, and stopped again."""
    report = asyncio.run(_ask(Place(settings), [check for check in CHECKS if not check.needs_servers]))
    rest = [check for check in CHECKS if check.needs_servers]
    if any(finding.grade == "broken" for finding in report["embedded PostgreSQL"]):
        return report
    if wanting(settings) and not _was_started(settings):
        return report | {"databases": [fine("there is none yet: `ismessenger up` makes one")]}
    try:
        with attached_or_started(settings, purpose="doctor") as resolved:
            return report | asyncio.run(_ask(Place(resolved), rest))
    except ServerTrouble as trouble:
        words, _colon, mend = str(trouble).partition(": ")
        return report | {"databases": [broken(f"{words}.", mend)]}


def _was_started(settings: Settings) -> bool:
    folder = settings.data_dir.absolute()
    return (folder / "postgres" / "cluster").exists() if settings.database_url is None else (folder / "redis").exists()


async def _ask(place: Place, checks: Sequence[Check]) -> Report:
    report: Report = {}
    for check in checks:
        try:
            async with asyncio.timeout(PATIENCE_S):
                report[check.name] = await check.ask(place)
        except Exception as error:  # noqa: BLE001 - whoever asks what is wrong must get an answer, whatever is wrong
            reason = (str(error).splitlines() or [""])[0]
            report[check.name] = [
                broken(f"This could not be found out ({type(error).__name__}: {reason}).", "Mend what stands above first.")
            ]
    return report
