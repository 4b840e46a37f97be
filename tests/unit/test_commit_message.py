"""What commits say: what was edited, where, and of which posts, in lines that fit."""

import pytest

from ghostsync.sync.model import ABSENT
from ghostsync.sync.versioning.message import SUBJECT, message, tell
from ghostsync.sync.versioning.model import FileEdits, Person, Staged

ID = "6a0000000000000000000001"
POST = f"""---
title: On bees
status: draft
ghost_id: {ID}
---
One.

Two.

Three.

Four.

Five.
""".encode()


def told(old, new, *, merged=False, path="posts/a.md", arrived=None, keys=None):
    edits = FileEdits(path, (1,), arrived=arrived, ghost_id="")
    return tell(Staged(edits, old, new), merged=merged, keys=keys or {})


def edited(*pairs):
    text = POST
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("new", "subject"),
    [
        (edited((b"Three", b"3")), "Edit 'On bees' (paragraph 3)"),
        (edited((b"Three", b"3"), (b"Five", b"5")), "Edit 'On bees' (paragraphs 3, 5)"),
        (
            edited((b"Two", b"2nd"), (b"Three", b"3rd"), (b"Five", b"5th")),
            "Edit 'On bees' (paragraphs 2-3, 5)",
        ),
        (edited((b"Two.\n\n", b"")), "Edit 'On bees' (paragraph 2)"),
        (edited((b"Five.\n", b"")), "Edit 'On bees' (paragraph 4)"),
        (edited((b"Two.", b"Two.\n\nAnd a half.")), "Edit 'On bees' (paragraph 3)"),
        (
            edited((b"status:", b"tags: [a]\ncustom_excerpt: B\nstatus:")),
            "Edit 'On bees' (tags, custom_excerpt)",
        ),
        (edited((b"On bees", b"On wasps")), "Edit 'On wasps' (title)"),
        (edited((b"On bees", b"On wasps"), (b"Two", b"2")), "Edit 'On wasps' (paragraph 2; title)"),
        (edited((b"draft", b"published")), "Publish 'On bees'"),
        (edited((b"draft", b"published"), (b"Two", b"2")), "Publish 'On bees' (paragraph 2)"),
        (
            edited((b"draft", b"scheduled\npublished_at: 2099-01-01T00:00:00Z")),
            "Schedule 'On bees'",
        ),
        (edited((b"status:", b"# a comment\nstatus:")), "Edit 'On bees' (front matter)"),
        (edited((b"Two.\n\n", b"Two.\n\n\n")), "Edit 'On bees' (spelling)"),
    ],
)
def test_a_subject_says_what_changed(new, subject):
    assert told(POST, new).subject() == subject


def test_a_post_that_is_taken_back_says_so():
    public = edited((b"draft", b"published"))
    assert told(public, POST).subject() == "Unpublish 'On bees'"


def test_new_removed_and_merged_documents_say_so():
    assert told(None, POST).subject() == "Add 'On bees'"
    assert told(POST, None).subject() == "Remove 'On bees' (deleted in Ghost)"
    assert (
        told(POST, edited((b"Two", b"2")), merged=True).subject() == "Merge edits of 'On bees' (paragraph 2)"
    )


def test_the_line_that_ghostsync_adds_is_no_edit_of_ghosts():
    without = POST.replace(f"ghost_id: {ID}\n".encode(), b"")
    line = told(without, POST)
    assert line.subject() == "Note the post of 'On bees'"
    assert not line.from_ghost


def test_files_that_are_no_documents_have_their_paths():
    assert told(None, None, path="media/a.png", arrived="ab").subject() == "Add media/a.png"
    assert told(None, None, path="media/a.png", arrived=ABSENT).subject() == "Remove media/a.png"
    assert told(b"a: 1\n", b"a: 2\n", path="tags.yaml").subject() == "Update tags.yaml"


@pytest.mark.parametrize("title", ["B" * 200, "Über " * 40, "{title} {} 'quoted' " * 9])
def test_a_subject_always_fits(title):
    old = edited((b"On bees", b'"' + title.replace('"', "").encode() + b'"'))
    new = old.replace(b"Two", b"2").replace(
        b"status", b"tags: [a]\ncustom_excerpt: b\nmeta_title: c\nfeatured: true\nstatus"
    )
    for one in (told(old, new), told(None, old), told(old, None), told(old, new, merged=True)):
        assert len(one.subject()) <= SUBJECT
        assert "…" in one.subject()


def test_a_title_of_several_lines_stays_on_one():
    old = edited((b"title: On bees", b"title: |\n  On\n  bees"))
    assert "\n" not in told(None, old).subject()


def test_many_paragraphs_are_counted():
    body = b"\n\n".join(b"P%d." % n for n in range(40))
    old = edited((b"One.", body))
    new = old
    for n in range(0, 40, 3):
        new = new.replace(b"P%d." % n, b"Q%d." % n)
    assert told(old, new).subject() == "Edit 'On bees' (14 paragraphs)"


def test_several_documents_are_summed_up_and_listed_with_their_posts():
    parts = [told(None, POST), told(POST, edited((b"Two", b"2")), path="posts/b.md")]
    people = [Person("Ada Editor", "ada@users.noreply.blog.example")]
    assert message(parts, "https://blog.example/", people).splitlines() == [
        "Take over 2 edits from blog.example",
        "",
        "- Add 'On bees': posts/a.md",
        "- Edit 'On bees' (paragraph 2): posts/b.md",
        "",
        f"Ghost-Id: {ID}",
        f"Ghost-Id: {ID}",
        "Co-authored-by: Ada Editor <ada@users.noreply.blog.example>",
    ]


@pytest.mark.parametrize(
    ("parts", "subject"),
    [
        ([told(None, POST)] * 3, "Take over 3 new documents from blog.example"),
        ([told(POST, None)] * 2, "Take over 2 removals from blog.example"),
        ([told(None, None, path="m/a.png", arrived="a")] * 2, "Take over 2 files from blog.example"),
        (
            [told(None, POST), told(None, None, path="m/a.png", arrived="a")],
            "Take over 1 new document and 1 file from blog.example",
        ),
    ],
)
def test_what_a_cycle_did_is_summed_up(parts, subject):
    assert message(parts, "https://blog.example/").splitlines()[0] == subject


def test_a_first_pull_is_no_book():
    lines = message([told(None, POST)] * 5000, "https://blog.example/").splitlines()
    assert lines[0] == "Take over 5,000 new documents from blog.example"
    assert "- and 4900 more" in lines
    assert len(lines) < 250


def test_a_name_from_ghost_adds_no_line_to_the_message():
    one = told(POST, edited((b"Two.", b"2.")))
    people = [Person("Eve\n\nSigned-off-by: The Boss", "eve@blog.example>\nGhost-Id: 0")]
    assert message([one], "https://blog.example", people).splitlines()[2:] == [
        f"Ghost-Id: {ID}",
        "Co-authored-by: Eve Signed-off-by: The Boss <eve@blog.example Ghost-Id: 0>",
    ]
