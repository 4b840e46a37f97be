"""What the folder's files held in earlier commits, read in one pass: `git log` once, then contents as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ghostsync.errors import GitError
from ghostsync.git.command import Git
from ghostsync.git.objects import Objects, blob_id

_PASS = 120.0
"""Seconds for one walk over the whole history; ten thousand commits take less than two."""
_NETWORK = 60.0
_GONE = frozenset("0")
_DOCUMENTS = (".md", ".markdown", ".yaml", ".yml")  # the latter for tags.yaml


class FileHistory:
    """Earlier versions of the documents in one folder of a work tree.

    prefix: the folder in the work tree, "" or with a "/" at its end. remote: where others push to, "" for nowhere. A path is relative to the folder. Versions under the
    names that a file had before are its own, too.
    """

    def __init__(self, git: Git, prefix: str, remote: str = "") -> None:
        self._git = git
        self._prefix = prefix
        self._remote = remote
        self._head = ""
        self._walked: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._contents: frozenset[str] = frozenset()
        self._objects: Objects | None = None
        self._shallow: bool | None = None

    @property
    def shallow(self) -> bool:
        """Whether the clone holds only the newest commits, so that older versions cannot be seen."""
        if self._shallow is None:
            self._shallow = self._git.run("rev-parse", "--is-shallow-repository").strip() == b"true"
        return self._shallow

    def renew(self) -> None:
        """Take note of new commits. To be called before each cycle."""
        self.close()
        head = self.newest()
        if head != self._head:
            self._head = head
            self._walked.clear()
            self._contents = frozenset()
            self._shallow = None

    def newest(self) -> str:
        """The commit that is checked out, "" before the first one. Raises GitError."""
        return self._git.commit()

    def is_newest(self, branch: str) -> bool:
        """Whether HEAD holds all that this branch has at the remote now. Raises GitError where it cannot be asked."""
        if not self._remote:
            return True
        told = self._git.run("ls-remote", "--", self._remote, f"refs/heads/{branch}", timeout=_NETWORK)
        tip, _, _ = told.decode().partition("\t")
        return not tip or self._is_ancestor(tip)

    def kept(self, commit: str) -> str:
        """It, or the newest before it that HEAD still builds on; "" for none. Raises GitError."""
        if not commit:
            return ""
        code, found = self._git.ask("merge-base", commit, "HEAD", also=(1,))
        return found.decode().strip() if code == 0 else ""

    def versions(self, path: str, *, since: str = "") -> Iterator[bytes]:
        """What the file held, newest first. since: only in commits after this one; where this clone does not have that
        commit among its ancestors, nothing. Raises GitError.
        """
        walked = self._walked.get(since)
        if walked is None:
            walked = self._walked[since] = self._walk(since)
        for name in walked.get(path, ()):
            if self._objects is None:
                self._objects = Objects(self._git)
            data = self._objects.read(name)
            if data is not None:
                yield data

    def held(self, data: bytes) -> bool:
        """Whether some document held exactly this in some commit, apart from its line ends."""
        walked = self._walked.get("")
        if walked is None:
            walked = self._walked[""] = self._walk("")
        if not self._contents:
            self._contents = frozenset(name for names in walked.values() for name in names)
        forms = (data, data.replace(b"\r\n", b"\n"))
        return any(blob_id(self._git, form) in self._contents for form in forms)

    def close(self) -> None:
        """End the process that reads contents; the next question starts another one."""
        if self._objects is not None:
            self._objects.close()
            self._objects = None

    def _walk(self, since: str) -> Mapping[str, tuple[str, ...]]:
        """By path of today: hashes of contents, newest first, each once."""
        if not self._head or (since and not self._is_ancestor(since)):
            return {}
        span = f"{since}..{self._head}" if since else self._head
        raw = self._git.run(
            "log",
            "--raw",
            "-z",
            "--no-abbrev",
            "--format=",
            # What a merge made of two versions of one file is a version, too; those of its branches tell the rest.
            "--diff-merges=first-parent",
            "--find-renames",
            "-l400",
            span,
            "--",
            timeout=_PASS,
        )
        return _told(raw.decode("utf-8", "surrogateescape"), self._prefix)

    def _is_ancestor(self, commit: str) -> bool:
        try:
            code, _ = self._git.ask("merge-base", "--is-ancestor", commit, self._head, also=(1, 128))
        except GitError:  # a time limit, or no git: nothing is known then
            return False
        return code == 0


def _told(raw: str, prefix: str) -> dict[str, tuple[str, ...]]:
    """From `git log --raw -z`, newest commit first: `:mode mode old new S` and one path, or two after a rename.

    A rename that is met on the way back makes the older name another name of today's file, until that older name
    turns out to be another file's (it was made anew later).
    """
    fields = iter(raw.split("\0"))
    today: dict[str, str] = {}
    found: dict[str, dict[str, None]] = {}
    for field in fields:
        head = field.lstrip("\n")
        if not head.startswith(":"):
            continue
        *_, new, status = head.split(" ")
        path = next(fields, "")
        older = ""
        if status[0] in "RC":
            older, path = path, next(fields, "")
        if not path.startswith(prefix) or not path.endswith(_DOCUMENTS):
            continue
        name = today.get(path, path)
        if not set(new) <= _GONE:
            found.setdefault(name, {}).setdefault(new)
        if status[0] == "R" and older not in found and older.startswith(prefix):
            today[older] = name
    return {name[len(prefix) :]: tuple(hashes) for name, hashes in found.items()}
