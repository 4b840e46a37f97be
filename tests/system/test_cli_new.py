"""new from the command line, and what a sync makes of it."""

from pathlib import Path

import frontmatter
import pytest
from cli_runner import sandbox_blog


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


def test_a_new_post_is_a_draft_in_its_place_and_its_path_is_printed(blog):
    ran = blog("new", "On keeping bees")
    assert ran.code == 0, ran
    file = Path(ran.out.strip())
    assert file == blog.root / "posts/on-keeping-bees.md"
    assert frontmatter.load(file).metadata == {"title": "On keeping bees", "status": "draft"}


def test_a_new_page_goes_to_the_pages(blog):
    assert Path(blog("new", "About", "--page").out.strip()) == blog.root / "pages/about.md"


@pytest.mark.parametrize(
    "title", ['Say "no": a #hash, it\'s 50 %', "- yes", "2026", "Größe & 日本", "null", "a: b"]
)
def test_whatever_the_title_it_arrives_in_ghost_unchanged(blog, title):
    assert blog("new", "--", title).code == 0
    assert blog("sync").code == 0
    [post] = blog.ghost.posts
    assert post.own["title"] == title
    assert post.own["status"] == "draft"


def test_a_second_post_of_that_title_gets_a_file_of_its_own(blog):
    first, second = blog("new", "Bees").out.strip(), blog("new", "Bees").out.strip()
    assert first != second
    assert Path(first).exists()
    assert Path(second).exists()


def test_the_name_pattern_is_followed(blog):
    blog.configure('[folder]\nposts = "posts/{year}/{slug}.md"\n')
    file = Path(blog("new", "Bees").out.strip())
    assert file.name == "bees.md"
    assert file.parent.name.isdigit()


@pytest.mark.parametrize(("title", "told"), [("   ", "empty"), ("x" * 256, "256 characters")])
def test_a_title_that_ghost_would_refuse_is_refused_before(blog, title, told):
    ran = blog("new", title)
    assert ran.code == 2
    assert told in ran.err
