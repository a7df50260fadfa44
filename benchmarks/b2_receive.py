"""B2: webhooks of a backlog turned into contacts, conversations, messages and realtime, per second, by one worker process."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

from benchmarks.by_hand import KEPT
from benchmarks.figures import Figure, at_least, paired
from benchmarks.place import Line, Place, place, plain_url
from benchmarks.processes import program
from benchmarks.webhooks import custom_body
from ismessenger.realtime.publish import stream_key

CONTACTS = 2_000
WORKSPACES = 200
LONGEST_S = 900.0
LOOK_S = 0.02
LEAST = 2.0
GROWTH = (1, 4, 16)


async def run(*, quick: bool) -> list[Figure]:
    """One workspace and two hundred, each beside the same by hand; then backlogs that grow."""
    rounds, backlog = (3, 4_000) if quick else (3, 20_000)
    async with place() as here:
        with program("ismessenger.cli", "worker", environment=here.environment()):
            await _receive(here, await here.lines(1), 500)
            one = [await _pair(here, 1, backlog, backlog // 4) for _round in range(rounds)]
            many = [await _pair(here, WORKSPACES, backlog, backlog // 4) for _round in range(rounds)]
            grown = {factor: await _receive(here, await here.lines(1), backlog * factor) for factor in GROWTH[1:]}
    return [_figure("one workspace", backlog, one), _figure(f"{WORKSPACES} workspaces", backlog, many), *_growth(one, grown)]


def _figure(where: str, backlog: int, pairs: Sequence[tuple[float, float]]) -> Figure:
    ours, by_hand = paired([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return at_least("B2", f"webhooks received per second, backlog of {backlog:,}, {where}", ours, by_hand, LEAST)


def _growth(one: Sequence[tuple[float, float]], grown: dict[int, float]) -> list[Figure]:
    ours, by_hand = median(pair[0] for pair in one), median(pair[1] for pair in one)
    return [
        at_least("B2", f"the same, {factor} × the backlog ({rate / ours:.2f} of the speed at 1 ×)", rate, by_hand, LEAST)
        for factor, rate in grown.items()
    ]


async def _pair(here: Place, workspaces: int, backlog: int, backlog_by_hand: int) -> tuple[float, float]:
    """Ours and the reference, one after the other, per second."""
    ours = await _receive(here, await here.lines(workspaces), backlog)
    return ours, await _by_hand(here, await here.lines(workspaces), backlog_by_hand)


async def _receive(here: Place, lines: Sequence[Line], backlog: int) -> float:
    """Pile up, ring, wait until the worker has done it all. Nothing may be missing."""
    await _rest(here)
    await _pile_up(here, lines, backlog)
    began = time.perf_counter()
    await here.installation.publisher.ring(["inbound"])
    while await here.owner.fetchval("SELECT EXISTS (SELECT FROM store.inbound_event WHERE state = 'pending')"):
        assert time.perf_counter() < began + LONGEST_S, "the worker did not come to an end"
        await asyncio.sleep(LOOK_S)
    took = time.perf_counter() - began
    await _check(here, lines, backlog)
    return backlog / took


async def _rest(here: Place) -> None:
    """Whom the rounds before concern is told of them afterwards: that is no part of this one."""
    deadline = time.perf_counter() + LONGEST_S
    while await here.owner.fetchval("SELECT EXISTS (SELECT FROM store.outbox WHERE due_at <= now())"):
        assert time.perf_counter() < deadline, "the worker does not come to rest"
        await asyncio.sleep(LOOK_S)


async def _pile_up(here: Place, lines: Sequence[Line], backlog: int, state: str = "pending") -> None:
    """Every workspace gets its share of the webhooks and of the people; people write in turns."""
    share = len(lines)
    people = CONTACTS // share
    bodies = ((lines[number % share], custom_body(number // share % people, number)) for number in range(backlog))
    await here.pile_up(bodies, state)


async def _check(here: Place, lines: Sequence[Line], backlog: int) -> None:
    workspaces = [line.workspace_id for line in lines]
    count = "SELECT (SELECT count(*) FROM store.message WHERE workspace_id = ANY($1)),"
    count += " (SELECT count(*) FROM store.conversation WHERE workspace_id = ANY($1))"
    messages, conversations = await here.owner.fetchrow(count, workspaces)
    share = len(lines)
    assert (messages, conversations) == (backlog, min(backlog, CONTACTS // share * share)), "something is missing"
    redis = here.installation.redis
    assert all([await redis.exists(stream_key(workspace_id)) for workspace_id in workspaces]), "nobody was told"


async def _by_hand(here: Place, lines: Sequence[Line], backlog: int) -> float:
    """The reference, in a process of its own."""
    await _pile_up(here, lines, backlog, KEPT)
    url, redis_url = here.settings.database_url, here.settings.redis_url
    assert url is not None
    assert redis_url is not None
    order = {
        "url": plain_url(url.get_secret_value()),
        "redis_url": redis_url.get_secret_value(),
        "workspaces": [line.workspace_id for line in lines],
    }
    done = subprocess.run([sys.executable, "-m", "benchmarks.by_hand"], input=json.dumps(order), capture_output=True, text=True, check=True)
    outcome = json.loads(done.stdout)
    assert outcome["count"] == backlog, "something is missing by hand"
    return float(outcome["count"] / outcome["seconds"])
