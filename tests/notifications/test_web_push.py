"""The encryption of Web Push against the example of its RFC, and the proof of who sends."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ismessenger.kit import clock
from ismessenger.notifications.web_push import CURVE, KeysRefused, authorization, base64url, check_keys, encrypt, unbase64url

# Source: RFC 8291, section 5 and appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def private_key(number: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unbase64url(number), "big"), CURVE)


def test_the_body_is_that_of_the_rfc() -> None:
    assert base64url(encrypt(PLAIN, BROWSER, AUTH, salt=unbase64url(SALT), own=private_key(SENDER))) == BODY


def test_no_two_bodies_are_alike() -> None:
    assert encrypt(PLAIN, BROWSER, AUTH) != encrypt(PLAIN, BROWSER, AUTH)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [(BROWSER, "short"), (BROWSER[:-4], AUTH), ("", ""), ("ä" * 87, AUTH), (base64url(b"\x04" + bytes(64)), AUTH), (BROWSER, "*" * 22)],
)
def test_what_is_no_key_is_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(KeysRefused):
        check_keys(p256dh, auth)


def test_the_proof_names_the_push_service_and_is_signed_for_half_a_day() -> None:
    private = ec.generate_private_key(CURVE)
    public = base64url(private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    with clock.stopped(datetime(2026, 11, 22, 12, tzinfo=UTC)) as stopped:
        header = authorization("https://push.example:8443/send/abc?d=1", public=public, private=private, contact="mailto:us@shop.example")
        until = int((stopped() + timedelta(hours=12)).timestamp())
    scheme, token, key = header.replace(",", "").split(" ")
    assert (scheme, key) == ("vapid", f"k={public}")
    head, claims, signature = token.removeprefix("t=").split(".")
    assert orjson.loads(unbase64url(head)) == {"typ": "JWT", "alg": "ES256"}
    assert orjson.loads(unbase64url(claims)) == {"aud": "https://push.example:8443", "exp": until, "sub": "mailto:us@shop.example"}
    raw = unbase64url(signature)
    assert len(raw) == 64
    proof = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    private.public_key().verify(proof, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
