"""A cycle that publishes and e-mails, killed at any step: in the end there is one post, and one e-mail."""

import pytest
from amounts import everyday, note
from crash_nursery import Nursery
from fault_world import LONG, sandbox_world

SETTINGS = '[newsletter]\nallow = ["weekly"]\n[http]\nmax_in_flight = 1\n'
PATH = "posts/letter.md"
LETTER = "---\ntitle: Letter\nstatus: {status}\nnewsletter: weekly{more}\n---\n\nDear bees.\n"
SAMPLE = everyday(13, 7)  # the everyday suite kills at every n-th step, the slow one at each


def write(world, status, more=""):
    world.write(PATH, LETTER.format(status=status, more=more))


def new_file(world):
    write(world, "published")


def publish_a_draft(world, more=""):
    write(world, "draft")
    assert world.cycle().exit_code == 0
    world.replace(PATH, "status: draft", f"status: published{more}")


def email_only(world):
    publish_a_draft(world, "\nemail_only: true")


SCENARIOS = {scenario.__name__: scenario for scenario in (new_file, publish_a_draft, email_only)}


@pytest.fixture(scope="module")
def world():
    with sandbox_world() as world:
        world.ghost.store.add_newsletter("Weekly", "weekly")
        yield world


@pytest.fixture(scope="module")
def nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


def finish(world):
    """Cycles until nothing is left to do, the second when a create may be tried again, and what came of it."""
    world.cycle()
    world.cycle(after=LONG)
    world.cycle()
    writes, stats = world.writes(), world.stats()
    world.cycle()
    assert (world.writes(), world.stats()) == (writes, stats)
    assert world.open_intents() == []
    assert len(world.ghost.posts) == 1
    return world.picture(), len(world.ghost.store.emails)


def kill_and_go_on(world, nursery, name, *, every):
    world.begin(SETTINGS)
    world.ghost.store.emails.clear()
    SCENARIOS[name](world)
    tables = world.save()
    world.clock.advance(5)
    ran = nursery.run(world)
    wanted, sent = finish(world)
    assert sent == 1
    assert "PUT answered" in ran.steps
    points = sorted({*range(1, len(ran.steps) + 1, every), *around_the_publishing(ran.steps)})
    for step in points:
        world.restore(tables)
        world.ghost.store.emails.clear()
        world.clock.advance(5)
        nursery.run(world, kill_at=step)
        where = f"killed at step {step}, {ran.steps[step - 1]}"
        picture, sent = finish(world)
        assert sent == 1, where
        assert picture == wanted, where
    return len(points)


def around_the_publishing(steps):
    at = steps.index("PUT answered") + 1
    return range(max(1, at - 3), min(len(steps), at + 6) + 1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_cycle_that_sends_killed_at_any_step_sends_exactly_once(world, nursery, name):
    kill_and_go_on(world, nursery, name, every=SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_cycle_that_sends_killed_at_each_single_step_sends_exactly_once(world, nursery, name, request):
    note(request, crash_points_of_cycles_that_send_e_mail=kill_and_go_on(world, nursery, name, every=1))
