"""The pure parts of settling and comparing: choices, diffs, the companion's text, and ghostsync's own keys."""

import pytest

from ghostsync.content.document import drop_ghost_id, read_document, set_format
from ghostsync.content.types import Context, PostView
from ghostsync.errors import ContentError
from ghostsync.model import Kind, Mode, SiteInfo
from ghostsync.sync.case import Case, Policy
from ghostsync.sync.compare import unified
from ghostsync.sync.conflict import companion_path, conflict_text
from ghostsync.sync.merge import Base, Reconciled
from ghostsync.sync.model import Use, Verb
from ghostsync.sync.plan import decide
from ghostsync.sync.resolve import settle
from ghostsync.sync.write_files import as_draft

CONTEXT = Context(SiteInfo("Site", "https://example.com/", "6.65"), 0, Mode.LEXICAL)
ID = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("a\nb\n", "a\nb\n", []),
        ("a\n", "b\n", ["--- x", "+++ y", "@@ -1 +1 @@", "-a", "+b"]),
        ("a", "a\n", ["--- x", "+++ y", "@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"]),
        (None, "a\n", ["--- /dev/null", "+++ y", "@@ -0,0 +1 @@", "+a"]),
        ("a\n", None, ["--- x", "+++ /dev/null", "@@ -1 +0,0 @@", "-a"]),
        (None, None, []),
    ],
)
def test_a_diff_is_a_unified_one_and_tells_a_missing_last_line_end(old, new, lines):
    assert list(unified(old, new, "x", "y")) == lines


@pytest.mark.parametrize(
    ("data", "without"),
    [
        (f"---\ntitle: A   # mine\nghost_id: {ID}\n---\nText\n", "---\ntitle: A   # mine\n---\nText\n"),
        (f'+++\ntitle = "A"\nghost_id = "{ID}"\n+++\nText', '+++\ntitle = "A"\n+++\nText'),
        (f'{{"ghost_id": "{ID}", "title": "A"}}\nText', '{"title": "A"}\nText'),
        ("Text, and no front matter.\n", "Text, and no front matter.\n"),
        (f"---\r\na: 1\r\nghost_id: {ID}\r\n---\r\nText\r\n", "---\r\na: 1\r\n---\r\nText\r\n"),
    ],
)
def test_dropping_the_ghost_id_takes_one_line_and_no_other_byte(data, without):
    assert drop_ghost_id(data.encode()).decode() == without


@pytest.mark.parametrize(
    "data", ["---\nformat: markdown\ntitle: A\n---\nText\n", "---\ntitle: A\n---\nText\n", "Text\n"]
)
def test_a_new_content_mode_is_written_into_the_file(data):
    document = read_document(set_format(data.encode(), Mode.HTML), "posts/a.md", Kind.POST, CONTEXT)
    assert (document.mode, document.body) == (Mode.HTML, "Text\n")


def test_a_file_with_broken_front_matter_is_not_edited():
    with pytest.raises(ContentError, match="no end"):
        drop_ghost_id(b"---\ntitle: A\n")


@pytest.mark.parametrize("status", ["published", "scheduled\npublished_at: 2099-01-01T00:00:00Z", "sent"])
def test_a_file_whose_post_is_made_anew_is_never_public_at_once(status):
    data = f"---\ntitle: A\nstatus: {status}\nghost_id: {ID}\n---\nText\n".encode()
    document = read_document(
        as_draft(data, "posts/a.md", Kind.POST, CONTEXT), "posts/a.md", Kind.POST, CONTEXT
    )
    assert (document.fields["status"], document.ghost_id, document.problems) == ("draft", "", ())


def test_hugos_way_of_saying_draft_is_kept():
    data = b"---\ntitle: A\ndraft: false\n---\nText\n"
    assert as_draft(data, "posts/a.md", Kind.POST, CONTEXT) == data.replace(b"false", b"true")


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("posts/a.md", "posts/a.conflict.md"),
        ("a.b.md", "a.b.conflict.md"),
        ("x/y.markdown", "x/y.markdown.conflict.md"),
    ],
)
def test_the_companion_lies_beside_its_file(path, beside):
    assert companion_path(path) == beside


def file(text, path="posts/a.md"):
    return read_document(text.encode(), path, Kind.POST, CONTEXT)


def view(document, **fields):
    """A post that holds what the file says, and these fields."""
    import json

    from ghostsync.content.body import body_payload
    from ghostsync.model import Storage

    told = body_payload(document.body, Mode.LEXICAL, Storage.LEXICAL, old=None)
    body = json.loads(told.payload["lexical"])
    return PostView(ID, Kind.POST, "2026-01-31T08:00:00.000Z", {**document.fields, **fields}, body)


BASE = file("---\ntitle: A\nmeta_title: Old\n---\nOne.\n")


def dispute(local, remote, *, prefer="none"):
    case = Case(Kind.POST, ID, "posts/a.md", Base(BASE, view(BASE)), local, remote)
    return case, decide(case, Policy(prefer=prefer))


def test_the_companion_says_each_side_of_a_key_and_is_a_draft_without_an_id():
    local = file(f"---\ntitle: A\nmeta_title: Mine\nghost_id: {ID}\n---\nOne.\n")
    case, decision = dispute(local, view(BASE, meta_title=None))
    assert decision is not None
    assert decision.content is not None
    text = conflict_text(case.base, local, case.remote, decision.content).decode()
    assert text == (
        "---\ndraft: true\ntitle: A\n<<<<<<< file\nmeta_title: Mine\n||||||| base\nmeta_title: Old\n=======\n"
        ">>>>>>> Ghost\n---\n\nOne.\n"
    )


@pytest.mark.parametrize(("use", "value"), [(Use.LOCAL, "Mine"), (Use.REMOTE, "Theirs"), (Use.BASE, "Old")])
def test_a_choice_settles_the_key_in_conflict_and_leaves_the_merge_of_the_rest(use, value):
    local = file("---\ntitle: A\nmeta_title: Mine\nfeatured: true\n---\nOne.\n")
    remote = view(BASE, meta_title="Theirs", custom_excerpt="New.")
    case = Case(Kind.POST, ID, "posts/a.md", Base(BASE, view(BASE)), local, remote)
    decision = decide(case, Policy(use={"posts/a.md": use}))
    assert decision is not None
    assert decision.content is not None
    assert not decision.content.conflicts
    in_file = {**local.fields, **decision.content.to_file}
    in_post = {**remote.fields, **decision.content.to_post}
    for key, wanted in (("meta_title", value), ("featured", True), ("custom_excerpt", "New.")):
        assert (in_file[key], in_post[key]) == (wanted, wanted)


def test_a_choice_for_another_file_settles_nothing():
    local = file("---\ntitle: A\nmeta_title: Mine\n---\nOne.\n")
    case = Case(Kind.POST, ID, "posts/a.md", Base(BASE, view(BASE)), local, view(BASE, meta_title="Theirs"))
    decision = decide(case, Policy(use={"posts/b.md": Use.LOCAL}))
    assert decision is not None
    assert decision.action.verb is Verb.CONFLICT


def test_a_choice_overrides_the_standing_policy():
    local = file("---\ntitle: A\nmeta_title: Mine\n---\nOne.\n")
    case = Case(Kind.POST, ID, "posts/a.md", Base(BASE, view(BASE)), local, view(BASE, meta_title="Theirs"))
    decision = decide(case, Policy(prefer="remote", use={"posts/a.md": Use.LOCAL}))
    assert decision is not None
    assert decision.content is not None
    assert decision.content.to_post == {"meta_title": "Mine"}


def test_keys_without_a_companion_have_no_merged_version():
    with pytest.raises(ContentError, match="no merged version of meta_title"):
        settle(Base(BASE, view(BASE)), BASE, view(BASE), Reconciled(conflicts=("meta_title",)), Use.MERGED)


def test_a_body_that_was_edited_in_the_companion_counts_though_only_a_key_was_in_conflict():
    companion = file("---\ntitle: A\nmeta_title: Both\n---\nAnother.\n", "posts/a.conflict.md")
    content = Reconciled(conflicts=("meta_title",))
    settled = settle(Base(BASE, view(BASE)), BASE, view(BASE), content, Use.MERGED, companion=companion)
    assert (settled.file_body, settled.post_body) == ("Another.\n", "Another.\n")
    assert settled.to_file == settled.to_post == {"meta_title": "Both"}
