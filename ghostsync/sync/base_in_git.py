"""The base, kept in the repository: a folder without a state database, as in CI, goes on where the last sync ended.

Implements `Agreements`. Commands that need the network are given up after a while, and a repository that cannot be used
never stops a sync: it is told, and the earlier versions of the files are looked at instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ghostsync.errors import GitError
from ghostsync.sync.agreement import Recorder, plant, share
from ghostsync.sync.earlier import AGREED_AT
from ghostsync.sync.model import CycleReport, Direction, GitStanding
from ghostsync.sync.ports import Ledger, State

_UNKEPT = "the agreement of this sync could not be kept in git: {}. Other clones look at the earlier versions of each file instead."


class BaseInGit:
    """One folder's. commit: the branch's newest commit. shared: send it to the remote after each change."""

    def __init__(self, state: State, ledger: Ledger, commit: Callable[[], str], *, shared: bool) -> None:
        self._state = state
        self._ledger = ledger
        self._commit = commit
        self._shared = shared
        self._recorder = Recorder(state, ledger)
        self._unsent = shared  # what an earlier run could not send is tried again

    async def seed(self, standing: GitStanding, *, dry_run: bool) -> Sequence[str]:  # noqa: ARG002 - the state is no side
        """Read the base where the state knows no document."""
        if self._state.documents():
            return ()
        told: list[str] = []
        try:
            await asyncio.to_thread(self._ledger.fetch)
        except GitError as error:
            told.append(
                f"the agreement of the last sync could not be fetched: {error.said or error.what}. What this clone has "
                "is used."
            )
        try:
            if self._ledger.listing():
                plant(self._state, self._ledger)
        except GitError as error:
            told.append(str(error))
        return told

    async def record(self, standing: GitStanding, report: CycleReport) -> Sequence[str]:  # noqa: ARG002 - HEAD has moved on
        """Note what is agreed on now, if the cycle did anything, and send it."""
        try:
            commit = await asyncio.to_thread(self._commit)
            if _all_agreed(report) and commit:
                self._state.set_meta(AGREED_AT, commit)
            if self._recorder.record(self._state.meta(AGREED_AT) or "") and self._shared:
                self._unsent = True
            if self._unsent:
                self._unsent = not await asyncio.to_thread(share, self._ledger)
        except GitError as error:
            return (_UNKEPT.format(error.said or error.what),)
        return ()


def _all_agreed(report: CycleReport) -> bool:
    """Whether every document is in step with the branch as it is now."""
    whole = report.direction is Direction.BOTH and not report.dry_run and report.halt is None
    done = all(o.error is None and not o.action.verb.left for o in report.outcomes)
    return whole and done and report.failure is None
