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
