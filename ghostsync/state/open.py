"""From a folder to its state: the one call that the composition root needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ghostsync.config import Config
from ghostsync.state.private import private_directory
from ghostsync.state.sqlite import SqliteState

STATE_NAME = "state.db"


def open_state(
    folder_root: Path, config: Config, *, clock: Callable[[], float] = time.time, repair: bool = True
) -> SqliteState:
    """The state of this folder; `.ghostsync/` and the database are made where they are missing.

    repair: move a damaged database aside and start afresh (see `SqliteState.warnings`). Pass False where the
    folder's lock is not held (`status`): then a damaged database is a StateError. Raises StateError.
    """
    return SqliteState(private_directory(folder_root) / STATE_NAME, config.history, clock, repair=repair)
