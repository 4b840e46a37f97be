"""Posts as Ghost gives them and takes them: views, the JSON kept as base, payloads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from front_matter_samples import CONTEXT, ID, NOW, on_ghost

from ghostsync.content.dates import canonical_date
from ghostsync.content.document import (
    payload_fields,
    post_from_json,
    post_json,
    reduced_post,
    stated_differences,
    unsupported_fields,
    view_post,
)
from ghostsync.content.fields import FIELDS
from ghostsync.content.types import PostView
from ghostsync.model import Kind, Mode, RemotePost, Storage

RAW = {
    "id": ID,
    "uuid": "19a14537-05a1-4fe5-9bf8-fb444cd234c0",
    "url": "https://blog.example.com/a-post/",
    "title": "A post",
    "slug": "a-post",
    "lexical": '{"root":{"children":[]}}',
    "mobiledoc": None,
    "html": "<p></p>",
    "status": "published",
    "visibility": "public",
    "published_at": "2026-01-31T08:15:00.000Z",
    "updated_at": "2026-02-01T00:00:00.000Z",
    "featured": False,
    "feature_image": "https://blog.example.com/content/images/a.png",
    "canonical_url": None,
    "custom_excerpt": " spaced\r\nlines ",
    "meta_title": "",
    "tags": [{"id": "t", "name": "News", "slug": "news", "visibility": "public"}],
    "authors": [
        {"id": "1" * 24, "slug": "jane", "name": "Jane Doe", "email": "jane@example.com", "bio": None}
    ],
    "tiers": [{"id": "4" * 24, "slug": "gold", "name": "Gold", "active": True}],
    "email_segment": "all",
    "reading_time": 3,
}


def view(raw, kind=Kind.POST, context=CONTEXT):
    return view_post(RemotePost(ID, kind, "", raw, 0), context, {}, Storage.LEXICAL)


def test_a_view_has_every_field_of_its_kind_in_canonical_form():
    fields = view(RAW).fields
    assert set(fields) == {name for name, spec in FIELDS.items() if Kind.POST in spec.kinds}
    assert fields["published_at"] == "2026-01-31T08:15:00Z"
    assert fields["feature_image"] == "/content/images/a.png"
    assert fields["custom_excerpt"] == "spaced\nlines"
    assert fields["meta_title"] is None
    assert fields["tags"] == ("News",)
    assert fields["authors"] == ("jane",)
    assert "show_title_and_feature_image" in view(RAW, Kind.PAGE).fields


def test_tiers_mean_something_only_where_visibility_says_so():
    assert view(RAW).fields["tiers"] == ()
    assert view({**RAW, "visibility": "tiers"}).fields["tiers"] == ("gold",)


@pytest.mark.parametrize(
    ("date", "status"), [("2027-01-15T08:00:00.000Z", "published"), ("2027-01-15T08:00:01.000Z", "scheduled")]
)
def test_a_scheduled_post_whose_time_has_come_counts_as_published(date, status):
    assert canonical_date(date, "UTC") >= "2027-01-15T08:00:00Z"
    assert CONTEXT.now == NOW
    assert view({**RAW, "status": "scheduled", "published_at": date}).fields["status"] == status


def test_a_base_from_the_sites_old_address_is_no_change():
    moved = replace(CONTEXT, site=replace(CONTEXT.site, url="https://new.example.org/"))
    raw = {
        **RAW,
        "url": "https://new.example.org/a-post/",
        "feature_image": "https://new.example.org/content/images/a.png",
    }
    assert view(RAW, context=moved).fields == view(raw, context=moved).fields


def test_a_word_of_a_later_ghost_is_left_alone():
    fields = view({**RAW, "visibility": "filter", "status": "archived"}).fields
    assert "visibility" not in fields
    assert "status" not in fields


def test_the_kept_json_is_the_same_for_the_same_content():
    shuffled = dict(reversed({**RAW, "updated_at": "2030-01-01T00:00:00.000Z", "reading_time": 9}.items()))
    assert post_json(shuffled) == post_json(RAW)
    kept = json.loads(post_json(RAW))
    assert list(kept) == sorted(kept)
    assert not {"updated_at", "html", "email_segment", "reading_time"} & set(kept)
    assert {"id", "uuid", "url", "slug", "lexical", "mobiledoc"} <= set(kept)
    assert kept["tags"] == [{"name": "News", "slug": "news"}]


def test_the_kept_json_gives_the_same_view_again():
    post = post_from_json(post_json(RAW), ID, Kind.POST, "2026-02-01T00:00:00.000Z")
    assert (post.id, post.kind, post.updated_at, post.slug) == (
        ID,
        Kind.POST,
        "2026-02-01T00:00:00.000Z",
        "a-post",
    )
    assert view(post.data).fields == view(RAW).fields
    assert post.data == reduced_post(RAW)


PAYLOADS = [
    (
        {"title": "a", "meta_title": None, "featured": False},
        {"title": "a", "meta_title": None, "featured": False},
    ),
    ({"published_at": "2026-01-31T08:15:00Z"}, {"published_at": "2026-01-31T08:15:00.000Z"}),
    ({"published_at": None}, {"published_at": None}),
    ({"tags": ("a", "#b")}, {"tags": [{"name": "a"}, {"name": "#b"}]}),
    ({"tags": ()}, {"tags": []}),
    ({"authors": ("jane", "gone")}, {"authors": [{"id": "1" * 24}, {"slug": "gone"}]}),
    ({"tiers": ("gold",), "visibility": "tiers"}, {"tiers": [{"id": "4" * 24}], "visibility": "tiers"}),
    ({"feature_image": "/content/x.png"}, {"feature_image": "https://blog.example.com/content/x.png"}),
    ({"canonical_url": "//cdn.example.com/x"}, {"canonical_url": "//cdn.example.com/x"}),
    ({"status": "scheduled"}, {"status": "scheduled"}),
    ({"status": "sent"}, {}),
    ({"authors": ()}, {}),
    ({"title": ""}, {}),
    ({"show_title_and_feature_image": False}, {"show_title_and_feature_image": False}),
]


@pytest.mark.parametrize(("fields", "payload"), PAYLOADS)
def test_fields_become_the_json_ghost_takes(fields, payload):
    assert payload_fields(fields, CONTEXT, 6) == payload


def test_a_payload_holds_nothing_that_an_older_ghost_refuses():
    fields = dict.fromkeys(FIELDS, "x") | {"authors": ("jane",), "tiers": ("gold",), "tags": ()}
    fields |= {"published_at": "2026-01-31T08:15:00Z", "featured": True, "show_title_and_feature_image": True}
    assert set(FIELDS) - set(payload_fields(fields, CONTEXT, 2)) == {
        "tiers",
        "feature_image_alt",
        "feature_image_caption",
        "email_subject",
        "show_title_and_feature_image",
    }
    assert set(FIELDS) - set(payload_fields(fields, CONTEXT, 4)) == {"show_title_and_feature_image"}
    assert set(FIELDS) - set(payload_fields(fields, CONTEXT, 5)) == set()
    assert set(FIELDS) - set(payload_fields(fields, CONTEXT, 5, Kind.PAGE)) == {"email_subject"}


def test_unsupported_fields_are_named():
    assert unsupported_fields(["title", "tiers", "email_subject"], Kind.POST, 2) == ("tiers", "email_subject")
    assert unsupported_fields(["title", "tiers", "email_subject"], Kind.PAGE, 6) == ("email_subject",)
    assert unsupported_fields(FIELDS, Kind.POST, 6) == ("show_title_and_feature_image",)
    assert on_ghost("2.38.3").site.major == 2


def test_stated_differences_are_only_about_what_the_file_states():
    from front_matter_samples import read, yaml

    post = view({**RAW, "slug": "Old_Slug!"})
    assert stated_differences(read(yaml("title: A post", "tags: [News]", "slug: old_slug")), post) == ()
    assert stated_differences(read(yaml("title: Other", "featured: true", "meta_title:")), post) == (
        "title",
        "featured",
    )
    assert stated_differences(read(b"Just a body\n"), post) == ()
    assert stated_differences(read(b"# A title\n"), post) == ("title",)
    assert isinstance(post, PostView)
    assert CONTEXT.mode is Mode.LEXICAL
