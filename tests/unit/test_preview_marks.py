"""What a preview says of itself, and that nothing else is taken for one."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.config import HistorySection
from ghostsync.content.document import read_document
from ghostsync.content.post import payload_fields
from ghostsync.content.preview import (
    TAG,
    Mark,
    mark_for,
    mark_of,
    preview_address,
    preview_fields,
    preview_slug,
)
from ghostsync.content.types import Context
from ghostsync.model import Kind, Mode, RemotePost, SiteInfo
from ghostsync.state import SqliteState
from ghostsync.sync.preview_removal import Known, remove

CONTEXT = Context(SiteInfo("", "https://blog.example.com/", "6.0"), 0, Mode.LEXICAL)
MARK = Mark("posts/a.md", "f" * 32, "e" * 32)


def document(text="---\ntitle: A\n---\nText.\n", path="posts/a.md"):
    return read_document(text.encode(), path, Kind.POST, CONTEXT)


def post(fields=None, mark=MARK, **more):
    payload = payload_fields(preview_fields(document(), fields or {}, mark), CONTEXT, 6)
    return {**payload, "status": "draft", **more}


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"), max_size=50))
def test_a_mark_is_read_back_whatever_the_path_and_whatever_else_is_in_the_head(of, head):
    mark = Mark(of, "f" * 32, "e" * 32)
    seen = post({"codeinjection_head": head}, mark)
    assert mark_of(seen) == mark
    comment, _, rest = seen["codeinjection_head"].partition("-->\n")
    assert "--" not in comment.removeprefix("<!--")
    assert rest == head


def test_a_preview_of_what_was_a_preview_has_one_mark_and_one_tag():
    once = preview_fields(document(), {"codeinjection_head": "<x>", "tags": ("Garden", TAG)}, MARK)
    other = Mark("0" * 24, "1" * 32, "2" * 32)
    twice = preview_fields(document(), once, other)
    assert twice["tags"] == ("Garden", TAG)
    assert twice["codeinjection_head"].count("<!--") == 1
    assert mark_of(payload_fields(twice, CONTEXT, 6)) == other


@pytest.mark.parametrize(
    "changed",
    [
        {"tags": []},
        {"tags": [{"name": "Garden"}]},
        {"tags": None},
        {"codeinjection_head": None},
        {"codeinjection_head": "<!--ghostsync-preview nonsense-->"},
        {"codeinjection_head": "<!--ghostsync-preview {}-->"},
        {"codeinjection_head": '<!--ghostsync-preview {"of": 1-->'},
    ],
)
def test_without_tag_or_mark_it_is_an_ordinary_post(changed):
    assert mark_of(post()) == MARK
    assert mark_of({**post(), **changed}) is None


def test_what_is_no_part_of_a_preview_does_not_get_into_it():
    text = "---\ntitle: A\nslug: own\nstatus: published\npublished_at: 2026-01-01 10:00\n---\nText.\n"
    fields = preview_fields(document(text), {"status": "published", "slug": "own"}, MARK)
    assert fields.keys() & {"status", "slug", "published_at"} == set()


def test_a_title_that_is_only_the_files_name_is_no_opinion():
    nameless = document("Text.\n", "posts/a-file.md")
    assert preview_fields(nameless, {"title": "Of the post"}, MARK)["title"] == "Of the post"
    assert preview_fields(nameless, {}, MARK)["title"] == "A file"


@pytest.mark.parametrize(
    ("text", "held", "file", "sent"),
    [
        ("---\ntitle: A\n---\nText.\n", {}, True, True),
        ("---\ntitle: A\nghost_id: 0123456789abcdef01234567\n---\nText.\n", {}, True, True),
        ("---\ntitle: A\nstatus: published\nslug: b\n---\nText.\n", {"slug": "c"}, True, True),
        ("---\ntitle: A\n---\nText.\n", {"featured": True}, True, False),
        ("---\ntitle: A\ntags: [b]\n---\nText.\n", {}, False, False),
        ("---\ntitle: A\nformat: markdown\n---\nText.\n", {}, False, False),
        ("---\ntitle: A\n---\nOther text.\n", {}, False, False),
    ],
)
def test_digests_change_with_what_is_shown_and_with_nothing_else(text, held, file, sent):
    first = mark_for(document(), {}, "posts/a.md", CONTEXT)
    found = mark_for(document(text), held, "posts/a.md", CONTEXT)
    assert (found.file == first.file, found.sent == first.sent) == (file, sent)


def test_slugs_of_previews_are_their_own_and_no_longer_than_ghost_allows():
    long = document(f"---\ntitle: A\nslug: {'a' * 191}\n---\n")
    slug = preview_slug(long, "posts/a.md")
    assert len(slug) == 191
    assert slug != preview_slug(long, "posts/b.md")


def test_the_address_has_one_slash_at_each_place():
    for site in ("https://x.example", "https://x.example/", "https://x.example/blog/"):
        assert preview_address({"uuid": "u"}, site) == f"{site.rstrip('/')}/p/u/"


class Ghost:
    """Holds one post by now, whatever was seen before."""

    def __init__(self, data):
        self.data = data
        self.deleted = []

    async def get(self, kind, id):
        return RemotePost(id, kind, "2026-01-01T00:00:09.000Z", self.data, 99) if self.data else None

    async def delete(self, kind, id):
        self.deleted.append(id)


@pytest.mark.parametrize(
    ("now", "gone"),
    [
        ({}, True),
        ({"status": "published"}, False),
        ({"status": "scheduled"}, False),
        ({"tags": []}, False),
        ({"codeinjection_head": ""}, False),
    ],
)
def test_only_what_is_a_draft_with_tag_and_mark_at_this_moment_is_deleted(tmp_path, now, gone):
    seen = RemotePost("1" * 24, Kind.POST, "2026-01-01T00:00:00.000Z", post(), 9)
    ghost = Ghost({**post(), **now})
    with SqliteState(tmp_path / "state.db", HistorySection(), lambda: 0.0) as state:
        assert asyncio.run(remove(ghost, state, Known(seen, MARK))) is gone
        assert ghost.deleted == ([seen.id] if gone else [])
        assert [version.ghost_id for version in state.versions()] == ([seen.id] if gone else [])
        assert (seen.id in state.mirror()) is not gone


def test_one_that_is_gone_already_is_gone(tmp_path):
    seen = RemotePost("1" * 24, Kind.POST, "2026-01-01T00:00:00.000Z", post(), 9)
    ghost = Ghost(None)
    with SqliteState(tmp_path / "state.db", HistorySection(), lambda: 0.0) as state:
        assert asyncio.run(remove(ghost, state, Known(seen, MARK)))
    assert ghost.deleted == []


def test_the_mirror_remembers_what_is_a_preview(tmp_path):
    with SqliteState(tmp_path / "state.db", HistorySection(), lambda: 0.0) as state:
        for id, data in (("1" * 24, post()), ("2" * 24, post(tags=[]))):
            state.mirror_posts([(RemotePost(id, Kind.POST, "2026", data, 0), b"{}", True)])
        assert {id: seen.preview for id, seen in state.mirror().items()} == {"1" * 24: True, "2" * 24: False}
