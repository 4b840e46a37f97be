"""What the three formats have in common: values with line numbers, and edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from ghostsync.errors import ContentError

Path: TypeAlias = tuple[str, ...]


class Type(StrEnum):
    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    DATE = "date"
    EMPTY = "empty"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the author wrote it.

    text: of a scalar, the characters in the file (unquoted, unescaped), so that `title: 2024` stays "2024"; of
    an EMPTY value, the comment behind it ("#news"), since an unquoted tag looks like one. line: 1-based in
    the front matter block. Lists and tables are read two levels deep, which is all that any field has.
    """

    type: Type
    line: int
    text: str = ""
    items: tuple[Value, ...] = ()
    table: Mapping[str, Value] = field(default_factory=dict)

    @property
    def scalar(self) -> bool:
        return self.type not in {Type.LIST, Type.TABLE}

    @property
    def blank(self) -> bool:
        """Nothing is written here: no value, or a text of nothing but spaces."""
        return self.type is Type.EMPTY or (self.scalar and not self.text.strip())


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a front matter block, before anybody knows the file: line as in `Value`."""

    line: int
    what: str
    remedy: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A front matter block, read: its top-level keys in order, and what is wrong with it."""

    entries: Mapping[str, Value]
    troubles: tuple[Trouble, ...] = ()

    def find(self, path: Path) -> Value | None:
        value = self.entries.get(path[0])
        for key in path[1:]:
            value = value.table.get(key) if value is not None else None
        return value


@dataclass(frozen=True, slots=True)
class DateText:
    """A date to be written as such (bare in YAML and TOML, quoted in JSON)."""

    text: str


New: TypeAlias = str | bool | tuple[str, ...] | DateText
"""A value to be written: text, flag, list of texts, date."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One key to be set, or removed where value is None.

    path: its place; only keys that exist can have more than one part. after: keys behind which a new one may
    stand, nearest first; before: the key it must stay in front of, where neither is there it goes last.
    """

    path: Path
    value: New | None
    after: tuple[str, ...] = ()
    before: str = ""


class CannotEdit(ContentError):
    """A way of editing that does not fit the block; another may. Never reaches the user."""


def duplicate(key: str, line: int) -> Trouble:
    return Trouble(line, "this key is there twice", "Keep one of the two lines.", key)


def no_mapping(line: int = 1) -> Trouble:
    return Trouble(
        line,
        "the front matter is not a list of `key: value` lines",
        "Write `key: value` lines between the fences. If the text only opens with a rule, write it as ***, or put "
        "an empty front matter (--- and ---) before it.",
    )
