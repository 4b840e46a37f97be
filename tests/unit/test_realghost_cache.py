"""The cache of real Ghosts: a thing is made once, is whole or absent, and a failure leaves nothing behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from realghost import Cache, RealGhostError, recipe
from realghost.tools import environment


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def test_many_who_want_a_thing_at_once_make_it_once(cache):
    made = []

    def make(work):
        made.append(work)
        (work / "file").write_text("whole")

    wanted = cache.path("things", "one")
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: cache.once(wanted, make), range(4)))
    assert got == [wanted] * 4
    assert len(made) == 1
    assert (wanted / "file").read_text() == "whole"


def test_a_failed_making_leaves_nothing_behind_and_is_tried_again(cache):
    wanted = cache.path("things", "one")

    def fail(work):
        (work / "half").write_text("")
        raise RealGhostError("no registry")

    with pytest.raises(RealGhostError):
        cache.once(wanted, fail)
    assert list(wanted.parent.iterdir()) == []
    assert cache.once(wanted, lambda _: None).is_dir()


def test_what_a_killed_making_left_is_cleared_away(cache):
    wanted = cache.path("things", "one")
    leftover = wanted.with_name(".one.killed")
    leftover.mkdir(parents=True)
    cache.once(wanted, lambda _: None)
    assert list(wanted.parent.iterdir()) == [wanted]


def test_the_environment_names_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("GHOSTSYNC_TEST_GHOSTS", str(tmp_path / "elsewhere"))
    assert Cache().root == tmp_path / "elsewhere"


def test_ghost_is_started_without_the_variables_that_it_would_take_for_settings(monkeypatch, cache):
    monkeypatch.setenv("url", "https://example.com")
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", "secret")
    assert {"url", "GHOST_ADMIN_API_KEY"}.isdisjoint(environment(cache))


def test_an_unknown_version_is_refused_by_name():
    with pytest.raises(RealGhostError, match=r"1\.0\.0"):
        recipe("1.0.0")
