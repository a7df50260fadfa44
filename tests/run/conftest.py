import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ismessenger.embedded import EmbeddedPostgres


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder in a path with a space, in a place the database's own user can reach; emptied afterwards."""
    with tempfile.TemporaryDirectory(prefix="is messenger ") as place:
        Path(place).chmod(0o711)
        yield Path(place) / "data"
        EmbeddedPostgres(Path(place) / "data" / "postgres").erase()
