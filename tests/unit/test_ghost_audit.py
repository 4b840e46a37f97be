"""Ghost's log of who did what, as commits need it: in one request, or not at all."""

import httpx
import pytest

from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import GhostError
from ghostsync.ghost.audit import log_of
from ghostsync.ghost.site import GhostSite
from ghostsync.model import Kind
from ghostsync.sandbox import Fault, ManualClock, SandboxApp, SandboxGhost


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def ghost(clock):
    return SandboxGhost(clock=clock)


@pytest.fixture
async def site(ghost):
    transport = httpx.ASGITransport(app=SandboxApp(ghost))
    key = AdminKey.parse(ghost.admin_api_key, source="test")
    async with GhostSite("http://ghost.invalid", key, HttpSection(retries=0), transport=transport) as site:
        await site.info()
        yield site


async def test_people_are_named_programs_are_not_and_the_oldest_comes_first(ghost, site, clock):
    post = ghost.create(Kind.POST, title="Bees")
    clock.advance(5)
    ghost.editor = ghost.store.add_user("Ada Editor", "ada@example.com")["id"]
    ghost.edit(post.id, title="Wasps")
    clock.advance(5)
    seen = await site.get(Kind.POST, post.id)
    await site.update(Kind.POST, post.id, {"title": "Hornets"}, updated_at=seen.updated_at)
    found = await log_of(site, {post.id: ""})
    assert [(entry.name, entry.slug) for entry in found] == [
        ("Owner", "owner"),
        ("Ada Editor", "ada-editor"),
        ("", ""),
    ]


async def test_only_what_was_done_since_counts_and_other_posts_do_not(ghost, site, clock):
    post, other = ghost.create(Kind.POST, title="Bees"), ghost.create(Kind.POST, title="Wasps")
    clock.advance(5)
    ghost.edit(post.id, title="Hornets")
    ghost.edit(other.id, title="Ants")
    [entry] = await log_of(site, {post.id: post.own["updated_at"]})
    assert (entry.post, entry.at) == (post.id, post.own["updated_at"])


async def test_all_posts_are_asked_for_in_one_request(ghost, site):
    posts = [ghost.create(Kind.POST, title=f"Post {n}") for n in range(40)]
    before = ghost.count(path="actions/")
    assert len(await log_of(site, {post.id: "" for post in posts})) == 40
    assert ghost.count(path="actions/") == before + 1


@pytest.mark.parametrize("status", [403, 404, 400, 501])
async def test_a_ghost_or_a_key_without_a_log_has_none(ghost, site, status):
    post = ghost.create(Kind.POST, title="Bees")
    ghost.faults.append(
        Fault(status=status, path="actions/", body='{"errors": [{"type": "x", "message": "x"}]}')
    )
    assert await log_of(site, {post.id: ""}) is None


async def test_a_ghost_that_fails_is_an_error(ghost, site):
    post = ghost.create(Kind.POST, title="Bees")
    ghost.faults.append(Fault(status=500, path="actions/"))
    with pytest.raises(GhostError):
        await log_of(site, {post.id: ""})
