"""Ghost's log of actions as a proof that nobody did anything, on real Ghosts: what moves no date leaves a row there."""

import pytest

from ghostsync.config import AdminKey, HttpSection
from ghostsync.ghost.actions import newest_action
from ghostsync.ghost.site import GhostSite

VERSIONS = ("6.65.0", "5.130.6", "4.48.9", "3.42.9", "2.38.3")


@pytest.fixture(params=[pytest.param(version, marks=[pytest.mark.ghost], id=version) for version in VERSIONS])
def ghost(request, ghost_park):
    return ghost_park.get(request.param)


async def newest(ghost):
    async with GhostSite(ghost.url, AdminKey.parse(ghost.key, source="test"), HttpSection()) as site:
        return await newest_action(site)


async def test_every_edit_leaves_a_row_and_reading_leaves_none(ghost):
    post = ghost.add("posts", title="Bees")
    if ghost.recipe.major < 3:
        assert await newest(ghost) is None
        return
    seen = [await newest(ghost)]
    for change in (
        {"tags": [{"name": "Bees"}]},
        {"meta_title": "Of bees"},
        {"og_title": "Bees!"},
        {"title": "Wasps"},
    ):
        ghost.edit("posts", post["id"], **change)
        seen.append(await newest(ghost))
    ghost.api("GET", "posts/")
    assert await newest(ghost) == seen[-1]
    ghost.api("DELETE", f"posts/{post['id']}/")
    seen.append(await newest(ghost))
    assert None not in seen
    assert len(set(seen)) == len(seen)
