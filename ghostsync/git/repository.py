"""The repository that the folder lies in: where it is, what branch it is on, and what is under way in it.

What never changes is asked once, when it is opened (one git process); how things stand, once for each question (another).
Whether they moved meanwhile is told by a look at two files, without git.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ghostsync.config import GitSection
from ghostsync.errors import GitError
from ghostsync.git.command import Git
from ghostsync.sync.versioning.model import GitStanding

_OPERATIONS = {
    "rebase-merge": "a rebase",
    "rebase-apply/applying": "git am",
    "rebase-apply": "a rebase",
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "sequencer": "a cherry-pick or revert",
    "BISECT_LOG": "a bisect",
}
"""What lies in the git directory while something is under way, the more exact ones first."""

_REFTABLE = "reftable/tables.list"
_PLACES = ("HEAD", "index", "index.lock", _REFTABLE, *_OPERATIONS)


@dataclass(frozen=True, slots=True)
class Repository:
    """One work tree of one repository.

    folder: the synced one. top: the work tree's. prefix: of the folder inside it, "" or "blog/". directory: the git
    directory of this work tree. common: the one that all work trees share. shallow: history was cut off.
    places: what `git rev-parse --git-path` says of each of `_PLACES`.
    """

    git: Git
    config: GitSection
    folder: Path
    top: Path
    prefix: str
    directory: Path
    common: Path
    shallow: bool
    places: Mapping[str, Path]

    def at_top(self) -> Git:
        """Git at the top of the work tree, where a path is a path, whatever letters are in it."""
        return self.git.elsewhere(self.top, {"GIT_LITERAL_PATHSPECS": "1"})

    def standing(self) -> GitStanding:
        """How things stand now. One git process; reads the index and looks at each tracked file's stat."""
        told = self.git.run(
            "status",
            "--porcelain=v2",
            "--branch",
            "--untracked-files=no",
            "--ignore-submodules=all",
            "--no-renames",
            "-z",
            environment={"GIT_OPTIONAL_LOCKS": "0"},
        )
        head, branch, unmerged, dirty = "", "", list[str](), list[str]()
        for entry in os.fsdecode(told).split("\0"):
            if entry.startswith("# branch.oid "):
                head = entry.removeprefix("# branch.oid ").replace("(initial)", "")
            elif entry.startswith("# branch.head "):
                branch = entry.removeprefix("# branch.head ")
            elif entry.startswith("u "):
                unmerged.append(entry.split(" ", 10)[10])
            elif entry.startswith("1 "):
                dirty.append(entry.split(" ", 8)[8])
        return GitStanding(
            branch="" if branch == "(detached)" else branch,
            head=head,
            operation=self.operation(),
            unmerged=tuple(unmerged),
            dirty=tuple(dirty),
            shallow=self.shallow,
        )

    def head(self) -> str:
        """What HEAD says: a commit, or which branch it follows. "" where it cannot be read."""
        try:
            said = self.places["HEAD"].read_bytes()
            if (
                said.strip() == b"ref: refs/heads/.invalid"
            ):  # references are kept in tables; this one changes with each
                said = self.places[_REFTABLE].read_bytes()
        except OSError:
            return ""
        return os.fsdecode(said)

    def tips(self, branch: str) -> list[str]:
        """The commits of this branch, here and at its remotes as last seen. One git process."""
        told = self.git.run(
            "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}", f"refs/remotes/*/{branch}"
        )
        return told.decode().split()

    def remote(self) -> str:
        """Where this branch is fetched from and pushed to: as configured, else its own, else origin; "" for nowhere."""
        if self.config.remote:
            return self.config.remote
        remotes = os.fsdecode(self.git.run("remote")).split()
        code, branch = self.git.ask("symbolic-ref", "--quiet", "--short", "HEAD", also=(1,))
        if code == 0:
            name = f"branch.{os.fsdecode(branch).strip()}.remote"
            _, own = self.git.ask("config", "--get", name, also=(1,))
            if (found := os.fsdecode(own).strip()) in remotes:
                return found
        return "origin" if "origin" in remotes else ""

    @property
    def shown(self) -> str:
        return str(self.top)

    def operation(self) -> str:
        """What is under way: "a rebase"; "" for nothing."""
        return next((words for name, words in _OPERATIONS.items() if self.places[name].exists()), "")

    def mark(self) -> tuple[str, str] | None:
        """What tells that another branch was checked out, and that git wrote to the work tree; None while it does.

        git holds the lock of the index from before the first file that a checkout touches until after the last; HEAD
        is written at the end. Looks at three files, without git.
        """
        if self.places["index.lock"].exists() or not (head := self.head()):
            return None
        try:
            index = self.places["index"].stat()
        except FileNotFoundError:
            return head, ""
        return head, f"{index.st_mtime_ns} {index.st_ino} {index.st_size}"


def find_repository(
    folder: Path, config: GitSection, environment: Mapping[str, str] | None = None
) -> Repository | None:
    """The repository whose work tree the folder lies in. None when there is none, when `[git] mode` is off, or when
    git ignores the folder. Raises GitError: git is missing or refuses, or the folder lies in a bare repository.
    """
    folder = folder.resolve()
    if config.mode == "off" or not _signs_of_one(folder):
        return None
    git = Git(folder, environment)
    try:
        told = git.run(
            "rev-parse",
            "--is-bare-repository",
            "--is-inside-work-tree",
            "--is-shallow-repository",
            "--absolute-git-dir",
            "--git-common-dir",
            *(argument for place in _PLACES for argument in ("--git-path", place)),
            environment={"GIT_OPTIONAL_LOCKS": "0"},
        )
    except GitError as error:
        if "not a git repository" in error.said:
            return None  # a directory of that name, and nothing in it
        raise _refused(error, folder) from None
    bare, inside, shallow, directory, common, *places = os.fsdecode(told).splitlines()
    if bare == "true" or inside != "true":
        raise GitError(
            "lies in a git repository that has no work tree",
            subject=str(folder),
            remedy='Sync a clone of it (docs/git.md shows how), or keep git out of it: [git] mode = "off" in ghostsync.toml.',
        )
    git = _with_own_ssh(git)
    shown = os.fsdecode(git.run("rev-parse", "--show-toplevel", "--show-prefix"))
    top, prefix = shown.splitlines()[:2] if shown.count("\n") > 1 else (shown.strip("\n"), "")
    if prefix and _ignored(git):
        return None
    return Repository(
        git,
        config,
        folder,
        Path(top),
        prefix,
        Path(directory),
        (folder / common).resolve(),
        shallow == "true",
        {name: folder / place for name, place in zip(_PLACES, places, strict=True)},
    )


def _with_own_ssh(git: Git) -> Git:
    """With the ssh that the user has set, a deploy key's for example: the environment would go before it."""
    code, told = git.ask("config", "--get", "core.sshCommand", also=(1,))
    return git if code else git.elsewhere(git.directory, {"GIT_SSH_COMMAND": os.fsdecode(told).strip()})


def _signs_of_one(folder: Path) -> bool:
    """Whether git would find a repository, so that a machine without git is told so only where it matters."""
    for place in (folder, *folder.parents):
        if (place / ".git").exists():
            return True
        if (place / "HEAD").is_file() and (place / "objects").is_dir() and (place / "refs").is_dir():
            return True
    return False


def _ignored(git: Git) -> bool:
    """Whether git is told to leave the folder alone, and holds none of its files all the same."""
    code, _ = git.ask("check-ignore", "--quiet", "--", f"{git.directory}/", also=(1,))
    return code == 0 and not git.run("ls-files", "-z", "--", ".")


def _refused(error: GitError, folder: Path) -> GitError:
    if "dubious ownership" in error.said:
        return GitError(
            "git does not trust this repository, because it belongs to another user",
            subject=str(folder),
            remedy="Let ghostsync run as the owner of the files. Or tell git that it is all right: git config --global --add "
            f'safe.directory "{_top(folder)}". Or keep git out of it: [git] mode = "off" in ghostsync.toml.',
            code=error.code,
            said=error.said,
        )
    return error


def _top(folder: Path) -> Path:
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
