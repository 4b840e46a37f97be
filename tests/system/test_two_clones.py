"""Two clones of one folder, on two machines, kept in step with one site: they converge, and neither undoes the other."""

import asyncio
import shutil

import pytest
from cli_runner import Blog, sandbox_blog

from ghostsync.compose import open_session
from ghostsync.config import AdminKey, load_config

POST = "---\ntitle: {0}\nstatus: published\n---\n\nThe first paragraph of {0}.\n\nThe second one of {0}.\n"


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        for name in ("one", "two", "three", "four"):
            blog.write(f"posts/{name}.md", POST.format(name))
        assert blog("sync").code == 0
        yield blog


@pytest.fixture
def there(here, tmp_path, monkeypatch, capsys):
    """What git takes along: all but `.ghostsync/`. Synced once."""
    shutil.copytree(here.root, tmp_path / "clone", ignore=shutil.ignore_patterns(".ghostsync"))
    clone = Blog(here.ghost, here.clock, here.url, tmp_path / "clone", monkeypatch, capsys)
    assert clone("sync").code == 0
    return clone


def texts(blog):
    return {path.name: path.read_text() for path in sorted((blog.root / "posts").rglob("*.md"))}


def assert_at_rest(here, there):
    """However often they sync, neither writes any more, in Ghost or in the folder."""
    writes, before = here.writes, (texts(here), texts(there))
    for blog in (here, there, here, there):
        assert blog("sync").code == 0
    assert here.writes == writes
    assert (texts(here), texts(there)) == before


def test_edits_in_both_reach_both(here, there):
    here.write("posts/one.md", here.read("posts/one.md").replace("The first", "Here the first"))
    there.write("posts/one.md", there.read("posts/one.md").replace("The second", "There the second"))
    there.write("posts/five.md", POST.format("five"))
    for blog in (here, there, here):
        assert blog("sync").code == 0
    assert "Here the first" in there.read("posts/one.md")
    assert "There the second" in here.read("posts/one.md")
    assert here.read("posts/five.md").endswith(POST.format("five").split("---\n")[-1])
    assert here.read("posts/one.md") == there.read("posts/one.md")
    assert_at_rest(here, there)
    assert len(here.ghost.posts) == 5


def test_a_file_deleted_in_one_stays_away_there_and_in_the_other_says_that_it_is_a_draft(here, there):
    (here.root / "posts/two.md").unlink()
    for blog in (here, there, here, there):
        assert blog("sync").code == 0
    assert not (here.root / "posts/two.md").exists()
    assert "status: draft" in there.read("posts/two.md")
    there.write("posts/two.md", there.read("posts/two.md").replace("The first", "Again the first"))
    for blog in (there, here):
        assert blog("sync").code == 0
    assert "Again the first" in here.read("posts/two.md")
    assert_at_rest(here, there)


def test_a_file_that_came_to_both_by_git_before_either_sent_it_is_one_post(here, there):
    for blog in (here, there):
        blog.write("posts/five.md", POST.format("five"))
    for blog in (here, there):
        assert blog("sync").code == 0
    assert len(here.ghost.posts) == 5
    assert texts(here) == texts(there)
    assert_at_rest(here, there)


def test_a_commit_of_the_other_one_that_arrives_by_git_after_it_came_by_ghost_is_no_edit(here, there):
    here.write("posts/one.md", here.read("posts/one.md").replace("The first", "Here the first"))
    assert here("sync").code == 0
    assert there("sync").code == 0
    there.write("posts/one.md", here.read("posts/one.md"))
    assert texts(here) == texts(there)
    assert_at_rest(here, there)


def test_both_sending_the_same_new_files_at_the_same_moment_make_one_post_of_each(here, there):
    """Whoever comes second is told so by Ghost's number at the slug, takes its own post back, and finds the other's."""
    for blog in (here, there):
        for number in range(5):
            blog.write(f"posts/new-{number}.md", POST.format(f"new {number}"))
    key = AdminKey.parse(here.ghost.admin_api_key, source="test")

    async def cycle(blog):
        config = load_config(blog.root, {"GHOST_URL": here.url})
        async with open_session(blog.root, config, key, clock=here.clock) as session:
            return await session.engine.cycle()

    async def both():
        return await asyncio.gather(cycle(here), cycle(there))

    here.clock.advance(5)
    asyncio.run(both())
    for blog in (here, there, here, there):
        blog("sync")
    assert sorted(post.own["slug"] for post in here.ghost.posts) == sorted(
        ["one", "two", "three", "four", *(f"new-{number}" for number in range(5))]
    )
    assert_at_rest(here, there)
