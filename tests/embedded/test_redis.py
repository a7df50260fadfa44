import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from ismessenger.embedded import EmbeddedRedis, ServerTrouble
from ismessenger.embedded.process import silent, wait_until

pytestmark = pytest.mark.slow


async def test_answers_and_keeps_nothing(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path / "red is") as redis:
        async with Redis.from_url(redis.url) as client:
            assert await client.set("a", "1")
    with EmbeddedRedis(tmp_path / "red is") as redis:
        async with Redis.from_url(redis.url) as client:
            assert await client.get("a") is None
            assert await client.config_get("save") == {"save": ""}
            assert await client.config_get("appendonly") == {"appendonly": "no"}
    assert sorted(path.name for path in (tmp_path / "red is").iterdir()) == ["server.log", "socket"]


async def test_starts_again_under_the_same_url_after_being_killed(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as redis:
        url = redis.url
        os.kill(redis.pid, signal.SIGKILL)
        assert wait_until(lambda: not redis.running(), timeout_s=10)
        redis.start()
        assert redis.url == url
        async with Redis.from_url(url) as client:
            assert await client.ping()


def test_a_damaged_name_of_a_socket_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "socket").write_bytes(b"\xff\x00 garbage")
    with EmbeddedRedis(tmp_path) as redis:
        assert redis.running()


def test_an_orphan_is_stopped_at_the_next_start(tmp_path: Path) -> None:
    first = EmbeddedRedis(tmp_path)
    first.start()
    lines: list[str] = []
    with EmbeddedRedis(tmp_path, say=lines.append):
        assert wait_until(lambda: not first.running(), timeout_s=10)
    first.stop()
    assert "Stopping the Redis that an earlier run left" in lines


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from ismessenger.embedded import EmbeddedRedis\n"
    code += "r = EmbeddedRedis(Path(sys.argv[1])); r.start(); print(r.pid, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = Path("/proc") / parent.stdout.readline().strip()
        assert server.exists()
        parent.kill()
    assert wait_until(lambda: not server.exists(), timeout_s=30)


def test_says_why_it_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerTrouble, match=r"Redis cannot use .*: mend that or choose another data folder"):
        EmbeddedRedis(tmp_path / "file", say=silent).start()
