"""The branch's other end: fetch, fast-forward or rebase, push. Nothing is ever forced, and nothing is left half done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from ghostsync.errors import GitError, RemoteAway
from ghostsync.git.command import QUICK
from ghostsync.git.repository import Repository

_REJECTED = re.compile(r"\[rejected\]|non-fast-forward|fetch first|\[remote rejected\].*cannot lock ref")
_IN_THE_WAY = re.compile(
    r"would be overwritten|unstaged changes|uncommitted changes|not stash|cannot rebase|Please commit"
)
_MISSING = re.compile(r"couldn't find remote ref|Could not find remote branch", re.IGNORECASE)


Stop = Callable[[], bool]

_LATER = "Until then nothing is synced; ghostsync goes on by itself after that."


class Rejected(GitError):
    """The remote has commits that are not here."""


class Remote:
    """The remote's branch, as this repository knows it. detached: HEAD follows no branch, as in CI. Implements `Upstream`."""

    def __init__(self, repository: Repository, branch: str, *, detached: bool = False) -> None:
        self._repository = repository
        self._git = repository.git.elsewhere(repository.top, {})
        self._branch = branch
        self._head = "" if detached else f"refs/heads/{branch}"
        self._conflicted: tuple[str, GitError] | None = None

    @property
    def _name(self) -> str:
        """Asked each time: somebody may add it while the daemon runs."""
        return self._repository.remote()

    @property
    def _ref(self) -> str:
        return f"refs/remotes/{self._name}/{self._branch}"

    def pull(self, stop: Stop) -> bool:
        """Fetch, and bring the branch up to its remote: by a fast-forward, or by a rebase of the commits that are only
        here. Whether it moved. Raises `RemoteAway` when the remote cannot be asked, GitError when a person is needed; then all
        is as it was before.
        """
        self.fetch(stop)
        self._check_branch()  # a fetch takes its time, and a rebase would be one of whatever is checked out
        ahead, behind = self.distance()
        if not behind:
            return False
        if not ahead:
            self._fast_forward()
        elif self._repository.config.pull == "rebase":
            self._rebase()
        else:
            raise GitError(
                f"branch {self._branch} and {self._name} have parted: {ahead} here and {behind} there are not on the other side",
                subject=self._repository.shown,
                remedy=f'{self._by_hand}, or let ghostsync do it: [git] pull = "rebase". {_LATER}',
            )
        return True

    @property
    def _by_hand(self) -> str:
        """With remote and branch, since a branch that ghostsync was the first to push follows none."""
        return f"git pull --rebase {self._name} {self._branch}"

    def fetch(self, stop: Stop) -> None:
        """Raises RemoteAway."""
        if not self._name:
            raise RemoteAway(
                "there is no remote to pull from or push to",
                subject=self._repository.shown,
                remedy='git remote add origin URL; or name it: [git] remote. Or pull = "off" and push = false.',
            )
        try:
            self._network(
                stop,
                "fetch",
                "--no-recurse-submodules",
                "--no-write-fetch-head",
                self._name,
                f"+refs/heads/{self._branch}:{self._ref}",
            )
        except GitError as error:
            if not _MISSING.search(error.said):
                raise self._away(error) from None

    def distance(self) -> tuple[int, int]:
        """How many commits are only here, and only there, as last seen. Everything is only here where the remote has no
        such branch.
        """
        if not self._git.run("for-each-ref", "--format=%(refname)", self._ref).strip():
            _, told = self._git.ask("rev-list", "--count", "HEAD", also=(128,))
            return int(told or b"0"), 0
        code, told = self._git.ask("rev-list", "--left-right", "--count", f"HEAD...{self._ref}", also=(128,))
        if code:  # no commit here yet
            return 0, int(self._git.run("rev-list", "--count", self._ref))
        ahead, behind = told.split()
        return int(ahead), int(behind)

    def push(self, stop: Stop) -> bool:
        """Send what is only here; whether there was anything. What the remote got meanwhile is pulled once, where `[git] pull`
        rebases. Raises Rejected, RemoteAway, and what `pull` does.
        """
        if not self._name:
            self.fetch(stop)  # tells why not
        self._check_branch()
        if not self.distance()[0]:
            return False
        try:
            self._send(stop)
        except Rejected:
            if self._repository.config.pull != "rebase":
                raise
            self.pull(stop)
            self._send(stop)
        return True

    def _send(self, stop: Stop) -> None:
        try:
            # Not HEAD, which may be another branch's by the time that the hook before a push has ended.
            self._network(stop, "push", self._name, f"{self._head or 'HEAD'}:refs/heads/{self._branch}")
        except GitError as error:
            if _REJECTED.search(error.said):
                raise Rejected(
                    f"{self._name} has commits that are not here, and takes no push",
                    subject=self._repository.shown,
                    remedy=f'{self._by_hand}, or let ghostsync do it: [git] pull = "rebase". What was not pushed goes along '
                    "with the next push.",
                    code=error.code,
                    said=error.said,
                ) from None
            raise self._away(error) from None

    def _check_branch(self) -> None:
        """Raise where somebody checked out another branch since the cycle began."""
        _, told = self._git.ask("symbolic-ref", "--quiet", "HEAD", also=(1,))
        if os.fsdecode(told).strip() != self._head:
            raise GitError(
                f"another branch than {self._branch} was checked out meanwhile",
                subject=self._repository.shown,
                remedy=f"Nothing was pulled or pushed. git switch {self._branch}; ghostsync goes on by itself after that.",
            )

    def _network(self, stop: Stop, *arguments: str) -> None:
        self._git.run(*arguments, timeout=self._repository.config.timeout, stop=stop)

    def _away(self, error: GitError) -> RemoteAway:
        return RemoteAway(
            f"the remote {self._name} cannot be used now: {error.said or error.what}",
            subject=self._repository.shown,
            remedy="Syncing with Ghost goes on; it is tried again with the next sync.",
            code=error.code,
            said=error.said,
        )

    def _fast_forward(self) -> None:
        try:
            self._git.run("merge", "--ff-only", "--quiet", self._ref, timeout=self._limit)
        except GitError as error:
            raise self._in_the_way(error) or error from None

    def _rebase(self) -> None:
        # A rebase that conflicts has written to the work tree and taken it back; not each minute.
        tips = self._git.run("rev-parse", "HEAD", self._ref).decode()
        if self._conflicted is not None and self._conflicted[0] == tips:
            raise self._conflicted[1]
        try:
            self._git.run(
                "-c",
                "rebase.updateRefs=false",
                "rebase",
                "--quiet",
                "--no-autostash",
                "--rebase-merges",
                self._ref,
                timeout=self._limit,
            )
        except GitError as error:
            if self._repository.operation():
                self._git.run("rebase", "--abort")
                refused = GitError(
                    f"the commits made here conflict with those from {self._name}; the rebase was taken back",
                    subject=self._repository.shown,
                    remedy=f"{self._by_hand}, and settle what conflicts. {_LATER}",
                    code=error.code,
                    said=error.said,
                )
                self._conflicted = (tips, refused)
                raise refused from None
            raise self._in_the_way(error) or error from None

    def _in_the_way(self, error: GitError) -> GitError | None:
        if not _IN_THE_WAY.search(error.said):
            return None
        return GitError(
            f"edits that are not committed stand in the way of what came from {self._name}: {error.said}",
            subject=self._repository.shown,
            remedy=f"Commit or stash them. {_LATER}",
            code=error.code,
            said=error.said,
        )

    @property
    def _limit(self) -> float:
        return max(QUICK, self._repository.config.commit_timeout)
