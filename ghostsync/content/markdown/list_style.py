"""How an author writes lists: which markers, how far apart and how deep, so that a new item looks like its neighbours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ghostsync.content.markdown.parser import encode, events

_MARKER = re.compile(rb" *([-*+]|(\d{1,9})[.)])( {0,4})")


@dataclass(frozen=True, slots=True)
class Look:
    """One list's markers. sign: the bullet, or what follows a number. padding: spaces after it. offset: spaces
    by which it is indented beyond the text of the item it is in. step: what is added from number to number.
    is_loose: blank lines between its items.
    """

    sign: str
    padding: int = 1
    offset: int = 0
    step: int = 1
    is_loose: bool = False

    def marker(self, number: int, *, is_number: bool) -> str:
        return f"{number if is_number else ''}{self.sign}{' ' * self.padding}"


ListStyle: TypeAlias = Mapping[tuple[int, bool], Look]
"""(how many lists it is in, whether it is numbered) -> the look of such a list."""

PLAIN: Final = {True: Look("."), False: Look("-")}
"""The looks of what is written anew: numbered or not."""

OTHER: Final = {True: Look(")"), False: Look("*")}
"""The looks that keep a list apart from the one before it."""


def list_style(source: str) -> ListStyle:
    """The looks of the lists in one block of Markdown, the first of each kind and depth counting."""
    text, data = encode(source)
    looks: dict[tuple[int, bool], Look] = {}
    columns = [0]  # where the text of each item around begins
    open_lists: list[tuple[int, bool] | None] = []  # of each list around, what is still to be learnt from it
    first_numbers: list[int] = []
    for event, span in events(text):
        if event.__class__ is not dict:
            continue
        tag, end = event.get("Start"), event.get("End")
        if tag == "Item":
            line_start = data.rfind(b"\n", 0, span["start"]) + 1
            found = _MARKER.match(data, span["start"])
            if not found or b"\t" in data[line_start : found.end() + 1]:
                return {}
            column = found.start(1) - line_start
            is_number, depth = found[2] is not None, len(open_lists) - 1
            padding = len(found[3]) or 1
            if open_lists[-1] is None:
                key = (depth, is_number)
                looks.setdefault(
                    key, Look(found[1].decode().lstrip("0123456789"), padding, column - columns[-1])
                )
                open_lists[-1] = key
                first_numbers.append(int(found[2] or 0))
            elif first_numbers[-1] >= 0:
                blank = data.endswith(b"\n\n", 0, line_start)
                look = looks[open_lists[-1]]
                step = 0 if is_number and int(found[2]) == first_numbers[-1] else 1
                looks[open_lists[-1]] = Look(look.sign, look.padding, look.offset, step, blank)
                first_numbers[-1] = -1
            columns.append(column + len(found[1]) + padding)
        elif end == "Item":
            columns.pop()
        elif tag.__class__ is dict and "List" in tag:
            open_lists.append(None)
        elif end.__class__ is dict and "List" in end:
            open_lists.pop()
            first_numbers.pop()
    return looks
