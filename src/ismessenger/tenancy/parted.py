"""Two transactions that wait for each other are parted by the database, which takes one of them back: that one is carried out again."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError

REPEATS: Final = 2
_DEADLOCK: Final = "40P01"  # Source: PostgreSQL, "Error Codes"

Answer = TypeVar("Answer")


async def parted(change: Callable[[], Awaitable[Answer]]) -> Answer:
    """What a change answers, a whole transaction, which is carried out again if the database took it back to part it from another one."""
    for _again in range(REPEATS):
        try:
            return await change()
        except DBAPIError as error:
            if not is_deadlock(error):
                raise
    return await change()


def is_deadlock(error: DBAPIError) -> bool:
    """Whether the database took a transaction back because it and another one waited for each other."""
    return getattr(error.orig, "sqlstate", None) == _DEADLOCK
