"""Rows that somebody still holds, given out once more: one cycle asks for those of ten thousand documents a dozen times, and
each set of them is ten megabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import ref

from ghostsync.sync.model import KnownDocument, Mirrored


class Documents(list[KnownDocument]):
    """A list that can be held weakly."""

    __slots__ = ("__weakref__",)


class Mirror(dict[str, Mirrored]):
    """A dictionary that can be held weakly."""

    __slots__ = ("__weakref__",)


Rows = TypeVar("Rows", Documents, Mirror)


class Held(Generic[Rows]):
    """One table's rows as they were read last. They are kept by whoever uses them, not by this."""

    def __init__(self) -> None:
        self._rows: ref[Rows] | None = None
        self._mark: tuple[int, int] | None = None
        self.writes = 0
        """To be counted up with each write to the table, and with each that is undone."""

    def get(self, others: int, load: Callable[[], Rows]) -> Rows:
        """others: changes with each write of another process. Nobody may alter what is returned."""
        mark = self.writes, others
        rows = self._rows() if self._rows is not None and mark == self._mark else None
        if rows is None:
            rows = load()
            self._rows, self._mark = ref(rows), mark
        return rows
