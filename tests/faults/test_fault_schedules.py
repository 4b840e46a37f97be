"""A few edits on both sides while the network spoils every fourth answer: nothing is lost, nothing is there twice."""

import os

import pytest
from amounts import everyday, name_of, note, parts
from fault_story import play, real_stage, sandbox_stage

LONG = int(os.environ.get("GHOSTSYNC_FAULT_SCHEDULES", "10000"))
LONG_REAL = LONG // 20


@pytest.fixture(scope="module")
def sandbox():
    with sandbox_stage() as stage:
        yield stage


@pytest.fixture(scope="module")
def real(ghost6):
    with real_stage(ghost6) as stage:
        yield stage


def play_all(stage, seeds):
    spoiled = [play(*stage, seed) for seed in seeds]
    # A schedule that spoils nothing proves nothing. Three a schedule are usual, and some have few requests to spoil.
    assert sum(spoiled) >= 2 * len(spoiled)
    return sum(spoiled)


@pytest.mark.parametrize("seeds", parts(0, everyday(40, 460), 10), ids=name_of)
def test_a_bad_network_loses_nothing_and_makes_nothing_twice(sandbox, seeds):
    play_all(sandbox, seeds)


@pytest.mark.parametrize("seeds", parts(0, everyday(8, 40), 20), ids=name_of)
def test_a_bad_network_before_a_real_ghost_loses_nothing_and_makes_nothing_twice(real, seeds):
    play_all(real, seeds)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", parts(0, LONG - LONG_REAL, 50), ids=name_of)
def test_a_bad_network_for_long_loses_nothing_and_makes_nothing_twice(sandbox, seeds, request):
    spoiled = play_all(sandbox, seeds)
    note(request, fault_schedules=len(seeds), answers_spoiled_in_them=spoiled)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", parts(0, LONG_REAL, 50), ids=name_of)
def test_a_bad_network_for_long_before_a_real_ghost_loses_nothing_and_makes_nothing_twice(
    real, seeds, request
):
    spoiled = play_all(real, seeds)
    note(
        request,
        fault_schedules_before_a_real_Ghost=len(seeds),
        answers_spoiled_before_a_real_Ghost=spoiled,
    )
