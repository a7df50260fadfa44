"""Links to stored files that need no sign-in, prove themselves and expire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote

from ismessenger.kit.crypto import SignatureBroken, Vault
from ismessenger.settings import Settings

PURPOSE: Final = "file"
PREFIX: Final = "/files"
NAME_LENGTH: Final = 150


class Installation(Protocol):
    """What is needed of an installation to make a link."""

    @property
    def settings(self) -> Settings: ...

    @property
    def vault(self) -> Vault: ...


@dataclass(frozen=True, slots=True)
class Link:
    """What a link stands for."""

    workspace_id: int
    key: str


def file_path(vault: Vault, workspace_id: int, key: str, name: str, *, expires_at: datetime) -> str:
    """The path ``/files/{token}/{name}``. The name is only for people and programs that save the file."""
    token = vault.sign(f"{workspace_id}:{key}", PURPOSE, expires_at)
    shown = name.replace("/", "_").replace("\\", "_").strip(". ")[-NAME_LENGTH:]
    return f"{PREFIX}/{token}/{quote(shown.encode('utf-8', 'replace'), safe='') or 'file'}"


def file_url(installation: Installation, workspace_id: int, key: str, name: str, *, expires_at: datetime) -> str:
    """The same as an absolute address, for providers to fetch."""
    return installation.settings.address + file_path(installation.vault, workspace_id, key, name, expires_at=expires_at)


def read_token(vault: Vault, token: str) -> Link:
    """What a token stands for. Raises `SignatureExpired` or `SignatureBroken`."""
    workspace_id, colon, key = vault.unsign(token, PURPOSE).partition(":")
    if not colon:
        raise SignatureBroken("This link is not valid.")
    return Link(int(workspace_id), key)
