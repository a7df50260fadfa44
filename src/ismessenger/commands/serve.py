"""The processes that stay: ``up``, ``web``, ``worker``."""

import argparse
import asyncio
import os

import uvicorn

from ismessenger import up as supervisor
from ismessenger.embedded.attach import attached, environment_of
from ismessenger.jobs.worker import run_worker
from ismessenger.kit import logs
from ismessenger.settings import Settings, settings

EXPECTED = ()
STOP_PATIENCE_S = 10
SOCKET_MESSAGE_LIMIT_BYTES = 65_536


def up(args: argparse.Namespace) -> None:
    """Start everything on this machine and stay until told to stop."""
    supervisor.up(settings(), demo=not args.no_demo)


def web(_args: argparse.Namespace) -> None:
    """Serve pages, webhooks and the developer API."""
    resolved = _with_servers()
    logs.configure(resolved)
    uvicorn.run(
        "ismessenger.web.app:create_app",
        factory=True,
        host=resolved.host,
        port=resolved.port,
        ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE_LIMIT_BYTES,
        ws_per_message_deflate=False,  # it costs 40 to 100 KB of memory per open page
        proxy_headers=True,
        forwarded_allow_ips=resolved.trusted_proxies,
        timeout_graceful_shutdown=STOP_PATIENCE_S,
        server_header=False,
        access_log=False,
        log_config=None,
    )


def worker(_args: argparse.Namespace) -> None:
    """Work the lanes and the schedule."""
    resolved = _with_servers()
    logs.configure(resolved)
    asyncio.run(run_worker(resolved))


def _with_servers() -> Settings:
    """The process's settings with every URL filled in, also for whoever asks ``settings()`` later."""
    os.environ.update(environment_of(attached(settings())))
    settings.cache_clear()
    return settings()
