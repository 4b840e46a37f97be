"""What each side did since base, and both together."""

from __future__ import annotations

import pytest
from front_matter_samples import ID, read, yaml

from ghostsync.content.document import local_changes, merge_fields, remote_changes
from ghostsync.content.types import PostView
from ghostsync.model import Kind

BASE = [
    "title: Title",
    "slug: a",
    "status: draft",
    "published_at: 2026-01-31",
    "visibility: paid",
    "tags: [x]",
    "authors: [jane]",
    "featured: true",
    "meta_title: m",
]


def changes(base, local, base_body="Body\n", body="Body\n"):
    return local_changes(read(yaml(*base, body=base_body)), read(yaml(*local, body=body)))


def test_an_untouched_file_has_no_changes():
    assert not changes(BASE, BASE)


def test_comments_order_and_unknown_keys_are_no_changes():
    assert not changes(BASE, ["# comment", *reversed(BASE), "weight: 3"])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("title: Other", {"title": "Other"}),
        ("tags: [x, y]", {"tags": ("x", "y")}),
        ("og_title: o", {"og_title": "o"}),
    ],
)
def test_an_edited_or_new_key_is_a_change(line, value):
    key = line.split(":")[0]
    local = [line if old.startswith(f"{key}:") else old for old in BASE]
    assert changes(BASE, local if line in local else [*BASE, line]).fields == value


def test_a_removed_key_is_cleared():
    assert changes(BASE, BASE[:5] + BASE[6:7]).fields == {"tags": (), "featured": False, "meta_title": None}


@pytest.mark.parametrize("key", ["title", "slug", "status", "published_at", "visibility", "authors"])
def test_a_removed_key_that_ghost_cannot_do_without_is_no_change(key):
    assert not changes(BASE, [line for line in BASE if not line.startswith(f"{key}:")])


def test_removed_tiers_stay():
    base = ["visibility: tiers", "tiers: [gold]"]
    assert local_changes(read(yaml(*base)), read(yaml("visibility: public"))).fields == {
        "visibility": "public"
    }


def test_a_file_that_loses_its_title_has_no_opinion_on_it_whatever_its_name():
    base = read(b"Body\n", path="posts/one.md")
    assert not local_changes(base, read(b"Body\n", path="posts/two.md"))
    assert local_changes(base, read(b"# Title\n\nBody\n")).fields == {"title": "Title"}


def test_another_name_for_the_same_value_is_no_change():
    assert not changes(["status: draft", "custom_excerpt: e"], ["draft: true", "description: e"])


def test_a_status_that_is_ghosts_own_is_never_a_change():
    sent = ["status: sent", f"ghost_id: {ID}"]
    assert not changes(sent, ["status: draft", f"ghost_id: {ID}"])
    assert not changes(["status: draft", f"ghost_id: {ID}"], sent)


def test_a_body_is_changed_by_its_words_and_by_its_mode():
    assert changes(BASE, BASE, body="Other\n").body
    assert changes(BASE, [*BASE, "format: markdown"]).body
    assert not changes(BASE, BASE, base_body="Body\n", body="\n\nBody\n\n").body


def view(text="", **fields):
    paragraph = {"type": "paragraph", "children": [{"type": "extended-text", "text": text, "format": 0}]}
    return PostView(ID, Kind.POST, "", fields, {"root": {"type": "root", "children": [paragraph]}})


def test_a_post_changes_by_field_and_by_meaning():
    assert not remote_changes(view("a", title="t"), view("a", title="t"))
    found = remote_changes(view("a", title="t", tags=()), view("b", title="t", tags=("x",)))
    assert (found.fields, found.body) == ({"tags": ("x",)}, True)


@pytest.mark.parametrize(
    ("base", "local", "remote", "to_file", "to_post", "conflicts"),
    [
        ({}, {"title": "a"}, {"slug": "b"}, {"slug": "b"}, {"title": "a"}, ()),
        ({"title": "o"}, {"title": "a"}, {"title": "a"}, {}, {}, ()),
        ({"title": "o"}, {"title": "a"}, {"title": "b"}, {}, {}, ("title",)),
        ({"meta_title": "o"}, {"meta_title": None}, {"meta_title": "b"}, {}, {}, ("meta_title",)),
        ({"status": "draft"}, {"status": "published"}, {"status": "scheduled"}, {}, {}, ("status",)),
        ({"featured": False}, {"featured": True}, {}, {}, {"featured": True}, ()),
    ],
)
def test_disjoint_changes_travel_and_different_ones_conflict(
    base, local, remote, to_file, to_post, conflicts
):
    assert merge_fields(base, local, remote) == (to_file, to_post, conflicts)


@pytest.mark.parametrize(
    ("base", "local", "remote", "merged"),
    [
        ("ab", "abx", "aby", "abyx"),
        ("ab", "axb", "ab", "axb"),
        ("abc", "ab", "bc", "b"),
        ("abc", "ac", "abcx", "acx"),
        ("ab", "ba", "abx", "bxa"),
        ("ab", "xab", "aby", "xaby"),
        ("ab", "abx", "yab", "yabx"),
        ("", "x", "y", "xy"),
        ("a", "ax", "aX", "aX"),
        ("ab", "", "abx", "x"),
        ("abc", "cab", "abcx", "cxab"),
    ],
)
def test_lists_merge_as_ordered_sets(base, local, remote, merged):
    base, local, remote, merged = map(tuple, (base, local, remote, merged))
    to_file, to_post, conflicts = merge_fields({"tags": base}, {"tags": local}, {"tags": remote})
    assert conflicts == ()
    assert to_file.get("tags", local) == merged
    assert to_post.get("tags", remote) == merged


def test_two_new_first_tags_are_a_conflict():
    assert merge_fields({"tags": ("a",)}, {"tags": ("x", "a")}, {"tags": ("y", "a")}) == ({}, {}, ("tags",))


def test_a_merge_that_would_leave_no_author_is_a_conflict():
    found = merge_fields({"authors": ("a", "b")}, {"authors": ("a",)}, {"authors": ("b",)})
    assert found == ({}, {}, ("authors",))
