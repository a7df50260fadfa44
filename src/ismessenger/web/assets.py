"""The built files of the web interface, by the name that templates use: ``asset("app.js")`` is ``/static/app-1a2b3c4d5e.js``."""

import json
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "static"
_MANIFEST = STATIC / "manifest.json"


class AssetsMissing(RuntimeError):
    """The front end was not built, or not this asset of it."""


def asset(name: str) -> str:
    """The address of a built file. Raises `AssetsMissing`."""
    try:
        return f"/static/{_manifest(_MANIFEST.stat().st_mtime_ns)[name]}"
    except (FileNotFoundError, KeyError) as error:
        raise AssetsMissing(f"{name} is not among the built assets: run `npm ci && npm run build` in frontend/ (`make` does).") from error


@lru_cache(maxsize=1)
def _manifest(_modified_ns: int) -> dict[str, str]:
    """Read again after each build, so that a running server follows `npm run watch`."""
    names: dict[str, str] = json.loads(_MANIFEST.read_text())
    return names
