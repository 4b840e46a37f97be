"""The daemon's log: lines for people on a terminal, `key=value` or JSON for a service. Never a secret."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any, Protocol, TextIO, cast

import structlog

from ghostsync.daemon.forms import LogForm
from ghostsync.redaction import without_secrets


class Log(Protocol):
    """The part of a structlog logger that the daemon uses: an event in words, and fields."""

    def debug(self, event: str, **fields: Any) -> Any: ...

    def info(self, event: str, **fields: Any) -> Any: ...

    def warning(self, event: str, **fields: Any) -> Any: ...

    def error(self, event: str, **fields: Any) -> Any: ...


def _redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_secrets(value)
        elif isinstance(value, list | tuple):
            event[name] = [without_secrets(str(item)) for item in value]
    return event


def _flatten(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Lists as one word each, for forms that have no lists."""
    for name, value in event.items():
        if isinstance(value, list | tuple):
            event[name] = ", ".join(map(str, value))
    return event


def make_log(
    form: LogForm, *, verbose: bool = False, quiet: bool = False, stream: TextIO | None = None
) -> Log:
    """A logger that writes to `stream` (default stderr) and touches no global configuration."""
    stream = sys.stderr if stream is None else stream
    if form is LogForm.AUTO:
        form = LogForm.CONSOLE if stream.isatty() else LogForm.PLAIN
    level = "debug" if verbose else "warning" if quiet else "info"
    shared: list[Any] = [structlog.processors.add_log_level, _redact]
    match form:
        case LogForm.CONSOLE:
            stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
            renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0)
            tail: list[Any] = [_flatten, stamp, renderer]
        case LogForm.JSON:
            tail = [
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ]
        case _:
            # No time stamp: the journal, or whatever else reads a service's stderr, has its own.
            order = ["level", "event"]
            tail = [_flatten, structlog.processors.LogfmtRenderer(key_order=order, drop_missing=True)]
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[*shared, *tail],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return cast("Log", logger)
