"""A cycle that is killed at any step, then run again, ends where an uninterrupted one would have ended."""

import random

import pytest
from amounts import everyday, note
from crash_nursery import Nursery
from fault_world import LONG, sandbox_world
from pictures import png

from ghostsync.model import Kind

SAMPLE = everyday(29, 17)  # the everyday suite kills at every n-th step, the slow one at each

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


LINKS = "---\ntitle: {0}\nstatus: published\n---\n\nTo [the other]({1}.md#part) and [[{1}]].\n"


def first_push_of_files_that_link_to_each_other(world):
    """Their addresses are others than could be guessed, so that one more request is due."""
    world.ghost.permalinks = "/{year}/{slug}/"
    world.write("posts/one.md", LINKS.format("One", "two"))
    world.write("posts/two.md", LINKS.format("Two", "one"))


def new_address_of_a_target(world):
    world.write("posts/one.md", LINKS.format("One", "two"))
    world.write("posts/two.md", LINKS.format("Two", "one"))
    assert world.cycle().exit_code == 0
    world.replace("posts/two.md", "title: Two", "title: Two\nslug: zwei")


def new_links_that_become_cards(world):
    film = {"version": "1.0", "type": "video", "html": "<iframe></iframe>", "title": "A film"}
    world.ghost.embeds = {"https://video.example/1": film, "https://video.example/2": film}
    world.write("posts/one.md", "---\ntitle: One\n---\n\nhttps://video.example/1\n")
    assert world.cycle().exit_code == 0
    world.write(
        "posts/two.md", "---\ntitle: Two\n---\n\n<https://video.example/1>\n\nhttps://video.example/2\n"
    )
    world.replace(
        "posts/one.md", "https://video.example/1", "https://video.example/2\n\nhttps://none.example/"
    )


PDF = b"%PDF-1.4 how to build a hive"
SHOWS = "---\ntitle: {0}\nstatus: published\n{1}---\n\nFrom May on.\n\n{2}\n"


def pictures_go_up(world):
    """A post of its own for three files, and a picture that is another one by now."""
    world.put("media/hive.png", png(4, 3, "as it was"))
    world.write(
        "posts/old.md", SHOWS.format("Old", "feature_image: /media/hive.png\n", "![](/media/hive.png)")
    )
    assert world.cycle().exit_code == 0
    world.put("media/hive.png", png(8, 6, "as it is"))
    world.put("posts/one.png", png(4, 3, "one"))
    world.put("posts/two.png", png(4, 3, "two"))
    world.put("media/plan.pdf", PDF)
    world.write(
        "posts/new.md",
        SHOWS.format(
            "New", "feature_image: two.png\n", "![](one.png)\n\nand [the plan](/media/plan.pdf)<!--file-->"
        ),
    )


def pictures_come_down(world):
    world.write("ghostsync.toml", world.read("ghostsync.toml") + '[media]\npull = "download"\n')
    world.write("posts/old.md", SHOWS.format("Old", "", "Nothing to see."))
    assert world.cycle().exit_code == 0
    for name in ("one", "two"):
        world.ghost.store.files[f"content/images/2026/01/{name}.png"] = png(4, 3, name)
    shown = f'<p>From June on.</p><img src="{world.url}/content/images/2026/01/one.png">'
    world.ghost.create(
        Kind.POST,
        title="New",
        html=shown,
        source_html=True,
        feature_image=f"{world.url}/content/images/2026/01/two.png",
    )


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
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
        first_push_of_files_that_link_to_each_other,
        new_address_of_a_target,
        new_links_that_become_cards,
        pictures_go_up,
        pictures_come_down,
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
    """A cycle at once, two when a create without an answer may be tried again, and nothing is left to do after them."""
    world.cycle(direction)
    world.cycle(direction, after=LONG)
    world.cycle(direction)
    writes, stats = world.writes(), world.stats()
    world.cycle(direction)
    assert world.writes() == writes
    assert world.stats() == stats
    assert world.open_intents() == []
    assert world.unserved() == set()
    return world.picture()


def half_done(picture, allowed):
    """Documents and pictures that are neither as they were nor as they shall be, seen under a name of their own."""
    return {
        path: text
        for path, text in picture["files"].items()
        if path.endswith((".md", ".png", ".pdf"))
        and text not in {told["files"].get(path) for told in allowed}
    }


def kill_and_go_on(world, nursery, name, *, every):
    """Kill the scenario's cycle at every n-th step; returns at how many steps that was."""
    direction = "pull" if name.startswith("pull") else "sync"
    world.begin()
    SCENARIOS[name](world)
    tables = world.save()
    texts, begun = world.texts(), world.picture()
    world.clock.advance(5)
    ran = nursery.run(world, direction=direction)
    wanted = finish(world, direction)
    assert texts - world.texts() == set()
    first = 1 + random.Random(name).randrange(every)
    points = range(first, len(ran.steps) + 1, every)
    for step in points:
        world.restore(tables)
        world.clock.advance(5)
        killed = nursery.run(world, direction=direction, kill_at=step)
        where = f"{name}, killed at step {step}, {ran.steps[step - 1]}"
        # Requests in flight together come in no fixed order, so that the last steps may fall away.
        assert killed.killed or step > len(ran.steps) - 3, where
        assert half_done(world.picture(), (begun, wanted)) == {}, where
        assert finish(world, direction) == wanted, where
        assert texts - world.texts() == set(), where
    return len(points)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_cycle_killed_at_any_step_ends_where_an_uninterrupted_one_does(world, nursery, name):
    assert kill_and_go_on(world, nursery, name, every=SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_cycle_killed_at_each_single_step_ends_where_an_uninterrupted_one_does(
    world, nursery, name, request
):
    points = kill_and_go_on(world, nursery, name, every=1)
    note(request, crash_points=points, **{f"crash_points:_{name}": points})
    assert points >= 20


def test_pictures_are_among_what_goes_up_and_comes_down(world, nursery):
    for name, parts, count in (
        ("pictures_go_up", "a part sent", 4),
        ("pictures_come_down", "half a write", 2),
    ):
        world.begin()
        SCENARIOS[name](world)
        before = len(world.ghost.store.files)
        world.clock.advance(5)
        ran = nursery.run(world)
        assert ran.code == 0
        assert ran.steps.count(parts) >= count
        sent = [path for path in world.ghost.store.files if "_o." not in path][before:]
        assert name != "pictures_go_up" or len(world.ghost.store.files) - before == 7, sent
        assert name != "pictures_come_down" or world.files()["media/two.png"] == png(4, 3, "two")


def test_the_steps_that_are_killed_at_are_those_of_the_wire_the_folder_and_the_state(world, nursery):
    world.begin()
    merge(world)
    world.clock.advance(5)
    steps = nursery.run(world).steps
    wanted = {
        "GET not sent",
        "GET answered",
        "PUT not sent",
        "PUT answered",
        "write",
        "half a write",
        "fsync",
    }
    assert wanted | {"commit", "committed"} <= set(steps)
    assert {"renameat2", "rename"} & set(steps)
