"""What a terminal is asked for, the same for the command line and the daemon's log."""

from __future__ import annotations

import os


def colours() -> bool | None:
    """None lets the stream decide (colours on a terminal only); the NO_COLOR convention switches them off."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
