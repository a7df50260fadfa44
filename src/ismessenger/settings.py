"""Everything an operator can set, read from ``ISMESSENGER_…`` environment variables and ``.env``."""

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg")


def asyncpg_url(url: str) -> str:
    """A PostgreSQL URL as operators write it, in the words of our driver. Raises ``ValueError`` for any other URL."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError("the URL of a PostgreSQL database starts with postgresql://")
    if not _readable(parts):
        raise ValueError(
            "the URL of a database looks like postgresql://user:password@host:5432/name; in a password # is %23, / is %2F, @ is %40"
        )
    # libpq says sslmode, asyncpg says ssl, with the same values.
    query = urlencode([("ssl" if name == "sslmode" else name, value) for name, value in parse_qsl(parts.query)], safe="/")
    return f"postgresql+asyncpg://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")


def _readable(parts: SplitResult) -> bool:
    """Whether the port is one and nothing stands behind a #, as where a password was not escaped: no sentence may show a piece of it."""
    try:
        return parts.port != 0 and not parts.fragment
    except ValueError:
        return False


# A name that may be there, and an address.
MAIL_FROM = re.compile(r"(?:([^<>]*)<)?([^\s<>@,]+@[^\s<>@,]+)>?")
DatabaseUrl = Annotated[SecretStr, AfterValidator(lambda url: SecretStr(asyncpg_url(url.get_secret_value())))]


def _smtp_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not _readable(parts):
        raise ValueError("the URL of a mail server looks like smtp://user:password@host:587 or smtps://user:password@host")
    return url


SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]


class Settings(BaseSettings):
    """One installation. What is not set has a default that runs on one machine without any server."""

    model_config = SettingsConfigDict(env_prefix="ISMESSENGER_", env_file=".env", extra="ignore", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", title="Address the web server listens on")
    port: int = Field(8080, ge=1, le=65535, title="Port of the web server")
    data_dir: Path = Field(Path("var/data"), title="Folder of the embedded servers, keys and files")
    public_url: str = Field("", title="Address customers and providers reach us at; empty: http://HOST:PORT")
    database_url: DatabaseUrl | None = Field(None, title="PostgreSQL of the catalog and the default home; empty: embedded")
    homes: dict[str, DatabaseUrl] = Field({}, title="Further homes: name to PostgreSQL URL")
    redis_url: SecretStr | None = Field(None, title="Redis; empty: embedded")
    files_url: str = Field("", title="Where files live: empty for DATA_DIR/files, or s3://bucket/prefix")
    files_s3_endpoint: str = Field("", title="Endpoint of an S3-compatible server; empty: AWS")
    files_s3_region: str = Field("us-east-1", title="Region of the bucket")
    files_s3_access_key: SecretStr | None = Field(None, title="Access key of the bucket")
    files_s3_secret_key: SecretStr | None = Field(None, title="Secret key of the bucket")
    secret_keys: Annotated[list[SecretStr], NoDecode] = Field(
        [], title="Keys for credentials and signatures, newest first, comma separated; empty: DATA_DIR/keys"
    )
    provider_base_urls: dict[str, str] = Field({}, title="Kind of channel or integration to the base URL of its provider's API")
    allowed_private_networks: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(
        [], title="Private address ranges that outgoing requests may reach, comma separated"
    )
    meta_app_secret: SecretStr | None = Field(None, title="Secret of the Meta application behind /hooks/meta")
    meta_verify_token: SecretStr | None = Field(None, title="Verify token of the Meta application behind /hooks/meta")
    smtp_url: SmtpUrl | None = Field(
        None, title="Mail server for letters, smtp://user:password@host:587 or smtps://host; empty: letters are kept, not sent"
    )
    mail_from: str = Field("", title="Sender of letters; empty: IS-Messenger at the host of PUBLIC_URL")
    max_workflows: int = Field(100, ge=1, le=10_000, title="Workflows that a workspace can have")
    sign_up: str = Field(
        "first", pattern="^(first|open|closed)$", title="Who may sign up: the first person, everybody (open), or nobody (closed)"
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=16, title="Token that Prometheus sends to read /metrics; empty: only from private addresses, without a token"
    )
    log_format: str = Field("console", pattern="^(console|json)$", title="console or json")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", title="debug, info, warning or error")
    trusted_proxies: str = Field("127.0.0.1", title="Addresses whose X-Forwarded-For and -Proto are believed")

    @field_validator("database_url", "redis_url", "smtp_url", mode="before")
    @classmethod
    def _none_if_empty(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("mail_from")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and (not MAIL_FROM.fullmatch(value) or not value.isprintable()):
            raise ValueError("the sender of letters looks like help@example.com or Our Shop <help@example.com>")
        return value

    @field_validator("secret_keys", "allowed_private_networks", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def address(self) -> str:
        """The public address without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
