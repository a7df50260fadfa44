"""The keys of stored credentials and signatures."""

import argparse
import asyncio

from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import tell
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.embedded.attach import attached_or_started
from ismessenger.embedded.reach import refuse_unreachable
from ismessenger.kit.crypto import Vault, key_id, keys_in, new_key, write_keys
from ismessenger.settings import Settings, settings
from ismessenger.tenancy.sealed import Survey, survey
from ismessenger.tenancy.sealed import reseal as seal_anew
from ismessenger.upgrade import homes_of, refuse_unprepared

EXPECTED = UNPREPARED


def rotate(_args: argparse.Namespace) -> Outcome:
    """Make a new newest key; where the keys are in the settings, say what to put there."""
    key = new_key()
    folder = settings().data_dir
    if settings().secret_keys:
        tell("Keys are set by ISMESSENGER_SECRET_KEYS. First put this one at its end, on every machine, and restart web and worker;")
        tell("then put it at its beginning, restart again, and run `ismessenger keys reseal`.")
        return Outcome({"key": key, "id": key_id(key).hex()})
    Vault.of(settings())  # makes the first key where there is none
    write_keys(folder, [key, *keys_in(folder)])
    tell("Restart web and worker so that they use it, and run `ismessenger keys reseal`.")
    return Outcome({"id": key_id(key).hex()})


def reseal(_args: argparse.Namespace) -> Outcome:
    """Seal everything with the newest key; not well where something could not be opened."""
    with attached_or_started(settings(), purpose="keys reseal", say=tell) as resolved:
        found = asyncio.run(_go(resolved, anew=True))
    for words in found.broken:
        tell(f"No present key opens {words}: connect or set it up again.")
    return Outcome({"resealed": found.resealed, "unopened": found.broken}, well=not found.broken)


def show(_args: argparse.Namespace) -> Outcome:
    """Which keys there are and how much each of them still seals."""
    with attached_or_started(settings(), purpose="keys list", say=tell) as resolved:
        found = asyncio.run(_go(resolved, anew=False))
        ids = Vault.of(resolved).key_ids
    keys = {id_: {"newest": id_ == ids[0], "seals": found.by_key[id_], "needed": id_ == ids[0] or found.by_key[id_] > 0} for id_ in ids}
    unknown = {id_: count for id_, count in found.by_key.items() if id_ not in ids}
    return Outcome({"keys": keys, "unknown": unknown, "unopened": found.broken}, well=not found.broken)


async def _go(resolved: Settings, *, anew: bool) -> Survey:
    await refuse_unreachable(resolved.model_copy(update={"redis_url": None}))
    await refuse_unprepared(resolved)
    walk = seal_anew if anew else survey
    return await walk(await homes_of(resolved), Vault.of(resolved))
