"""How long the daemon waits."""

import pytest

from ghostsync.daemon.schedule import CEILING, FIRST_RETRY, Schedule


def middle(low, high):
    return (low + high) / 2


def make(interval=60.0, uniform=middle):
    return Schedule(interval, uniform=uniform)


def test_a_good_cycle_is_followed_by_the_interval():
    assert make(60.0).after_cycle() == pytest.approx(60.0)


@pytest.mark.parametrize(("extreme", "wait"), [(min, 54.0), (max, 66.0)])
def test_jitter_is_a_tenth_of_the_interval_either_way(extreme, wait):
    assert make(60.0, uniform=extreme).after_cycle() == pytest.approx(wait)


def test_jitter_is_asked_for_anew_each_time():
    draws = iter([0.0, 1.0])
    schedule = make(100.0, uniform=lambda low, high: low + next(draws) * (high - low))
    assert [schedule.after_cycle(), schedule.after_cycle()] == pytest.approx([90.0, 110.0])


def test_absence_is_met_with_doubling_patience_up_to_the_ceiling():
    schedule = make(60.0)
    waits = [schedule.after_absence() for _ in range(12)]
    assert waits[:4] == pytest.approx([FIRST_RETRY, 10.0, 20.0, 40.0])
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(CEILING)


def test_the_first_retry_is_never_later_than_a_short_interval():
    assert make(2.0).after_absence() == pytest.approx(2.0)


def test_years_of_absence_do_not_overflow():
    schedule = make(60.0)
    for _ in range(5000):
        wait = schedule.after_absence()
    assert wait == pytest.approx(CEILING)


def test_patience_starts_afresh_after_a_good_cycle():
    schedule = make(60.0)
    for _ in range(6):
        schedule.after_absence()
    schedule.after_cycle()
    assert schedule.after_absence() == pytest.approx(FIRST_RETRY)


def test_ghost_is_never_asked_sooner_than_it_wished():
    assert make(60.0).after_absence(retry_after=120.0) == pytest.approx(120.0)


def test_a_refusal_is_retried_at_the_slow_pace():
    assert make(60.0).after_refusal() == pytest.approx(CEILING)


def test_a_refusal_is_not_retried_sooner_than_a_long_interval():
    assert make(3600.0).after_refusal() == pytest.approx(3600.0)
