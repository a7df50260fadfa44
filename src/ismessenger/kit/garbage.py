"""How often a process that lives for weeks looks for garbage in circles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

AFTER_NEW_OBJECTS: Final = 20_000
"""Python's own 700 has a worker spend a third of its time walking over modules, routes and templates that never go away."""


def look_seldom() -> None:
    """Leave out what is there now for ever, and look for the rest less often. For a process that has just started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(AFTER_NEW_OBJECTS, 10, 10)


@contextmanager
def loading() -> Iterator[None]:
    """Within the block modules are loaded, which stay: looking for garbage among them takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
