import base64
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from ismessenger.kit import clock
from ismessenger.kit.crypto import SealBroken, SignatureBroken, SignatureExpired, Vault, digest, same
from ismessenger.settings import Settings

OLD, NEW = "old-key-0123456789", "new-key-0123456789"


def test_what_was_sealed_opens_in_its_context_only() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(b"secret", "channel.config:7")
    assert b"secret" not in sealed
    assert vault.open(sealed, "channel.config:7") == b"secret"
    with pytest.raises(SealBroken):
        vault.open(sealed, "channel.config:8")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault([NEW])
    assert vault.seal(b"secret", "c") != vault.seal(b"secret", "c")


def test_every_changed_byte_breaks_the_seal() -> None:
    vault = Vault([NEW])
    sealed = vault.seal(b"secret", "c")
    for at in range(len(sealed)):
        broken = bytearray(sealed)
        broken[at] ^= 1
        with pytest.raises(SealBroken):
            vault.open(bytes(broken), "c")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01abcd", b"garbage" * 10])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        Vault([NEW]).open(sealed, "c")


def test_after_a_rotation_old_secrets_still_open_and_ask_to_be_sealed_anew() -> None:
    sealed = Vault([OLD]).seal(b"secret", "c")
    rotated = Vault([NEW, OLD])
    assert rotated.open(sealed, "c") == b"secret"
    assert rotated.needs_rotation(sealed)
    anew = rotated.seal(rotated.open(sealed, "c"), "c")
    assert not rotated.needs_rotation(anew)
    assert Vault([NEW]).open(anew, "c") == b"secret"
    with pytest.raises(SealBroken):
        Vault([NEW]).open(sealed, "c")


@pytest.mark.parametrize("keys", [[], ["short"]])
def test_no_key_or_a_short_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="key"):
        Vault(keys)


def test_a_token_carries_its_value_for_one_purpose() -> None:
    vault = Vault([NEW])
    token = vault.sign("7:häuser", "file")
    assert vault.unsign(token, "file") == "7:häuser"
    with pytest.raises(SignatureBroken):
        vault.unsign(token, "invitation")
    with pytest.raises(SignatureBroken):
        Vault([OLD]).unsign(token, "file")
    assert Vault([OLD, NEW]).unsign(token, "file") == "7:häuser"


def test_a_token_ends_at_its_time() -> None:
    vault = Vault([NEW])
    with clock.stopped(datetime(2026, 3, 1, tzinfo=UTC)) as stopped:
        token = vault.sign("v", "file", clock.now() + timedelta(minutes=5))
        stopped.advance(timedelta(minutes=4, seconds=59))
        assert vault.unsign(token, "file") == "v"
        stopped.advance(timedelta(seconds=1))
        with pytest.raises(SignatureExpired):
            vault.unsign(token, "file")


def test_every_changed_byte_breaks_a_token() -> None:
    vault = Vault([NEW])
    raw = base64.urlsafe_b64decode(vault.sign("value", "file") + "==")
    for at in range(len(raw)):
        broken = bytearray(raw)
        broken[at] ^= 1
        with pytest.raises(SignatureBroken) as refusal:
            vault.unsign(base64.urlsafe_b64encode(bytes(broken)).rstrip(b"=").decode(), "file")
        assert refusal.type is SignatureBroken


@pytest.mark.parametrize("token", ["", "x", "====", "ä", "\x00", "\ud800", "a" * 10_000, "AQ", "a b c", "AAAA" * 20])
def test_nonsense_is_a_broken_token(token: str) -> None:
    with pytest.raises(SignatureBroken):
        Vault([NEW]).unsign(token, "file")


def test_secrets_are_compared_whatever_their_characters() -> None:
    assert same("häuser", "häuser".encode())
    assert not same("a", "b")
    assert not same("\ud800", "a")
    assert digest("a") == digest("a") != digest("b")


def test_the_keys_of_the_settings_come_first(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_keys=[SecretStr(NEW), SecretStr(OLD)])
    assert Vault.of(settings).open(Vault([OLD]).seal(b"s", "c"), "c") == b"s"
    assert not (tmp_path / "keys").exists()


def test_without_keys_a_private_file_is_made_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new", secret_keys=[])
    sealed = Vault.of(settings).seal(b"s", "c")
    assert Vault.of(settings).open(sealed, "c") == b"s"
    path = tmp_path / "new" / "keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    path.write_text("a-newer-key-0123456789\n" + path.read_text())
    assert Vault.of(settings).open(sealed, "c") == b"s"
    assert Vault.of(settings).needs_rotation(sealed)


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_keys=[])
    sealed: list[bytes] = []
    threads = [threading.Thread(target=lambda: sealed.append(Vault.of(settings).seal(b"s", "c"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Vault.of(settings).open(one, "c") for one in sealed] == [b"s"] * 8


def test_an_emptied_key_file_is_an_error_and_not_a_new_key(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("\n")
    with pytest.raises(ValueError, match="backup"):
        Vault.of(Settings(data_dir=tmp_path, secret_keys=[]))
