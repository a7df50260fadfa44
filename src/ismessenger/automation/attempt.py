"""One attempt at what a run asks outside: whether it may be made, what came of it, and whether another one follows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any, Final

import structlog
from pydantic import ValidationError

from ismessenger.automation.connections import Opened
from ismessenger.automation.hidden import Secrets
from ismessenger.automation.http_request import Answered, ask, own_addresses, storable
from ismessenger.installation import Installation
from ismessenger.sdk.channel import CredentialsInvalid, Rejected, SendFailed, Throttled, Unavailable
from ismessenger.sdk.integration import HTTP, Asked, HttpRequest, Repeats
from ismessenger.sdk.words import gettext, marked

log = structlog.get_logger()

MOST: Final = 3
BACK_OFF: Final = (timedelta(seconds=5), timedelta(seconds=30))
LONGEST_WAIT: Final = timedelta(minutes=15)
CALL_SECONDS: Final = 30.0
"""For an integration, which may have to sign in first. A plain HTTP request has less."""

CRASHED: Final = marked("The worker ended in the middle of this call.")
DOUBT: Final = marked("Nobody knows whether this was done: the worker ended in the middle of the call.")


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt to be made. ``fault`` says why it cannot even be tried; ``depth`` is that of the run.

    ``idempotency_key`` names the call outside, where ``key`` names it in its run.
    """

    id: int
    run_id: int
    key: str
    idempotency_key: str
    integration: str
    action: str
    request: Mapping[str, Any]
    attempt: int
    tries: Sequence[Mapping[str, Any]]
    secrets: Secrets = field(default_factory=Secrets)
    connection: Opened | None = None
    fault: SendFailed | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. ``again`` is how long to wait for the next one, None if this was the last."""

    ok: bool
    words: str
    details: Mapping[str, Any] = field(default_factory=dict)
    again: timedelta | None = None
    milliseconds: int = 0
    refused_credentials: bool = False


async def attempt(installation: Installation, workspace_id: int, order: Order) -> Outcome:
    """Make it, unless it must not be made."""
    if order.fault is not None:
        return Outcome(ok=False, words=str(order.fault))
    crashed = order.attempt - 1 > len(order.tries)
    if crashed and not _repeatable(order):
        return Outcome(ok=False, words=gettext(DOUBT))
    if order.attempt > MOST:
        return Outcome(ok=False, words=order.tries[-1]["words"] if order.tries else gettext(CRASHED))
    began = perf_counter()
    try:
        return await (_ask_http(installation, order) if order.integration == HTTP else _ask(installation, order))
    except SendFailed as error:
        return _failure(order, error, round((perf_counter() - began) * 1000))
    except Exception:
        # Whatever an integration's bug was, the service may have done it.
        log.exception("call.broken", workspace_id=workspace_id, integration=order.integration, call_id=order.id)
        return Outcome(ok=False, words=gettext("The integration failed while it asked the service."))


async def _ask_http(installation: Installation, order: Order) -> Outcome:
    try:
        request = HttpRequest.model_validate(order.request)
    except ValidationError:
        raise Rejected("request", gettext("The step made a request that cannot be read.")) from None
    own = own_addresses(installation.settings)
    answered = await ask(installation.outside, request, order.secrets, key=order.idempotency_key, own=own, depth=order.depth)
    return _of_answer(order, answered)


async def _ask(installation: Installation, order: Order) -> Outcome:
    assert order.connection is not None  # noqa: S101 - else there is a fault
    integration, config = order.connection.integration, order.connection.config
    began = perf_counter()
    try:
        async with asyncio.timeout(CALL_SECONDS):
            details = await integration.call(_asked(order), config, installation.http_of_integration(integration))
    except TimeoutError:
        return Outcome(
            ok=False,
            words=gettext("%(name)s did not answer within %(seconds)s seconds.")
            % {"name": integration.name, "seconds": f"{CALL_SECONDS:g}"},
        )
    took = round((perf_counter() - began) * 1000)
    return Outcome(ok=True, words=gettext("Done"), details=storable(dict(details)), milliseconds=took)


def _asked(order: Order) -> Asked:
    return Asked(order.action, order.request, order.idempotency_key, order.attempt)


def _of_answer(order: Order, answered: Answered) -> Outcome:
    """Whatever the server answered is a result, for the steps after it to judge; one that is busy is asked again first."""
    words = f"Answered {answered.status}"
    again = _wait(order, answered.retry_after) if answered.busy else None
    return Outcome(ok=True, words=words, details=answered.details(), again=again, milliseconds=answered.milliseconds)


def _failure(order: Order, error: SendFailed, milliseconds: int) -> Outcome:
    again = _wait(order, getattr(error, "retry_after", None)) if isinstance(error, Throttled | Unavailable) else None
    refused = isinstance(error, CredentialsInvalid)
    return Outcome(ok=False, words=str(error), again=again, milliseconds=milliseconds, refused_credentials=refused)


def _wait(order: Order, asked_for: timedelta | None) -> timedelta | None:
    if order.attempt >= MOST:
        return None
    return min(max(asked_for or timedelta(), BACK_OFF[order.attempt - 1]), LONGEST_WAIT)


def _repeatable(order: Order) -> bool:
    if order.integration == HTTP:
        return True
    integration = order.connection.integration if order.connection else None
    return isinstance(integration, Repeats) and integration.repeatable(_asked(order))
