"""What the daemon knows of itself: kept by the loop, told by `status`, the service manager, metrics and alerts."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from ghostsync.errors import EXIT_DIFFERENCES, EXIT_HALTED, EXIT_OK
from ghostsync.sync.model import Halt
from ghostsync.wording import counted


class Condition(StrEnum):
    """How things stand, in the words that people read."""

    STARTING = "starting"
    IN_STEP = "in step"
    OPEN = "waiting for a person"
    AWAY = "Ghost is away"
    REFUSED = "Ghost refuses"
    GIT = "waiting for git"
    TROUBLE = "in trouble"
    HALTED = "halted"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, order=True)
class Open:
    """One document that waits for a person: what about it, and what to do."""

    verb: str
    path: str
    reason: str
    remedy: str = ""


@dataclass(slots=True)
class Health:
    """One folder's daemon. Times are the wall clock's seconds, deadlines the monotonic clock's.

    synced_at: when the two sides were last seen in agreement, or a cycle went through. held: documents that wait
    for quiet. working: a cycle is under way. trouble_code: the exit code of what stands in the way. seconds: spent in cycles so far.
    """

    folder: str
    site: str = ""
    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    condition: Condition = Condition.STARTING
    reason: str = ""
    remedy: str = ""
    documents: int = 0
    held: int = 0
    working: bool = False
    queued: bool = False
    watching: Callable[[], str] = lambda: ""
    webhook: str = ""
    open: tuple[Open, ...] = ()
    halt: Halt | None = None
    trouble_code: int = EXIT_DIFFERENCES
    warnings: tuple[str, ...] = ()
    started_at: float = 0.0
    synced_at: float | None = None
    progressed: float = 0.0
    due: float = math.inf
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.started_at = self.wall()
        self.progressed = self.monotonic()

    def progress(self) -> None:
        """The loop or the cycle in hand has got on."""
        self.progressed = self.monotonic()

    def wait_until(self, due: float) -> None:
        self.due = due
        self.working = False
        self.progress()

    def synced(self, documents: int | None = None) -> None:
        self.synced_at = self.wall()
        if documents is not None:
            self.documents = documents
        self.progress()

    def stuck_for(self, now: float) -> float:
        """Seconds since the loop should have done something and did not."""
        return now - self.progressed if self.working else now - max(self.due, self.progressed)

    @property
    def conflicts(self) -> tuple[Open, ...]:
        return tuple(entry for entry in self.open if entry.verb == "conflict")

    @property
    def exit_code(self) -> int:
        """What `ghostsync status --daemon` ends with."""
        match self.condition:
            case Condition.IN_STEP:
                return EXIT_OK
            case Condition.HALTED:
                return EXIT_HALTED
            case Condition.AWAY | Condition.REFUSED | Condition.GIT | Condition.TROUBLE:
                return self.trouble_code
            case _:
                return EXIT_DIFFERENCES

    def words(self) -> str:
        """One line: "in step, 214 documents, last sync 12 s ago"."""
        parts = [self.condition.value if not self.reason else f"{self.condition.value}: {self.reason}"]
        if self.condition is Condition.OPEN:
            told = Counter(entry.verb for entry in self.open)
            named = ", ".join(
                counted(n, verb) if verb in {"conflict", "problem"} else f"{n} not done ({verb})"
                for verb, n in sorted(told.items())
            )
            parts = [f"{self.condition.value}: {named}"]
        if self.documents or self.synced_at is not None:
            parts.append(counted(self.documents, "document"))
        if self.held:
            parts.append(f"{self.held} waiting for quiet")
        if self.synced_at is not None:
            parts.append(f"last sync {ago(self.wall() - self.synced_at)}")
        troubles = {Condition.AWAY, Condition.REFUSED, Condition.GIT, Condition.TROUBLE}
        if self.condition in troubles and math.isfinite(self.due):
            parts.append(f"next try in {span(max(0.0, self.due - self.monotonic()))}")
        return ", ".join(parts)

    def document(self) -> dict[str, Any]:
        """As `ghostsync status --json` tells it under "daemon"; keys are only ever added."""
        now = self.monotonic()
        return {
            "state": self.condition.value,
            "words": self.words(),
            "reason": self.reason,
            "remedy": self.remedy,
            "pid": os.getpid(),
            "folder": self.folder,
            "site": self.site,
            "started_at": _iso(self.started_at),
            "last_sync_at": None if self.synced_at is None else _iso(self.synced_at),
            "last_sync_seconds_ago": None
            if self.synced_at is None
            else round(self.wall() - self.synced_at, 1),
            "next_sync_in": round(max(0.0, self.due - now), 1) if math.isfinite(self.due) else None,
            "working": self.working,
            "queue": {"changes": self.queued, "waiting_for_quiet": self.held},
            "documents": self.documents,
            "watching": self.watching(),
            "webhook": self.webhook,
            "conflicts": [entry.path for entry in self.conflicts],
            "open": [
                {"verb": entry.verb, "path": entry.path, "reason": entry.reason, "remedy": entry.remedy}
                for entry in self.open
            ],
            "halt": halt_document(self.halt),
            "warnings": list(self.warnings),
            "counts": dict(self.counts),
            "exit_code": self.exit_code,
        }


def halt_document(halt: Halt | None) -> dict[str, str] | None:
    """A halt as JSON: in `status`, `resume` and a cycle's report."""
    return None if halt is None else asdict(halt)


def span(seconds: float) -> str:
    """A length of time as people say it: "12 s", "3 min", "5 h", "2 days"."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


def ago(seconds: float) -> str:
    return f"{span(max(0.0, seconds))} ago"


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
