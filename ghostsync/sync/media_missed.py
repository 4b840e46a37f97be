"""Downloads that failed for a reason that passes: remembered, and tried again ever more rarely."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ghostsync.sync.ports import State

_WAITS = (0.0, 300.0, 1800.0, 7200.0, 43_200.0)
"""Seconds after each failure: the next sync tries at once, then it takes longer and longer, up to a day."""

_RARELY = 86_400.0
_MOST_TRIES = 12
"""A week. Then only an edit of its post asks for the file again."""

_SOON = 60.0
"""Seconds that a daemon waits before it tries at once."""

_KEY = "media.missed"


@dataclass(frozen=True, slots=True)
class Miss:
    """tries: how often it failed. due: not before this moment (local epoch seconds). ids: of posts that show it."""

    tries: int
    due: float
    ids: frozenset[str]


class Missed:
    """By canonical address what did not come. Kept in the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        rows: dict[str, Any] = json.loads(state.meta(_KEY) or "{}")
        self._misses = {url: Miss(tries, due, frozenset(ids)) for url, (tries, due, ids) in rows.items()}

    def __bool__(self) -> bool:
        return bool(self._misses)

    def failed(self, url: str, ids: Iterable[str], now: float) -> bool:
        """Note one more failure; returns whether it will be tried again."""
        before = self._misses.get(url) or Miss(0, 0.0, frozenset())
        tries = before.tries + 1
        if tries > _MOST_TRIES:
            self.over(url)
            return False
        wait = _WAITS[tries - 1] if tries <= len(_WAITS) else _RARELY
        self._misses[url] = Miss(tries, now + wait, before.ids | frozenset(ids))
        self._store()
        return True

    def over(self, url: str) -> frozenset[str]:
        """It has come, or never will. Returns the posts that show it."""
        miss = self._misses.pop(url, None)
        if miss is None:
            return frozenset()
        self._store()
        return miss.ids

    def due(self, now: float) -> list[str]:
        """What may be tried again now. A clock that was set back keeps nothing waiting for longer than a day."""
        return [url for url, miss in self._misses.items() if not now < miss.due <= now + _RARELY]

    def posts(self) -> set[str]:
        return {id for miss in self._misses.values() for id in miss.ids}

    def all(self) -> list[str]:
        return list(self._misses)

    def next_due(self, now: float) -> float | None:
        """Seconds until one may be tried again; None where none waits."""
        waits = [min(max(miss.due - now, _SOON), _RARELY) for miss in self._misses.values()]
        return min(waits, default=None)

    def _store(self) -> None:
        rows = {url: [miss.tries, miss.due, sorted(miss.ids)] for url, miss in self._misses.items()}
        self._state.set_meta(_KEY, json.dumps(rows) if rows else None)
