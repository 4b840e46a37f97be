"""What the sandbox has beyond Ghost: an editor's side, a clock, faults on order, pages to look at."""

from __future__ import annotations

import httpx
import pytest

from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import GhostError, Unavailable
from ghostsync.ghost.site import GhostSite
from ghostsync.model import Kind
from ghostsync.sandbox import (
    Fault,
    ManualClock,
    SandboxApp,
    SandboxGhost,
    ShiftedClock,
    When,
    serve,
    serve_in_thread,
)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def ghost(clock):
    return SandboxGhost(clock=clock)


@pytest.fixture
async def site(ghost):
    async with serve(ghost) as url:
        key = AdminKey.parse(ghost.admin_api_key, source="test")
        async with GhostSite(url, key, HttpSection(retries=0)) as made:
            yield made


def test_two_sandboxes_of_one_seed_are_alike_and_of_two_seeds_are_not():
    one, same, other = SandboxGhost(), SandboxGhost(), SandboxGhost(seed="other")
    assert (one.admin_api_key, one.site_uuid) == (same.admin_api_key, same.site_uuid)
    assert one.admin_api_key != other.admin_api_key
    assert one.site_uuid != other.site_uuid


def test_an_editors_change_has_the_second_in_which_it_was_made(ghost, clock):
    post = ghost.create(title="Hello")
    born = post["updated_at"]
    clock.advance(5)
    ghost.edit(post.id, title="Changed")
    assert post["title"] == "Changed"
    assert post["updated_at"] > born


def test_an_editor_may_write_html(ghost):
    post = ghost.create(title="Hello")
    ghost.edit(post.id, html="<p>One <em>two</em></p>")
    assert post.html == "<p>One <em>two</em></p>"


def test_a_field_that_does_not_exist_is_the_editors_mistake(ghost):
    post = ghost.create(title="Hello")
    with pytest.raises(TypeError, match="titel"):
        ghost.edit(post.id, titel="x")


def test_posts_and_pages_are_listed_apart_and_found_by_slug(ghost):
    post, page = ghost.create(title="A post"), ghost.create(Kind.PAGE, title="A page")
    assert (ghost.posts, ghost.pages) == ([post], [page])
    assert ghost.find("a-page") is page
    ghost.delete(page.id)
    with pytest.raises(KeyError):
        ghost.find("a-page")


async def test_a_scheduled_post_is_published_when_its_time_has_come(ghost, clock, site):
    due = "2026-09-21T16:26:40.000Z"  # an hour and 100 s after the clock's start
    post = ghost.create(title="Later", status="scheduled", published_at=due)
    assert (await site.get(Kind.POST, post.id)).data["status"] == "scheduled"
    clock.advance(8000)
    seen = await site.get(Kind.POST, post.id)
    assert (seen.data["status"], seen.updated_at) == ("published", due)


async def test_every_request_is_noted_with_its_status(ghost, site):
    await site.probe(Kind.POST)
    assert await site.get(Kind.POST, "0" * 24) is None
    assert ghost.count("GET", "/posts/") == 2
    assert ghost.requests[-1].status == 404
    assert ghost.count("POST") == 0


async def test_a_fault_before_keeps_the_request_from_ghost(ghost, site):
    ghost.faults.append(Fault(status=503, method="POST", headers={"Retry-After": "7"}))
    with pytest.raises(Unavailable) as caught:
        await site.create(Kind.POST, {"title": "x"}, source_html=False)
    assert caught.value.retry_after == 7
    assert ghost.posts == []
    await site.create(Kind.POST, {"title": "x"}, source_html=False)
    assert len(ghost.posts) == 1


async def test_a_fault_after_loses_the_answer_of_what_was_carried_out(ghost, site):
    ghost.faults.append(Fault(method="POST", when=When.AFTER))
    with pytest.raises(GhostError) as caught:
        await site.create(Kind.POST, {"title": "x"}, source_html=False)
    assert caught.value.sent
    assert len(ghost.posts) == 1


async def test_a_truncated_answer_is_an_error(ghost, site):
    ghost.faults.append(Fault(status=200, body='{"posts":[', truncate=True, path="/posts/"))
    with pytest.raises(GhostError):
        await site.probe(Kind.POST)


async def test_while_booting_everything_is_a_503_in_html(ghost, site):
    ghost.booting = True
    with pytest.raises(Unavailable):
        await site.probe(Kind.POST)
    ghost.booting = False
    assert (await site.probe(Kind.POST)).total == 0


async def test_a_bulk_deletion_without_a_filter_is_refused_where_a_real_ghost_would_delete_everything(
    ghost, site
):
    ghost.create(title="Kept")
    answer = await site.client.call("GET", "posts/", subject="posts")
    assert answer.status == 200
    with pytest.raises(GhostError):
        await site.client.call("DELETE", "posts/", subject="posts")
    assert len(ghost.posts) == 1


def test_a_command_without_an_event_loop_can_be_served_from_a_thread():
    ghost = SandboxGhost(clock=ShiftedClock(-3600))
    with serve_in_thread(ghost) as url:
        answer = httpx.get(f"{url}/ghost/api/admin/site/", trust_env=False)
    assert answer.json()["site"]["url"] == f"{url}/"
    assert ghost.count() == 1


def test_a_port_that_is_taken_is_told_to_the_caller():
    with serve_in_thread(SandboxGhost()) as url:
        port = int(url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"), serve_in_thread(SandboxGhost(), port=port):
            pass


async def test_the_application_works_without_a_socket_too(ghost):
    transport = httpx.ASGITransport(app=SandboxApp(ghost))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        assert (await client.get("/ghost/api/admin/site/")).status_code == 200


async def test_a_published_post_is_a_page_to_look_at_and_a_draft_is_not(ghost):
    ghost.create(title="Shown & <told>", status="published", html="<p>Body</p>", source_html=True)
    ghost.create(title="Hidden")
    transport = httpx.ASGITransport(app=SandboxApp(ghost))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        shown, hidden, front = [await client.get(path) for path in ("/shown-told/", "/hidden/", "/")]
    assert "<h1>Shown &amp; &lt;told&gt;</h1>" in shown.text
    assert "<p>Body</p>" in shown.text
    assert hidden.status_code == 404
    assert "Shown &amp; &lt;told&gt;" in front.text
