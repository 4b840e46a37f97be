"""The user's index, changed in step with a commit: under git's own lock, in one rename, and back as it was when the commit
fails.

    index.lock   is made as git makes it, so that no other git command writes meanwhile; it holds the new index
    git commit   with an index of its own
    rename       index.lock -> index

A process that is killed between the last two leaves the lock behind. What it was for stands in a note beside it, by which
`finish` tells whether the commit was made, and makes or drops the change.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ghostsync.errors import GitError
from ghostsync.git.command import Git
from ghostsync.git.contents import lines
from ghostsync.git.repository import Repository
from ghostsync.git.staging import Entry

_NOTE = "ghostsync-commit.json"
_OWN_INDEX = "ghostsync-index"
_NEXT_INDEX = "ghostsync-index-next"

Wanted = Mapping[str, Entry | None]
"""What the index shall hold at these paths; None: nothing."""


class IndexLock:
    """The locked index. git: run at the top of the work tree. head: the commit before ours, "" for none."""

    def __init__(self, repository: Repository, git: Git, head: str) -> None:
        self._repository = repository
        self._git = git
        self._head = head
        self._lock = repository.places["index.lock"]
        self._note = repository.directory / _NOTE
        self._wanted: Wanted = {}
        self._holds = False
        self._made = False

    @contextmanager
    def held(self, wanted: Wanted) -> Iterator[None]:
        """While the commit is made. wanted: where the user has staged edits, what the index shall hold after it. Left
        without `put`, the index stays as it was.
        """
        index = self._repository.places["index"]
        _take(self._lock, index, self._git)
        self._holds = True
        try:
            self._wanted = wanted
            self._tell(_hash(self._lock))
            yield
        finally:
            if self._holds and not self._made:
                self._lock.unlink(missing_ok=True)
                self._holds = False
            if not self._holds:
                self._note.unlink(missing_ok=True)

    def put(self, head: str, kept: Iterable[str]) -> None:
        """Bring what the commit `head` changed into the index: where the user has staged edits as was `wanted`, else
        where the index held what the commit before did. kept: paths whose entries stay. Should it fail, the lock
        stays for `finish`: without the change the index would look as if the commit were to be undone.
        """
        self._made = True
        following = self._lock.with_name(_NEXT_INDEX)
        try:
            _copy(self._lock, following)
            _apply(self._git, following, self._head, head, self._wanted, frozenset(kept))
            self._tell(_hash(self._lock), _hash(following))
            following.replace(self._lock)
        finally:
            following.unlink(missing_ok=True)
        self._lock.replace(self._repository.places["index"])
        self._holds = False

    def _tell(self, *locks: str) -> None:
        """Write the note. locks: hashes of what our lock file holds, or will in a moment."""
        wanted = {
            name: None if entry is None else [entry.mode, entry.id, entry.flag]
            for name, entry in self._wanted.items()
        }
        told = json.dumps({"head": self._head, "locks": locks, "wanted": wanted})
        temporary = self._note.with_name(f"{_NOTE}.new")
        temporary.write_text(told, encoding="utf-8")
        temporary.replace(self._note)

    @contextmanager
    def own(self) -> Iterator[Path]:
        """An index that holds HEAD, for the commit to be made with."""
        own = self._repository.directory / _OWN_INDEX
        try:
            if self._head:
                # From the user's one, so that git need not read every file to see that nothing changed.
                _copy(self._lock, own)
                update(self._git, own, "read-tree", "-i", "-m", self._head)
            else:
                update(self._git, own, "read-tree", "--empty")
            yield own
        finally:
            for left in (own, own.with_name(f"{own.name}.lock")):
                left.unlink(missing_ok=True)


def finish(repository: Repository, git: Git) -> None:
    """Bring to its end what a killed process left half done. Cheap where there is nothing."""
    note = repository.directory / _NOTE
    if not note.exists():
        return
    lock = repository.places["index.lock"]
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
        told = json.loads(note.read_text(encoding="utf-8"))
        if _hash(lock) in told["locks"]:
            head = git.commit()
            if head == told["head"]:
                lock.unlink()
            else:
                wanted = {
                    name: None if entry is None else Entry(*entry) for name, entry in told["wanted"].items()
                }
                _apply(git, lock, told["head"], head, wanted, frozenset())
                lock.replace(repository.places["index"])
    note.unlink(missing_ok=True)


def update(git: Git, index: Path, *arguments: str, input: bytes = b"") -> bytes:
    """A git command on that index."""
    return git.run(*arguments, input=input, environment={"GIT_INDEX_FILE": str(index)})


def put_entries(git: Git, index: Path, entries: Wanted) -> None:
    """Set or remove entries of that index, and let those that git was told not to look at stay so."""
    if not entries:
        return
    null = "0" * next((len(entry.id) for entry in entries.values() if entry), 40)
    told = b"".join(
        os.fsencode(f"{entry.mode} {entry.id}\t{name}" if entry else f"0 {null}\t{name}") + b"\0"
        for name, entry in entries.items()
    )
    update(git, index, "update-index", "-z", "--index-info", input=told)
    for option, chosen in (
        ("--skip-worktree", lambda flag: flag in "Ss"),
        ("--assume-unchanged", str.islower),
    ):
        names = [name for name, entry in entries.items() if entry and chosen(entry.flag)]
        if names:
            update(git, index, "update-index", option, "-z", "--stdin", input=lines(names))


def entries_of(git: Git, index: Path, names: Iterable[str]) -> dict[str, Entry]:
    told = update(git, index, "ls-files", "-s", "-v", "-z", "--", *names)
    found = {}
    for line in os.fsdecode(told).split("\0")[:-1]:
        words, _, name = line.partition("\t")
        flag, mode, id, _ = words.split(" ")
        found[name] = Entry(mode, id, flag)
    return found


def _apply(git: Git, lock: Path, before: str, after: str, wanted: Wanted, kept: frozenset[str]) -> None:
    changed = _changes(git, before, after)
    others = [name for name in changed if name not in wanted and name not in kept]
    held = entries_of(git, lock, others) if others else {}
    entries = {name: entry for name, entry in wanted.items() if name in changed}
    for name in others:
        old, new = changed[name]
        here = held.get(name)
        if (here is None and old is None) or (here is not None and here.same(old)):
            entries[name] = Entry(new.mode, new.id, here.flag if here else "H") if new else None
    put_entries(git, lock, entries)


def _changes(git: Git, before: str, after: str) -> dict[str, tuple[Entry | None, Entry | None]]:
    """What a commit changed, hooks of the user's included: path -> (before, after)."""
    trees = [before, after] if before else [_empty_tree(git), after]
    words = os.fsdecode(git.run("diff-tree", "-r", "-z", "--no-renames", *trees)).split("\0")
    found = {}
    for told, name in zip(words[0::2], words[1::2], strict=False):
        old_mode, new_mode, old_id, new_id, _ = told.removeprefix(":").split(" ")
        found[name] = (_entry(old_mode, old_id), _entry(new_mode, new_id))
    return found


def _entry(mode: str, id: str) -> Entry | None:
    return None if mode == "000000" else Entry(mode, id)


def _empty_tree(git: Git) -> str:
    return git.run("hash-object", "-t", "tree", "--stdin").decode().strip()


def _take(lock: Path, index: Path, git: Git) -> None:
    """Make git's lock file, with the index's content."""
    try:
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError:
        raise GitError(
            "another git command is at work in this work tree",
            subject=str(lock),
            remedy="What ghostsync wrote is committed after the next sync. If no git runs: remove that file.",
        ) from None
    os.close(descriptor)
    if index.exists():
        _copy(index, lock)
    else:
        update(git, lock, "read-tree", "--empty")


def _copy(index: Path, target: Path) -> None:
    """With its time: an entry as young as the index is looked at again by git, and must go on to be."""
    shutil.copyfile(index, target)
    told = index.stat()
    os.utime(target, ns=(told.st_atime_ns, told.st_mtime_ns))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
