"""The base, kept in the repository: a folder without a state database, as in CI, goes on where the last sync ended.

Implements `Agreements` and `Past`. Commands that need the network are given up after a while, and a repository that cannot
be used never stops a sync: it is told, and the earlier versions of the files are looked at instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from ghostsync.errors import FolderError, GitError
from ghostsync.model import RemotePost
from ghostsync.sync.model import CycleReport, Direction
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.versioning.agreement import Recorder, agreed, plant, share
from ghostsync.sync.versioning.earlier import AGREED_AT
from ghostsync.sync.versioning.model import GitStanding
from ghostsync.sync.versioning.ports import History, Ledger

_UNFETCHED = "the agreement of the last sync could not be fetched: {}. What this clone has is used."
_UNKEPT = (
    "the agreement of this sync could not be kept in git: {}. Other clones look at the earlier versions of each file "
    "instead."
)
_BLIND = (
    "{} has newer commits at the remote than are here, or could not be asked: what differs from what was agreed on may be "
    "older than it. Where nothing tells, it is reported and not sent; git pull, and in CI run the job of the newest commit."
)


class BaseInGit:
    """One folder's."""

    def __init__(self, folder: Folder, state: State, ledger: Ledger, history: History) -> None:
        self._folder = folder
        self._state = state
        self._ledger = ledger
        self._history = history
        self._recorder = Recorder(state, ledger)
        self._looked = False  # whether the ledger was compared with the state since this process began
        self._unsent = True  # what an earlier run could not send is tried again
        self._blind = False  # whether this commit may be older than the agreement
        self._asked = ""  # the commit at which others were asked last

    # Agreements

    async def seed(self, standing: GitStanding, branch: str, *, dry_run: bool) -> Sequence[str]:  # noqa: ARG002 - HEAD tells
        """Read the base where the state knows no document."""
        if self._state.documents():
            return ()
        told: list[str] = []
        try:
            await asyncio.to_thread(self._ledger.fetch)
        except GitError as error:
            told.append(_UNFETCHED.format(error.said or error.what))
        try:
            self._history.renew()
            if self._ledger.listing():
                self._blind = not await self._is_newest(branch)
                if self._blind and not dry_run:  # a preview is of another branch as a rule
                    told.append(_BLIND.format(branch))
                self._take()
        except GitError as error:
            told.append(str(error))
        return told

    def _take(self) -> None:
        """Raises AgreementUnreadable. What cannot be understood is written anew by the next `record`."""
        self._recorder.answer_for(self._ledger.listing())
        self._recorder.answer_for(plant(self._state, self._ledger, self._was_here, self._was_buried))

    async def _is_newest(self, branch: str) -> bool:
        """Whether nothing can have been agreed on but what led to this commit: a CI job that is run again is one of before."""
        try:
            return await asyncio.to_thread(self._history.is_newest, branch)
        except GitError:
            return False

    def _was_here(self, path: str, file: bytes) -> bool:
        """Whether this branch has the file as it was agreed on, or had it so. In a shallow clone of the newest commit, what is
        there in another form had it, since an agreement is never ahead of its branch.
        """
        try:
            here = self._folder.read(path)
        except FolderError:
            return not self._history.shallow and self._history.held(file)
        if here == file or self._history.held(file):
            return True
        return self._history.shallow and not self._blind

    def _was_buried(self, path: str) -> bool:
        """Whether a file is gone that others deleted. Where it lies here it was brought back, if this is the newest commit."""
        try:
            self._folder.read(path)
        except FolderError:
            return True
        return not self._blind

    async def news(self, standing: GitStanding) -> bool:
        """Ask the remote, once for each commit that has come."""
        if standing.head in {self._asked, self._state.meta(AGREED_AT)}:
            return False
        self._asked = standing.head
        before = self._ledger.listing()
        try:
            await asyncio.to_thread(self._ledger.fetch)
            return self._ledger.listing() != before
        except GitError:
            return False  # the conflict stays, and a person settles it

    async def record(
        self, standing: GitStanding, report: CycleReport, *, shared: bool, whole: bool
    ) -> Sequence[str]:
        """Note what is agreed on now, if the cycle did anything, and send it. What came to the branch since the cycle began,
        by a pull on the way to a push for example, it has not seen.
        """
        try:
            if whole and _all_agreed(report):
                commit = await asyncio.to_thread(self._history.kept, standing.head)
                if commit:
                    self._state.set_meta(AGREED_AT, commit)
            # To look through ten thousand rows takes half a second, and a cycle without an outcome has changed none.
            if report.outcomes or not self._looked:
                self._unsent |= self._recorder.record(self._state.meta(AGREED_AT) or "")
                self._looked = True
            if self._unsent and shared:
                self._unsent = not await asyncio.to_thread(share, self._ledger)
        except GitError as error:
            return (_UNKEPT.format(error.said or error.what),)
        return ()

    # Past

    @property
    def shallow(self) -> bool:
        return self._history.shallow

    def renew(self) -> None:
        self._history.renew()

    def versions(self, path: str, *, since: str = "") -> Iterator[bytes]:
        return self._history.versions(path, since=since)

    def agreed(self, id: str) -> tuple[bytes, RemotePost] | None:
        return agreed(self._ledger, id)


def _all_agreed(report: CycleReport) -> bool:
    """Whether every document is in step with the branch as it is now."""
    whole = report.direction is Direction.BOTH and not report.dry_run and report.halt is None
    done = all(o.error is None and not o.action.verb.left for o in report.outcomes)
    return whole and done and report.failure is None
