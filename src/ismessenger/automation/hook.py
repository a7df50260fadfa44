"""The addresses at which other systems begin workflows, and the sample that the builder learns their keys from."""

import asyncio
import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, TypeVar

import orjson
from pydantic import ValidationError
from redis.exceptions import RedisError
from sqlalchemy import text

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import same
from ismessenger.sdk.step import TakesCalls, Trigger
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import WorkspaceNotFound, workspace_key
from workflows.definition import Triggered

KNOWN_SECONDS: Final = 2.0
QUIET_SECONDS: Final = 0.25
MOST_KNOWN: Final = 10_000
LISTENS_SECONDS: Final = 600
WHILE_AWAY: Final = marked("No sample can be taken now: Redis does not answer. Try again in a moment.")
NOT_PUBLISHED: Final = marked("This workflow is not published. Publish it first.")

_PLACE: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,18})-([\w-]{8,100})", re.ASCII)
_LOAD = text(
    "SELECT w.hook_secret, w.published_id, v.definition -> 'trigger' AS trigger FROM workflow w"
    " LEFT JOIN workflow_version v ON v.id = w.published_id AND w.status = 'published' WHERE w.id = :id AND w.hook_secret IS NOT NULL"
)
_KEEP = text("UPDATE workflow SET hook_sample = CAST(:sample AS jsonb) WHERE id = :id AND hook_secret = :secret RETURNING id")

_Key = tuple[int, int]
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Begins:
    """How the published version of a workflow begins."""

    trigger: Trigger
    params: Any
    once: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """The address of one workflow. What calls there ``begins`` its version, or cannot, because of a ``fault`` in words."""

    workspace_id: int
    workflow_id: int
    secret: str
    version_id: int | None = None
    begins: Begins | None = None
    fault: str = NOT_PUBLISHED

    @property
    def key(self) -> _Key:
        """Which one it is."""
        return self.workspace_id, self.workflow_id


class Hooks:
    """The addresses that this process was asked for in the last seconds."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._known: OrderedDict[_Key, tuple[float, Hook | None]] = OrderedDict()
        self._loading: dict[_Key, asyncio.Task[Hook | None]] = {}
        self._quiet: OrderedDict[_Key, float] = OrderedDict()

    def known(self, place: str) -> Hook | None:
        """The hook at the end of an address, if it was asked for just now; None says nothing."""
        found = _PLACE.fullmatch(place)
        if found is None:
            return None
        key = (int(found[1]), int(found[2]))
        loaded_at, hook = self._known.get(key, (0.0, None))
        age = monotonic() - loaded_at
        if hook is None or age > 2 * KNOWN_SECONDS or not _is_of(hook, found[3]):
            return None
        if age > KNOWN_SECONDS:
            # Whoever begins a workflow sees whether it is still that version: nobody needs to wait for this.
            self._loaded(key)
        return hook

    async def find(self, place: str) -> Hook | None:
        """The hook at the end of an address, if its secret is right."""
        found = _PLACE.fullmatch(place)
        if found is None:
            return None
        key = (int(found[1]), int(found[2]))
        loaded_at, hook = self._known.get(key, (0.0, None))
        age, secret = monotonic() - loaded_at, found[3]
        # What is no address of it may have become one; whoever guesses costs a look in a quarter of a second.
        if age > KNOWN_SECONDS or (age > QUIET_SECONDS and not _is_of(hook, secret)):
            hook = await asyncio.shield(self._loaded(key))
        return hook if _is_of(hook, secret) else None

    def forget(self, workspace_id: int, workflow_id: int) -> None:
        """Look again when it is asked for next: it has another address."""
        self._known.pop((workspace_id, workflow_id), None)

    async def anew(self, hook: Hook) -> Hook | None:
        """The same as the database has it now."""
        fresh = await asyncio.shield(self._loaded(hook.key))
        if fresh is not None and fresh.version_id == hook.version_id:
            # It was being read while that changed.
            fresh = await asyncio.shield(self._loaded(hook.key))
        return fresh if fresh is not None and fresh.secret == hook.secret else None

    async def keep_sample(self, hook: Hook, body: Any) -> bool:
        """Keep a body as the sample if somebody waits for one; only the first one that comes."""
        if monotonic() < self._quiet.get(hook.key, 0.0):
            return False
        # Of those that come at the same moment one asks.
        _remember(self._quiet, hook.key, monotonic() + QUIET_SECONDS)
        try:
            if not await self._installation.redis.delete(_listening(*hook.key)):
                return False
        except (RedisError, OSError):
            return False
        sample = orjson.dumps({"body": body, "at": now().isoformat()}).decode()
        async with self._installation.tenancy.workspace(hook.workspace_id) as db:
            kept = (await db.execute(_KEEP, {"id": hook.workflow_id, "sample": sample, "secret": hook.secret})).one_or_none()
        if kept is None:
            # It has another address since: whoever waits waits for what comes there.
            with suppress(RedisError, OSError):
                await self.listen(*hook.key, on=True)
        return kept is not None

    async def listen(self, workspace_id: int, workflow_id: int, *, on: bool) -> None:
        """Keep the next body that comes to a workflow's address as a sample, or stop waiting for it. Raises `RedisError`.

        Another process may miss what comes in the first quarter of a second.
        """
        key = _listening(workspace_id, workflow_id)
        if on:
            await self._installation.redis.set(key, 1, ex=LISTENS_SECONDS)
            self._quiet.pop((workspace_id, workflow_id), None)
        else:
            await self._installation.redis.delete(key)

    def _loaded(self, key: _Key) -> "asyncio.Task[Hook | None]":
        """One look into the database for all who want to know it now."""

        def ended(task: "asyncio.Task[Hook | None]") -> None:
            del self._loading[key]
            if not task.cancelled():
                task.exception()

        if key not in self._loading:
            self._loading[key] = asyncio.create_task(self._load(key))
            self._loading[key].add_done_callback(ended)
        return self._loading[key]

    async def _load(self, key: _Key) -> Hook | None:
        hook = await self._read(*key)
        _remember(self._known, key, (monotonic(), hook))
        return hook

    async def _read(self, workspace_id: int, workflow_id: int) -> Hook | None:
        try:
            async with self._installation.tenancy.reading(workspace_id) as db:
                row = (await db.execute(_LOAD, {"id": workflow_id})).one_or_none()
        except WorkspaceNotFound:
            return None
        if row is None:
            return None
        hook = Hook(workspace_id, workflow_id, row.hook_secret)
        if not row.trigger:
            return hook
        begins = _begins(self._installation, Triggered.model_validate(row.trigger))
        fault = begins if isinstance(begins, str) else ""
        return Hook(*hook.key, row.hook_secret, row.published_id, None if isinstance(begins, str) else begins, fault)


async def is_listening(installation: Installation, workspace_id: int, workflow_id: int) -> bool:
    """Whether somebody waits for a sample."""
    try:
        return bool(await installation.redis.exists(_listening(workspace_id, workflow_id)))
    except (RedisError, OSError):
        return False


def _begins(installation: Installation, triggered: Triggered) -> Begins | str:
    trigger = installation.plugins.triggers.get(triggered.kind)
    if trigger is None or not isinstance(trigger, TakesCalls):
        return gettext("This workflow is not begun by a webhook any more.")
    try:
        return Begins(trigger, trigger.Params.model_validate(triggered.params), triggered.once)
    except ValidationError:
        return gettext("The webhook of this workflow is not complete. Open the workflow and publish it again.")


def _is_of(hook: Hook | None, secret: str) -> bool:
    return hook is not None and same(hook.secret, secret)


def _remember(known: OrderedDict[_Key, _Kept], key: _Key, kept: _Kept) -> None:
    known[key] = kept
    known.move_to_end(key)
    while len(known) > MOST_KNOWN:
        known.popitem(last=False)


def _listening(workspace_id: int, workflow_id: int) -> str:
    return workspace_key(workspace_id, "hook-sample", workflow_id)
