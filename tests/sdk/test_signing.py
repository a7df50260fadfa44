import pytest

from ismessenger.sdk.channel import RawRequest, SignatureInvalid
from ismessenger.sdk.signing import hmac_hex, require_bearer, require_equal, require_hmac, same
from ismessenger.sdk.testing import raw_request

# RFC 4231, test case 2.
KEY, BODY = "Jefe", b"what do ya want for nothing?"
SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def signed(signature: str) -> RawRequest:
    return raw_request(BODY, {"x-signature": signature})


def test_the_hmac_is_that_of_the_standard() -> None:
    assert hmac_hex(KEY, BODY) == hmac_hex(KEY.encode(), BODY) == SHA256
    assert hmac_hex(KEY, BODY, "sha1") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_an_empty_secret_matches_nothing() -> None:
    assert same("a", "a")
    assert not same("", "")
    assert not same(b"", b"")
    with pytest.raises(SignatureInvalid):
        require_equal("", "")
    with pytest.raises(SignatureInvalid):
        require_hmac(signed(hmac_hex("", BODY)), "x-signature", "")
    with pytest.raises(SignatureInvalid):
        require_bearer(raw_request(b"", {"authorization": "Bearer "}), "")


@pytest.mark.parametrize("strange", ["é", "\ud800", "\x00", "漢"])
def test_any_text_can_be_compared(strange: str) -> None:
    assert not same(strange, "secret")
    assert same(strange, strange)


def test_a_right_signature_is_accepted() -> None:
    require_hmac(signed(SHA256), "x-signature", KEY)
    require_hmac(signed(SHA256.upper()), "x-signature", KEY)
    require_hmac(signed(f"sha256={SHA256}"), "x-signature", KEY, prefix="sha256=")


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", SHA256, f"sha1={SHA256}", f"sha256={SHA256[:-1]}", f"sha256={SHA256}0", "sha256=é", f"sha256={SHA256[:-1]}é"],
)
def test_another_signature_is_refused(signature: str) -> None:
    with pytest.raises(SignatureInvalid):
        require_hmac(signed(signature), "x-signature", KEY, prefix="sha256=")


def test_a_missing_header_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        require_hmac(raw_request(BODY), "x-signature", KEY)
    with pytest.raises(SignatureInvalid):
        require_bearer(raw_request(BODY), "token")


@pytest.mark.parametrize("header", ["Bearer token", "bearer token", "Bearer  token "])
def test_a_bearer_token_is_found(header: str) -> None:
    require_bearer(raw_request(b"", {"authorization": header}), "token")


@pytest.mark.parametrize("header", ["token", "Basic token", "Bearer", "Bearer Token", "Bearer token token", "Bearer tokén"])
def test_another_bearer_token_is_refused(header: str) -> None:
    with pytest.raises(SignatureInvalid) as refusal:
        require_bearer(raw_request(b"", {"authorization": header}), "token")
    assert header not in str(refusal.value)
