"""A Starlette application on real sockets of this machine."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from ismessenger.web.one_write import OneWrite


@asynccontextmanager
async def served(app: ASGIApp, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Serve ``app`` until the block ends; gives the port. ``::`` listens on every address of the machine, IPv4 too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, dualstack_ipv6=host == "::") as listener:
        options = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", http=OneWrite, ws="websockets-sansio", ws_ping_interval=None
        )
        server = uvicorn.Server(options)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
