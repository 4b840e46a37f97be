"""The file of a pulled post."""

from __future__ import annotations

from front_matter_samples import CONTEXT, ID, read

from ghostsync.content.document import new_file, view_post
from ghostsync.content.types import PostView
from ghostsync.model import Kind, Mode, RemotePost, Storage

EMPTY = {"root": {"children": []}}


def view(kind=Kind.POST, **raw):
    raw = {"title": "Title", "slug": "title", "status": "draft", "visibility": "public", **raw}
    return view_post(RemotePost(ID, kind, "", raw, 0), CONTEXT, EMPTY, Storage.LEXICAL)


def test_a_plain_draft_is_three_keys_and_an_id():
    assert new_file(view(), "Body\n\n", Mode.LEXICAL, Mode.LEXICAL, "Etc/UTC").decode() == (
        f"---\ntitle: Title\nslug: title\nstatus: draft\nghost_id: {ID}\n---\n\nBody\n"
    )


def test_a_post_without_a_body_ends_with_its_front_matter():
    assert new_file(view(), "\n", Mode.LEXICAL, Mode.LEXICAL, "Etc/UTC").endswith(b"---\n")


def test_a_post_with_everything_is_written_as_a_person_would():
    post = view(
        title="Things: a list",
        status="published",
        published_at="2026-07-01T08:15:00.000Z",
        tags=[{"name": "News"}, {"name": "#int"}, {"name": "c++, c"}],
        authors=[{"slug": "jane"}],
        visibility="tiers",
        tiers=[{"slug": "gold"}],
        featured=True,
        custom_excerpt="Line one\nLine two",
        feature_image="https://blog.example.com/content/images/a.png",
        feature_image_alt="It's a picture",
        meta_title="yes",
        codeinjection_head="<style>\n  a { b: c }\n</style>\n",
    )
    data = new_file(post, "Body", Mode.MARKDOWN, Mode.LEXICAL, "Europe/Berlin")
    assert (
        data.decode()
        == f"""\
---
title: "Things: a list"
slug: title
status: published
published_at: 2026-07-01T10:15:00+02:00
tags:
  - News
  - "#int"
  - c++, c
authors:
  - jane
visibility: tiers
tiers:
  - gold
featured: true
custom_excerpt: |-
  Line one
  Line two
feature_image: /content/images/a.png
feature_image_alt: It's a picture
meta_title: "yes"
codeinjection_head: |-
  <style>
    a {{ b: c }}
  </style>
format: markdown
ghost_id: {ID}
---

Body
"""
    )
    assert read(data).problems == ()


def test_a_page_says_that_it_hides_its_title():
    page = view(Kind.PAGE, show_title_and_feature_image=False)
    data = new_file(page, "Body", Mode.LEXICAL, Mode.LEXICAL, "Etc/UTC")
    assert b"show_title_and_feature_image: false\n" in data
    shown = view(Kind.PAGE, show_title_and_feature_image=True)
    assert b"show_title" not in new_file(shown, "Body", Mode.LEXICAL, Mode.LEXICAL, "Etc/UTC")


def test_a_zone_nobody_knows_is_utc():
    post = view(published_at="2026-07-01T08:15:00.000Z")
    assert b"2026-07-01T08:15:00Z" in new_file(post, "", Mode.LEXICAL, Mode.LEXICAL, "Mars/Olympus")


def test_an_offset_of_old_local_time_is_avoided():
    post = PostView(ID, Kind.POST, "", {"title": "a", "published_at": "1880-01-01T00:00:00Z"}, EMPTY)
    assert b"1880-01-01T00:00:00Z" in new_file(post, "", Mode.LEXICAL, Mode.LEXICAL, "Europe/Berlin")
