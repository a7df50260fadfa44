"""What else has to answer: Redis, the place of files, the mail server."""

import re
from collections.abc import Sequence

import aiosmtplib
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ismessenger.doctor.finding import Finding, Place, broken, fine, warning
from ismessenger.embedded.binaries import OLDEST_REDIS
from ismessenger.files.store import FileMissing, StoreUnavailable, open_store
from ismessenger.kit.ids import new_uuid
from ismessenger.mail.message import server_of

PATIENCE_S = 10
PROBE = b"IS-Messenger writes this to see whether it can."


async def redis(place: Place) -> Sequence[Finding]:
    """Whether Redis answers, is new enough and forgets nothing by itself."""
    if place.settings.redis_url is None:
        return [broken("There is no Redis.", "Run `ismessenger up`, or set ISMESSENGER_REDIS_URL.")]
    url = place.settings.redis_url.get_secret_value()
    try:
        async with Redis.from_url(url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S) as client:
            info = await client.info()
    except (RedisError, OSError, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0].rstrip(".")
        return [broken(f"Redis does not answer: {reason}.", "Start it, or correct ISMESSENGER_REDIS_URL.")]
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < OLDEST_REDIS:
        return [broken(f"Redis is version {version}.", "Version 6.2 or newer is needed.")]
    if str(info.get("maxmemory_policy", "noeviction")) != "noeviction":
        return [warning("Redis drops what it holds when memory is short.", "Set maxmemory-policy noeviction.")]
    return [fine(f"version {version}")]


async def files(place: Place) -> Sequence[Finding]:
    """Whether files can be written, read and deleted."""
    folder = place.settings.data_dir / "files"
    if not place.settings.files_url and not folder.exists():
        return [fine(f"{folder} is not there yet; the first file makes it")]
    key = f"doctor-{new_uuid().hex}"
    mend = (
        "Correct the owner of the folder." if not place.settings.files_url else "Correct ISMESSENGER_FILES_URL and the keys of the bucket."
    )
    try:
        store = open_store(place.settings)
        await store.put(key, PROBE)
        read = b"".join([piece async for piece in store.read(key)])
        await store.delete(key)
    except (StoreUnavailable, FileMissing, OSError, ValueError) as error:
        return [broken(f"{error}", mend)]
    if read != PROBE:
        return [broken("What was written to the store of files came back changed.", mend)]
    return [fine(place.settings.files_url or str(folder))]


async def mail(place: Place) -> Sequence[Finding]:
    """Whether the mail server lets us in. No letter is sent."""
    if place.settings.smtp_url is None:
        mend = "Set ISMESSENGER_SMTP_URL. Until then letters are kept and can be read on the machine itself."
        return [warning("There is no mail server: invitations and resets do not go out.", mend)]
    try:
        client = aiosmtplib.SMTP(**server_of(place.settings), timeout=PATIENCE_S)
        async with client:
            await client.noop()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0].rstrip(".")
        return [broken(f"The mail server does not let us in: {reason}.", "Correct ISMESSENGER_SMTP_URL.")]
    return [fine("the mail server lets us in")]
