"""Edits in place: the author's names and style stay, and so does every byte nobody asked to change."""

from __future__ import annotations

import pytest
from front_matter_samples import CONTEXT, ID, edit, read, yaml

from ghostsync.content.dates import written_date
from ghostsync.content.document import add_ghost_id
from ghostsync.errors import ContentError

FILE = b"""\
---
# my own comment
title: "The title"  # said so
date: 2026-01-31 09:15:00 +0100
draft: true
tags:
- News   # first
# between
- 'c++'

# about me
author: Jane Doe
description: >-
  folded
  text
weight:   3
cover:
    image: /a.png   # a picture
    alt: 'An alt'
---

Body
"""


def changed(before, after):
    """The lines that went and the lines that came."""
    old, new = before.decode().split("\n"), after.decode().split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("wanted", "gone", "come"),
    [
        (
            {"title": 'New "title"'},
            ['title: "The title"  # said so'],
            ['title: "New \\"title\\""  # said so'],
        ),
        (
            {"published_at": "2026-07-01T10:00:00Z"},
            ["date: 2026-01-31 09:15:00 +0100"],
            ["date: 2026-07-01 12:00:00 +0200"],
        ),
        ({"status": "published"}, ["draft: true"], ["draft: false"]),
        ({"tags": ("c++", "News")}, [], []),
        ({"tags": ("News", "x: y", "c++")}, [], ['- "x: y"']),
        ({"tags": ("c++",)}, ["- News   # first", "# between"], []),
        ({"authors": ("jane", "bob-2")}, ["author: Jane Doe"], ["author: Jane Doe, bob-2"]),
        (
            {"custom_excerpt": "One line"},
            ["description: >-", "  folded", "  text"],
            ["description: One line"],
        ),
        (
            {"custom_excerpt": "Two\nlines"},
            ["description: >-", "  folded", "  text"],
            ["description: |-", "  Two", "  lines"],
        ),
        ({"custom_excerpt": None}, ["description: >-", "  folded", "  text"], []),
        (
            {"feature_image": "/b.png"},
            ["    image: /a.png   # a picture"],
            ["    image: /b.png   # a picture"],
        ),
        ({"feature_image_alt": "It's new"}, ["    alt: 'An alt'"], ["    alt: 'It''s new'"]),
        ({"feature_image_alt": None}, ["    alt: 'An alt'"], []),
        ({"meta_title": "yes"}, [], ['meta_title: "yes"']),
        ({"featured": True}, [], ["featured: true"]),
        ({"featured": False}, [], []),
        ({"meta_title": None, "tags": ("News", "c++")}, [], []),
    ],
)
def test_only_the_lines_of_the_edited_keys_change(wanted, gone, come):
    result = edit(FILE, **wanted)
    assert changed(FILE, result) == (gone, come)
    for name, value in wanted.items():
        assert read(result).fields.get(name) in {value, None if value is False else value}


def test_a_new_key_stands_behind_the_one_that_comes_before_it():
    lines = (
        edit(yaml("title: a", "weight: 3", f"ghost_id: {ID}"), slug="a", meta_title="m").decode().split("\n")
    )
    assert lines[1:6] == ["title: a", "slug: a", "meta_title: m", "weight: 3", f"ghost_id: {ID}"]
    lines = edit(yaml("weight: 3", f"ghost_id: {ID}"), slug="a").decode().split("\n")
    assert lines[1:4] == ["weight: 3", "slug: a", f"ghost_id: {ID}"]


@pytest.mark.parametrize(
    ("line", "wanted", "result"),
    [
        ("tags: [News, 'c++']  # two", {"tags": ("c++", "a, b")}, "tags: ['c++', \"a, b\"]  # two"),
        ("tags: ['a', 'b']", {"tags": ("a", "c")}, "tags: ['a', 'c']"),
        ("tags: a, b", {"tags": ("a", "c d")}, "tags: a, c d"),
        ("tags: a b", {"tags": ("a", "c")}, "tags: a c"),
        ("tags: a b", {"tags": ("a", "c d")}, "tags:\n  - a\n  - c d"),
        ("tags:", {"tags": ("a",)}, "tags:\n  - a"),
        ("tags:   # none yet", {"tags": ("a",)}, "tags:   # none yet\n  - a"),
        ("tags: []", {"tags": ("a",)}, "tags: [a]"),
        ("tag: one thing", {"tags": ("two things",)}, "tag: two things"),
        ("title: 'single'", {"title": 'It\'s "so"'}, "title: 'It''s \"so\"'"),
        ("title: bare", {"title": "10 things"}, "title: 10 things"),
        ("title: bare", {"title": "# 1"}, 'title: "# 1"'),
        ("title: bare", {"title": '"quoted"'}, "title: '\"quoted\"'"),
        ("title:", {"title": "x"}, "title: x"),
        ("title: a\n  b", {"title": "x"}, "title: x"),
        (
            "published_at: 2026-01-31",
            {"published_at": "2026-01-31T10:00:00Z"},
            "published_at: 2026-01-31T11:00:00+01:00",
        ),
        (
            "published_at: '2026-01-31 10:00Z'",
            {"published_at": "2026-01-31T10:01:00Z"},
            "published_at: '2026-01-31 10:01:00Z'",
        ),
        ("featured: true", {"featured": False}, "featured: false"),
        ("published: false", {"status": "published"}, "published: true"),
        (
            "draft: true",
            {"status": "scheduled", "published_at": "2030-01-01T00:00:00Z"},
            "published_at: 2030-01-01T01:00:00+01:00\ndraft: false",
        ),
    ],
)
def test_values_keep_their_authors_style(line, wanted, result):
    after = edit(yaml(line), **wanted).decode().split("---\n")[1].rstrip("\n")
    assert sorted(after.split("\n")) == sorted(result.split("\n"))


def test_a_mapping_may_lose_its_last_key_and_keeps_the_others():
    assert edit(yaml("cover:", "  image: /a.png"), feature_image=None) == yaml("cover:")
    data = yaml("cover:", "  width: 3", "  image: /a.png", "  sizes: {a: [1]}")
    assert edit(data, feature_image=None) == yaml("cover:", "  width: 3", "  sizes: {a: [1]}")


def test_an_odd_slug_from_an_import_is_written_as_it_is():
    assert b"slug: Old_Slug\n" in edit(yaml("title: a"), slug="Old_Slug")


def test_an_alias_that_cannot_say_it_gives_way_to_ghosts_own_name():
    data = yaml("title: a", "draft: true", "date: 2030-01-01T00:00:00Z")
    assert changed(data, edit(data, status="published")) == (["draft: true"], ["status: published"])


def test_a_date_written_with_slashes_keeps_them():
    assert written_date("2026-07-01T10:00:00Z", "Europe/Berlin", "2026/01/31") == "2026/07/01T12:00:00+02:00"


def test_a_status_that_was_inferred_is_spelled_out_before_a_new_date_changes_it():
    data = yaml("draft: false", "date: 2020-01-01T00:00:00Z")
    after = edit(data, published_at="2030-01-01T00:00:00Z")
    assert read(after).fields["status"] == "published"
    assert b"status: published" in after


def test_clearing_a_key_does_not_let_another_name_take_its_place():
    data = yaml("custom_excerpt: own", "description: other")
    after = edit(data, custom_excerpt=None)
    assert read(after).fields["custom_excerpt"] is None
    assert b"description: other" in after


@pytest.mark.parametrize(
    ("data", "wanted", "result"),
    [
        (b"# Old\n\nBody\n", "New", b"# New\n\nBody\n"),
        (b"# Old #\n\nBody\n", "*New*", b"# \\*New\\*\n\nBody\n"),
        (b"Old\n===\n\nBody\n", "Newer", b"Newer\n=====\n\nBody\n"),
        (b"Intro\n\n# Old\nBody\n", "New", b"Intro\n\n# New\nBody\n"),
        (b"# Old", "New", b"# New"),
        (b"---\ntitle:\n---\n\n# Old\n", "New", b"---\ntitle:\n---\n\n# New\n"),
        (b"# Old\n\nBody\n", "Two\nlines", b'---\ntitle: "Two\\nlines"\n---\n\nBody\n'),
    ],
)
def test_a_title_that_came_from_a_heading_is_changed_there(data, wanted, result):
    if b"Two" in result:
        result = b"---\ntitle: |-\n  Two\n  lines\n---\n\nBody\n"
    assert edit(data, title=wanted) == result


@pytest.mark.parametrize(
    ("data", "body", "result"),
    [
        (b"# T\n\nOld\n", "New\n", b"# T\n\nNew\n"),
        (b"# T\n\nOld", "New\n", b"# T\n\nNew"),
        (b"# T\nOld\n\n\n", "New", b"# T\nNew\n\n\n"),
        (b"Intro\n\n# T\n\nOld\n\nEnd\n", "Intro\n\nNew\n\nEnd\n", b"Intro\n\n# T\n\nNew\n\nEnd\n"),
        (b"Intro\n\n# T\n\nOld\n", "Quite other\n", b"# T\n\nQuite other\n"),
        (b"---\ntitle: a\n---", "New\n", b"---\ntitle: a\n---\n\nNew\n"),
        (b"---\ntitle: a\n---\nOld", "New\n", b"---\ntitle: a\n---\nNew"),
        (b"---\ntitle: a\n---\n\nOld\n", "", b"---\ntitle: a\n---\n"),
        (
            b"---\r\ntitle: a\r\n---\r\n\r\nOld\r\n",
            "New\n\nTwo\n",
            b"---\r\ntitle: a\r\n---\r\n\r\nNew\r\n\r\nTwo\r\n",
        ),
        (b"---\ntitle: a\n---\n\nOld\n", "---\n\nrule\n", b"---\ntitle: a\n---\n\n---\n\nrule\n"),
        (b"Old\n", "---\n\nrule\n\n---\n", b"---\ntitle: A file\n---\n\n---\n\nrule\n\n---\n"),
        (b"Old\n", "# Heading\n\nText\n", b"---\ntitle: A file\n---\n\n# Heading\n\nText\n"),
    ],
)
def test_a_new_body_keeps_heading_blank_lines_and_line_ends(data, body, result):
    assert edit(data, body=body) == result


TOML = b"""\
+++
title = 'The title' # said so
date = 2026-01-31T09:15:00+01:00
tags = [
  "News", # first
]

# the rest
[cover]
image = "/a.png"
+++
Body
"""


def test_toml_is_edited_in_its_own_style():
    result = edit(
        TOML,
        title="New",
        published_at="2026-02-01T00:00:00Z",
        slug="s",
        feature_image="/b.png",
        featured=True,
    )
    assert result.decode() == (
        "+++\ntitle = 'New' # said so\ndate = 2026-02-01T01:00:00+01:00\n"
        'tags = [\n  "News", # first\n]\nslug = "s"\nfeatured = true\n\n'
        '# the rest\n[cover]\nimage = "/b.png"\n+++\nBody\n'
    )
    assert edit(TOML, tags=(), feature_image=None).decode() == (
        "+++\ntitle = 'The title' # said so\ndate = 2026-01-31T09:15:00+01:00\n\n# the rest\n[cover]\n+++\nBody\n"
    )


def test_json_is_edited_in_its_own_style():
    data = b'{\n\t"title": "a",\n\t"weight": 3,\n\t"tags": [\n\t\t"x"\n\t]\n}\n\nBody\n'
    result = edit(data, title='é"', tags=("x", "y"), slug="s", custom_excerpt=None)
    assert result.decode() == (
        '{\n\t"title": "é\\"",\n\t"slug": "s",\n\t"weight": 3,\n\t"tags": [\n\t\t"x",\n\t\t"y"\n\t]\n}\n\nBody\n'
    )
    assert edit(data, tags=()) == b'{\n\t"title": "a",\n\t"weight": 3\n}\n\nBody\n'
    assert edit(b'{"draft": true}', status="published") == b'{"draft": false}'


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (FILE, FILE.replace(b"---\n\nBody", f"ghost_id: {ID}\n---\n\nBody".encode())),
        (b"---\r\na: 1\r\n---\r\n", f"---\r\na: 1\r\nghost_id: {ID}\r\n---\r\n".encode()),
        (b"---\n  a: 1\n---", f"---\n  a: 1\n  ghost_id: {ID}\n---".encode()),
        (b"---\n---\nB", f"---\nghost_id: {ID}\n---\nB".encode()),
        (b"---\na: |+\n  x\n\n---\n", f"---\na: |+\n  x\n\nghost_id: {ID}\n---\n".encode()),
        (b"---\nghost_id:\na: 1\n---\n", f"---\nghost_id: {ID}\na: 1\n---\n".encode()),
        (TOML, TOML.replace(b"]\n\n# the", f']\nghost_id = "{ID}"\n\n# the'.encode())),
        (b"+++\na = [\n[1],\n]\n+++\n", f'+++\na = [\n[1],\n]\nghost_id = "{ID}"\n+++\n'.encode()),
        (b'{\n  "a": 1\n}\n', f'{{\n  "ghost_id": "{ID}",\n  "a": 1\n}}\n'.encode()),
        (b'{"a": 1}\nB', f'{{"ghost_id": "{ID}", "a": 1}}\nB'.encode()),
        (b"Body\n", f"---\nghost_id: {ID}\n---\n\nBody\n".encode()),
        (b"\xef\xbb\xbf# T\r\n", f"\ufeff---\r\nghost_id: {ID}\r\n---\r\n\r\n# T\r\n".encode()),
        (b"", f"---\nghost_id: {ID}\n---\n".encode()),
    ],
)
def test_a_ghost_id_is_one_more_line(data, result):
    assert add_ghost_id(data, ID) == result
    assert add_ghost_id(result, ID) == result


def test_an_id_that_yaml_would_take_for_a_number_is_quoted():
    assert b'ghost_id: "123456789012345678901234"' in add_ghost_id(b"x", "1234567890" * 2 + "1234")
    assert b'ghost_id: "6912e4567890123456789012"' in add_ghost_id(b"x", "6912e4567890123456789012")


@pytest.mark.parametrize("data", [b"---\na: 1\n", b"---\na: b: c\n---\n", b"\xff", b"---\na: 1\na: 2\n---\n"])
def test_a_file_that_cannot_be_read_is_not_edited(data):
    with pytest.raises(ContentError):
        add_ghost_id(data, ID)
    with pytest.raises(ContentError):
        edit(data, title="x")


def test_a_block_that_the_line_editor_does_not_know_goes_through_ruamel():
    result = edit(yaml("{title: a, tags: [x], other: 1}"), title="b", slug="s")
    assert read(result).fields == {"title": "b", "slug": "s", "tags": ("x",)}
    assert b"other: 1" in result
    result = edit(yaml("base: &b [x]", "tags: *b", "title: a"), title="b")
    assert b"base: &b [x]\ntags: *b\ntitle: b\n" in result


def test_an_edit_the_front_matter_cannot_hold_is_refused():
    with pytest.raises(ContentError, match="tags cannot be written"):
        edit(yaml("title: a"), tags=("the same twice", "the same twice"))


def test_a_file_with_a_problem_elsewhere_can_still_be_edited():
    after = edit(yaml("title: a", "authors: [nobody]"), title="b")
    assert after == yaml("title: b", "authors: [nobody]")
    assert read(after, context=CONTEXT).problems
