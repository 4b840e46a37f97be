"""What the keys of a file state: canonical values, other programs' names, and every check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from front_matter_samples import CONTEXT, ID, fields, on_ghost, problem, read, yaml

from ghostsync.content.fields import ALIASES, ASKS_FOR_EMAIL, FIELDS
from ghostsync.model import Kind, Mode


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("title: 2024", "title", "2024"),
        ("title: yes", "title", "yes"),
        ("title: 1e3", "title", "1e3"),
        ("title: 2026-01-31", "title", "2026-01-31"),
        ("title: ' spaced '", "title", "spaced"),
        ("featured: yes", "featured", True),
        ("featured: false", "featured", False),
        ("featured:", "featured", False),
        ("custom_excerpt: ''", "custom_excerpt", None),
        ("custom_excerpt: ~", "custom_excerpt", None),
        ("featured: ''", "featured", False),
        ("tags: ' '", "tags", ()),
        ("custom_excerpt: 'null'", "custom_excerpt", "null"),
        ('custom_excerpt: "a\\r\\nb"', "custom_excerpt", "a\nb"),
        ("tags: []", "tags", ()),
        ("tags:", "tags", ()),
        ("tags: [2024, c++, '#int', 2024]", "tags", ("2024", "c++", "#int")),
        ("tags: one two", "tags", ("one", "two")),
        ("tags: [News, news, NEWS]", "tags", ("News",)),
        ("tags: machine learning, art", "tags", ("machine learning", "art")),
        ("tag: machine learning", "tags", ("machine learning",)),
        ("slug: Ünïcode Slug!", "slug", "unicode-slug"),
        ("feature_image: https://blog.example.com/content/x.png", "feature_image", "/content/x.png"),
        ("feature_image: /content/my ü.png", "feature_image", "/content/my%20%C3%BC.png"),
        ("og_image: /a%20b.png?c=d&e#f", "og_image", "/a%20b.png?c=d&e#f"),
        (
            "feature_image: https://other.example.com/x.png",
            "feature_image",
            "https://other.example.com/x.png",
        ),
        ("authors: [Jane Doe, jane]", "authors", ("jane",)),
        ("author: JANE@example.com", "authors", ("jane",)),
        ("authors: Jane Doe", "authors", ("jane",)),
        ("visibility: paid", "visibility", "paid"),
    ],
)
def test_values_are_read_in_canonical_form(line, name, value):
    assert fields(line) == {name: value}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2026-01-31", "2026-01-30T23:00:00Z"),
        ("2026-1-3 9:05", "2026-01-03T08:05:00Z"),
        ("2026/01/31", "2026-01-30T23:00:00Z"),
        ("2026/1/3 9:05", "2026-01-03T08:05:00Z"),
        ("2026-07-01T09:15:30", "2026-07-01T07:15:30Z"),
        ("2026-01-31T09:15:00.123Z", "2026-01-31T09:15:00Z"),
        ("2026-01-31 09:15:00 -0530", "2026-01-31T14:45:00Z"),
        ("'2026-01-31T09:15+01'", "2026-01-31T08:15:00Z"),
        ("2026-01-31 09:15:00 UTC", "2026-01-31T09:15:00Z"),
        ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
    ],
)
@pytest.mark.parametrize("key", ["published_at", "date", "publishDate"])
def test_dates_without_a_zone_are_in_the_sites(written, canonical, key):
    assert fields(f"{key}: {written}") == {"published_at": canonical}


@pytest.mark.parametrize(
    "matter",
    [
        "date = 2026-01-31",
        "date = 2026-01-31T00:00:00",
        "date = 2026-01-30T23:00:00Z",
        "date = '2026-01-31'",
    ],
)
def test_toml_dates_read_like_texts(matter):
    assert read(f"+++\n{matter}\n+++\n".encode()).fields["published_at"] == "2026-01-30T23:00:00Z"


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        (["draft: true"], "status", "draft"),
        (["draft: false"], "status", "published"),
        (["published: true"], "status", "published"),
        (["published: false"], "status", "draft"),
        (["draft: false", "published: false"], "status", "draft"),
        (["draft: true", "published: true"], "status", "draft"),
        (["status:", "draft: true"], "status", "draft"),
        (["description: d"], "custom_excerpt", "d"),
        (["description: d", "summary: s", "excerpt: e"], "custom_excerpt", "e"),
        (["cover: /x.png"], "feature_image", "/x.png"),
        (["image: {path: /x.png, width: 3}"], "feature_image", "/x.png"),
        (["thumbnail: /x.png"], "feature_image", "/x.png"),
        (["canonicalURL: https://e.org/"], "canonical_url", "https://e.org/"),
    ],
)
def test_names_of_other_programs_are_read(lines, name, value):
    assert fields(*lines)[name] == value


@pytest.mark.parametrize(
    ("own", "alias", "name", "value"),
    [
        ("status: published", "draft: true", "status", "published"),
        ("custom_excerpt: own", "description: other", "custom_excerpt", "own"),
        ("published_at: 2026-01-31T00:00:00Z", "date: 2020-01-01", "published_at", "2026-01-31T00:00:00Z"),
        ("tags: [own]", "tag: other", "tags", ("own",)),
        ("custom_excerpt:", "description: other", "custom_excerpt", None),
    ],
)
def test_ghosts_own_name_wins(own, alias, name, value):
    assert fields(alias, own)[name] == value


def test_a_pictures_alternative_text_belongs_to_that_picture():
    cover = "cover: {image: /a.png, alt: A picture, caption: By me}"
    assert fields(cover) == {
        "feature_image": "/a.png",
        "feature_image_alt": "A picture",
        "feature_image_caption": "By me",
    }
    assert fields(cover, "feature_image: /b.png") == {"feature_image": "/b.png"}


@pytest.mark.parametrize(
    "line",
    [
        "categories: [a]",
        "permalink: /x/",
        "published: 2026-01-31",
        "image: [a, b]",
        "author: {name: Jane}",
        "cover:",
        "lastmod: soon",
        "newsletter:",
        "date: ''",
        "status: ''",
        "ghost_id: ''",
        "format: ''",
        "email_only: false",
        "? [complex, key]\n: x",
    ],
)
def test_keys_that_mean_something_else_are_left_to_the_author(line):
    assert fields(line) == {}


def test_a_date_ahead_is_scheduled_where_the_status_is_only_a_flag():
    assert fields("draft: false", "date: 2030-01-01")["status"] == "scheduled"
    assert fields("status: published", "date: 2030-01-01")["status"] == "published"


def test_a_scheduled_date_that_has_passed_is_published():
    assert fields("status: scheduled", "published_at: 2020-01-01")["status"] == "published"
    assert fields("status: scheduled", "published_at: 2030-01-01")["status"] == "scheduled"


def test_keys_of_the_configuration_come_before_other_programs_names():
    context = replace(
        CONTEXT, keys={"teaser": "custom_excerpt", "description": "meta_description", "date": ""}
    )
    lines = ["teaser: t", "description: d", "date: nonsense", "excerpt: e"]
    assert fields(*lines, context=context) == {"custom_excerpt": "t", "meta_description": "d"}
    found = problem("x: 1", context=replace(CONTEXT, keys={"x": "titel"}))
    assert "'titel'" in found.what


@pytest.mark.parametrize(
    ("lines", "line", "key", "words"),
    [
        (["title: a", "status: publishd"], 3, "status", ["'publishd'", "draft, published, scheduled"]),
        (["status: true"], 2, "status", ["'true'"]),
        (["status: sent"], 2, "status", ["Ghost's own word"]),
        (["status: scheduled"], 2, "status", ["needs the time"]),
        (["visibility: private"], 2, "visibility", ["'private'", "public, members, paid, tiers"]),
        (["visibility: tiers"], 2, "visibility", ["no tiers are named"]),
        (["tiers: [gold]", "visibility: paid"], 2, "tiers", ["mean nothing"]),
        (["tiers: [silver]", "visibility: tiers"], 2, "tiers", ["'silver'", "gold"]),
        (["authors: [jane, nobody]"], 2, "authors", ["'nobody'", "jane, bob, bob-2"]),
        (["authors: [Bob]"], 2, "authors", ["2 authors", "bob, bob-2"]),
        (["author: nobody"], 2, "author", ["'nobody'"]),
        (["published_at: soon"], 2, "published_at", ["'soon'", "2026-01-31"]),
        (["published_at: 2026-02-30"], 2, "published_at", ["not a date"]),
        (["date: 20260131"], 2, "date", ["not a date"]),
        (["date: 2026/01-31"], 2, "date", ["not a date"]),
        (["published_at: [2026-01-31]"], 2, "published_at", ["a list"]),
        (["featured: 'true'"], 2, "featured", ["neither true nor false"]),
        (["featured: 1"], 2, "featured", ["neither true nor false"]),
        ([f"title: {'x' * 256}"], 2, "title", ["256 characters", "255"]),
        ([f"custom_excerpt: {'x' * 301}"], 2, "custom_excerpt", ["301", "300"]),
        ([f"description: {'x' * 301}"], 2, "description", ["301", "300"]),
        ([f"feature_image_alt: {'x' * 192}"], 2, "feature_image_alt", ["191"]),
        (["meta_title: [a]"], 2, "meta_title", ["a list", "text"]),
        (["meta_title: {a: b}"], 2, "meta_title", ["a mapping"]),
        (["tags: {a: b}"], 2, "tags", ["a mapping"]),
        (["tags: [a, [b]]"], 2, "tags", ["not a text"]),
        (["tags:", "  - a", "  - #b"], 4, "tags", ["empty"]),
        (["tags: #news"], 2, "tags", ["'#news'", "comment"]),
        ([f"tags: [{'x' * 192}]"], 2, "tags", ["192"]),
        (["tags: [',a']"], 2, "tags", ["comma"]),
        (["feature_image: images/x.png"], 2, "feature_image", ["neither a web address", "begins with /"]),
        (["canonical_url: https://e.org/100%"], 2, "canonical_url", ["cannot hold", "%25"]),
        (["newsletter: weekly"], 2, "newsletter", ["e-mail"]),
        (["email_segment: all"], 2, "email_segment", ["e-mail"]),
        (["email_only: true"], 2, "email_only", ["e-mail"]),
        (["format: latex"], 2, "format", ["'latex'", "lexical, markdown, html"]),
        (["ghost_id: 123"], 2, "ghost_id", ["'123'"]),
        (["show_title_and_feature_image: false"], 2, "show_title_and_feature_image", ["only pages"]),
    ],
)
def test_a_wrong_value_is_a_problem_that_names_file_line_and_key(lines, line, key, words):
    found = problem(*lines)
    assert (found.subject, found.line, found.key) == ("posts/a-file.md", line, key)
    assert f"line {line}, {key}: " in found.what
    for word in words:
        assert word in str(found)


def test_lengths_are_counted_in_characters():
    assert fields(f"title: {'😀' * 255}")


def test_a_title_that_is_too_long_is_found_in_a_heading_too():
    (found,) = read(f"# {'x' * 256}\n".encode()).problems
    assert found.key == "title"


def test_what_this_ghost_does_not_have_is_a_problem():
    assert "came with Ghost 4" in problem("feature_image_alt: x", context=on_ghost("3.42.9")).what
    assert (
        "came with Ghost 5"
        in problem("show_title_and_feature_image: false", context=on_ghost("4.48.9"), kind=Kind.PAGE).what
    )
    assert "only posts" in problem("email_subject: x", kind=Kind.PAGE).what
    assert "125" in problem(f"feature_image_alt: {'x' * 126}", context=on_ghost("4.48.9")).what
    assert "public, members, paid." in problem("visibility: tiers", context=on_ghost("2.38.3")).remedy


def test_names_are_taken_as_they_are_where_no_list_is_known():
    context = replace(CONTEXT, authors=None, tiers=None)
    assert fields("authors: [anybody]", context=context) == {"authors": ("anybody",)}


def test_sent_is_only_a_word_to_be_read_back():
    assert fields("status: sent", f"ghost_id: {ID}") == {"status": "sent"}


@pytest.mark.parametrize("mode", list(Mode))
def test_format_overrides_the_content_mode(mode):
    assert read(yaml(f"format: {mode}")).mode is mode


def test_all_problems_of_a_file_are_told_in_order():
    found = read(
        yaml("status: x", "featured: 1", "visibility: y", body="<<<<<<< a\n=======\n>>>>>>> b\n")
    ).problems
    assert [problem.line for problem in found] == [2, 3, 4, 7]


def test_every_field_and_every_other_name_is_in_the_manual():
    manual = (Path(__file__).parents[2] / "docs" / "front-matter.md").read_text("utf-8")
    for name in FIELDS:
        assert f"`{name}`" in manual
    for field, paths in ALIASES.items():
        for path in paths:
            assert f"`{'.'.join(path)}" in manual, f"{field}: {path}"
    for key in ASKS_FOR_EMAIL:
        assert f"`{key}" in manual
