"""Reading forms and addresses: every text cleaned for the database, every id a number that a column takes."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from starlette.requests import Request

from ismessenger.kit.faults import sentence
from ismessenger.kit.text import clean
from ismessenger.web.errors import Unprocessable

Form = TypeVar("Form", bound=BaseModel)


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Id = Annotated[int, Field(ge=1, lt=2**63)]
"""A row's number."""

OptionalId = Annotated[Id | None, BeforeValidator(_empty_is_none)]
OptionalText = Annotated[str | None, BeforeValidator(_empty_is_none)]
ClientId = Annotated[str | None, BeforeValidator(_empty_is_none), Field(pattern=r"^[\w-]{1,64}$")]
"""The browser's own name for what it sends, so that a repeated request is one."""


async def parse(request: Request, model: type[Form]) -> Form:
    """The form's fields as ``model``. Names that end in ``[]`` are lists. Raises `Unprocessable` with the first thing that is wrong."""
    return _read((await request.form(max_files=0)).multi_items(), model)


def asked(request: Request, model: type[Form]) -> Form:
    """The same of what stands behind the question mark of the address."""
    return _read(request.query_params.multi_items(), model)


def _read(pairs: Iterable[tuple[str, object]], model: type[Form]) -> Form:
    values: dict[str, Any] = {}
    for name, value in pairs:
        text = clean(value) if isinstance(value, str) else ""
        if name.endswith("[]"):
            values.setdefault(name[:-2], []).append(text)
        else:
            values[name] = text
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Unprocessable(sentence(error)) from error
