"""The forms a log can take; apart from log.py, so that the command line knows them without structlog."""

from __future__ import annotations

from enum import StrEnum


class LogForm(StrEnum):
    """AUTO: CONSOLE on a terminal, JOURNAL where systemd's journal reads along, else PLAIN."""

    AUTO = "auto"
    CONSOLE = "console"
    PLAIN = "plain"
    JSON = "json"
    JOURNAL = "journal"
