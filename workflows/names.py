"""Names of variables that people give."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

PATTERN: Final = r"^([a-z][a-z0-9_]{0,49})?$"


def _lower(written: Any) -> Any:
    return written.strip().removeprefix("$").lower() if isinstance(written, str) else written


VariableName = Annotated[str, BeforeValidator(_lower), Field(pattern=PATTERN)]
"""A letter, then letters, digits and ``_``; capitals do not count. Empty where none is chosen yet."""
