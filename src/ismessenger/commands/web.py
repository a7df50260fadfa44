"""A web process."""

import argparse

import uvicorn

from ismessenger.commands.running import process_settings
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.kit import logs
from ismessenger.web.app import create_app  # takes most of the start, and may go on while `up` starts the servers
from ismessenger.web.one_write import OneWrite

EXPECTED = UNPREPARED
STOP_PATIENCE_S = 10
SOCKET_MESSAGE_LIMIT_BYTES = 65_536


def serve(_args: argparse.Namespace) -> None:
    """Serve pages, webhooks and the developer API."""
    settings = process_settings()
    logs.configure(settings)
    uvicorn.run(
        create_app,
        factory=True,
        host=settings.host,
        port=settings.port,
        http=OneWrite,
        ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE_LIMIT_BYTES,
        ws_ping_interval=50,  # proxies hang up after a minute of silence; more often costs idle pages processor time
        ws_per_message_deflate=False,  # it costs 40 to 100 KB of memory per open page
        proxy_headers=False,  # the application does that itself
        timeout_graceful_shutdown=STOP_PATIENCE_S,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
    )
