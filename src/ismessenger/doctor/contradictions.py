"""Settings that do not fit together."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from ismessenger.doctor.finding import Finding, Place, broken, fine, warning
from ismessenger.kit.crypto import keys_in
from ismessenger.settings import Settings


async def settings(place: Place) -> Sequence[Finding]:
    """Whether the settings contradict each other."""
    given = place.settings
    return [*_address(given), *_machines(given), *_keys(given)] or [fine("no contradiction")]


def _address(given: Settings) -> Sequence[Finding]:
    found = []
    public = urlsplit(given.address)
    if not _is_local(public.hostname or "") and public.scheme != "https":
        mend = "Put a proxy with a certificate in front and set ISMESSENGER_PUBLIC_URL to its https:// address."
        found.append(warning(f"The public address {given.address} is not https: providers refuse it, and passwords travel openly.", mend))
    if given.public_url and (public.scheme not in ("http", "https") or not public.hostname):
        found.append(broken(f"ISMESSENGER_PUBLIC_URL={given.public_url} is no address.", "Write it as https://inbox.example.com."))
    if not given.public_url and not _is_local(given.host):
        mend = "Set ISMESSENGER_PUBLIC_URL to the address that customers and providers use."
        found.append(warning(f"The web server listens on {given.host} and nobody said how it is reached.", mend))
    if given.trusted_proxies.strip() == "*":
        mend = "Set ISMESSENGER_TRUSTED_PROXIES to the address of your proxy."
        found.append(warning("Everybody is believed about the address they come from, so limits per address protect nothing.", mend))
    return found


def _machines(given: Settings) -> Sequence[Finding]:
    found = []
    if given.database_url is not None and not given.secret_keys:
        mend = "Before you add a machine, set ISMESSENGER_SECRET_KEYS everywhere to the keys of that file, newest first."
        found.append(warning(f"The database is on a server, but the keys lie in {given.data_dir / 'keys'} of this machine.", mend))
    if given.database_url is not None and not given.files_url:
        mend = "Before you add a machine, put files on S3 (ISMESSENGER_FILES_URL) or on a shared folder."
        found.append(warning(f"The database is on a server, but files lie in {given.data_dir / 'files'} of this machine.", mend))
    if (given.database_url is None) != (given.redis_url is None):
        own, other = ("Redis", "PostgreSQL") if given.database_url is None else ("PostgreSQL", "Redis")
        found.append(warning(f"{own} is a server of yours, {other} an embedded one: only `up` on this machine can work.", "Name both."))
    return found


def _keys(given: Settings) -> Sequence[Finding]:
    known = {key.get_secret_value() for key in given.secret_keys}
    if known and (left := [key for key in keys_in(given.data_dir) if key not in known]):
        mend = "If credentials cannot be opened, add them to ISMESSENGER_SECRET_KEYS; else the file can go."
        return [warning(f"{given.data_dir / 'keys'} holds {len(left)} keys that ISMESSENGER_SECRET_KEYS does not.", mend)]
    return []


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("localhost", "") or host.endswith(".localhost")
