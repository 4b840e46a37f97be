"""Ghost takes the `updated_at` of an imported post as it comes, also one that lies years ahead."""

import pytest

from ghostsync.model import Kind

AHEAD = "2099-01-01T00:00:00.000Z"


@pytest.fixture
def world(module_world):
    """More posts than one request reads, and one of them from the future."""
    world = module_world
    world.begin()
    for number in range(120):
        world.clock.advance(5)
        world.ghost.create(Kind.POST, title=f"Post {number}", html=f"<p>Text {number}.</p>", source_html=True)
    post = world.ghost.create(Kind.POST, title="Ahead", html="<p>Text.</p>", source_html=True)
    post.own["updated_at"] = AHEAD  # as an import leaves it
    assert world.cycle().exit_code == 0
    world.cycle()
    return world


def test_an_edit_of_another_post_is_seen_all_the_same(world):
    world.edit("post-7", "Text 7", "Words 7")
    world.cycle()
    assert "Words 7" in world.read("posts/post-7.md")


def test_a_post_from_the_future_costs_no_look_at_all_posts(world):
    before = len(world.ghost.requests)
    world.cycle()
    assert len(world.ghost.requests) - before == 4


def test_a_post_from_the_future_can_be_edited_without_waiting_for_that_day(world):
    world.replace("posts/ahead.md", "title: Ahead", "title: Here")
    assert world.cycle().exit_code == 0
    assert world.ghost.find("ahead").own["title"] == "Here"
    assert world.ghost.find("ahead").own["updated_at"] < AHEAD
    world.edit("post-7", "Text 7", "Words 7")
    world.cycle()
    assert "Words 7" in world.read("posts/post-7.md")
