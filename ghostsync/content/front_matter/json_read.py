"""JSON front matter (a `{...}` block, Hugo's) -> values, and where each member stands in the text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # public by name, missing in typeshed
from typing import Any

from ghostsync.content.front_matter.toml_read import value_of
from ghostsync.content.front_matter.values import Matter, Trouble, Value, duplicate

_DECODER = json.JSONDecoder()
_BLANK = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Member:
    """One top-level member: offsets of its key, of its value and the end of its value."""

    key: str
    start: int
    value_start: int
    end: int
    value: Any


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _expect(text: str, at: int, wanted: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] not in wanted or at >= len(text):
        raise json.JSONDecodeError(f"expected {' or '.join(wanted)}", text, at)
    return at


def scan(text: str) -> tuple[list[Member], int]:
    """All top-level members of the object that text begins with, and the offset behind its brace.

    Raises json.JSONDecodeError or RecursionError.
    """
    members: list[Member] = []
    at = _skip(text, _expect(text, 0, "{") + 1)
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        start = _expect(text, at, '"')
        key, at = scanstring(text, start + 1)
        value_start = _skip(text, _expect(text, at, ":") + 1)
        value, end = _DECODER.raw_decode(text, value_start)
        members.append(Member(key, start, value_start, end, value))
        at = _expect(text, end, ",}")
        if text[at] == "}":
            return members, at + 1
        at += 1


def read_json(text: str) -> Matter:
    """The values of a JSON block (LF line ends, braces included)."""
    try:
        members, _ = scan(text)
    except json.JSONDecodeError as error:
        return Matter(
            {},
            (
                Trouble(
                    error.lineno,
                    f"the front matter is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
                    "Correct this line, or the one before it; JSON wants a comma between members and none after the "
                    "last.",
                ),
            ),
        )
    except RecursionError:
        return Matter({}, (Trouble(1, "the front matter is nested far too deeply", "Remove the nesting."),))
    entries: dict[str, Value] = {}
    troubles = []
    for member in members:
        line = text.count("\n", 0, member.start) + 1
        if member.key in entries:
            troubles.append(duplicate(member.key, line))
        else:
            entries[member.key] = value_of(member.value, line, depth=0)
    return Matter(entries, tuple(troubles))
