"""A body in which links to addresses that a document no longer has lead to the one it has now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ghostsync.content.types import Root

_KEPT = frozenset({"type", "text"})
_MAX_DEPTH = 100


def readdressed(root: Root, aliases: Mapping[str, str]) -> Root:
    """The same body with each address that is a key of aliases replaced, wherever a node or a card's HTML or
    Markdown holds it; an alias that is a mere file name only where it is the whole value. The same object where
    there is none.
    """
    if not aliases:
        return root
    result: Root = _value(root, _Aliases(aliases), 0)
    return result


class _Aliases:
    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases
        absolute = sorted(
            (alias for alias in aliases if alias[0] == "/" or "://" in alias), key=len, reverse=True
        )
        # The longest first: one address may be the beginning of another.
        names = "|".join(map(re.escape, absolute))
        self._pattern = (
            re.compile(rf"""(?<![\w/:.%-])(?:{names})(?=$|[#?"'\s<>)\]&])""") if absolute else None
        )

    def applied(self, value: str) -> str:
        head, mark, fragment = value.partition("#")
        if head in self._aliases:
            return self._aliases[head] + mark + fragment
        if self._pattern is None or "/" not in value:
            return value
        return self._pattern.sub(lambda found: self._aliases[found[0]], value)


def _value(value: Any, aliases: _Aliases, depth: int) -> Any:
    if value.__class__ is str:
        new = aliases.applied(value)
        return new if new != value else value
    if depth > _MAX_DEPTH:
        return value
    if value.__class__ is list:
        items = [_value(item, aliases, depth + 1) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if value.__class__ is dict:
        made = {
            key: item if key in _KEPT else _value(item, aliases, depth + 1) for key, item in value.items()
        }
        return made if any(made[key] is not value[key] for key in value) else value
    return value
