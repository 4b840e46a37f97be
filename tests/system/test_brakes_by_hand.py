"""What a person does at a brake: goes back and lifts it, or lets it through by its name."""

import subprocess

import pytest
from cli_runner import sandbox_blog

DOCUMENTS = 30


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        for number in range(DOCUMENTS):
            blog.write(f"posts/p{number}.md", f"---\ntitle: Post {number}\n---\nText {number}.\n")
        assert blog("sync").code == 0
        git(blog, "init", "-q", "-b", "main")
        git(blog, "add", "-A")
        git(blog, "commit", "-qm", "all")
        git(blog, "checkout", "-qb", "small")
        git(blog, "rm", "-q", *(f"posts/p{number}.md" for number in range(20)))
        git(blog, "commit", "-qm", "small")
        yield blog


def git(blog, *arguments):
    who = ("-c", "user.name=n", "-c", "user.email=n@example.com")
    subprocess.run(["git", *who, *arguments], cwd=blog.root, check=True, timeout=60)


def halt(blog):
    ran = blog("sync")
    assert ran.code == 5
    return blog("status", "--json").json["halt"]


def test_a_branch_without_most_files_halts_and_the_message_says_what_to_do(blog):
    told = halt(blog)
    assert told["what"].startswith("20 files are gone")
    assert "If another git branch was checked out" in told["remedy"]
    assert "backup" not in told["remedy"]
    assert len(blog.ghost.posts) == DOCUMENTS


def test_who_goes_back_and_lifts_the_halt_loses_nothing(blog):
    name = halt(blog)["id"]
    git(blog, "checkout", "-q", "main")
    assert blog("sync").code == 5  # only a person lifts it
    writes = blog.writes
    assert blog("resume", "--confirm", name).code == 0
    assert blog("sync").code == 0
    assert blog.writes == writes
    assert len(blog.ghost.posts) == DOCUMENTS


def test_a_script_can_let_through_the_halt_that_it_has_seen_and_no_other(blog):
    name = halt(blog)["id"]
    git(blog, "rm", "-q", "posts/p25.md")
    assert blog("resume", "--confirm", "deletions-00000000").code == 2
    assert blog("resume", "--confirm", name).code == 0
    # One more is gone than the one who confirmed has seen.
    assert halt(blog)["id"] != name
    assert len(blog.ghost.posts) == DOCUMENTS
    assert blog("resume", "--confirm", halt(blog)["id"]).code == 0
    assert blog("sync").code == 0
    assert len(blog.ghost.posts) == DOCUMENTS - 21
    assert blog("status").code == 0


def test_posts_that_are_gone_from_ghost_halt_with_another_remedy(blog):
    git(blog, "checkout", "-q", "main")
    for post in list(blog.ghost.posts)[:10]:
        blog.ghost.delete(post.id)
    told = halt(blog)
    assert told["what"].startswith("10 posts are gone from Ghost")
    assert told["remedy"].startswith("If Ghost has lost these posts, restore its backup first.")
    assert "git" not in told["remedy"]
    assert len(list((blog.root / "posts").iterdir())) == DOCUMENTS
