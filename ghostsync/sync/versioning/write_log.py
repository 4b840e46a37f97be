"""What was written to the folder and git has not been told of: noted before each write, so that a crash between the write
and the commit loses nothing, and so that nothing that somebody else wrote is ever taken for ours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ghostsync.content.plainly import read_plainly
from ghostsync.errors import FolderError, StateError
from ghostsync.sync.model import FileWrite, Written
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.versioning.model import FileEdits


class WriteLog:
    """Implements `Recorder` over the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._sure: set[int] = set()  # the writes of this process that came to their end

    @contextmanager
    def writing(self, writes: Sequence[FileWrite]) -> Iterator[Callable[[Collection[str]], None]]:
        numbers = self._state.note_written([_with_id(write) for write in writes])
        by_path = dict(zip((write.path for write in writes), numbers, strict=True))
        done = set(by_path)
        try:
            yield done.intersection_update
        except FolderError:
            self._state.forget_written(numbers)
            raise
        if undone := [number for path, number in by_path.items() if path not in done]:
            self._state.forget_written(undone)
        self._sure.update(by_path[path] for path in done)

    def edits(self, folder: Folder) -> list[FileEdits]:
        """All that git has to be told, by file. What another process was killed in is looked at on the disk, and forgotten
        where the write was not made.
        """
        rows: list[Written] = []
        for row in self._state.written():
            if row.number in self._sure or _made(folder, row):
                self._sure.add(row.number)
                rows.append(row)
            else:
                self._state.forget_written([row.number])
        by_path: dict[str, list[Written]] = {}
        for row in rows:
            by_path.setdefault(row.path, []).append(row)
        return [self._edits(path, of_file) for path, of_file in by_path.items()]

    def _edits(self, path: str, rows: Sequence[Written]) -> FileEdits:
        def bytes_of(sha: str) -> bytes | None:
            return self._state.blob(sha) if sha else None

        steps: list[tuple[bytes | None, bytes | None]] = []
        try:
            steps += [(bytes_of(row.before), bytes_of(row.after)) for row in rows if row.whole]
        except StateError:
            steps.clear()  # damaged: then nobody can tell what was ours
        return FileEdits(
            path,
            tuple(row.number for row in rows),
            tuple(steps),
            arrived=None if rows[-1].whole else rows[-1].after,
            ghost_id=next((row.ghost_id for row in reversed(rows) if row.ghost_id), ""),
            since=rows[0].since,
        )

    def settled(self, edits: FileEdits) -> None:
        """Git was told, or shall not be."""
        self._state.forget_written(edits.numbers)
        self._sure.difference_update(edits.numbers)


def _with_id(write: FileWrite) -> FileWrite:
    """With the id of its post, by which the state knows it even when the file was moved. A new file has no past."""
    if not isinstance(write.before, bytes):
        return write
    return replace(write, ghost_id=read_plainly(write.before, write.path).ghost_id)


def _made(folder: Folder, row: Written) -> bool:
    """Whether a write that nobody saw the end of was made, as far as the disk tells."""
    return folder.digest(row.path) == row.after
