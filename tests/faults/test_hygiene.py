"""Nothing of the tests is left when they are killed themselves."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ismessenger.embedded.process import wait_until
from tests.faults.plant import CHECKOUT

_TESTS = """
import asyncio, socket, sys, time
from ismessenger.embedded import temporary_servers
from ismessenger.tenancy.migrate import migrate
from tests.faults.plant import Path, Process
from tests.ports import free_port
with temporary_servers() as (postgres, redis):
    asyncio.run(migrate({"default": postgres.url}))
    port = free_port()
    told = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "PORT": str(port), "DATA_DIR": sys.argv[1]}
    child = Process(Path(sys.argv[1]) / "log", {"ISMESSENGER_" + name: value for name, value in told.items()}, ["web"])
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert child.running(), child.said()
        time.sleep(0.05)
    print(postgres.folder.parent, postgres.pid, redis.pid, child.pid, flush=True)
    input()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_processes_and_servers_end_with_the_tests_that_were_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _TESTS, tmp_path], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        home, *numbers = tests.stdout.readline().split()
        left = [psutil.Process(int(number)) for number in numbers]
        tests.send_signal(signal.SIGKILL)
    try:
        assert wait_until(lambda: not any(map(_lives, left)), timeout_s=60), left
    finally:
        for process in filter(_lives, left):
            process.kill()
        shutil.rmtree(home)


def _lives(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
