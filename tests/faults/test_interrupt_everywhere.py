"""A cycle that is killed at any step, then run again, ends where an uninterrupted one would have ended."""

import random

import pytest
from crash_nursery import Nursery
from fault_world import sandbox_world

from ghostsync.model import Kind

SAMPLE = 7  # the everyday suite kills at every seventh step; the slow one at each

POST = """---
title: On bees   # a working title
tags: [bees, garden]
status: {status}
---

The first swarm
came in May.

* One hive
* Two hives

The second one came in June.
"""


def in_step(world, status="published", path="posts/on-bees.md"):
    world.write(path, POST.format(status=status))
    assert world.cycle().exit_code == 0


def create(world):
    world.write("posts/on-bees.md", POST.format(status="published"))


def update(world):
    in_step(world)
    world.replace("posts/on-bees.md", "in May", "in April")


def publish(world):
    in_step(world, "draft")
    world.replace("posts/on-bees.md", "status: draft", "status: published")


def rename_with_edit(world):
    in_step(world)
    world.replace("posts/on-bees.md", "in May", "in April")
    (world.root / "posts/2026").mkdir()
    (world.root / "posts/on-bees.md").rename(world.root / "posts/2026/swarms.md")


def delete_draft(world):
    in_step(world, "draft")
    (world.root / "posts/on-bees.md").unlink()


def delete_published(world):
    in_step(world)
    (world.root / "posts/on-bees.md").unlink()


def deleted_in_ghost(world):
    in_step(world)
    world.ghost.delete(world.ghost.find("on-bees").id)


def conflict(world):
    in_step(world)
    world.replace("posts/on-bees.md", "in May", "in April")
    world.edit("on-bees", "in May", "in March")


def merge(world):
    in_step(world)
    world.replace("posts/on-bees.md", "in May", "in April")
    world.edit("on-bees", "in June", "in July")


def edited_in_ghost(world):
    in_step(world)
    world.edit("on-bees", "in June", "in July")


def pull_beside_unsent_edits(world):
    merge(world)


def adopt(world):
    in_step(world)
    world.write("posts/other.md", POST.format(status="draft").replace("On bees", "Other"))
    world.cycle()
    for file in (world.root / ".ghostsync").glob("state.db*"):
        file.unlink()
    world.replace("posts/on-bees.md", "ghost_id: " + world.ghost.find("on-bees").id + "\n", "")


def first_pull(world):
    for number in range(30):
        world.ghost.create(
            Kind.PAGE if number % 10 == 9 else Kind.POST,
            title=f"Post {number}",
            html=f"<p>Text {number}.</p>",
            source_html=True,
        )


def first_push(world):
    for number in range(10):
        world.write(f"posts/post-{number}.md", f"---\ntitle: Post {number}\n---\n\nText {number}.\n")


SCENARIOS = {
    function.__name__: function
    for function in (
        create,
        update,
        publish,
        rename_with_edit,
        delete_draft,
        delete_published,
        deleted_in_ghost,
        conflict,
        merge,
        edited_in_ghost,
        pull_beside_unsent_edits,
        adopt,
        first_pull,
        first_push,
    )
}


@pytest.fixture(scope="module")
def world():
    with sandbox_world() as world:
        yield world


@pytest.fixture(scope="module")
def nursery():
    nursery = Nursery()
    yield nursery
    nursery.close()


def finish(world, direction):
    """Cycles until nothing is to be done, and the proof that nothing is."""
    world.cycle(direction)
    world.cycle(direction)
    writes, stats = world.writes(), world.stats()
    world.cycle(direction)
    assert world.writes() == writes
    assert world.stats() == stats
    assert world.open_intents() == []


def test_every(name, world, nursery, every):
    direction = "pull" if name.startswith("pull") else "sync"
    world.begin()
    SCENARIOS[name](world)
    tables = world.save()
    words = [
        "The first swarm",
        "came in May",
    ]
    start = world.kept()
    world.clock.advance(5)
    total = nursery.run(world.root, world.ghost.admin_api_key, direction=direction)
    finish(world, direction)
    wanted = world.picture()
    step = 1 if every == 1 else 1 + random.Random(name).randrange(every)
    points = 0
    import collections
    faults = collections.Counter()
    bad = []
    while True:
        world.restore(tables)
        world.clock.advance(5)
        ran = nursery.run(world.root, world.ghost.admin_api_key, direction=direction, kill_at=step)
        if not ran.killed:
            break
        points += 1
        label = f"{name}, killed at step {step} ({total.steps[step - 1] if step <= len(total.steps) else '?'})"
        try:
            finish(world, direction)
            got = world.picture()
            assert got == wanted
        except AssertionError as e:
            bad.append((label, str(e)[:1500]))
        step += every
    print(name, points, len(total.steps), total.code)
    for label, e in bad[:6]:
        print("  BAD", label, "\n", e)
    print("bad:", len(bad), [b[0].split("step")[1] for b in bad])


def pytest_generate_tests(metafunc):
    if "every" in metafunc.fixturenames:
        metafunc.parametrize("every", [1])
        metafunc.parametrize("name", SCENARIOS)
