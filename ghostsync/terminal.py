"""What a terminal is asked for, the same for the command line and the daemon's log."""

from __future__ import annotations

import os
from contextvars import ContextVar

_for_ci: ContextVar[bool] = ContextVar("for_ci", default=False)


def colours() -> bool | None:
    """None lets the stream decide (colours on a terminal only); the NO_COLOR convention and CI switch them off."""
    plain = in_ci() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return False if plain else None


def in_ci() -> bool:
    """Whether nobody is there to watch or to answer, and what is found is told to a CI system, too."""
    return _for_ci.get()


def speak_for_ci(wanted: bool | None) -> None:
    """Settle it for this process. None: as the environment says, where every CI system sets CI to true or 1."""
    by_itself = os.environ.get("CI", "").strip().lower() in {"true", "1"}
    _for_ci.set(by_itself if wanted is None else wanted)
