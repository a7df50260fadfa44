"""Lists that people put into an order: by dragging, which sends all keys anew, or by the buttons up and down beside each."""

from pydantic import BaseModel, Field

MAX_KEYS = 500


class OrderForm(BaseModel):
    """``keys`` in the order of the page; ``up`` or ``down`` is the key of the one that moves a place."""

    keys: list[str] = Field([], max_length=MAX_KEYS)
    up: str = ""
    down: str = ""

    @property
    def order(self) -> list[str]:
        """The keys as they shall stand."""
        keys = list(self.keys)
        moved = self.up or self.down
        if moved in keys:
            at = keys.index(moved)
            to = max(0, at - 1) if self.up else at + 1
            keys.insert(to, keys.pop(at))
        return keys
