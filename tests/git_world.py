"""A folder in a repository, written to by a person and by ghostsync, without any Ghost."""

from pathlib import Path

from git_helpers import git

from ghostsync.config import FolderSection, GitSection, HistorySection
from ghostsync.folder import LocalFolder
from ghostsync.git.commits import GitCommitter
from ghostsync.git.repository import find_repository
from ghostsync.state import SqliteState
from ghostsync.sync.model import ABSENT
from ghostsync.sync.versioning.write_log import WriteLog

_CHANGED = ("+", "-", "new file", "deleted file", "old mode", "new mode")


class World:
    """`top` is the work tree, `folder` the synced part of it."""

    def __init__(self, top: Path, prefix="", **settings):
        self.top = top
        self.root = top / prefix if prefix else top
        self.root.mkdir(parents=True, exist_ok=True)
        if not (top / ".git").exists():
            git(top, "init", "-q")
        self.settings = settings
        self.state = None
        self.open()

    def open(self):
        """As a new process finds it."""
        self.close()
        (self.root / ".ghostsync").mkdir(exist_ok=True)
        (self.root / ".ghostsync/.gitignore").write_text("*\n")
        self.state = SqliteState(self.root / ".ghostsync/state.db", HistorySection(), lambda: 1e9)
        self.folder = LocalFolder(self.root, FolderSection())
        self.log = WriteLog(self.state)
        self.folder.recorder = self.log
        self.repository = find_repository(self.root, GitSection(**self.settings))
        self.committer = GitCommitter(self.repository)

    def close(self):
        if self.state is not None:
            self.state.close()

    def path(self, name):
        return self.root / name

    def by_hand(self, name, text):
        """A person writes the file."""
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def by_ghostsync(self, name, text):
        """Ghostsync writes it, or takes it away (None)."""
        there = self.folder.digest(name)
        if text is None:
            self.folder.trash(name, expected_sha=there)
        else:
            data = text if isinstance(text, bytes) else text.encode()
            self.folder.write(name, data, expected_sha=there or ABSENT)

    def commit(self, message="By ghostsync"):
        """Commit what ghostsync wrote; returns why files were left: path -> reason."""
        staged = self.committer.stage(self.log.edits(self.folder))
        ready = [one.edits.path for one in staged if not one.reason and not one.unchanged]
        if ready:
            self.committer.commit(ready, message, None)
        for one in staged:
            self.log.settled(one.edits)
        return {one.edits.path: one.reason for one in staged if one.reason}

    def git(self, *arguments, **more):
        return git(self.top, *arguments, **more)

    def changes(self, *arguments):
        """The lines that a diff takes away and puts in, by file."""
        found, name = {}, ""
        for line in self.git("diff", "-U0", "--no-renames", *arguments).split("\n"):
            if line.startswith("diff --git "):
                name = line
                found[name] = []
            elif line.startswith(_CHANGED) and not line.startswith(("+++", "---")):
                found[name].append(line)
        return {name: lines for name, lines in found.items() if lines}

    def users(self):
        """What the user has done and not committed, as git tells it."""
        return {
            "staged": self.changes("--cached"),
            "unstaged": self.changes(),
            "status": self.git("status", "--porcelain", "-uall").splitlines(),
        }
