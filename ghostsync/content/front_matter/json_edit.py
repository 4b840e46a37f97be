"""Editing JSON front matter member by member; what is not edited keeps every byte."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ghostsync.content.front_matter.json_read import Member, scan
from ghostsync.content.front_matter.values import CannotEdit, DateText, Edit, New


def _plain(new: New) -> Any:
    if isinstance(new, DateText):
        return new.text
    return list(new) if isinstance(new, tuple) else new


def _spelled(value: Any, old: str, indent: str) -> str:
    """A value in JSON, over several lines where the one it replaces was."""
    if "\n" in old:
        step = indent or "  "
        return json.dumps(value, ensure_ascii=False, indent=step).replace("\n", f"\n{indent}")
    return json.dumps(value, ensure_ascii=False)


def _indent(text: str, start: int) -> str:
    """The white space between a line's beginning and a member, "" where something else stands there."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return "" if line.strip() else line


def _removed(text: str, members: list[Member], at: int) -> str:
    member = members[at]
    if at + 1 < len(members):
        return text[: member.start] + text[members[at + 1].start :]
    if at:
        return text[: members[at - 1].end] + text[member.end :]
    return text[: member.start].rstrip() + text[member.end :].lstrip()


def _added(text: str, members: list[Member], edit: Edit, new: New) -> str:
    written = f"{json.dumps(edit.path[0], ensure_ascii=False)}: {json.dumps(_plain(new), ensure_ascii=False)}"
    if not members:
        brace = text.index("{") + 1
        inner = "\n" if "\n" in text else ""
        return f"{text[:brace]}{inner}{'  ' if inner else ''}{written}{inner}{text[brace:].lstrip()}"
    names = [member.key for member in members]
    after = next((names.index(key) for key in edit.after if key in names), None)
    if after is None:
        # In front of all others: a line more, and no comma to be added to somebody else's line.
        brace = text.index("{") + 1
        space = text[brace : members[0].start]
        return f"{text[:brace]}{space}{written},{space or ' '}{text[members[0].start :]}"
    start = members[after].start
    indent = _indent(text, start)
    space = f"\n{indent}" if indent or text[:start].endswith("\n") else " "
    return f"{text[: members[after].end]},{space}{written}{text[members[after].end :]}"


def edit_json(text: str, edits: Sequence[Edit]) -> str:
    """A JSON block with the edits made. Raises CannotEdit."""
    try:
        for edit in edits:
            members, _ = scan(text)
            at = next((i for i, member in enumerate(members) if member.key == edit.path[0]), None)
            if at is None:
                if edit.value is not None:
                    text = _added(text, members, edit, edit.value)
                continue
            member = members[at]
            if len(edit.path) == 1 and edit.value is None:
                text = _removed(text, members, at)
                continue
            value: Any = None if edit.value is None else _plain(edit.value)
            if len(edit.path) > 1:
                value = dict(member.value)
                if edit.value is None:
                    value.pop(edit.path[1], None)
                else:
                    value[edit.path[1]] = _plain(edit.value)
            old = text[member.value_start : member.end]
            new = _spelled(value, old, _indent(text, member.start))
            text = text[: member.value_start] + new + text[member.end :]
    except (json.JSONDecodeError, TypeError, ValueError, RecursionError) as error:
        raise CannotEdit("the block cannot be written back") from error
    return text
