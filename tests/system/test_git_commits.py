"""What ghostsync writes into a git work tree becomes commits; what people write there stays theirs."""

import pytest
from cli_runner import sandbox_blog
from git_helpers import git, log, use_settings

BEES = """---
title: On bees
status: published
---
The first swarm.

The second swarm.

The third swarm.
"""


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    """A published post in a repository, committed and in step."""
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        git(blog.root, "init", "-q")
        blog.write("posts/on-bees.md", BEES)
        assert blog("sync").code == 0
        git(blog.root, "add", ".")
        git(blog.root, "commit", "-qm", "Set up")
        yield blog


def post(blog, slug="on-bees"):
    return blog.ghost.find(slug)


def in_ghost(blog, old, new, slug="on-bees", **fields):
    blog.clock.advance(5)
    document = post(blog, slug)
    assert old in document.own["lexical"]
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new), **fields)


def test_an_edit_made_in_ghost_becomes_a_commit(blog):
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert log(blog.root, "%s|%(trailers:key=Ghost-Id,valueonly)").pop(0) == (
        f"Edit 'On bees' (paragraph 2)|{post(blog).id}"
    )
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_new_post_and_a_removed_one_become_one_commit_that_sums_up(blog):
    from ghostsync.model import Kind

    blog.ghost.create(Kind.POST, title="Of wasps", html="<p>Hm.</p>", source_html=True)
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert git(blog.root, "log", "-1", "--format=%B").splitlines()[:4] == [
        "Take over 2 edits from 127.0.0.1:" + blog.url.rpartition(":")[2],
        "",
        "- Edit 'On bees' (paragraph 2): posts/on-bees.md",
        "- Add 'Of wasps': posts/of-wasps.md",
    ]
    blog.ghost.delete(post(blog, "of-wasps").id)
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Remove 'Of wasps' (deleted in Ghost)"
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_file_of_the_users_own_is_not_committed_for_its_ghost_id(blog):
    blog.write("posts/new.md", "---\ntitle: New\n---\nText.\n")
    before = log(blog.root)
    ran = blog("sync")
    assert ran.code == 0
    assert log(blog.root) == before
    assert "posts/new.md is not in git yet" in ran.err
    assert git(blog.root, "status", "--porcelain") == "?? posts/new.md"
    in_file = blog.read("posts/new.md")
    blog.write("posts/new.md", in_file.replace("Text", "More text"))
    assert "not in git yet" not in blog("sync").err


def test_the_ghost_id_of_a_tracked_file_is_committed(blog):
    blog.write("posts/new.md", "---\ntitle: New\n---\nText.\n")
    git(blog.root, "add", "posts/new.md")
    git(blog.root, "commit", "-qm", "New")
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Note the post of 'New'"
    assert "+ghost_id: " in git(blog.root, "show")
    assert git(blog.root, "status", "--porcelain") == ""
