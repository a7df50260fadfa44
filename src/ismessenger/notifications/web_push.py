"""What a push service wants: the message encrypted for one browser, and a proof of who sends it.

Source: RFC 8291 (Message Encryption for Web Push), RFC 8188 (Encrypted Content-Encoding), RFC 8292 (VAPID).
"""

import base64
import binascii
import os
from datetime import timedelta
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ismessenger.kit.clock import now

CURVE = ec.SECP256R1()
SALT_BYTES = 16
AUTH_BYTES = 16
POINT_BYTES = 65
RECORD_BYTES = 4096
MAX_PLAIN_BYTES = 3000
"""Push services take 4,096 bytes, of which the encryption needs some."""

NO_KEYS = "These are not the keys of a browser that takes notifications."
VALID_FOR = timedelta(hours=12)  # RFC 8292, section 2: at most a day


class KeysRefused(ValueError):
    """These are not the keys of a browser that takes pushes."""


def encrypt(plain: bytes, p256dh: str, auth: str, *, salt: bytes | None = None, own: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """The body of a push message for the browser with these keys. ``salt`` and ``own`` are made anew each time, but in tests.

    Raises `KeysRefused`.
    """
    point, secret = check_keys(p256dh, auth)
    own, salt = own or ec.generate_private_key(CURVE), salt or os.urandom(SALT_BYTES)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    sender = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = _derive(own.exchange(ec.ECDH(), theirs), secret, b"WebPush: info\0" + point + sender, 32)
    key = _derive(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(shared, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender)]) + sender
    # There is one record, and this byte says that it is the last.
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def check_keys(p256dh: str, auth: str) -> tuple[bytes, bytes]:
    """A browser's point on the curve and its secret. Raises `KeysRefused`."""
    try:
        point, secret = unbase64url(p256dh), unbase64url(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError as error:
        raise KeysRefused(NO_KEYS) from error
    if len(point) != POINT_BYTES or len(secret) != AUTH_BYTES:
        raise KeysRefused(NO_KEYS)
    return point, secret


def authorization(endpoint: str, *, public: str, private: ec.EllipticCurvePrivateKey, contact: str) -> str:
    """The ``Authorization`` header for an endpoint. ``contact`` is a ``mailto:`` or ``https:`` address of whoever runs the installation."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now() + VALID_FOR).timestamp()), "sub": contact}
    signed = ".".join(base64url(orjson.dumps(part)) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    return f"vapid t={signed}.{base64url(_signature(private, signed.encode('ascii')))}, k={public}"


def _signature(private: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    """Source: RFC 7518, section 3.4: both numbers in 32 bytes each."""
    r, s = decode_dss_signature(private.sign(signed, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _derive(secret: bytes, salt: bytes, about: bytes, size: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=size, salt=salt, info=about).derive(secret)


def base64url(raw: bytes) -> str:
    """Without padding, as all of Web Push wants it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unbase64url(text: str) -> bytes:
    """The bytes; padding may be there. Raises ``ValueError``."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return binascii.a2b_base64((plain + "=" * (-len(plain) % 4)).encode("ascii"), strict_mode=True)
    except UnicodeEncodeError as error:
        raise ValueError("This is no base64url.") from error
