"""Values from Ghost -> YAML as a person would write it. What is not set in Ghost is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ghostsync.content.front_matter.yaml_write import is_plain, quoted, scalar

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_set(value: Any) -> bool:
    """Whether there is anything to write down."""
    return value is not None and value not in ("", [], {})


def mapping(values: Mapping[str, Any], *, indent: str = "") -> str:
    """`key: value` lines, every line ended; "" where nothing is set."""
    return "".join(
        f"{indent}{_key(key)}:{_value(value, indent)}" for key, value in values.items() if is_set(value)
    )


def sequence(rows: Iterable[Any], *, indent: str = "") -> str:
    """A `- ` for each row, every line ended."""
    return "".join(f"{indent}-{_item(row, indent)}" for row in rows)


def _key(name: str) -> str:
    return name if _KEY.fullmatch(name) and is_plain(name) else quoted(name)


def _value(value: Any, indent: str) -> str:
    """What stands behind the colon, and the line end."""
    if isinstance(value, Mapping):
        return f"\n{mapping(value, indent=indent + '  ')}"
    if isinstance(value, list | tuple):
        return f"\n{sequence(value, indent=indent + '  ')}"
    return f" {_scalar(value, indent)}\n"


def _item(row: Any, indent: str) -> str:
    if isinstance(row, Mapping):
        inner = mapping(row, indent=indent + "  ")
        return f" {inner.removeprefix(indent + '  ')}" if inner else " {}\n"
    if isinstance(row, list | tuple):
        return f"\n{sequence(row, indent=indent + '  ')}" if row else " []\n"
    return f" {_scalar(row, indent)}\n"


def _scalar(value: Any, indent: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return scalar(str(value).replace("\r\n", "\n").replace("\r", "\n"), indent=indent)
