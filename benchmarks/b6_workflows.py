"""B6: runs of a workflow of ten steps per second by one worker process, beside the engine alone in memory; and among sleeping runs."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from benchmarks.figures import Figure, at_least, paired
from benchmarks.place import Place, place
from benchmarks.processes import program
from ismessenger.automation.person import made_up
from ismessenger.automation.plans import variables_of
from ismessenger.automation.scene import RunScene
from ismessenger.automation.surroundings import Surroundings
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.contacts.fields import STANDARD
from ismessenger.plugins import load_plugins
from ismessenger.sdk.step import Result, TimeUp
from workflows.definition import parse
from workflows.engine import begin, resume
from workflows.program import Program
from workflows.state import State

LEAST = 0.15
LEAST_AMONG_SLEEPING = 0.95
LONGEST_S = 600.0
LOOK_S = 0.02
STEPS = 10
Json = dict[str, Any]


async def run(*, quick: bool) -> list[Figure]:
    """Some rounds of each, interleaved; then the same while others sleep."""
    rounds, runs, sleeping = (3, 600, 5_000) if quick else (3, 6_000, 100_000)
    async with place() as here:
        with program("ismessenger.cli", "worker", environment=here.environment()):
            shop = await _Shop.open(here)
            await shop.work(200)
            pairs = [(await shop.work(runs), _in_memory(shop.definition, runs)) for _round in range(rounds)]
            await shop.put_to_sleep(sleeping)
            among = [await shop.work(runs) for _round in range(rounds)]
    ours, alone = paired([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return [
        at_least("B6", f"runs of ten steps per second, one worker, {runs:,} at once", ours, alone, LEAST),
        at_least("B6", f"the same among {sleeping:,} sleeping runs", median(among), ours, LEAST_AMONG_SLEEPING),
    ]


def _steps(first: int, second: int) -> list[Json]:
    """Branches, tags, fields, and a wait in the middle."""

    def tagged(id_: int) -> Json:
        return {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [id_]}]}

    def step(number: int, kind: str, params: Json, exit_: str = "next") -> Json:
        exits = {exit_: f"s{number + 1}"} if number < STEPS else {}
        return {"id": f"s{number}", "kind": kind, "params": params, "exits": exits}

    named = {"$and": [{"category": "contactField", "field": "firstName", "operator": "exists"}]}
    return [
        step(1, "branch", {"branches": [{"id": "b1", "name": "Seen", "condition": tagged(first)}]}, "else"),
        step(2, "update_tags", {"action": "add", "tag_ids": [first]}),
        step(3, "update_field", {"field": "lastName", "value": "$contact.firstname of $origin"}),
        step(4, "branch", {"branches": [{"id": "b1", "name": "Tagged", "condition": tagged(first)}]}, "b1"),
        step(5, "update_tags", {"action": "add", "tag_ids": [second]}),
        step(6, "wait", {"duration": {"value": 1, "unit": "minutes"}}),
        step(7, "branch", {"branches": [{"id": "b1", "name": "Named", "condition": named}]}, "b1"),
        step(8, "update_field", {"field": "email", "value": "$contact.firstname@example.com"}),
        step(9, "update_tags", {"action": "remove", "tag_ids": [first, second]}),
        step(10, "branch", {"branches": [{"id": "b1", "name": "Tagged", "condition": tagged(first)}]}),
    ]


class _Shop:
    """A workspace with the workflow."""

    def __init__(self, here: Place, workspace_id: int) -> None:
        self._here = here
        self._id = workspace_id
        self._workflow = self._version = 0
        self.definition: Json = {}

    @staticmethod
    async def open(here: Place) -> "_Shop":
        (line,) = await here.lines(1)
        shop = _Shop(here, line.workspace_id)
        insert = "INSERT INTO store.tag (workspace_id, name, description, emoji, color, created_at) VALUES ($1, $2, '', '', 'grey', now())"
        tags = [await here.owner.fetchval(f"{insert} RETURNING id", shop._id, name) for name in ("one", "two")]
        shop.definition = {
            "trigger": {"kind": "manual", "params": {"inputs": [{"name": "origin", "label": "Origin"}]}},
            "start": "s1",
            "steps": _steps(*tags),
        }
        words = json.dumps(parse(shop.definition).as_json())
        shop._workflow = await here.owner.fetchval(
            "INSERT INTO store.workflow (workspace_id, name, description, status, draft, draft_number, trigger, listens, created_at,"
            " updated_at) VALUES ($1, 'Ten', '', 'published', $2, 0, 'manual', '{}', now(), now()) RETURNING id",
            shop._id,
            words,
        )
        shop._version = await here.owner.fetchval(
            "INSERT INTO store.workflow_version (workspace_id, workflow_id, number, definition, published_at)"
            " VALUES ($1, $2, 1, $3, now()) RETURNING id",
            shop._id,
            shop._workflow,
            words,
        )
        await here.owner.execute("UPDATE store.workflow SET published_id = $1 WHERE id = $2", shop._version, shop._workflow)
        return shop

    async def work(self, runs: int) -> float:
        """Let new contacts in, all at once, wake them all at once; runs per second of the worker's time."""
        owner = self._here.owner
        contacts = await self._contacts(runs)
        payload = json.dumps({"workflow_id": self._workflow, "variables": {"origin": "London"}})
        began = time.perf_counter()
        await owner.execute(
            "INSERT INTO store.workflow_signal (workspace_id, contact_id, kind, payload, due_at, at)"
            " SELECT $1, c, 'start', $2, now(), now() FROM unnest($3::bigint[]) AS n(c)",
            self._id,
            payload,
            contacts,
        )
        await self._until_no("SELECT EXISTS (SELECT FROM store.workflow_signal WHERE workspace_id = $1)")
        took = time.perf_counter() - began
        await self._check(contacts, "waiting", "s6")
        moved = (
            "UPDATE store.workflow_run SET state = jsonb_set(state, '{waiting,until}', to_jsonb('2020-01-01T00:00:00Z'::text))"
            " WHERE workspace_id = $1 AND contact_id = ANY($2)"
        )
        await owner.execute(moved, self._id, contacts)
        began = time.perf_counter()
        await owner.execute("UPDATE store.wakeup SET due_at = now() WHERE workspace_id = $1 AND contact_id = ANY($2)", self._id, contacts)
        await self._until_no("SELECT EXISTS (SELECT FROM store.wakeup WHERE workspace_id = $1 AND due_at <= now())")
        took += time.perf_counter() - began
        await self._check(contacts, "done", "s10")
        return runs / took

    async def put_to_sleep(self, runs: int) -> None:
        """As many contacts in the middle of a wait of days."""
        contacts = await self._contacts(runs)
        until = (datetime.now(UTC) + timedelta(days=5)).isoformat()
        waiting = {"for_": ["time"], "until": until, "shown": "", "memory": {}}
        state = json.dumps({"standing": "waiting", "step": "s6", "entries": 6, "since": until, "waiting": waiting})
        await self._here.owner.execute(
            "WITH r AS (INSERT INTO store.workflow_run (workspace_id, workflow_id, version_id, contact_id, standing, waits_for, step,"
            " state, trigger, depth, started_at, changed_at) SELECT $1, $2, $3, c, 'waiting', '{time}', 's6', $4, '{}', 0, now(), now()"
            " FROM unnest($5::bigint[]) AS n(c) RETURNING id, contact_id)"
            " INSERT INTO store.wakeup (workspace_id, kind, contact_id, subject_id, due_at, attempt)"
            " SELECT $1, 'workflow', contact_id, id, now() + interval '5 days', 0 FROM r",
            self._id,
            self._workflow,
            self._version,
            state,
            contacts,
        )
        await self._here.owner.execute("ANALYZE")

    async def _contacts(self, count: int) -> list[int]:
        statement = (
            "INSERT INTO store.contact (workspace_id, first_name, status, created_at, created_source)"
            " SELECT $1, 'Ada', 'closed', now(), 'user' FROM generate_series(1, $2) RETURNING id"
        )
        ids = [row["id"] for row in await self._here.owner.fetch(statement, self._id, count)]
        # What autovacuum does to a database that is a minute old.
        await self._here.owner.execute("ANALYZE")
        return ids

    async def _until_no(self, question: str) -> None:
        began = time.perf_counter()
        await self._here.installation.publisher.ring(["automation"])
        while await self._here.owner.fetchval(question, self._id):
            assert time.perf_counter() < began + LONGEST_S, "the worker did not come to an end"
            await asyncio.sleep(LOOK_S)

    async def _check(self, contacts: Sequence[int], standing: str, step: str) -> None:
        count = "SELECT count(*) FROM store.workflow_run WHERE contact_id = ANY($1) AND standing = $2 AND step = $3"
        assert await self._here.owner.fetchval(count, contacts, standing, step) == len(contacts), "something is missing"


def _in_memory(definition: Json, runs: int) -> float:
    """The same runs by the engine and nothing else, per second."""
    plugins = load_plugins()
    program_ = Program(parse(definition), plugins.steps, plugins.triggers)
    known = variables_of(program_)
    now = datetime.now(UTC)
    tags = {id_: str(id_) for step in definition["steps"] for id_ in step["params"].get("tag_ids", [])}
    around = Surroundings(now, Vocabulary(tags=tags), {field.key: field for field in STANDARD})
    later = replace(around, at=now + timedelta(minutes=2))
    began = time.perf_counter()
    for _number in range(runs):
        person = made_up(now, first_name="Ada")
        scene = RunScene(person, around, known)
        state = _settled(program_, begin(program_, {"origin": "London"}, scene).state, scene)
        scene = RunScene(person, later, known)
        woken = resume(program_, state, TimeUp(), scene)
        assert woken is not None
        assert _settled(program_, woken.state, scene).standing == "done"
    return runs / (time.perf_counter() - began)


def _settled(program_: Program, state: State, scene: RunScene) -> State:
    """All that is wanted is done at once."""
    while state.waiting is not None and "result" in state.waiting.for_:
        advanced = resume(program_, state, Result(ok=True), scene)
        assert advanced is not None
        state = advanced.state
    return state
