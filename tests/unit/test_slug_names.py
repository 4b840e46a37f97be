"""Slugs: what Ghost made of the same texts, and what a file's name gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ghostsync.content.slug import humanise, slug_for, slugify, stem_of

RECORDED = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "slugs" / "ghost-6.65.json").read_text("utf-8")
)


@pytest.mark.parametrize(("text", "slug"), RECORDED, ids=range(len(RECORDED)))
def test_a_slug_is_the_one_ghost_made(text, slug):
    # A cut can leave a dash at the end, which Ghost itself takes away when that slug is sent again.
    assert slugify(text) == slug.removesuffix("-")


@pytest.mark.parametrize(("text", "slug"), RECORDED, ids=range(len(RECORDED)))
def test_a_slug_of_a_slug_is_the_same(text, slug):
    slug = slugify(text)
    assert slugify(slug) == slug
    assert slug.isascii()
    assert 0 < len(slug) <= 190


@pytest.mark.parametrize("text", ["“É»", "«CAFÉ»"])
def test_letters_that_ghost_itself_lets_through_are_still_transliterated(text):
    assert slugify(text).isascii()


@pytest.mark.parametrize(
    ("path", "fields", "slug"),
    [
        ("posts/Hello World.md", {}, "hello-world"),
        ("posts/2026-01-31-hello.md", {}, "hello"),
        ("posts/2026-01-31-.md", {}, "2026-01-31"),
        ("posts/2026-01-31.md", {}, "2026-01-31"),
        ("posts/hello/index.md", {}, "hello"),
        ("posts/2026-01-31-hello/Index.md", {}, "hello"),
        ("index.md", {}, "index"),
        ("posts/a.b.md", {}, "a-b"),
        ("posts/🎉.md", {}, "post"),
        ("posts/rss.md", {}, "rss-post"),
        ("posts/hello.md", {"slug": "Front Matter"}, "front-matter"),
        ("posts/hello.md", {"slug": None}, "hello"),
    ],
)
def test_a_create_sends_the_stated_slug_or_the_files_name(path, fields, slug):
    assert slug_for(path, fields) == slug


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("posts/2026-01-31-my-first_post.md", "My first post"),
        ("posts/été.md", "Été"),
        ("posts/Already Fine.md", "Already Fine"),
        ("posts/---.md", "---"),
    ],
)
def test_a_title_is_made_of_a_stem(path, title):
    assert humanise(stem_of(path)) == title
