"""Secrets at rest and signatures on links, with keys that can be changed.

Every key of the list is stretched by HKDF-SHA256 into one key for sealing and one for each purpose of signing, so that a
signature made for one purpose is worth nothing for another. The newest key seals and signs; all of them open and verify.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ismessenger.kit import clock
from ismessenger.settings import Settings

VERSION = b"\x01"
ID_BYTES = 4
NONCE_BYTES = 12
MAC_BYTES = 16
KEY_BYTES = 32
MIN_KEY_LENGTH = 16
NEVER = 0


class KeysUnfit(ValueError):
    """The keys of an installation are missing or no keys; the text says where they stand."""


class SealBroken(ValueError):
    """The bytes were not sealed by any of our keys, or for another context, or were changed."""


class SignatureBroken(ValueError):
    """The token was not signed by us for this purpose, or was changed."""


class SignatureExpired(SignatureBroken):
    """The token is genuine and its time is over."""


class Vault:
    """Seals, opens, signs and verifies with a list of keys, the newest first."""

    def __init__(self, keys: Sequence[str], again: Callable[[], Sequence[str]] = list) -> None:
        """``again`` is asked where a key is not known: somebody may have added one since."""
        if not keys:
            raise KeysUnfit("At least one key is needed to keep secrets.")
        if any(len(key) < MIN_KEY_LENGTH for key in keys):
            raise KeysUnfit(f"A key needs at least {MIN_KEY_LENGTH} characters: see ISMESSENGER_SECRET_KEYS or the file keys.")
        self._keys = {key_id(key): key for key in reversed(keys)}
        self._newest = key_id(keys[0])
        self._again = again

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """The vault of an installation: the keys of its settings, else those of ``DATA_DIR/keys``, made on first use."""
        given = [key.get_secret_value() for key in settings.secret_keys]
        return cls(given) if given else cls(_keys_of_folder(settings.data_dir), partial(keys_in, settings.data_dir))

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt by AES-256-GCM. ``context`` says what it is (table, column, row): the same is needed to open it."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(_derive(self._keys[self._newest], "seal"))
        return VERSION + self._newest + nonce + cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The bytes that were sealed. Raises `SealBroken`."""
        version, id_, nonce, rest = _cut(sealed, len(VERSION), ID_BYTES, NONCE_BYTES)
        key = self._key(id_)
        if version != VERSION or key is None:
            raise SealBroken("This secret was sealed with a key that is no longer known.")
        try:
            return AESGCM(_derive(key, "seal")).decrypt(nonce, rest, context.encode())
        except InvalidTag as error:
            raise SealBroken("This secret was changed or belongs to something else.") from error

    def needs_rotation(self, sealed: bytes) -> bool:
        """Whether the bytes were sealed by another key than the newest."""
        return sealed[len(VERSION) : len(VERSION) + ID_BYTES] != self._newest

    def key_of(self, sealed: bytes) -> str:
        """The id of the key that sealed the bytes, as `key_id` names it in hexadecimal digits."""
        return sealed[len(VERSION) : len(VERSION) + ID_BYTES].hex()

    @property
    def key_ids(self) -> list[str]:
        """The ids of all keys, the newest first."""
        return [self._newest.hex(), *(id_.hex() for id_ in reversed(self._keys) if id_ != self._newest)]

    def sign(self, value: str, purpose: str, expires_at: datetime | None = None) -> str:
        """A token that carries ``value`` readably and proves it; URL-safe. Without ``expires_at`` it holds for ever."""
        expiry = NEVER if expires_at is None else int(expires_at.timestamp())
        body = VERSION + self._newest + struct.pack(">Q", expiry) + value.encode()
        return base64.urlsafe_b64encode(body + self._mac(self._newest, purpose, body)).rstrip(b"=").decode("ascii")

    def unsign(self, token: str, purpose: str) -> str:
        """The value of a token. Raises `SignatureBroken`, or `SignatureExpired` if it was genuine."""
        raw = _unbase64(token)
        body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        version, id_, expiry, value = _cut(body, len(VERSION), ID_BYTES, 8)
        if version != VERSION or self._key(id_) is None or not hmac.compare_digest(mac, self._mac(id_, purpose, body)):
            raise SignatureBroken("This link or token is not valid.")
        (until,) = struct.unpack(">Q", expiry)
        if until != NEVER and clock.now() >= datetime.fromtimestamp(until, UTC):
            raise SignatureExpired("This link or token has expired.")
        return value.decode()

    def derived(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, made out of the newest key. Nothing that is stored may depend on it."""
        return _derive(self._keys[self._newest], f"derived:{purpose}")

    def _key(self, id_: bytes) -> str | None:
        if id_ not in self._keys:
            self._keys = {key_id(key): key for key in reversed(self._again())} | self._keys
        return self._keys.get(id_)

    def _mac(self, id_: bytes, purpose: str, body: bytes) -> bytes:
        return hmac.digest(_derive(self._keys[id_], f"sign:{purpose}"), body, hashlib.sha256)[:MAC_BYTES]


def key_id(key: str) -> bytes:
    """Names a key without telling anything about it."""
    return _derive(key, "id")[:ID_BYTES]


def known_keys(settings: Settings) -> list[str]:
    """The keys of an installation, newest first; none are made."""
    return [key.get_secret_value() for key in settings.secret_keys] or keys_in(settings.data_dir)


def keys_in(data_dir: Path) -> list[str]:
    """The keys of a data folder, newest first; empty where there is no file."""
    path = data_dir / "keys"
    lines = path.read_text("ascii", "replace").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip()]


def new_key() -> str:
    """A key of 256 bits."""
    return secrets.token_urlsafe(KEY_BYTES)


def write_keys(data_dir: Path, keys: Sequence[str]) -> None:
    """Put keys, newest first, in place of those of a data folder: all of them or none."""
    draft = _draft_of(data_dir / "keys", keys)
    draft.replace(data_dir / "keys")


def digest(token: str) -> bytes:
    """What to store of a random token so that it can be found but not read back: its SHA-256. Not for passwords."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def same(one: str | bytes, other: str | bytes) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=256)
def _derive(key: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=b"ismessenger", info=purpose.encode()).derive(key.encode())


def _cut(raw: bytes, *sizes: int) -> list[bytes]:
    """Cut into pieces of the given sizes and the rest. Too short a value leaves empty pieces, which match nothing."""
    pieces, at = [], 0
    for size in sizes:
        pieces.append(raw[at : at + size])
        at += size
    return [*pieces, raw[at:]]


def _unbase64(token: str) -> bytes:
    padded = token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4)
    try:
        return binascii.a2b_base64(padded.encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise SignatureBroken("This link or token is not valid.") from error


def _keys_of_folder(data_dir: Path) -> list[str]:
    """The keys in ``data_dir/keys``, one a line, newest first. The first process to ask makes the file."""
    path = data_dir / "keys"
    if not path.exists():
        _make_keys(path)
    if keys := keys_in(data_dir):
        return keys
    raise KeysUnfit(f"{path} holds no key. Restore it from a backup: stored credentials cannot be read without it.")


def _make_keys(path: Path) -> None:
    draft = _draft_of(path, [new_key()])
    # A link fails if another process was faster; then its keys are everybody's.
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _draft_of(path: Path, keys: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".keys.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{key}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return draft
