"""Commits of what ghostsync wrote, and of nothing else: hooks, signing and the user's identity as git has them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from ghostsync.errors import GitError
from ghostsync.git.index import IndexLock, finish, put_entries
from ghostsync.git.repository import Repository
from ghostsync.git.staging import Stage, Stager
from ghostsync.sync.versioning.message import in_a_commit
from ghostsync.sync.versioning.model import FileEdits, Person, Staged

NOBODY = {
    "GIT_AUTHOR_NAME": "ghostsync",
    "GIT_AUTHOR_EMAIL": "ghostsync@noreply.invalid",
    "GIT_COMMITTER_NAME": "ghostsync",
    "GIT_COMMITTER_EMAIL": "ghostsync@noreply.invalid",
}
"""Who commits where git knows no name: a service's user has none, and its commits shall not wait for one."""


class GitCommitter:
    """Implements `Committer`."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._git = repository.at_top()
        self._as_a_person = repository.git.elsewhere(repository.top, {})  # what hooks see is as git has it
        self._stages: dict[str, Stage] = {}
        self._head = ""
        self._identity: Mapping[str, str] | None = None

    @property
    def nameless(self) -> bool:
        """Whether git knows no name to commit with."""
        return self._known_identity() is NOBODY

    def clear_up(self) -> None:
        finish(self._repository, self._git)

    def stage(self, edits: Sequence[FileEdits]) -> list[Staged]:
        self._head = self._newest()
        stages = Stager(self._repository, self._git, self._head).stages(edits)
        self._stages = {stage.staged.edits.path: stage for stage in stages}
        return [stage.staged for stage in stages]

    def commit(self, paths: Sequence[str], message: str, author: Person | None) -> str:
        stages = [self._stages[path] for path in paths]
        head = self._newest()
        if head != self._head:
            raise GitError(
                "somebody else committed at the same moment",
                subject=self._repository.shown,
                remedy="What ghostsync wrote is committed after the next sync.",
            )
        lock = IndexLock(self._repository, self._git, head)
        with lock.held({stage.name: stage.index for stage in stages if stage.index is not None}):
            with lock.own() as own:
                put_entries(self._git, own, {stage.name: stage.new for stage in stages})
                environment = {**self._known_identity(), **_author(author), "GIT_INDEX_FILE": str(own)}
                try:
                    self._run(message, environment)
                except GitError:
                    if self._newest() == head:
                        raise
                    # The hook after it was stopped. Without what follows, the index would undo the commit.
            self._head = self._newest()
            lock.put(self._head, [stage.name for stage in stages if stage.keep])
        return self._head

    def _run(self, message: str, environment: Mapping[str, str]) -> None:
        limit = self._repository.config.commit_timeout
        try:
            self._as_a_person.run(
                "commit",
                "--quiet",
                "--no-status",
                "--cleanup=whitespace",
                "--file=-",
                input=message.encode(),
                timeout=limit,
                environment=environment,
            )
        except GitError as error:
            raise _refused(error, self._repository, limit) from None

    def _newest(self) -> str:
        """The newest commit of the branch; "" before the first one."""
        return self._git.commit()

    def _known_identity(self) -> Mapping[str, str]:
        if self._identity is None:
            code, _ = self._git.ask("var", "GIT_COMMITTER_IDENT", also=(128,))
            self._identity = NOBODY if code else {}
        return self._identity


def _author(author: Person | None) -> Mapping[str, str]:
    if author is None:
        return {}
    found = {
        "GIT_AUTHOR_NAME": in_a_commit(author.name) or in_a_commit(author.email),
        "GIT_AUTHOR_EMAIL": in_a_commit(author.email),
    }
    if author.at:
        moment = dt.datetime.fromisoformat(author.at)
        found["GIT_AUTHOR_DATE"] = f"{int(moment.timestamp())} +0000"
    return found


def _refused(error: GitError, repository: Repository, limit: float) -> GitError:
    """A hook's words, or what stands in the way of a signature, with what to do. The files stay as they are."""
    later = (
        "The files are in step with Ghost and stay as they are; the commit is tried again with the next sync."
    )
    subject = repository.shown
    if not error.code:
        return GitError(
            f"git commit did not end within {limit:g} s and was stopped",
            subject=subject,
            remedy=f"A hook is slow, or a signature waits for a passphrase, which nobody can type here. {later} "
            "[git] commit_timeout gives hooks more time; git config commit.gpgSign false signs nothing here.",
        )
    if re.search(r"gpg failed|failed to sign|signing failed|ssh-keygen", error.said, re.IGNORECASE):
        return GitError(
            f"the commit could not be signed: {error.said}",
            subject=subject,
            remedy=f"Let an agent hold the passphrase, or git config commit.gpgSign false in this repository. {later}",
            code=error.code,
            said=error.said,
        )
    return GitError(
        f"git commit was refused: {error.said}",
        subject=subject,
        remedy=f"A hook of this repository says so; mend what it names. {later}",
        code=error.code,
        said=error.said,
    )
