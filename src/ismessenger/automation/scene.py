"""What a step sees: a contact, its run, and the workspace around them. Made of values, so that a draft can be tried without any row."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from ismessenger.automation.person import Person
from ismessenger.automation.standing import standing
from ismessenger.automation.surroundings import Surroundings
from ismessenger.conditions.evaluate import matches
from ismessenger.conditions.tree import EVERYBODY, ConditionInvalid, Group, parse_text
from ismessenger.conditions.vocabulary import KnownVariable
from ismessenger.sdk.step import Effect, Value
from workflows.expressions import fill


class RunScene:
    """A `workflows.engine.Stage`. What effects change is changed on the ``person``; whoever made it carries the effects out.

    ``variables`` are what the definition can have, by name: conditions about others are broken. ``prefix`` goes before the key of each
    entry, and is empty where nothing leaves.
    """

    def __init__(
        self,
        person: Person,
        around: Surroundings,
        variables: Mapping[str, KnownVariable],
        *,
        prefix: str = "",
        now: datetime | None = None,
    ) -> None:
        self.person = person
        self.now = now or around.at
        self.timezone = around.timezone
        self.memory: Mapping[str, Any] = {}
        self.run_key = prefix
        self._around = around
        self._known = around.knowing(variables)
        self._prefix = prefix
        self._variables: Mapping[str, Value] = {}
        self._by_name: Mapping[str, str] | None = None

    # --- For the engine

    def enter(self, run_key: str, memory: Mapping[str, Any], variables: Mapping[str, Value]) -> None:
        """A step is entered, or resumed."""
        self.run_key, self.memory, self._variables = f"{self._prefix}{run_key}", memory, variables
        self._by_name = None

    def apply(self, effect: Effect) -> None:
        """Show what it changes."""
        self.person.take(effect, self._around.fields, self.person.columns["country_code"])

    # --- For the steps

    def filled(self, words: str) -> str:
        """The words with variables put in."""
        return fill(words, self.lookup, timezone=self.timezone, locale=self.person.columns["language"] or "en")

    def lookup(self, name: str) -> Value:
        """The same as `variable`, for expressions. Raises `KeyError` for what is no variable at all."""
        if self._by_name is None:
            self._by_name = {own.lower(): own for own in self._variables}
        if (own := self._by_name.get(name.lower())) is not None:
            return self._variables[own]
        return standing(name, self.person, self._around, self.now)

    def variable(self, name: str) -> Value:
        """A variable's value, None for none."""
        try:
            return self.lookup(name.strip())
        except KeyError:
            return None

    def matches(self, condition: Mapping[str, Any]) -> bool:
        """Whether a stored condition holds. A broken one does not."""
        group = _parsed(orjson.dumps(condition))
        return group is not None and matches(group, self.person.facts(self._variables, self._assignee_status()), self._known, self.now)

    def tag_named(self, name: str) -> int | None:
        """The id of a tag."""
        return self._around.tag_ids.get(name.strip().casefold())

    def _assignee_status(self) -> str:
        assignee = self.person.assignee_id
        return self._around.present.get(assignee, "offline") if assignee else "none"


@lru_cache(maxsize=2000)
def _parsed(json: bytes) -> Group | None:
    """Definitions do not change, so that the same conditions are asked again and again."""
    try:
        return parse_text(json) if json != b"{}" else EVERYBODY
    except ConditionInvalid:
        return None
