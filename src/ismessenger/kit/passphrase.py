"""Seals a few bytes under a passphrase that a person remembers, by scrypt and AES-256-GCM."""

import base64
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

KIND = "scrypt-131072-8-1/aes-256-gcm"
SALT_BYTES = 16
NONCE_BYTES = 12
KEY_BYTES = 32
MIN_LENGTH = 12


class PassphraseRefused(ValueError):
    """The passphrase is too short, or does not open this; the text says which."""


def lock(plain: bytes, passphrase: str, bound_to: bytes) -> dict[str, str]:
    """The sealed bytes as JSON values. They open only together with ``bound_to``, which lies open. Raises `PassphraseRefused`."""
    if len(passphrase) < MIN_LENGTH:
        raise PassphraseRefused(f"A passphrase needs at least {MIN_LENGTH} characters.")
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, plain, bound_to)
    return {"kind": KIND} | {name: base64.b64encode(value).decode() for name, value in (("salt", salt), ("nonce", nonce), ("box", sealed))}


def unlock(locked: Mapping[str, str], passphrase: str, bound_to: bytes) -> bytes:
    """The bytes that were locked. Raises `PassphraseRefused`."""
    if locked.get("kind") != KIND:
        raise PassphraseRefused("What is sealed here was sealed in a way that this version does not know.")
    try:
        salt, nonce, sealed = (base64.b64decode(locked[name], validate=True) for name in ("salt", "nonce", "box"))
        return AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, bound_to)
    except (InvalidTag, KeyError, TypeError, ValueError) as error:
        raise PassphraseRefused("The passphrase does not open this file, or the file was changed on purpose.") from error


def _stretched(passphrase: str, salt: bytes) -> bytes:
    # 128 MiB and a third of a second for every guess.
    return Scrypt(salt=salt, length=KEY_BYTES, n=131_072, r=8, p=1).derive(passphrase.encode("utf-8", "surrogatepass"))
