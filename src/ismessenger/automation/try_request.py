"""Send the request of a step once, with made-up values, while it is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from pydantic import ValidationError

from ismessenger.automation.http_request import Answered, ask, own_addresses
from ismessenger.automation.secrets import named_secrets, open_secrets
from ismessenger.contacts.errors import Refused
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.ids import new_token
from ismessenger.sdk.channel import SendFailed
from ismessenger.sdk.integration import HttpRequest
from ismessenger.sdk.step import Call, Fail, Value, Wait
from workflows.expressions import fill

KIND = "http_request"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it: an answer, or why there is none."""

    answered: Answered | None
    reason: str
    milliseconds: int


class _MadeUp:
    """A scene in which variables have the values that somebody typed."""

    run_key = "test"
    memory: Mapping[str, Any] = {}

    def __init__(self, variables: Mapping[str, Value], timezone: str) -> None:
        self.now: datetime = now()
        self.timezone = timezone
        self._variables = {name.lower(): value for name, value in variables.items()}

    def filled(self, words: str) -> str:
        return fill(words, lambda name: self._variables[name.lower()], timezone=self.timezone)

    def variable(self, name: str) -> Value:
        return self._variables.get(name.strip().lower())

    def matches(self, _condition: Mapping[str, Any]) -> bool:
        return False

    def tag_named(self, _name: str) -> int | None:
        return None


async def try_request(
    installation: Installation, workspace_id: int, params: Mapping[str, Any], variables: Mapping[str, Value], *, timezone: str
) -> Tried:
    """Make the request that the step would make, and send it. Raises `Refused` for parameters that are none."""
    step = installation.plugins.steps[KIND]
    try:
        outcome = step.run(step.Params.model_validate(params), _MadeUp(variables, timezone))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    if isinstance(outcome, Fail):
        return Tried(None, outcome.reason, 0)
    assert isinstance(outcome, Wait)  # noqa: S101 - it waits for the answer
    (call,) = outcome.effects
    assert isinstance(call, Call)  # noqa: S101 - the only effect it has
    return await _sent(installation, workspace_id, HttpRequest.model_validate(call.request))


async def _sent(installation: Installation, workspace_id: int, request: HttpRequest) -> Tried:
    began = perf_counter()
    try:
        async with installation.tenancy.reading(workspace_id) as db:
            names = named_secrets([request.url, request.body or "", *request.headers.values()])
            secrets = await open_secrets(db, installation.vault, names)
        key = f"{workspace_id}/test/{new_token(12)}"
        answered = await ask(installation.outside, request, secrets, key=key, own=own_addresses(installation.settings))
    except SendFailed as error:
        return Tried(None, str(error), round((perf_counter() - began) * 1000))
    return Tried(answered, "", answered.milliseconds)
