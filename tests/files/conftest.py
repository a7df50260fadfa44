"""Both kinds of store: a folder, and a bucket of a local S3 server."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ismessenger.files.store import FileStore, open_store
from ismessenger.settings import Settings
from tests.children import bound
from tests.ports import free_port

BUCKET = "inbox"
PATIENCE_SECONDS = 60


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of an S3 server with an empty bucket."""
    port = free_port()
    server = subprocess.Popen(
        bound(sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _make_bucket(endpoint)
        yield endpoint
    finally:
        server.terminate()
        server.wait(10)


def _make_bucket(endpoint: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT"), timeout=5):
                return
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "disk":
        return open_store(Settings(_env_file=None, data_dir=tmp_path))
    return s3_store(request.getfixturevalue("s3_endpoint"))


def s3_store(endpoint: str) -> FileStore:
    return open_store(
        Settings(
            _env_file=None,
            files_url=f"s3://{BUCKET}/some/prefix",
            files_s3_endpoint=endpoint,
            files_s3_access_key="access",
            files_s3_secret_key="secret",
        )
    )
