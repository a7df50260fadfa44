"""A channel's configuration: what may be shown lies open in the row, secrets lie sealed beside it."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, SecretStr

from ismessenger.kit.crypto import Vault


def _context(route: str) -> str:
    return f"channel/{route}"


def close_config(vault: Vault, route: str, config: BaseModel) -> tuple[dict[str, Any], bytes]:
    """Split a configuration into (open values, sealed secrets)."""
    values = dict(config)
    secrets = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    shown = config.model_dump(mode="json", exclude=set(secrets))
    return shown, vault.seal(orjson.dumps(secrets), _context(route))


def open_config(vault: Vault, model: type[BaseModel], route: str, shown: Mapping[str, Any], secrets: bytes) -> BaseModel:
    """The configuration as its adapter declares it. Raises `SealBroken`."""
    return model.model_validate({**shown, **orjson.loads(vault.open(secrets, _context(route)))})
