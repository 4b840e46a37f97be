"""When a download that failed is tried again."""

import pytest

from ghostsync.config import HistorySection
from ghostsync.state import SqliteState
from ghostsync.sync.media_missed import Missed

URL = "/content/images/2026/01/hive.png"
DAY = 86_400.0


@pytest.fixture
def state(tmp_path):
    with SqliteState(tmp_path / "state.db", HistorySection(), lambda: 0.0) as state:
        yield state


def test_each_failure_makes_the_wait_longer_up_to_a_day_and_after_a_week_it_is_over(state):
    waits, now = [], 1_000_000.0
    while Missed(state).failed(URL, ["1"], now):
        missed = Missed(state)
        wait = 0.0
        while not missed.due(now + wait):
            wait += 60
        waits.append(wait)
        now += wait
    assert waits[:6] == [0, 300, 1800, 7200, 43_200, DAY]
    assert set(waits[5:]) == {DAY}
    assert 7 * DAY <= sum(waits) <= 8 * DAY
    assert not Missed(state)
    assert Missed(state).due(now + 100 * DAY) == []


def test_it_remembers_every_post_that_shows_it(state):
    Missed(state).failed(URL, ["1"], 0.0)
    Missed(state).failed(URL, ["2"], 0.0)
    assert Missed(state).over(URL) == {"1", "2"}
    assert Missed(state).over(URL) == set()
    assert state.meta("media.missed") is None


def test_a_clock_that_was_set_back_delays_nothing_for_longer_than_a_day(state):
    for _ in range(3):
        Missed(state).failed(URL, ["1"], 100 * DAY)
    assert Missed(state).due(99.999 * DAY) == []
    assert Missed(state).due(50 * DAY) == [URL]
    assert Missed(state).next_due(50 * DAY) == DAY


def test_a_daemon_leaves_the_first_try_a_minute(state):
    assert Missed(state).next_due(0.0) is None
    Missed(state).failed(URL, ["1"], 0.0)
    assert Missed(state).due(0.0) == [URL]
    assert Missed(state).next_due(0.0) == 60
