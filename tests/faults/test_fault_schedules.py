"""A few edits on both sides while the network spoils every fourth answer: nothing is lost, nothing is there twice."""

import os

import pytest
from fault_story import play, real_stage, sandbox_stage

# Continuous integration plays 500; by hand, where somebody waits for it, a sample has to do.
EVERYDAY, EVERYDAY_REAL = (460, 40) if os.environ.get("CI") else (80, 20)
LONG = int(os.environ.get("GHOSTSYNC_FAULT_SCHEDULES", "10000"))
LONG_REAL = LONG // 20
PART = 20


@pytest.fixture(scope="module")
def sandbox():
    with sandbox_stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def real(ghost6):
    with real_stage(ghost6) as stage:
        yield stage


def play_all(stage, start, end):
    spoiled = [play(*stage, seed) for seed in range(start, end)]
    # A schedule that spoils nothing proves nothing. Three a schedule are usual, and some have few requests to spoil.
    assert sum(spoiled) >= 2 * len(spoiled)


@pytest.mark.parametrize("start", range(0, EVERYDAY, PART))
def test_a_bad_network_loses_nothing_and_makes_nothing_twice(sandbox, start):
    play_all(sandbox, start, start + PART)


@pytest.mark.parametrize("start", range(0, EVERYDAY_REAL, PART))
def test_a_bad_network_before_a_real_ghost_loses_nothing_and_makes_nothing_twice(real, start):
    play_all(real, start, start + PART)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(EVERYDAY, LONG - LONG_REAL, PART))
def test_a_bad_network_for_long_loses_nothing_and_makes_nothing_twice(sandbox, start):
    play_all(sandbox, start, start + PART)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(EVERYDAY_REAL, LONG_REAL, PART))
def test_a_bad_network_for_long_before_a_real_ghost_loses_nothing_and_makes_nothing_twice(real, start):
    play_all(real, start, start + PART)
