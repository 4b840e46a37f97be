"""What of our writes goes into the next commit, and into the user's index: no more than came from Ghost.

For each file three versions count: HEAD's, the index's, and the one that lies in the folder. Each of our writes took the
last one from `before` to `after`. Where HEAD holds `before`, its next version is `after`. Where it does not, the file had
edits of the user's that are not committed, and the step is done to HEAD's version by a three-way merge, and to the index's
in the same way, so that what `git diff` and `git diff --cached` show afterwards is what they showed before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ghostsync.git.command import Git
from ghostsync.git.contents import lines, load, store, store_file, three_way
from ghostsync.git.repository import Repository
from ghostsync.sync.model import ABSENT
from ghostsync.sync.versioning.model import FileEdits, Staged

FILE_MODE = "100644"
_AT_ONCE = 500
"""More paths than that are not given one by one."""

_UNTRACKED = "is not in git yet: once you have committed it, edits from Ghost are, too"
_OVERLAPS = "has edits that are not committed, and Ghost's overlap with them; commit it yourself"
_STAGED = "has staged edits, and Ghost's overlap with them; commit it yourself"
_REMOVED = "was deleted in Ghost and is in the trash here, but it had edits that were not committed; commit the removal yourself"
_NESTED = "lies in another git repository, inside this one; commit it there"
_LOST = "was changed by ghostsync, and the state does not know how any more; commit it yourself"
_REPLACED = "was changed after it came from the site; commit it yourself"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a tree or in the index. flag: of the index: "S" for one that git does not look at, lower case for one that
    it takes for unchanged, else "H".
    """

    mode: str
    id: str
    flag: str = "H"

    def same(self, other: Entry | None) -> bool:
        return other is not None and (self.mode, self.id) == (other.mode, other.id)


@dataclass(frozen=True, slots=True)
class Stage:
    """One file's part of a commit. name: from the top of the work tree. old, new: HEAD's entry and the next one's, None
    for no file. index: where the user has staged edits of the file, these with ours. keep: the index stays as it is;
    without either it follows the commit.
    """

    name: str
    staged: Staged
    old: Entry | None = None
    new: Entry | None = None
    index: Entry | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class _Tables:
    """What git knows of the files: HEAD's tree, the index, which paths it ignores."""

    head: Mapping[str, Entry]
    index: Mapping[str, Entry]
    ignored: frozenset[str]


class Stager:
    """Works out stages for one commit. git: run at the top of the work tree."""

    def __init__(self, repository: Repository, git: Git, head: str) -> None:
        self._repository = repository
        self._git = git
        self._head = head
        self._bytes: dict[str, bytes] = {}

    def stages(self, edits: Sequence[FileEdits]) -> list[Stage]:
        """In the order of `edits`."""
        names = {each.path: f"{self._repository.prefix}{each.path}" for each in edits}
        tables = self._tables(list(names.values()))
        contents = [
            (names[each.path], data)
            for each in edits
            for step in each.steps
            for data in step
            if data is not None
        ]
        ids = iter(store(self._git, contents))
        steps = {
            each.path: [
                (None if before is None else next(ids), None if after is None else next(ids))
                for before, after in each.steps
            ]
            for each in edits
        }
        stages = [self._stage(each, names[each.path], steps[each.path], tables) for each in edits]
        return self._with_bytes(stages)

    def _stage(
        self, edits: FileEdits, name: str, steps: Sequence[tuple[str | None, str | None]], tables: _Tables
    ) -> Stage:
        old, index = tables.head.get(name), tables.index.get(name)

        def left(reason: str) -> Stage:
            return Stage(name, Staged(edits, reason=reason))

        if name in tables.ignored:
            return Stage(name, Staged(edits, unchanged=True))
        if self._nested(edits.path):
            return left(_NESTED)
        if edits.arrived is not None:
            return self._media(edits, name, old, index)
        if not steps:
            return left(_LOST)
        if old is None:
            # Only what began as a file of ours belongs to us.
            begun = [number for number, (before, _) in enumerate(steps) if before is None]
            if not begun:
                return left(_UNTRACKED)
            steps = steps[begun[-1] :]
        new = self._replayed(old.id if old else None, steps, taking_over=True)
        if new is _FAILED:
            return left(_REMOVED if steps[-1][1] is None else _OVERLAPS)
        return self._put(edits, name, old, new, index, steps)

    def _put(
        self,
        edits: FileEdits,
        name: str,
        old: Entry | None,
        new: str | None,
        index: Entry | None,
        steps: Sequence[tuple[str | None, str | None]],
    ) -> Stage:
        entry = None if new is None else Entry(old.mode if old else FILE_MODE, new)
        if (entry is None and old is None) or (entry is not None and entry.same(old)):
            return Stage(name, Staged(edits, unchanged=True))
        if (index is None and old is None) or (index is not None and index.same(old)):
            return Stage(name, Staged(edits), old, entry)
        if index is None or index.id == new:
            # Its removal is staged, or the same edit is: both stay.
            return Stage(name, Staged(edits), old, entry, keep=True)
        staged = self._replayed(index.id, steps, taking_over=False)
        if staged is _FAILED or staged is None:
            return Stage(name, Staged(edits, reason=_REMOVED if new is None else _STAGED))
        return Stage(name, Staged(edits), old, entry, Entry(index.mode, staged, index.flag))

    def _media(self, edits: FileEdits, name: str, old: Entry | None, index: Entry | None) -> Stage:
        untouched = (index is None and old is None) or (index is not None and index.same(old))
        if edits.arrived == ABSENT:
            if old is None:
                return Stage(name, Staged(edits, unchanged=True))
            if not untouched:
                return Stage(name, Staged(edits, reason=_REMOVED))
            return Stage(name, Staged(edits), old)
        if _digest(self._repository.folder / edits.path) != edits.arrived:
            return Stage(name, Staged(edits, reason=_REPLACED))
        entry = Entry(FILE_MODE, store_file(self._git, name))
        if old is not None and old.id == entry.id:
            return Stage(name, Staged(edits, unchanged=True))
        if not untouched:
            return Stage(name, Staged(edits, reason=_STAGED))
        return Stage(name, Staged(edits), old, entry)

    def _replayed(
        self, target: str | None, steps: Sequence[tuple[str | None, str | None]], *, taking_over: bool
    ) -> str | None:
        """The object after all steps were done to this one; `_FAILED` where one cannot be. taking_over: a file that Ghost
        brought back replaces what is there.
        """
        for before, after in steps:
            if target == after:
                continue
            if target == before or (before is None and taking_over):
                target = after
            elif target is None or before is None or after is None:
                return _FAILED
            else:
                ours, base, theirs = (self._load(id) for id in (target, before, after))
                merged = three_way(self._git, ours, base, theirs)
                if merged is None:
                    return _FAILED
                target = self._raw(merged)
        return target

    def _raw(self, data: bytes) -> str:
        """What was merged has been through the filters already."""
        return self._git.run("hash-object", "-w", "--no-filters", "--stdin", input=data).decode().strip()

    def _load(self, id: str) -> bytes:
        if id not in self._bytes:
            self._bytes |= load(self._git, [id])
        return self._bytes[id]

    def _nested(self, path: str) -> bool:
        parts = path.split("/")[:-1]
        places = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        return any((self._repository.folder / place / ".git").exists() for place in places)

    def _tables(self, names: Sequence[str]) -> _Tables:
        paths = (
            names if len(names) <= _AT_ONCE else [self._repository.prefix] if self._repository.prefix else []
        )
        head: dict[str, Entry] = {}
        if self._head:
            told = self._git.run("ls-tree", "-r", "-z", "--full-tree", self._head, "--", *paths)
            for line in os.fsdecode(told).split("\0")[:-1]:
                words, _, name = line.partition("\t")
                mode, _, id = words.split(" ")
                head[name] = Entry(mode, id)
        index: dict[str, Entry] = {}
        told = self._git.run("ls-files", "-s", "-v", "-z", "--", *paths)
        for line in os.fsdecode(told).split("\0")[:-1]:
            words, _, name = line.partition("\t")
            flag, mode, id, _ = words.split(" ")
            index[name] = Entry(mode, id, flag)
        new = [name for name in names if name not in head and name not in index]
        ignored: frozenset[str] = frozenset()
        if new:
            _, told = self._git.ask(
                "check-ignore",
                "-z",
                "--stdin",
                input=lines(new),
                also=(1,),
                environment={"GIT_LITERAL_PATHSPECS": "0"},  # paths are paths to it, and it refuses the word
            )
            ignored = frozenset(os.fsdecode(told).split("\0")) - {""}
        return _Tables(head, index, ignored)

    def _with_bytes(self, stages: Sequence[Stage]) -> list[Stage]:
        """With the bytes of documents on both sides, for the message."""
        ids = {
            entry.id
            for stage in stages
            if stage.staged.edits.arrived is None
            for entry in (stage.old, stage.new)
            if entry is not None
        }
        found = load(self._git, ids)

        def bytes_of(entry: Entry | None) -> bytes | None:
            return found.get(entry.id) if entry is not None else None

        return [
            replace(stage, staged=replace(stage.staged, old=bytes_of(stage.old), new=bytes_of(stage.new)))
            for stage in stages
        ]


def _digest(path: Path) -> str:
    """The hash of a file; ABSENT where there is none, or something else."""
    if path.is_symlink() or not path.is_file():
        return ABSENT
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_FAILED = "cannot be done"
"""Stands for an object that cannot be made; no object has this id."""
