"""``ismessenger up``: the servers, a web process and a worker on one machine, watched until someone says stop."""

import asyncio
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from types import FrameType

from ismessenger.embedded.attach import environment_of, published_state, resolved, servers, urls_of
from ismessenger.embedded.claim import claimed_for_up
from ismessenger.embedded.process import wait_until
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.settings import Settings
from ismessenger.tending import Child, Server, say

LOOK_S = 0.2
FIRST_TRIES = 3
STOP_PATIENCE_S = 30.0
QUIET_S = 1.5
TOGETHER_S = 1.0


def up(settings: Settings, *, demo: bool) -> None:
    """Start everything, tell where it is, keep it running; return when told to stop. ``ServerTrouble`` where the start fails."""
    with stopped_by_signals(), ExitStack() as stack:
        folder = settings.data_dir.absolute()
        stack.enter_context(claimed_for_up(folder, say))
        refuse_taken_port(settings.host, settings.port)
        children = [Child(name) for name in ("web", "worker")]
        stack.callback(end_all, children)
        children[0].start()  # the way to the first page: it loads while the servers start
        postgres, redis = stack.enter_context(servers(settings, say=say))
        urls = urls_of(postgres, redis)
        ready = resolved(settings, urls)
        asyncio.run(prepare(ready, embedded=postgres is not None))
        stack.enter_context(published_state(folder, urls))
        lines = asyncio.run(demo_lines(ready)) if demo else []
        stack.callback(stop_all, children)
        children[1].start()
        for child in children:
            child.tell(environment_of(ready))
        wait_for_web(ready, children)
        announce(ready, lines)
        watch([*children, *Server.those_of(postgres, redis)])


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Run the block until SIGINT, SIGTERM or SIGHUP, each of which ends it in order.

    Signals that come together, as from a terminal and from make, count as one; a later one says that patience is at its end.
    """
    heard: list[float] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and not heard and sys.stdout.isatty():
            os.write(sys.stdout.fileno(), b"\n")  # the terminal wrote ^C
        heard.append(time.monotonic())
        if len(heard) == 1 or heard[-1] - heard[0] > TOGETHER_S:
            raise KeyboardInterrupt

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means it
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        say("Stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def refuse_taken_port(host: str, port: int) -> None:
    """Say so before anything is started, if the web server could not listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                reason = f"Port {port} is taken by another program: stop that, or choose another port with --port or ISMESSENGER_PORT."
            case errno.EACCES:
                reason = f"Port {port} is for the system: choose one above 1023 with --port or ISMESSENGER_PORT."
            case _:
                reason = f"This machine cannot listen on {host} ({error.strerror}): correct ISMESSENGER_HOST."
        raise ServerTrouble(reason) from error


async def prepare(settings: Settings, *, embedded: bool) -> None:
    """See that the servers answer and bring every database to this version."""
    from ismessenger.embedded.reach import refuse_unreachable  # noqa: PLC0415 - takes a second, in which the web process loads too
    from ismessenger.upgrade import prepare_all  # noqa: PLC0415 - same

    await refuse_unreachable(settings, embedded=embedded)
    await prepare_all(settings, say)


async def demo_lines(settings: Settings) -> list[str]:
    """Create the demo shop on the first start; how to sign in to it."""
    from ismessenger.demo.seed import seed_demo  # noqa: PLC0415 - its texts and pictures are loaded only where they are wanted

    return await seed_demo(settings, say)


def wait_for_web(settings: Settings, children: Sequence[Child]) -> None:
    """Wait until the web process is ready to work. ``ServerTrouble`` when one of them keeps falling instead."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - how to reach oneself on any address

    def ready() -> bool:
        for child in children:
            child.tend()
            if child.pauses.falls >= FIRST_TRIES:
                raise ServerTrouble(f"The {child.name} process does not start: its own words above say why.")
        return all(child.running() for child in children) and answers(host, settings.port)

    wait_until(ready, waiting=lambda seconds: say(f"Waiting for the web process ({seconds:.0f} s)"))


def answers(host: str, port: int) -> bool:
    """Whether our web process is ready."""
    connection = HTTPConnection(host, port, timeout=5.0)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def announce(settings: Settings, lines: Sequence[str]) -> None:
    """Print what to do next."""
    say("")
    say(f"IS-Messenger is ready at {settings.address}")
    for line in lines:
        say(f"  {line}")
    if settings.smtp_url is None:
        where = "are kept, and nobody gets them" if settings.public_url else f"are kept at {settings.address}/mailbox"
        say(f"  Letters (invitations, password resets) {where} until ISMESSENGER_SMTP_URL names a mail server.")
    say("Ctrl-C stops it.")


def watch(tended: Sequence[Child | Server]) -> None:
    """Keep everything running until a signal ends it."""
    while True:
        for one in tended:
            one.tend()
        time.sleep(LOOK_S)


def stop_all(children: Sequence[Child]) -> None:
    """Stop our processes, together, before the servers they work with; a second Ctrl-C makes it short."""
    for child in children:
        child.ask_to_stop()
    try:
        if not _ended(children, timeout_s=QUIET_S):
            say("Stopping: finishing what was begun; Ctrl-C again to stop at once")
            _ended(children, timeout_s=STOP_PATIENCE_S)
    except KeyboardInterrupt:
        pass
    end_all(children)


def end_all(children: Sequence[Child]) -> None:
    """End those that never began, since the servers did not start, or that do not stop."""
    for child in children:
        child.kill()
    _ended(children)


def _ended(children: Sequence[Child], *, timeout_s: float | None = None) -> bool:
    return wait_until(lambda: not any(child.running() for child in children), timeout_s=timeout_s)
