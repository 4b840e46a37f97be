"""Editing TOML front matter with tomlkit, which keeps comments, order and blank lines to the letter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, String, StringType

from ghostsync.content.front_matter.values import CannotEdit, DateText, Edit, New

_TABLE_LINE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_BLANK_OR_COMMENT = re.compile(r"^(?:[ \t]*(?:#[^\n]*)?\n)*\Z", re.MULTILINE)


def _item(new: New, old: Any) -> Any:
    """A value as an item, in the quotes and with the line breaks of the one it replaces."""
    if isinstance(new, DateText):
        if isinstance(old, String):
            return tomlkit.string(new.text)
        return tomlkit.item(datetime.fromisoformat(new.text))
    if isinstance(new, str):
        literal = isinstance(old, String) and old._t in {StringType.SLL, StringType.MLL}  # noqa: SLF001 - no public way to ask
        multiline = "\n" in new and not any(character < " " and character not in "\n\t" for character in new)
        if literal and not multiline and "'" not in new and new.isprintable():
            return tomlkit.string(new, literal=True)
        return tomlkit.string(f"\n{new}" if multiline and new.startswith("\n") else new, multiline=multiline)
    if isinstance(new, tuple):
        array = tomlkit.array()
        array.extend(new)
        array.multiline(isinstance(old, Array) and "\n" in old.as_string())
        return array
    return new


def _root_end(text: str) -> int:
    """Where the keys that belong to no table end, in front of the first table and the comment above it."""
    for match in _TABLE_LINE.finditer(text):
        head = text[: match.start()]
        try:
            tomllib.loads(head)
        except tomllib.TOMLDecodeError:
            continue  # this bracket stands inside a value of several lines
        blank = _BLANK_OR_COMMENT.search(head)
        return blank.start() if blank else match.start()
    return len(text)


def _added(text: str, edit: Edit, new: New) -> str:
    lines = tomlkit.dumps({edit.path[0]: _item(new, None)})
    at = _root_end(text)
    gap = "" if at == 0 or text[at - 1] == "\n" else "\n"
    return text[:at] + gap + lines + text[at:]


def edit_toml(text: str, edits: Sequence[Edit]) -> str:
    """A TOML block with the edits made. Raises CannotEdit."""
    try:
        for edit in edits:
            document: Any = tomlkit.parse(text)
            table: Any = document
            for key in edit.path[:-1]:
                table = table[key]
            name = edit.path[-1]
            if edit.value is None:
                if name in table:
                    del table[name]
                text = tomlkit.dumps(document)
            elif name in table:
                table[name] = _item(edit.value, table[name])
                text = tomlkit.dumps(document)
            elif len(edit.path) == 1:
                text = _added(text, edit, edit.value)
            else:
                raise CannotEdit("a nested key cannot be added")
    except (TOMLKitError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CannotEdit("the block cannot be written back") from error
    return text
