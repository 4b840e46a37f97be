"""What a natural spelling cannot say, in a comment at the end of it: `<!--width=1200 cardWidth=wide-->`.

Readers of the page and of the file's rendering never see it. Values are numbers, true, false, bare words, or
JSON strings in which `--` is escaped, so that the comment ends where it should.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PAIR = re.compile(r'(?:^| )([A-Za-z][\w.]*)(?:=("(?:[^"\\]|\\.)*"|[^\s"]+))?')
_COMMENT = re.compile(r"<!--([A-Za-z][^\n]*?)-->")
_BARE = re.compile(r"[A-Za-z/](?:[\w./:#?=&%+,@~]|-(?!-|$))*", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9]\d*)\.\d+(?:e[+-]\d+)?")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_WORDS = {"true": True, "false": False}


def write_attributes(values: Mapping[str, Any], *, name: str = "") -> str | None:
    """A comment, "" if there is nothing to say; None if a value is no text, number or flag.

    name: a word in front, for what the values belong to.
    """
    parts = [name] if name else []
    for key, value in values.items():
        if isinstance(value, bool):
            parts.append(f"{key}={str(value).lower()}")
        elif isinstance(value, int) and abs(value) < 10**18:
            parts.append(f"{key}={value}")
        elif isinstance(value, float) and _FLOAT.fullmatch(repr(value)):
            parts.append(f"{key}={value!r}")
        elif isinstance(value, str):
            parts.append(f"{key}={_quoted(value)}")
        else:
            return None
    return f"<!--{' '.join(parts)}-->" if parts else ""


def read_attributes(comment: str) -> tuple[str, dict[str, Any]] | None:
    """(name, values) of such a comment; None for any other."""
    found = _COMMENT.fullmatch(comment)
    if not found:
        return None
    text = found[1]
    name = ""
    values: dict[str, Any] = {}
    position = 0
    for match in _PAIR.finditer(text):
        if match.start() != position:
            return None
        position = match.end()
        key, value = match.groups()
        if value is None:
            if match.start():
                return None
            name = key
        elif key in values:
            return None
        else:
            values[key] = _value(value)
    return (name, values) if position == len(text) else None


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value) and value not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=any("\ud800" <= char <= "\udfff" for char in value))
    return quoted.replace("--", "-\\u002d").replace("`", "\\u0060")


def _value(source: str) -> Any:
    if source[0] == '"':
        try:
            return json.loads(source)
        except ValueError:
            return source
    if source in _WORDS:
        return _WORDS[source]
    if _FLOAT.fullmatch(source):
        return float(source)
    return int(source) if _NUMBER.fullmatch(source) else source
