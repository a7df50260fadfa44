"""What a command found or made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """``values`` go out as JSON or as lines; ``well`` is false where the exit code shall say 1."""

    values: Mapping[str, object]
    well: bool = True

    def text(self) -> str:
        """For people: one value per line."""
        return "\n".join(_lines(self.values))


def _lines(values: Mapping[str, object], indent: str = "") -> Iterator[str]:
    for name, value in values.items():
        label = f"{indent}{name.replace('_', ' ')}:"
        if isinstance(value, Mapping) and value:
            yield label
            yield from _lines(value, indent + "  ")
        elif isinstance(value, list | Mapping):
            yield f"{label} {', '.join(map(str, value)) or 'none'}"
        else:
            yield f"{label} {value}"


class WordsRefused(ValueError):
    """The words of the command line make no sense together; the text says why."""
