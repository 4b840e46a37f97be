"""Keeping Python's cycle collector out of the conversion of large documents."""

from __future__ import annotations

import gc
from typing import Final

_LARGE: Final = 5_000
_HUGE: Final = 50_000


class collector_paused:  # noqa: N801 - used as a word of the `with` statement
    """No search for cycles meanwhile, if the text is large or its size not known.

    A conversion makes no cycles, and to look through all nodes of a growing document again and again would make its
    time grow faster than the text. Nothing else runs in between: no conversion awaits. A short post is
    done before the collector would look twice. What a huge one leaves is counted among the old objects at once: as soon as
    the collector may work again it would walk through all of it, and find nothing.
    """

    __slots__ = ("_is_huge", "_paused")

    def __init__(self, characters: int = _LARGE) -> None:
        self._paused = characters >= _LARGE and gc.isenabled()
        self._is_huge = characters >= _HUGE and not gc.get_freeze_count()

    def __enter__(self) -> None:
        if self._paused:
            gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._paused:
            if self._is_huge:
                gc.freeze()
                gc.unfreeze()
            gc.enable()
