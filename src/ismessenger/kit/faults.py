"""What is wrong with a body, a form or an address, in one sentence: where, and what is wanted there."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

# Source: pydantic, "Validation Errors". What stands in braces is the error's own context.
_WORDS: Final[Mapping[str, str]] = {
    "missing": "this is missing",
    "string_type": "a text is wanted",
    "string_too_short": "a text of at least {min_length} character is wanted",
    "string_too_long": "a text has at most {max_length} characters here",
    "int_type": "a whole number is wanted",
    "int_parsing": "a whole number is wanted",
    "int_from_float": "a whole number is wanted",
    "float_type": "a number is wanted",
    "float_parsing": "a number is wanted",
    "greater_than_equal": "a number of at least {ge} is wanted",
    "less_than_equal": "a number of at most {le} is wanted",
    "greater_than": "a number over {gt} is wanted",
    "less_than": "a number below {lt} is wanted",
    "decimal_type": "a number is wanted",
    "decimal_parsing": "a number is wanted",
    "bool_type": "true or false is wanted",
    "bool_parsing": "true or false is wanted",
    "date_type": "a date is wanted",
    "date_parsing": "a date is wanted",
    "date_from_datetime_parsing": "a date is wanted",
    "datetime_type": "a time is wanted",
    "datetime_parsing": "a time is wanted",
    "datetime_from_date_parsing": "a time is wanted",
    "string_pattern_mismatch": "this is not written as it has to be",
    "list_type": "a list is wanted",
    "too_short": "a list of at least {min_length} is wanted",
    "too_long": "a list of at most {max_length} is wanted",
    "dict_type": "an object is wanted",
    "model_type": "an object is wanted",
    "model_attributes_type": "an object is wanted",
    "literal_error": "this is none of {expected}",
    "enum": "this is none of {expected}",
    "union_tag_not_found": "its type is missing",
    "union_tag_invalid": "its type is one of {expected_tags}",
    "url_type": "an address that begins with http:// or https:// is wanted",
    "url_parsing": "an address that begins with http:// or https:// is wanted",
    "url_scheme": "an address that begins with http:// or https:// is wanted",
    "value_error": "{error}",
}


def sentence(error: ValidationError, *, tagged: str = "") -> str:
    """About the first thing that is wrong.

    Behind the field ``tagged`` pydantic names the type of a union, which stands nowhere in what was sent.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    context: dict[str, Any] = first.get("ctx", {})
    words = _WORDS[first["type"]].format_map(context) if first["type"] in _WORDS else first["msg"]
    return f"{_place(first['loc'], tagged)}: {words}."


def _place(location: tuple[int | str, ...], tagged: str) -> str:
    """As a caller finds it in what was sent."""
    parts = [str(part) for number, part in enumerate(location) if not (number == 1 and location[0] == tagged)]
    return ".".join(parts) or "The body"
