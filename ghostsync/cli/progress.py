"""A progress bar on stderr, for a person who waits: it appears only once the work has taken a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ghostsync.cli.output import Output, watched

if TYPE_CHECKING:
    from rich.progress import TaskID

PATIENCE = 1.0  # seconds without a bar: most cycles are over by then


class Bar(Protocol):
    """The part of `rich.progress.Progress` that is used."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def add_task(self, description: str, *, total: float | None, completed: int) -> TaskID: ...

    def update(self, task_id: TaskID, *, completed: float, total: float | None) -> None: ...


def _rich_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


class DelayedBar:
    """Implements `sync.ports.Progress`. Nothing is imported or drawn before PATIENCE has passed."""

    def __init__(
        self, make: Callable[[], Bar] = _rich_bar, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._clock = clock
        self._began = clock()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._name = ""
        self._done = 0
        self._total: int | None = None

    def phase(self, name: str, total: int | None) -> None:
        if name != self._name:
            self._name, self._done, self._task = name, 0, None
        self._total = total
        self._draw()

    def advance(self, count: int = 1) -> None:
        self._done += count
        self._draw()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self) -> None:
        if self._bar is None:
            if self._clock() - self._began < PATIENCE:
                return
            self._bar = self._make()
            self._bar.start()
        if self._task is None:
            self._task = self._bar.add_task(self._name, total=self._total, completed=self._done)
        else:
            self._bar.update(self._task, completed=self._done, total=self._total)


@contextmanager
def progress_for(output: Output) -> Iterator[DelayedBar | None]:
    """A bar when a person is watching and did not ask for quiet or JSON, else None."""
    if output.json or output.quiet or not watched():
        yield None
        return
    bar = DelayedBar()
    try:
        yield bar
    finally:
        bar.close()
