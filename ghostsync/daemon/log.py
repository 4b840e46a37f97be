"""The daemon's log: lines for people on a terminal, `key=value` or JSON for a service. Never a secret."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import MutableMapping
from typing import Any, Protocol, TextIO, cast

import structlog

from ghostsync.daemon.forms import LogForm
from ghostsync.redaction import without_secrets
from ghostsync.terminal import colours

JOURNAL = "/run/systemd/journal/socket"
_LONGEST_FIELD = 4_000  # characters: a datagram has an end
_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3}


class Log(Protocol):
    """The part of a structlog logger that the daemon uses: an event in words, and fields."""

    def bind(self, **fields: Any) -> Any: ...

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


class JournalLogger:
    """Sends each event as a datagram in the journal's native protocol: MESSAGE for people, and a field for each value
    (`journalctl GHOSTSYNC_PATH=posts/a.md`). The text goes to `stream` where the journal does not take it.
    """

    def __init__(self, stream: TextIO, address: str) -> None:
        self._stream = stream
        self._address = address

    def msg(self, level: str, text: str, fields: dict[str, str]) -> None:
        rows = {"MESSAGE": text, "PRIORITY": str(_PRIORITY.get(level, 6)), "SYSLOG_IDENTIFIER": "ghostsync"}
        rows |= {f"GHOSTSYNC_{name.upper()}": value for name, value in fields.items() if name.isidentifier()}
        packet = b"".join(_row(name, value) for name, value in rows.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
                door.sendto(packet, self._address)
        except OSError:
            print(text, file=self._stream, flush=True)

    debug = info = warning = error = msg


def _row(name: str, value: str) -> bytes:
    data = value[:_LONGEST_FIELD].encode("utf-8", "backslashreplace")
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"


def _for_journal(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The event's words with its fields behind them, and the fields once more by themselves."""
    level, words = str(event.pop("level", "info")), str(event.pop("event", ""))
    fields = {name: str(value) for name, value in event.items()}
    tail = " ".join(
        f"{name}={value!r}" if " " in value else f"{name}={value}" for name, value in fields.items()
    )
    return (level, f"{words} {' '.join(tail.split())}".strip(), fields), {}


def journal_reads(stream: TextIO) -> bool:
    """Whether systemd's journal is at the other end of the stream (systemd.exec(5), JOURNAL_STREAM)."""
    with contextlib.suppress(OSError, ValueError):
        seen = os.fstat(stream.fileno())
        return os.environ.get("JOURNAL_STREAM") == f"{seen.st_dev}:{seen.st_ino}"
    return False


def make_log(
    form: LogForm,
    *,
    verbose: bool = False,
    quiet: bool = False,
    stream: TextIO | None = None,
    journal: str = JOURNAL,
) -> Log:
    """A logger that writes to `stream` (default stderr) and touches no global configuration."""
    stream = sys.stderr if stream is None else stream
    if form is LogForm.AUTO:
        unattended = LogForm.JOURNAL if journal_reads(stream) else LogForm.PLAIN
        form = LogForm.CONSOLE if stream.isatty() else unattended
    level = "debug" if verbose else "warning" if quiet else "info"
    shared: list[Any] = [structlog.processors.add_log_level, _redact]
    match form:
        case LogForm.CONSOLE:
            stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False)
            coloured = stream.isatty() if colours() is None else bool(colours())
            renderer = structlog.dev.ConsoleRenderer(colors=coloured, pad_event_to=0)
            tail: list[Any] = [_flatten, stamp, renderer]
        case LogForm.JSON:
            tail = [
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ]
        case LogForm.JOURNAL:
            tail = [_flatten, _for_journal]
        case _:
            # No time stamp: the journal, or whatever else reads a service's stderr, has its own.
            order = ["level", "event"]
            tail = [_flatten, structlog.processors.LogfmtRenderer(key_order=order, drop_missing=True)]
    logger = structlog.wrap_logger(
        JournalLogger(stream, journal) if form is LogForm.JOURNAL else structlog.PrintLogger(stream),
        processors=[*shared, *tail],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return cast("Log", logger)
