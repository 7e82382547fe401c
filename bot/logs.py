"""Structured logs on stderr, redacted by value and by pattern before anything is written.

Every line of every library passes the same chain, so that no library can print a secret.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import structlog

REDACTED = "[redacted]"

TOKEN_PATTERNS = re.compile(
    r"gh[opsur]_[A-Za-z0-9_.\-]{16,}"  # GitHub; installation tokens have no fixed length
    r"|github_pat_[A-Za-z0-9_]{20,}"
    r"|xox[abprse]-[A-Za-z0-9\-]{8,}|xapp-[A-Za-z0-9\-]{8,}"
    r"|sk-[A-Za-z0-9_\-]{16,}"
    r"|eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}"
    r"|https://hooks\.slack\.com/\S+"
    r"|-----BEGIN[A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END[A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)"
)
"""Shapes of bearer values that may appear without being one of our own settings."""

SHORTEST_SECRET = 6
"""Characters; a shorter value would redact ordinary words."""

QUIET = ("httpx", "httpcore", "httpx2", "slack_bolt", "slack_sdk", "dramatiq", "pika", "uvicorn")
"""Libraries whose INFO lines carry URLs or say each request once more."""


class Redactor:
    """Replaces secrets in whatever is about to be logged."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        lines = {line for secret in secrets for line in (secret, *secret.splitlines())}
        known = sorted((v for v in lines if len(v) >= SHORTEST_SECRET), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Redact every value of an event; a structlog processor."""
        return {key: self.clean(value) for key, value in event.items()}

    def clean(self, value: Any) -> Any:
        """Return the value with every secret replaced, at any depth."""
        if isinstance(value, str):
            known = self._known.sub(REDACTED, value) if self._known else value
            return TOKEN_PATTERNS.sub(REDACTED, known)
        if isinstance(value, Mapping):
            return {key: self.clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean(item) for item in value]
        if isinstance(value, bool | int | float | None):
            return value
        return self.clean(str(value))


def configure_logs(level: str, form: str, secrets: Iterable[str], process: str) -> None:
    """Send structlog's and the standard library's lines through one redacting chain."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redactor(secrets),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(form),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def _renderer(form: str) -> Any:
    console = form == "console" or (not form and sys.stderr.isatty())
    if console:
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer()
