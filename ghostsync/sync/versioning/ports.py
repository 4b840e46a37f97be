"""What a cycle in a git work tree needs of git, as Protocols. `git` implements them; methods may run git and raise GitError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from ghostsync.model import RemotePost
from ghostsync.sync.model import CycleReport
from ghostsync.sync.versioning.model import FileEdits, GitStanding, Person, Staged


class WorkTree(Protocol):
    """The git work tree that the folder lies in. Methods may run git and raise GitError."""

    @property
    def shown(self) -> str:
        """Its top directory, as people are told of it."""
        ...

    def standing(self) -> GitStanding:
        """Runs git once."""
        ...

    def mark(self) -> tuple[str, str] | None:
        """Two words that change when another branch is checked out, and when git wrote to the work tree; None while it does.
        Cheap, without git.
        """

    def head(self) -> str:
        """The first word of `mark`, whatever is under way. Cheap."""
        ...

    def tips(self, branch: str) -> Sequence[str]:
        """The commits that this branch has here and, as last seen, at its remote."""
        ...


class Committer(Protocol):
    """Commits in that work tree. Methods run git and raise GitError."""

    @property
    def nameless(self) -> bool:
        """Whether git knows nobody to commit as."""
        ...

    def clear_up(self) -> None:
        """Bring to its end what a process was killed in. Cheap where there is nothing."""

    def stage(self, edits: Sequence[FileEdits]) -> Sequence[Staged]:
        """What each file's part of a commit would be, in order."""
        ...

    def commit(self, paths: Sequence[str], message: str, author: Person | None) -> str:
        """Commit these, which were staged, and nothing else; what the user staged stays staged. Returns the commit. author:
        None for whoever git takes the committer to be.
        """
        ...


class Upstream(Protocol):
    """The branch's remote. stop: asked while the network is waited for. Methods raise GitError; `RemoteAway` where the
    remote does not answer.
    """

    def pull(self, stop: Callable[[], bool]) -> bool:
        """Bring the branch up to its remote, as `[git] pull` says; whether it moved."""
        ...

    def push(self, stop: Callable[[], bool]) -> bool:
        """Send the commits that are only here; whether there were any."""
        ...

    def fetch(self, stop: Callable[[], bool]) -> None:
        """Learn what the remote has."""

    def distance(self) -> tuple[int, int]:
        """How many commits are only here, and only there, as last seen. Without the network."""
        ...


class Agreements(Protocol):
    """The base, kept in git: for folders whose state database is not kept, as in CI."""

    async def seed(self, standing: GitStanding, branch: str, *, dry_run: bool) -> Sequence[str]:
        """Before a cycle: read into the state what it lacks. branch: the one that is synced. Returns warnings."""
        ...

    async def news(self, standing: GitStanding) -> bool:
        """After a cycle that found conflicts: whether others have agreed on something since that may settle them."""
        ...

    async def record(
        self, standing: GitStanding, report: CycleReport, *, shared: bool, whole: bool
    ) -> Sequence[str]:
        """After a cycle and its commits: note what both sides agree on now. standing: what the cycle saw. shared: the branch
        with all that was written has got to its remote, so that this may, too. whole: the cycle was for all documents. Returns
        warnings.
        """


class Past(Protocol):
    """What was so before, where the folder lies in a repository. Methods may raise GitError."""

    @property
    def shallow(self) -> bool:
        """Whether older versions than it can see may exist."""
        ...

    def renew(self) -> None:
        """A new cycle begins: others may have added to it."""

    def versions(self, path: str, *, since: str = "") -> Iterator[bytes]:
        """What the file at this path held, newest first. since: only after this commit."""
        ...

    def agreed(self, id: str) -> tuple[bytes, RemotePost] | None:
        """File and post as others agreed on them last."""
        ...


class History(Protocol):
    """The commits of the branch. Methods may raise GitError."""

    @property
    def shallow(self) -> bool:
        """Whether it holds only the newest ones."""
        ...

    def renew(self) -> None:
        """Take note of new ones."""

    def is_newest(self, branch: str) -> bool:
        """Whether it holds all that this branch has at the remote now. Uses the network."""
        ...

    def kept(self, commit: str) -> str:
        """It, or the newest before it that is a part of the branch still, after a rebase; "" for none."""
        ...

    def versions(self, path: str, *, since: str = "") -> Iterator[bytes]:
        """As `Past.versions`."""
        ...

    def held(self, data: bytes) -> bool:
        """Whether some document had this very content in some commit."""
        ...


class Ledger(Protocol):
    """Named texts beside the branches of a repository. Methods may raise GitError."""

    def listing(self) -> Mapping[str, str]:
        """Each text's name and fingerprint."""
        ...

    def fingerprint(self, data: bytes) -> str:
        """What `listing` tells of a text with these bytes."""
        ...

    def read(self, names: Iterable[str], *, at: str = "") -> Iterator[tuple[str, bytes]]:
        """The texts of these names, those that are missing left out. at: of another commit than the newest."""
        ...

    def write(self, texts: Mapping[str, bytes | None], message: str, *, on: str | None = None) -> None:
        """One commit: these texts, None taking one away, on top of the newest one, or of another."""

    def fetch(self) -> bool:
        """Bring what the remote has, if it is newer. Returns whether the remote has any."""
        ...

    def theirs(self) -> str:
        """The remote's commit, brought here; "" where it has none."""
        ...

    def push(self) -> bool:
        """Send it. Returns False where the remote has something newer."""
        ...
