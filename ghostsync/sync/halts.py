"""Which halt holds: found, remembered, confirmed. The rules themselves are in `brakes`."""

from __future__ import annotations

from ghostsync.sync.model import Halt
from ghostsync.sync.ports import State

CONFIRMED = "confirmed_halt"


class Halts:
    """The halts of one cycle. `standing` is the one that holds, None while nothing does."""

    def __init__(self, state: State, *, dry_run: bool) -> None:
        self._state = state
        self._dry_run = dry_run
        self.standing = state.halt()
        self.confirmed: set[str] = set()

    def consider(self, found: Halt | None) -> None:
        """Take up what a brake found, unless one holds already or a person has let exactly this one through."""
        if self.standing is not None or found is None:
            return
        if self._state.meta(CONFIRMED) == found.id:
            self.confirmed.add(found.reason)
            return
        if not self._dry_run:
            self._state.set_halt(found)
        self.standing = found

    def used_up(self) -> None:
        """A confirmation holds for one cycle."""
        self._state.set_meta(CONFIRMED, None)


def lift(state: State, halt: Halt) -> None:
    """A person lets this halt through: the next cycle carries out what it held up, and nothing else."""
    with state.batch():
        state.set_meta(CONFIRMED, halt.id)
        state.set_halt(None)
