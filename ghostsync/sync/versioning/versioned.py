"""A cycle in a git work tree: on the right branch, with nothing under way there, and with git told of what was written.

    how things stand in the work tree     (another branch, a rebase: refuse)
    commit what an earlier cycle left
    pull                                  (a conflict: refuse)
    the base from git, where the state lacks it
    the cycle of `engine`                 (guarded: a checkout meanwhile ends it before its first write)
    [once more, where others have agreed on something that may settle a conflict]
    commit what it wrote
    push
    [the agreement]

Same `cycle` as `Engine`, so that whoever calls one need not know.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

from ghostsync.config import Config
from ghostsync.content.types import Context
from ghostsync.errors import GitError, RemoteAway
from ghostsync.sync.engine import Engine
from ghostsync.sync.model import CycleReport, Direction, Verb
from ghostsync.sync.plan import AdoptChoice, Only
from ghostsync.sync.ports import Progress, State
from ghostsync.sync.run import Guard, Instead
from ghostsync.sync.versioning.commits import Commits, Committed, merge_into
from ghostsync.sync.versioning.model import GitStanding
from ghostsync.sync.versioning.ports import Agreements, Upstream, WorkTree
from ghostsync.sync.versioning.standing import branch_of_ci, refusal
from ghostsync.sync.write_posts import Sleep

BRANCH = "git.branch"
"""In the state: the branch of the first sync, where the configuration names none."""

STUCK = "git.stuck"
"""In the state: what a pull met that only a person can settle: what, and the remedy (JSON)."""

_PATIENCE = 5.0
"""Seconds for which a git command that writes to the work tree is waited for."""
_ATTEMPTS = 3
_PUSH_AGAIN = 300.0
"""Seconds after which a push that failed is a reason for a cycle; a cycle that runs anyway tries it, too."""


class _Run(Protocol):
    """`Engine.cycle` with what its caller asked for."""

    async def __call__(self, *, stop: Callable[[], bool], guard: Guard = ...) -> CycleReport: ...


def _clashes(report: CycleReport) -> bool:
    return any(outcome.action.verb is Verb.CONFLICT for outcome in report.outcomes)


class NewUpstream(Protocol):
    """Makes the remote of a branch. detached: HEAD follows no branch."""

    def __call__(self, branch: str, *, detached: bool) -> Upstream: ...


class _Moved(GitError):
    """git wrote to the work tree after the folder was looked at; nothing was written by us."""


class VersionedEngine:
    """`Engine`, in the work tree of a git repository. requests: how many were
    sent to Ghost so far, by method. upstream: makes the remote of a branch. commits: None
    where none are to be made. agreements: who reads the base from git, and keeps it there.
    """

    def __init__(
        self,
        engine: Engine,
        tree: WorkTree,
        state: State,
        config: Config,
        *,
        environment: Mapping[str, str],
        requests: Callable[[], Mapping[str, int]],
        upstream: NewUpstream,
        commits: Commits | None = None,
        agreements: Agreements | None = None,
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._tree = tree
        self._state = state
        self._config = config
        self._environment = environment
        self._requests = requests
        self._new_upstream = upstream
        self._upstreams: dict[tuple[str, bool], Upstream] = {}
        self._commits = commits
        self._agreements = agreements
        self._sleep = sleep
        self._monotonic = monotonic
        self._push_again = 0.0
        self._head_seen = ""

    async def cycle(
        self,
        *,
        direction: Direction = Direction.BOTH,
        dry_run: bool = False,
        adopt: AdoptChoice = None,
        full: bool = False,
        thorough: bool = True,
        settle: float = 0.0,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
        only: Only | None = None,
        quick: int = 0,
        instead: Instead | None = None,
    ) -> CycleReport:
        """As `Engine.cycle`. Raises GitError where a cycle must wait; a dry run only warns, and what is done instead of a
        sync may be done on any branch.
        """
        run = partial(
            self._engine.cycle,
            direction=direction,
            dry_run=dry_run,
            adopt=adopt,
            full=full,
            thorough=thorough,
            settle=settle,
            progress=progress,
            only=only,
            quick=quick,
            instead=instead,
        )
        attempt = (
            partial(self._look, anywhere=instead is not None)
            if dry_run
            else partial(self._write, whole=only is None)
        )
        for _ in range(_ATTEMPTS - 1):
            with suppress(_Moved):
                return await attempt(run, stop)
        return await attempt(run, stop)

    async def _look(self, run: _Run, stop: Callable[[], bool], *, anywhere: bool = False) -> CycleReport:
        """A dry run, wherever the work tree stands. anywhere: that it stands elsewhere is nothing to be told."""
        _, standing = await self._standing()
        warnings: list[str] = []
        if not anywhere and (refused := self._refusal(standing)) is not None:
            warnings.append(str(refused))
        elif self._agreements is not None:
            warnings += await self._agreements.seed(standing, self._branch(standing), dry_run=True)
        report = await run(stop=stop)
        failure = report.failure or await self._stuck(standing)
        return replace(report, warnings=(*warnings, *report.warnings), failure=failure)

    async def _write(self, run: _Run, stop: Callable[[], bool], *, whole: bool) -> CycleReport:
        """whole: of all documents."""
        sent = Counter(self._requests())
        if self._commits is not None:
            self._commits.clear_up()
        mark, standing = await self._standing()
        self._head_seen = mark[0]
        if (refused := self._refusal(standing)) is not None:
            raise refused
        before = await self._committed(None)
        warnings = await self._pulled(standing, stop)
        if before.commits or self._config.git.pull != "off":
            mark, standing = await self._standing()
            if (refused := self._refusal(standing)) is not None:
                raise refused
        if self._agreements is not None:
            warnings += await self._agreements.seed(standing, self._branch(standing), dry_run=False)

        async def guard(*, removing: bool) -> None:
            await self._unmoved(mark, exactly=removing)

        go = partial(run, stop=lambda: stop() or self._tree.head() != mark[0], guard=guard)
        report = await go()
        if _clashes(report) and self._agreements is not None and await self._agreements.news(standing):
            report = await go()
        if report.halt is None:  # a wrong branch is what halts most often, and must be left to lift the halt
            self._remember_branch(standing)
        self._head_seen = mark[0]
        elsewhere = await self._elsewhere(standing)
        after = elsewhere or await self._committed(report)
        unsent = [] if elsewhere else await self._pushed(standing, stop)
        warnings += [told for told in unsent if told not in warnings]
        if self._agreements is not None and elsewhere is None:
            # Never ahead of the branch: whoever finds an agreement on a text that is not there would take it for removed.
            shared = self._config.git.push and not unsent and not after.open
            warnings += await self._agreements.record(standing, report, shared=shared, whole=whole)
        spent = Counter(self._requests())
        spent.subtract(sent)
        requests = {method: count for method, count in sorted(spent.items()) if count}
        told = replace(report, warnings=(*warnings, *report.warnings), requests=requests)
        return merge_into(told, after if after.open or not before.open else before)

    async def _elsewhere(self, standing: GitStanding) -> Committed | None:
        """What is to be told where somebody checked out another branch during the cycle: what was written for this one is
        neither committed nor pushed there, and waits.
        """
        now = await asyncio.to_thread(self._tree.standing)
        if now.branch == standing.branch and not now.operation:
            return None
        told = GitError(
            "another branch was checked out during the sync",
            subject=self._tree.shown,
            remedy="What was written is committed with the next sync on the branch that is synced; look at git status before.",
        )
        return Committed([str(told)], open=True)

    async def _committed(self, report: CycleReport | None) -> Committed:
        return Committed() if self._commits is None else await self._commits.commit(report)

    async def _pulled(self, standing: GitStanding, stop: Callable[[], bool]) -> list[str]:
        """Bring the branch up to its remote. Raises GitError where a person is needed; a remote that is away is a warning."""
        if self._config.git.pull == "off":
            return []
        try:
            await asyncio.to_thread(self._upstream(standing).pull, stop)
        except RemoteAway as error:
            return [str(error)]
        except GitError as error:
            if await self._elsewhere(standing) is None:
                self._state.set_meta(STUCK, json.dumps([error.what, error.remedy]))
            raise
        if self._state.meta(STUCK) is not None:
            self._state.set_meta(STUCK, None)
        return []

    async def _stuck(self, standing: GitStanding) -> GitError | None:
        """What a pull met that only a person can settle, as long as nobody has. Without the network."""
        said = self._state.meta(STUCK)
        if said is None or self._config.git.pull == "off":
            return None
        _, behind = await asyncio.to_thread(self._upstream(standing).distance)
        what, remedy = json.loads(said)
        return GitError(what, subject=self._tree.shown, remedy=remedy) if behind else None

    async def _pushed(self, standing: GitStanding, stop: Callable[[], bool]) -> list[str]:
        """Send the commits; what cannot be sent now goes along the next time."""
        if not self._config.git.push:
            return []
        try:
            await asyncio.to_thread(self._upstream(standing).push, stop)
        except GitError as error:
            self._push_again = self._monotonic() + _PUSH_AGAIN
            return [str(error)]
        return []

    def _upstream(self, standing: GitStanding) -> Upstream:
        branch, detached = self._branch(standing), not standing.branch
        if (branch, detached) not in self._upstreams:
            self._upstreams[branch, detached] = self._new_upstream(branch, detached=detached)
        return self._upstreams[branch, detached]

    def _branch(self, standing: GitStanding) -> str:
        known = self._config.git.branch or self._state.meta(BRANCH) or standing.branch
        return known or branch_of_ci(self._environment) or ""

    async def ready(self) -> Context:
        """As `Engine.ready`; raises GitError where a cycle would wait."""
        _, standing = await self._standing()
        if (refused := self._refusal(standing)) is not None:
            raise refused
        return await self._engine.ready()

    async def due(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Whether git alone is a reason for a cycle: another branch is checked out, the remote has news, or something is
        still to be committed or pushed. Uses the network where `[git] pull` does.
        """
        if self._tree.head() != self._head_seen or (self._commits is not None and self._commits.pending()):
            return True
        git = self._config.git
        if git.pull == "off" and not git.push:
            return False
        _, standing = await self._standing()
        upstream = self._upstream(standing)
        if git.pull != "off":
            with suppress(RemoteAway):
                await asyncio.to_thread(upstream.fetch, stop)
        ahead, behind = await asyncio.to_thread(upstream.distance)
        late = git.push and ahead > 0 and self._monotonic() >= self._push_again
        return late or (git.pull != "off" and behind > 0)

    def _refusal(self, standing: GitStanding) -> GitError | None:
        branch = self._config.git.branch or self._state.meta(BRANCH)
        return refusal(standing, branch, self._tree, self._environment)

    def _remember_branch(self, standing: GitStanding) -> None:
        if standing.branch and self._config.git.branch is None and self._state.meta(BRANCH) is None:
            self._state.set_meta(BRANCH, standing.branch)

    async def _standing(self) -> tuple[tuple[str, str], GitStanding]:
        """The mark to compare with later, and how things stand at that mark."""
        mark = await self._settled_mark()
        return mark, await asyncio.to_thread(self._tree.standing)

    async def _settled_mark(self) -> tuple[str, str]:
        """The mark, once no git command writes to the work tree."""
        waited = 0.0
        while (mark := self._tree.mark()) is None:
            if waited >= _PATIENCE:
                raise GitError(
                    "a git command is at work in this work tree",
                    subject=self._tree.shown,
                    remedy="ghostsync waits for it. If none runs: one was killed; remove index.lock from the git directory.",
                )
            await self._sleep(0.1)
            waited += 0.1
        return mark

    async def _unmoved(self, mark: tuple[str, str], *, exactly: bool) -> None:
        """Raise if a checkout came between. exactly: or any other command that wrote to the index, such as a pull, which
        may have renamed files while they were listed.

        RACE: a checkout that begins after this look and before the last write. Each write looks at its own target again, so
        the worst case is a file of a post that is new in Ghost, made in the other branch's work tree, where it lies
        untracked. Nothing is ever removed in Ghost for it: what is to be removed was decided from the scan before.
        """
        now = await self._settled_mark()
        if now[0] != mark[0] or (exactly and now != mark):
            raise _Moved(
                "git changed files while ghostsync looked at them",
                subject=self._tree.shown,
                remedy="Nothing was written. Run it again when git is done.",
            )
