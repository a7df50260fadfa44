"""A push service: it takes what is sent to browsers, and browsers that can read it.

Source: RFC 8030 (Generic Event Delivery), RFC 8291 (Message Encryption for Web Push).
"""

import os
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ismessenger.notifications.web_push import CURVE, base64url
from tests.standins.server import Answer, Recorded, StandIn


def _derive(secret: bytes, salt: bytes, about: bytes, size: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=size, salt=salt, info=about).derive(secret)


@dataclass(frozen=True)
class Browser:
    """A browser that subscribed: its address at the service, and the keys that never leave it."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        """What it tells the application."""
        return {"p256dh": base64url(self.point), "auth": base64url(self.secret)}

    def read(self, body: bytes) -> dict[str, Any]:
        """A message, decrypted."""
        salt, size = body[:16], body[20]
        sender, encrypted = body[21 : 21 + size], body[21 + size :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        secret = _derive(shared, self.secret, b"WebPush: info\0" + self.point + sender, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, encrypted, None)
        assert plain[-1:] == b"\x02"
        return dict(orjson.loads(plain[:-1]))


class PushService(StandIn):
    """Answers 201 to every message."""

    async def respond(self, request: Recorded) -> Answer:
        return Answer(status=201)

    def browser(self, name: str = "one") -> Browser:
        """A browser that subscribed here."""
        return Browser(f"{self.url}/send/{name}")
