"""B8: from ``ismessenger up`` on an existing data folder to its first 200, against importing the same dependencies."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure, at_most, paired
from benchmarks.processes import STOP_S, free_port, wait_for_answer

DEPENDENCIES = (
    "argon2, asyncpg, babel, cryptography.hazmat.primitives.ciphers.aead, httptools, httpx, jinja2, jwt, obstore, orjson, phonenumbers,"
    " prometheus_client, pydantic_settings, pyotp, python_multipart, redis.asyncio, regex, segno, sqlalchemy.ext.asyncio, sqlmodel,"
    " starlette.applications, structlog, uvicorn, uvloop, websockets"
)
"""What the web process has loaded at its first 200. Alembic and openpyxl are loaded where they are needed, arq by the worker."""

UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
"""With it set our own code would be compiled at every start, and that of the dependencies not."""


async def run(*, quick: bool) -> list[Figure]:
    """The figure and its reference in turns, in seconds."""
    rounds = 3 if quick else 7
    figures: list[float] = []
    references: list[float] = []
    with tempfile.TemporaryDirectory(prefix="ismessenger-bench-") as folder:
        Path(folder).chmod(0o711)  # ours and new: lets the database's own user through to its files
        _up(Path(folder))
        for _round in range(rounds):
            references.append(_imports())
            figures.append(_up(Path(folder)))
    figure, reference = paired(figures, references)
    return [at_most("B8", "seconds from up on an existing folder to the first 200", figure, reference, 3)]


def _imports() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {DEPENDENCIES}"], check=True)
    return time.perf_counter() - began


def _up(folder: Path) -> float:
    port = free_port()
    words = [sys.executable, "-m", "ismessenger.cli", "up", "--no-demo", "--port", str(port), "--data-dir", str(folder)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_") and name != UNCOMPILED}
    began = time.perf_counter()
    process = subprocess.Popen(words, env=clean, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/healthz")
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)
