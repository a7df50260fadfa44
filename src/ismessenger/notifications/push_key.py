"""The key pair by which push services know this installation. It is made when it is first asked for, and sealed."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key
from sqlalchemy.dialects.postgresql import insert

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import Vault
from ismessenger.notifications.web_push import base64url
from ismessenger.tenancy.catalog import PushKey

ID = 1
CONTEXT = f"push/{ID}"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """``public`` is what browsers subscribe with, in base64url."""

    public: str
    private: ec.EllipticCurvePrivateKey


async def push_key(installation: Installation) -> KeyPair:
    """The installation's. Raises `SealBroken` if it cannot be opened."""
    async with installation.tenancy.catalog() as catalog:
        row = await catalog.get(PushKey, ID)
        if row is None:
            # Another process may make one at the same moment: the first stays.
            await catalog.execute(insert(PushKey).values(**_made(installation.vault)).on_conflict_do_nothing())
            row = await catalog.get_one(PushKey, ID, populate_existing=True)
    return _opened(installation.vault, row)


def _made(vault: Vault) -> dict[str, object]:
    private = ec.generate_private_key(ec.SECP256R1())
    sealed = vault.seal(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), CONTEXT)
    public = base64url(private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return {"id": ID, "public": public, "private": sealed, "created_at": now()}


def _opened(vault: Vault, row: PushKey) -> KeyPair:
    private = load_der_private_key(vault.open(row.private, CONTEXT), None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError("The key of browser notifications is of another kind.")
    return KeyPair(row.public, private)
