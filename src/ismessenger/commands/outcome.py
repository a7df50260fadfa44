"""What a command found or made."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """``values`` go out as JSON or as lines; ``well`` is false where the exit code shall say 1."""

    values: Mapping[str, object]
    well: bool = True

    def text(self) -> str:
        """For people: one value per line."""
        return "\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in self.values.items())


class WordsRefused(ValueError):
    """The words of the command line make no sense together; the text says why."""
