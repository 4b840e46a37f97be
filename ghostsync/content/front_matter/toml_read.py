"""TOML front matter (`+++`, Hugo's) -> values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from ghostsync.content.front_matter.values import Matter, Trouble, Type, Value

_KEY = re.compile(r"""^[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|([\w-]+))[ \t]*(?:=|\.)""", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[{1,2}[ \t]*[\"']?([\w-]+)", re.MULTILINE)
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def read_toml(text: str) -> Matter:
    """The values of a TOML block (LF line ends, without its fences)."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Matter({}, (_explain(str(error), text),))
    except RecursionError:
        return Matter({}, (Trouble(1, "the front matter is nested far too deeply", "Remove the nesting."),))
    lines: dict[str, int] = {}
    # A multi-line text may hold something that looks like a key; the first hit of a real key is close enough
    # for a message, and nothing else depends on it.
    for pattern in (_KEY, _TABLE):
        for match in pattern.finditer(text):
            key = next(group for group in match.groups() if group)
            lines.setdefault(key, text.count("\n", 0, match.start()) + 1)
    return Matter(_table(data, lines))


def _table(data: Mapping[str, Any], lines: Mapping[str, int]) -> dict[str, Value]:
    return {key: value_of(value, lines.get(key, 1), depth=0) for key, value in data.items()}


def value_of(value: Any, line: int, *, depth: int) -> Value:
    """A value as `tomllib` or `json` decoded it; everything in it is on the given line."""
    if isinstance(value, bool):
        return Value(Type.FLAG, line, "true" if value else "false")
    if value is None:
        return Value(Type.EMPTY, line)
    if isinstance(value, str):
        return Value(Type.TEXT, line, value)
    if isinstance(value, int | float):
        return Value(Type.NUMBER, line, str(value))
    if isinstance(value, datetime | date | time):
        return Value(Type.DATE, line, value.isoformat())
    if depth >= 2:
        return Value(Type.TABLE, line)
    if isinstance(value, list):
        return Value(Type.LIST, line, items=tuple(value_of(item, line, depth=depth + 1) for item in value))
    table = {key: value_of(item, line, depth=depth + 1) for key, item in value.items()}
    return Value(Type.TABLE, line, table=table)


def _explain(message: str, text: str) -> Trouble:
    line = text.count("\n") + 1
    if match := _AT_LINE.search(message):
        line, message = int(match[1]), message[: match.start()]
    message = message.removesuffix(" (at end of document)")
    lines = text.split("\n")
    found = _KEY.match(lines[line - 1]) if line <= len(lines) else None
    key = next((group for group in found.groups() if group), "") if found else ""
    if "Cannot overwrite a value" in message:
        return Trouble(line, "this key is there twice", "Keep one of the two lines.", key)
    return Trouble(
        line,
        f"the front matter is not valid TOML: {message[:1].lower()}{message[1:]}",
        'Correct this line; texts stand in quotes: key = "text".',
        key,
    )
