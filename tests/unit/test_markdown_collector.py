"""Large documents are converted without the cycle collector, which is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from ghostsync.content.markdown.collector import collector_paused


def test_it_is_off_for_a_large_document_and_on_again_even_after_a_failure():
    seen = []

    def fail():
        with collector_paused(10**6):
            seen.append(gc.isenabled())
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert [*seen, gc.isenabled()] == [False, True]


def test_it_stays_on_for_a_short_post():
    with collector_paused(1_000):
        assert gc.isenabled()


def test_one_that_was_off_already_stays_off():
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def _is_young(thing):
    return any(thing is other for generation in (0, 1) for other in gc.get_objects(generation))


def test_what_a_huge_document_leaves_is_not_walked_through_again_at_once():
    with collector_paused(10**6):
        made = [[]]
    assert not _is_young(made)
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_has_frozen_stays_frozen():
    gc.freeze()
    try:
        with collector_paused(10**6):
            made = [[]]
        assert _is_young(made)
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()
