"""What one cycle of the engine gathers on its way to the report, and what it takes from its callers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ghostsync.content.linking import Asset
from ghostsync.errors import GhostsyncError
from ghostsync.model import RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.execute import Executor
from ghostsync.sync.halts import Halts
from ghostsync.sync.media_courier import Courier
from ghostsync.sync.model import Action, CycleReport, Direction, Outcome
from ghostsync.sync.observe import Observation
from ghostsync.sync.planning import Planner
from ghostsync.sync.site_files.keeper import SiteFilesRun
from ghostsync.sync.uncertain import Uncertain


@dataclass(slots=True)
class Run:
    """What one cycle gathers on its way to the report."""

    direction: Direction
    dry_run: bool
    started: float
    requests: Counter[str]
    halts: Halts
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    next_due: float | None = None
    failure: GhostsyncError | None = None

    def tell(self, executor: Executor, courier: Courier | None, beside: SiteFilesRun) -> None:
        """What a person shall hear beside the outcomes."""
        self.warnings += executor.warnings
        self.notes += [*executor.notes, *beside.notes]
        self.failure = executor.fatal or beside.fatal
        if courier is not None:
            self.notes += courier.down.notes
            self.failure = self.failure or courier.failure(self.outcomes)

    def report(self, requests: Mapping[str, int], documents: int) -> CycleReport:
        """The cycle, told. requests: all that were made since the site was opened."""
        spent = Counter(requests)
        spent.subtract(self.requests)
        return CycleReport(
            self.direction,
            self.dry_run,
            tuple(self.outcomes),
            documents=documents,
            requests={method: count for method, count in sorted(spent.items()) if count},
            seconds=time.monotonic() - self.started,
            halt=self.halts.standing,
            warnings=tuple(self.warnings),
            notes=tuple(self.notes),
            next_due=self.next_due,
            failure=self.failure,
        )


@dataclass(frozen=True, slots=True)
class Plans:
    """What is to be done, by whom it was planned."""

    planner: Planner
    uncertain: Uncertain
    actions: list[Action]

    @property
    def due(self) -> float | None:
        """Seconds until something that waits can be done; None where nothing waits."""
        return min(filter(None, (self.planner.next_due, self.uncertain.next_due)), default=None)

    @property
    def unknown(self) -> list[tuple[tuple[Asset, ...], RemotePost]]:
        return self.planner.unknown

    def files(self, actions: Sequence[Action]) -> list[Asset]:
        """What has to be in Ghost before these are carried out."""
        waiting = [self.planner.pending.get(a.id or a.path, ()) for a in actions if a.verb.writes_post]
        return list({asset.content: asset for assets in waiting for asset in assets}.values())


Instead = Callable[[Desk, Sequence[Action], Courier | None], Awaitable[None]]
"""Something else than carrying a plan out: of a dry run, with all that it knows."""

MakePlans = Callable[[Observation], Awaitable[Plans]]


class Guard(Protocol):
    """Asked after the folder was looked at and before the first write; raises when what was seen may not be true any more.

    removing: something would be removed in Ghost because its file is gone.
    """

    async def __call__(self, *, removing: bool) -> None: ...


async def unguarded(*, removing: bool) -> None:
    """Where nothing but the people who edit changes the folder."""
