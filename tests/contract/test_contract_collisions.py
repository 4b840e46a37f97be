"""The lock of `updated_at`: what it sees, what it lets through, and the second in which it does not hold."""

from __future__ import annotations

import pytest

from ghostsync.errors import InvalidRequest, NotFound, ServerFault, UpdateCollision
from ghostsync.model import Kind

LONG_AGO = "2010-01-01T00:00:00.000Z"
NOBODY = "0" * 24


async def put(world, id, **fields):
    return await world.raw("PUT", f"posts/{id}/", {"posts": [fields]})


async def test_an_update_with_the_updated_at_that_was_read_is_taken(world):
    post = await world.old_post()
    changed = await world.site.update(Kind.POST, post.id, {"title": "New"}, updated_at=post.updated_at)
    assert changed.data["title"] == "New"
    assert changed.updated_at > post.updated_at


async def test_a_stale_update_is_a_collision_and_changes_nothing(world):
    post = await world.old_post()
    await world.site.update(Kind.POST, post.id, {"title": "First"}, updated_at=post.updated_at)
    with pytest.raises(UpdateCollision):
        await world.site.update(Kind.POST, post.id, {"title": "Second"}, updated_at=post.updated_at)
    now = await world.site.get(Kind.POST, post.id)
    assert now is not None
    assert now.data["title"] == "First"


async def test_a_collision_is_named_as_such(world):
    post = await world.post()
    answer = await put(world, post.id, title="x", updated_at=LONG_AGO)
    (entry,) = answer.json()["errors"]
    assert (answer.status_code, entry["type"]) == (409, "UpdateCollisionError")
    if world.major >= 6:
        assert entry["details"]["changedFields"] == ["title"]


async def test_an_update_time_from_the_future_collides_too(world):
    post = await world.post()
    assert (await put(world, post.id, title="x", updated_at="2099-01-01T00:00:00.000Z")).status_code == 409


async def test_two_updates_in_the_second_of_the_last_change_both_pass(world):
    """The hole: within the second of `updated_at` the lock cannot tell the first update from the second."""
    while True:
        post = await world.post()
        first = await put(world, post.id, title="First", updated_at=post.updated_at)
        second = await put(world, post.id, title="Second", updated_at=post.updated_at)
        if first.json()["posts"][0]["updated_at"] == post.updated_at:
            break  # else a second ended between the two requests: no proof either way
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["posts"][0]["title"] == "Second"


async def test_a_stale_update_that_changes_nothing_passes(world):
    post = await world.post()
    answer = await put(world, post.id, title=post.data["title"], updated_at=LONG_AGO)
    assert answer.status_code == 200


async def test_an_update_without_updated_at_is_refused(world):
    post = await world.post()
    answer = await put(world, post.id, title="x")
    (entry,) = answer.json()["errors"]
    assert (answer.status_code, entry["type"]) == (422, "ValidationError")


async def test_updated_at_has_whole_seconds(world):
    post = await world.post()
    assert post.updated_at.endswith(".000Z")


async def test_an_update_that_changes_nothing_leaves_updated_at(world):
    post = await world.old_post()
    same = await world.site.update(
        Kind.POST, post.id, {"title": post.data["title"]}, updated_at=post.updated_at
    )
    assert same.updated_at == post.updated_at


async def test_new_tags_alone_do_not_move_updated_at_from_ghost_3_on(world):
    """So a probe for the newest `updated_at` cannot see them."""
    post = await world.old_post()
    tagged = await world.site.update(
        Kind.POST, post.id, {"tags": [world.unique("tag")]}, updated_at=post.updated_at
    )
    assert len(tagged.data["tags"]) == 1
    assert (tagged.updated_at == post.updated_at) is (world.major >= 3)


async def test_new_meta_fields_alone_do_not_move_updated_at_from_ghost_3_on(world):
    """They went into a table of their own then."""
    post = await world.old_post()
    changed = await world.site.update(
        Kind.POST, post.id, {"meta_title": "For search engines"}, updated_at=post.updated_at
    )
    assert changed.data["meta_title"] == "For search engines"
    assert (changed.updated_at == post.updated_at) is (world.major >= 3)


async def test_stale_tags_collide(world):
    post = await world.post(tags=[world.unique("tag")])
    assert (await put(world, post.id, tags=[world.unique("tag")], updated_at=LONG_AGO)).status_code == 409


async def test_stale_meta_fields_pass_unlocked_from_ghost_3_on(world):
    """The lock does not look at their table."""
    post = await world.post()
    answer = await put(world, post.id, meta_title="Unlocked", updated_at=LONG_AGO)
    assert answer.status_code == (200 if world.major >= 3 else 409)
    now = await world.site.get(Kind.POST, post.id)
    assert now is not None
    assert now.data["meta_title"] == ("Unlocked" if world.major >= 3 else None)


async def test_updating_what_is_gone_is_not_found(world):
    with pytest.raises(NotFound):
        await world.site.update(Kind.POST, NOBODY, {"title": "x"}, updated_at=LONG_AGO)


async def test_a_malformed_id_is_refused(world):
    answer = await world.raw("GET", "posts/zzz/")
    assert answer.status_code == 422
    with pytest.raises(InvalidRequest):
        await world.site.get(Kind.POST, "zzz")


async def test_a_deleted_post_is_gone_and_cannot_be_deleted_again(world):
    post = await world.post()
    await world.site.delete(Kind.POST, post.id)
    assert await world.site.get(Kind.POST, post.id) is None
    with pytest.raises(NotFound):
        await world.site.delete(Kind.POST, post.id)


async def test_a_post_is_not_found_among_the_pages(world):
    """Ghost 3 and 4 stumble over its deletion as a page, and do not delete it either."""
    post = await world.post()
    assert await world.site.get(Kind.PAGE, post.id) is None
    with pytest.raises(ServerFault if world.major in {3, 4} else NotFound):
        await world.site.delete(Kind.PAGE, post.id)
    assert await world.site.get(Kind.POST, post.id) is not None
