"""Progress bars on stderr, for a person who waits: one for the work as a whole, which is counted, and one for each large file
that is under way, in bytes. Each appears only once its work has taken a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ghostsync.cli.output import Output, printable, watched

if TYPE_CHECKING:
    from rich.progress import TaskID

PATIENCE = 1.0  # seconds without a bar: most cycles, and most files, are over by then


class Bar(Protocol):
    """The part of `rich.progress.Progress` that is used. in_bytes: what is told are bytes of a file."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def add_task(
        self, description: str, *, total: float | None, completed: int, in_bytes: bool
    ) -> TaskID: ...

    def update(self, task_id: TaskID, *, completed: float, total: float | None) -> None: ...

    def remove_task(self, task_id: TaskID) -> None: ...


def _rich_bar() -> Bar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.text import Text

    counted, weighed, speed = MofNCompleteColumn(), DownloadColumn(), TransferSpeedColumn()

    class Amount(ProgressColumn):
        """3/20, or 120.5/500.0 MB and how fast."""

        def render(self, task: Task) -> Text:
            if task.fields["in_bytes"]:
                return Text.assemble(weighed.render(task), "  ", speed.render(task))
            return counted.render(task)

    name = TextColumn("{task.description}", markup=False)  # a file may be called [bold].mp4
    columns = (name, BarColumn(), Amount(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


@dataclass(slots=True)
class _Transfer:
    """began: by the bar's clock. task: once it is drawn."""

    began: float
    task: TaskID | None = None


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
        self._transfers: dict[str, _Transfer] = {}

    def phase(self, name: str, total: int | None) -> None:
        if name != self._name:
            self._name, self._done, self._task = name, 0, None
        self._total = total
        self._draw()

    def advance(self, count: int = 1) -> None:
        self._done += count
        self._draw()

    def transfer(self, name: str, done: int, total: int | None) -> None:
        now = self._clock()
        under_way = self._transfers.setdefault(name, _Transfer(now))
        if now - under_way.began < PATIENCE:
            return
        if self._bar is None:
            self._draw()
        if self._bar is None:
            return
        if under_way.task is None:
            under_way.task = self._bar.add_task(printable(name), total=total, completed=done, in_bytes=True)
        else:
            self._bar.update(under_way.task, completed=done, total=total)

    def transferred(self, name: str) -> None:
        over = self._transfers.pop(name, None)
        if over is not None and over.task is not None and self._bar is not None:
            self._bar.remove_task(over.task)

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
        if not self._name:
            return
        if self._task is None:
            self._task = self._bar.add_task(
                self._name, total=self._total, completed=self._done, in_bytes=False
            )
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
