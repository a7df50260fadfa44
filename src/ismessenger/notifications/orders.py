"""What stands in the outbox under ``notify``: who is to be told of what. It is written by `notify.py` and read by `occasions.py`."""

from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

Details = dict[str, str | int | None]


class Told(BaseModel):
    """Something happened, to a contact or not. ``to`` are members' ids, ``None``: everybody whom it concerns."""

    kind: str
    contact_id: int | None = None
    to: list[int] | None = None
    by: int | None = None
    subject_id: int | None = None
    details: Details = Field(default_factory=dict)


class Arrived(BaseModel):
    """New messages, by contact: how many, the first and the last of them."""

    arrived: dict[int, tuple[int, int, int]]


class Failed(BaseModel):
    """Messages that could not be sent."""

    failed: list[int]


Order = Told | Arrived | Failed
ORDER: TypeAdapter[Order] = TypeAdapter(Annotated[Order, Field(union_mode="left_to_right")])
