"""What a page or a caller sent is refused in words of ours."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from ismessenger.kit.faults import sentence


class Sent(BaseModel):
    id: int = Field(1, gt=0, lt=2**63)
    on: bool = False
    day: date | None = None
    at: datetime | None = None
    price: Decimal = Decimal(0)
    state: Literal["all", "failed"] = "all"
    name: Annotated[str, Field(pattern="^[a-z]*$")] = ""


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"id": "x"}, "id: a whole number is wanted."),
        ({"id": "0"}, "id: a number over 0 is wanted."),
        ({"id": str(2**63)}, "id: a number below 9223372036854775808 is wanted."),
        ({"on": "perhaps"}, "on: true or false is wanted."),
        ({"on": []}, "on: true or false is wanted."),
        ({"day": "x"}, "day: a date is wanted."),
        ({"day": []}, "day: a date is wanted."),
        ({"at": "x"}, "at: a time is wanted."),
        ({"at": "2026-13-01T00:00"}, "at: a time is wanted."),
        ({"price": "dear"}, "price: a number is wanted."),
        ({"price": []}, "price: a number is wanted."),
        ({"state": "bad"}, "state: this is none of 'all' or 'failed'."),
        ({"name": "!"}, "name: this is not written as it has to be."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(sent: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Sent.model_validate(sent)
    assert sentence(refused.value) == words
