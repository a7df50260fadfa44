"""Ports for servers that must be told theirs."""

import os
import socket
from itertools import count

# Below those that systems hand out by themselves: no connection and no server with port 0 gets one before its server has begun. Each
# process of the tests has its own thousand, and runs at the same time begin at different places of it.
_WORKER = int("".join(filter(str.isdecimal, os.environ.get("PYTEST_XDIST_WORKER", ""))) or 0)
_ports = count(12_000 + _WORKER % 16 * 1_000 + os.getpid() % 50 * 10)


def free_port() -> int:
    """A port of this machine on which nobody listens, another one each time."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError
