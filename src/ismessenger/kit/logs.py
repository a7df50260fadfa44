"""Structured logs that never show a secret, whoever writes them: ours, a library's, a traceback's."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from ismessenger.settings import Settings

HIDDEN = "***"
MAX_DEPTH = 6

_SECRET_NAME = re.compile(
    r"(?:token|secret|passw(?:or)?d|passphrase|authorization|cookie|credential|signature|(?:api|access|private|secret)[-_]?key|proof)s?$",
    re.IGNORECASE,
)
_NAMES = r"(?:[\w.-]*(?:token|secret|password|signature|(?:api|access|private|secret)[-_]?key|proof)s?|authorization|cookie|key|code|sig)"
_HIDE: tuple[tuple[re.Pattern[str], str], ...] = (
    # Telegram puts the bot's token into the path. Source: Telegram, Bot API, "Making requests".
    (re.compile(r"\bbot(\d+)(?::|%3[Aa])[\w-]+"), rf"bot\1:{HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic|Token|Digest)\s+[\w.~+/=:-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(\w://)[^/\s@'\"]+@"), rf"\1{HIDDEN}@"),
    (re.compile(rf"([?&]{_NAMES}=)[^&\s'\"<>]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"((['\"]){_NAMES}\2\s*[:=,]\s*b?(['\"])).*?\3", re.IGNORECASE), rf"\1{HIDDEN}\3"),
    (re.compile(rf"((['\"]){_NAMES}\2\s*[:=,]\s*)[\[(][^\])]*[\])]", re.IGNORECASE), rf"\1{HIDDEN}"),
    # Access tokens of Meta. Source: Meta, Graph API, "Access tokens".
    (re.compile(r"\bEA[A-Za-z0-9]{24,}"), HIDDEN),
    (re.compile(r"(/hooks/[\w-]+/|/files/|/custom/channel/webhook/)[\w-]{12,}"), rf"\1{HIDDEN}"),
)
_LONG_SEGMENT = re.compile(r"(?<=/)[\w.~-]{20,}(?=/|$)")


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logs of the process, also those of the standard library, to ``stream`` (standard error)."""
    stream = stream or sys.stderr
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(level, shared, _renderer(settings.log_format, stream), stream)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: hides values by the name of their key, and secrets inside any text."""
    for key, value in event.items():
        event[key] = HIDDEN if _is_secret(key, value) else _without_secrets(value)
    return event


def hide_secrets(text: str) -> str:
    """The text without tokens, passwords and signatures that are known by their shape or their surroundings."""
    for pattern, replacement in _HIDE:
        text = pattern.sub(replacement, text)
    return text


def hide_tokens(path: str) -> str:
    """A URL path for the access log: long segments may be tokens of a link or the secret part of a webhook address."""
    return hide_secrets(_LONG_SEGMENT.sub(HIDDEN, path))


def _is_secret(key: object, value: object) -> bool:
    return isinstance(key, str) and isinstance(value, str | bytes | list | tuple) and _SECRET_NAME.search(key) is not None


def _without_secrets(value: object, depth: int = 0) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    match value:
        case str():
            return hide_secrets(value)
        case _ if depth > MAX_DEPTH:
            return "…"
        case Mapping():
            return {key: HIDDEN if _is_secret(key, item) else _without_secrets(item, depth + 1) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_without_secrets(item, depth + 1) for item in value]
        case _:
            return hide_secrets(repr(value))


def _renderer(form: str, stream: TextIO) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    # The default traceback prints local variables, and with them secrets.
    return structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _route_standard_logging(level: int, shared: list[Processor], renderer: Processor, stream: TextIO) -> None:
    keep = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[keep, renderer]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # They write whole URLs; our own access log does not.
    for name in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It counts jobs that are not ours when it ends, and our own tell what they did.
    logging.getLogger("arq.worker").setLevel(max(level, logging.WARNING))
