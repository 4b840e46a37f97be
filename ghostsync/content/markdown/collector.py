"""Keeping Python's cycle collector out of the conversion of large documents."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_LARGE: Final = 5_000


@contextmanager
def collector_paused(characters: int = _LARGE) -> Iterator[None]:
    """No search for cycles meanwhile, if the text is large or its size not known.

    A conversion makes no cycles, and to look through all nodes of a growing document again and again would make its
    time grow faster than the text. Nothing else runs in between: no conversion awaits. A short post is
    done before the collector would look twice.
    """
    if characters < _LARGE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
