"""Conflicts settled from the command line and by editing the .conflict.md, on the sandbox."""

import itertools
import json
import re

import pytest
from cli_runner import sandbox_blog

from ghostsync.sandbox import Fault, When
from ghostsync.sandbox.faults import BOOTING

BEES = """---
title: On bees   # a working title
tags: [bees, garden]
status: published
---

The first swarm
came in May.

* One hive
* Two hives

The second one came in June.
"""
FILE, COMPANION = "posts/on-bees.md", "posts/on-bees.conflict.md"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


@pytest.fixture
def bees(blog):
    """In step, then the last paragraph edited on both sides, differently, and the first one in Ghost alone."""
    blog.write(FILE, BEES)
    assert blog("sync").code == 0
    blog.clock.advance(5)
    lexical = post(blog).own["lexical"].replace("came in June", "came in July").replace("in May", "in April")
    blog.ghost.edit(post(blog).id, lexical=lexical)
    blog.write(FILE, blog.read(FILE).replace("came in June", "came in August"))
    assert blog("sync").code == 1
    return blog


def post(blog, slug="on-bees"):
    return blog.ghost.find(slug)


def kept(blog, path=FILE):
    """The texts of all versions in history."""
    listed = blog("history", path, "--json").json["versions"]
    texts = []
    for version in listed:
        shown = blog("diff", path, "--version", version["number"], "--json").json
        texts.append((version["side"], shown["then"]))
    return texts


def assert_in_step(blog):
    ran = blog("status")
    assert (ran.code, "conflict" in ran.out) == (0, False), ran
    writes = blog.writes
    assert blog("sync").code == 0
    assert blog.writes == writes


@pytest.mark.parametrize(
    ("use", "month", "lost"),
    [("local", "August", "July"), ("remote", "July", "August"), ("base", "June", "July")],
)
def test_both_sides_get_the_chosen_version_and_the_losers_are_in_history(bees, use, month, lost):
    ran = bees("resolve", FILE, "--use", use)
    assert ran.code == 0, ran
    assert f"came in {month}" in bees.read(FILE)
    assert f"came in {month}" in post(bees).own["lexical"]
    assert any(f"came in {lost}" in text for _, text in kept(bees))
    assert not (bees.root / COMPANION).exists()
    assert_in_step(bees)


def test_taking_ghosts_version_keeps_the_authors_spelling_of_all_that_is_equal(bees):
    before = bees.read(FILE)
    bees("resolve", FILE, "--use", "remote")
    told = before.replace("came in August", "came in July").replace(
        "swarm\ncame in May.", "swarm came in April."
    )
    assert bees.read(FILE).replace("swarm\ncame in April.", "swarm came in April.") == told


def test_an_overwritten_version_of_ghosts_is_in_its_own_post_history(bees):
    bees("resolve", FILE, "--use", "local")
    assert "save_revision=1" in [seen for seen in bees.ghost.requests if seen.method == "PUT"][-1].query


def test_a_dry_run_tells_and_writes_nothing(bees):
    writes, text = bees.writes, bees.read(FILE)
    ran = bees("resolve", FILE, "--use", "local", "--dry-run")
    assert ran.code == 1
    assert "update post" in ran.out or "merge" in ran.out
    assert (bees.writes, bees.read(FILE)) == (writes, text)
    assert (bees.root / COMPANION).exists()


def test_the_status_names_the_commands_that_settle_it(bees):
    out = bees("status").out
    assert f"ghostsync diff {FILE}" in out
    assert f"ghostsync resolve {FILE} --use local|remote|base|merged" in out


def test_a_companion_with_a_marker_left_settles_nothing_and_its_line_is_named(bees):
    text = bees.read(COMPANION)
    line = text.splitlines().index("<<<<<<< file") + 1
    bees.write(COMPANION, text.replace("came in July", "came in autumn"))
    ran = bees("resolve", FILE, "--use", "merged")
    assert ran.code == 1
    assert f"{COMPANION}:{line}" in ran.out
    assert "August" in bees.read(FILE)
    assert "autumn" in bees.read(COMPANION)


MARKERS = ["<<<<<<< file", "||||||| base", "=======", ">>>>>>> Ghost"]


@pytest.mark.parametrize("headed", [False, True])
def test_somebody_who_takes_the_markers_away_one_by_one_publishes_none_of_them(blog, headed):
    """headed: the text has a line of its own that looks like one of them."""
    blog.write(FILE, BEES.replace("* One", "Hives\n=======\n\n* One") if headed else BEES)
    assert blog("sync").code == 0
    blog.clock.advance(5)
    blog.ghost.edit(post(blog).id, lexical=post(blog).own["lexical"].replace("in June", "in July"))
    blog.write(FILE, blog.read(FILE).replace("in June", "in August"))
    assert blog("sync").code == 1
    written = blog.read(COMPANION)
    head, conflict = written[: written.index(MARKERS[0])], written[written.index(MARKERS[0]) :].splitlines()
    assert [line for line in conflict if line in MARKERS] == MARKERS
    writes = blog.writes
    for count in (1, 2, 3):
        for left in itertools.combinations(MARKERS, count):
            lines = [line for line in conflict if line not in MARKERS or line in left]
            blog.write(COMPANION, head + "\n".join(lines) + "\n")
            ran = blog("sync")
            assert ran.code == 1, left
            assert re.search(rf"{COMPANION}:\d", ran.out), ran
            assert blog.writes == writes
    blog.write(COMPANION, f"{head}The second one came in autumn.\n")
    assert blog("sync").code == 0
    assert "autumn" in post(blog).own["lexical"]
    assert ("Hives" in post(blog).own["lexical"]) is headed


def settled(text, body="The second one came in autumn."):
    """A companion as somebody leaves it who knows git."""
    start = text.index("<<<<<<<")
    return f"{text[:start]}{body}\n"


@pytest.mark.parametrize("command", [("sync",), ("resolve", FILE, "--use", "merged")])
def test_an_edited_companion_is_the_result_for_both_sides(bees, command):
    bees.write(COMPANION, settled(bees.read(COMPANION)))
    ran = bees(*command)
    assert ran.code == 0, ran
    assert "came in autumn" in bees.read(FILE)
    assert "came in autumn" in post(bees).own["lexical"]
    assert "in April" in bees.read(FILE)
    assert "# a working title" in bees.read(FILE)
    assert not (bees.root / COMPANION).exists()
    lost = kept(bees)
    assert any("August" in text for side, text in lost if side == "local")
    assert any("July" in text for side, text in lost if side == "remote")
    assert any("autumn" in text for _, text in kept(bees, COMPANION))
    assert_in_step(bees)


def test_an_edited_companion_is_not_applied_once_a_side_has_moved_on(bees):
    bees.write(COMPANION, settled(bees.read(COMPANION)))
    bees.write(FILE, bees.read(FILE).replace("Two hives", "Three hives"))
    ran = bees("sync")
    assert ran.code == 1
    assert "has changed since it was written" in ran.out
    assert "Three hives" in bees.read(FILE)
    assert "autumn" in bees.read(COMPANION)
    assert "July" in post(bees).own["lexical"]
    assert bees("resolve", FILE, "--use", "merged").code == 0
    assert any("Three hives" in text for _, text in kept(bees))
    assert_in_step(bees)


def test_a_companion_that_somebody_deleted_is_written_anew(bees):
    (bees.root / COMPANION).unlink()
    assert bees("sync").code == 1
    assert "<<<<<<<" in bees.read(COMPANION)


def test_an_untouched_companion_follows_what_the_sides_say_now(bees):
    bees.write(FILE, bees.read(FILE).replace("August", "September"))
    assert bees("sync").code == 1
    assert "September" in bees.read(COMPANION)
    assert "August" not in bees.read(COMPANION)


def test_a_file_of_the_companions_name_that_is_not_ours_is_kept_before_it_is_replaced(blog):
    blog.write(FILE, BEES)
    blog("sync")
    blog.write(COMPANION, "Somebody's own notes.\n")
    blog.clock.advance(5)
    blog.ghost.edit(post(blog).id, lexical=post(blog).own["lexical"].replace("June", "July"))
    blog.write(FILE, blog.read(FILE).replace("June", "August"))
    assert blog("sync").code == 1
    assert ("local", "Somebody's own notes.\n") in kept(blog, COMPANION)


def test_a_companion_left_by_a_rename_goes_away(bees):
    bees.write("posts/swarms.md", bees.read(FILE))
    (bees.root / FILE).unlink()
    assert bees("sync").code == 1
    assert not (bees.root / COMPANION).exists()
    assert (bees.root / "posts/swarms.conflict.md").exists()


def test_the_same_words_have_no_automatic_merge_and_the_answer_says_so(bees):
    ran = bees("resolve", FILE, "--use", "merged")
    assert ran.code == 1
    assert "no merged version" in ran.out
    assert "August" in bees.read(FILE)
    assert "July" in post(bees).own["lexical"]


@pytest.fixture
def titled(blog):
    """A title, and a date, that both sides changed differently."""
    blog.write(FILE, BEES)
    blog("sync")
    blog.clock.advance(5)
    blog.ghost.edit(post(blog).id, title="About bees", meta_title="Set in Ghost", featured=True)
    text = blog.read(FILE).replace("title: On bees", "title: Of bees")
    blog.write(FILE, text.replace("status: published", "status: published\nmeta_title: Set here"))
    assert blog("sync").code == 1
    return blog


@pytest.mark.parametrize(
    ("use", "title", "meta"),
    [("local", "Of bees", "Set here"), ("remote", "About bees", "Set in Ghost"), ("base", "On bees", None)],
)
def test_keys_in_conflict_are_settled_and_the_others_merge(titled, use, title, meta):
    assert titled("resolve", FILE, "--use", use).code == 0
    answer = titled.ghost.answer(post(titled))
    assert (answer["title"], answer["meta_title"], answer["featured"]) == (title, meta, True)
    text = titled.read(FILE)
    assert f"title: {title}   # a working title" in text
    assert "featured: true" in text
    assert ("meta_title" in text) == (meta is not None)
    assert_in_step(titled)


def test_keys_are_settled_in_the_companion_like_lines_of_a_program(titled):
    text = titled.read(COMPANION)
    assert (
        "<<<<<<< file\ntitle: Of bees\n||||||| base\ntitle: On bees\n=======\ntitle: About bees\n>>>>>>> Ghost\n"
        in text
    )
    body = text.split("---\n", 2)[2]
    titled.write(COMPANION, f"---\ndraft: true\ntitle: Bees\nmeta_title: Both\n---\n{body}")
    assert titled("sync").code == 0
    answer = titled.ghost.answer(post(titled))
    assert (answer["title"], answer["meta_title"], answer["status"]) == ("Bees", "Both", "published")
    assert "title: Bees   # a working title" in titled.read(FILE)
    assert_in_step(titled)


def test_a_companion_that_says_nothing_about_a_key_which_must_have_a_value_is_asked_for_it(blog):
    blog.write(FILE, BEES)
    blog("sync")
    blog.clock.advance(5)
    blog.ghost.edit(post(blog).id, status="draft")
    text = blog.read(FILE)
    blog.write(
        FILE, text.replace("status: published", "status: scheduled\npublished_at: 2099-01-01T08:00:00Z")
    )
    ran = blog("sync")
    assert ran.code == 1
    told = blog.read(COMPANION)
    blog.write(COMPANION, "---\ntitle: On bees\n---\n" + told.split("---\n", 2)[2])
    ran = blog("sync")
    assert ran.code == 1
    assert "says nothing about status" in ran.out
    blog.write(COMPANION, "---\ntitle: On bees\nstatus: draft\n---\n" + told.split("---\n", 2)[2])
    assert blog("sync").code == 0
    assert post(blog).own["status"] == "draft"
    assert_in_step(blog)


@pytest.fixture
def gone(blog):
    """A post deleted in Ghost whose file was edited."""
    blog.write(FILE, BEES)
    blog("sync")
    blog.old_id = post(blog).id
    blog.clock.advance(5)
    blog.ghost.delete(blog.old_id)
    blog.write(FILE, blog.read(FILE).replace("in May", "in April"))
    ran = blog("sync")
    assert ran.code == 1
    assert f"ghostsync resolve {FILE} --use local" in ran.out
    return blog


def test_an_edited_file_of_a_deleted_post_becomes_a_new_draft_on_request(gone):
    assert gone("resolve", FILE, "--use", "local").code == 0
    assert post(gone).id != gone.old_id
    assert post(gone).own["status"] == "draft"
    text = gone.read(FILE)
    assert post(gone).id in text
    assert gone.old_id not in text
    assert "status: draft" in text
    assert "# a working title" in text
    assert len(gone.ghost.posts) == 1
    assert_in_step(gone)


def test_an_edited_file_of_a_deleted_post_goes_to_the_trash_on_request(gone):
    assert gone("resolve", FILE, "--use", "remote").code == 0
    assert not (gone.root / FILE).exists()
    assert "in April" in (gone.root / ".ghostsync/trash" / FILE).read_text()
    assert any("in April" in text for _, text in kept(gone))
    assert gone.ghost.posts == []
    assert_in_step(gone)


@pytest.mark.parametrize("use", ["base", "merged"])
def test_what_cannot_settle_a_deletion_is_refused_and_nothing_happens(gone, use):
    text = gone.read(FILE)
    ran = gone("resolve", FILE, "--use", use)
    assert ran.code == 1
    assert "gone from Ghost" in ran.out
    assert gone.read(FILE) == text
    assert gone.ghost.posts == []


def test_a_file_whose_ghost_id_is_unknown_becomes_a_draft_on_request(blog):
    blog.write("posts/a.md", f"---\ntitle: A\nstatus: published\nghost_id: {'0' * 23}1\n---\nText.\n")
    assert blog("sync").code == 1
    assert blog("resolve", "posts/a.md", "--use", "local").code == 0
    assert post(blog, "a").own["status"] == "draft"
    assert_in_step(blog)


@pytest.mark.parametrize(("use", "wins"), [("local", "The file"), ("remote", "An editor")])
def test_a_file_and_a_post_that_never_agreed_are_settled_one_by_one(blog, use, wins):
    from ghostsync.model import Kind

    blog.ghost.create(Kind.POST, title="Hello", html="<p>An editor wrote this.</p>", source_html=True)
    blog.write("posts/hello.md", "---\ntitle: Hello\n---\nThe file says this.\n")
    blog.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    assert blog("resolve", "posts/hello.md", "--use", "base").code == 1
    assert blog("resolve", "posts/hello.md", "--use", use).code == 0
    assert wins in blog.read("posts/hello.md")
    assert wins in json.dumps(post(blog, "hello").own)
    with pytest.raises(KeyError):
        post(blog, "other")  # only the document that was named
    blog("sync")
    assert_in_step(blog)


def test_a_document_that_is_not_in_conflict_is_left_alone(blog):
    blog.write(FILE, BEES)
    blog("sync")
    blog.write(FILE, blog.read(FILE).replace("in May", "in April"))
    writes = blog.writes
    ran = blog("resolve", FILE, "--use", "remote")
    assert (ran.code, "is not in conflict" in ran.out) == (0, True)
    assert "in April" in blog.read(FILE)
    assert blog.writes == writes


def test_an_unknown_path_is_a_usage_error(blog):
    ran = blog("resolve", "posts/none.md", "--use", "local")
    assert ran.code == 2
    assert "no document is known" in ran.err


def test_a_choice_made_while_another_process_holds_the_folder_is_carried_out_by_its_next_sync(bees):
    from ghostsync.state import FolderLock

    with FolderLock(bees.root):
        ran = bees("resolve", FILE, "--use", "remote", "--json")
    assert (ran.code, ran.json["left_to_daemon"]) == (0, True)
    assert "August" in bees.read(FILE)
    assert bees("sync").code == 0
    assert "July" in bees.read(FILE)
    assert_in_step(bees)


def test_a_choice_holds_for_one_conflict_only(bees):
    from ghostsync.state import FolderLock

    with FolderLock(bees.root):
        bees("resolve", FILE, "--use", "remote")
    bees("sync")
    bees.clock.advance(5)
    bees.ghost.edit(post(bees).id, lexical=post(bees).own["lexical"].replace("July", "October"))
    bees.write(FILE, bees.read(FILE).replace("July", "November"))
    assert bees("sync").code == 1
    assert "November" in bees.read(FILE)


def test_a_halt_stops_a_resolve(bees):
    bees.ghost.site_uuid = "00000000-0000-0000-0000-000000000000"
    writes = bees.writes
    assert bees("resolve", FILE, "--use", "local").code == 5
    assert bees.writes == writes


def test_diff_shows_base_file_and_ghost_and_the_conflict(bees):
    ran = bees("diff", FILE)
    assert ran.code == 1
    for line in (
        "-The second one came in June.",
        "+The second one came in August.",
        "+The second one came in July.",
    ):
        assert line in ran.out
    assert "<<<<<<< file" in ran.out
    shown = bees("diff", FILE, "--json").json
    assert set(shown["diffs"]) == {"local", "remote"}
    assert ("June" in shown["base"], "August" in shown["local"], "July" in shown["remote"]) == (
        True,
        True,
        True,
    )
    assert shown["conflicts"] == ["body"]


def test_diff_of_a_document_in_step_says_so(blog):
    blog.write(FILE, BEES)
    blog("sync")
    ran = blog("diff", FILE)
    assert (ran.code, ran.out) == (0, f"{FILE} is in step.\n")


def test_diff_works_while_a_halt_holds_and_beside_another_process(bees):
    from ghostsync.state import FolderLock

    with FolderLock(bees.root):
        assert bees("diff", FILE).code == 1


def test_a_file_with_the_long_suffix_has_a_companion_that_is_never_taken_for_a_document(blog):
    blog.write("posts/a.markdown", "---\ntitle: A\n---\nText.\n")
    blog("sync")
    blog.clock.advance(5)
    blog.ghost.edit(post(blog, "a").id, title="From Ghost")
    blog.write("posts/a.markdown", blog.read("posts/a.markdown").replace("title: A", "title: From here"))
    assert blog("sync").code == 1
    assert "<<<<<<<" in blog.read("posts/a.markdown.conflict.md")
    assert blog("resolve", "posts/a.markdown", "--use", "local").code == 0
    assert len(blog.ghost.posts) == 1
    assert_in_step(blog)


def test_a_body_that_native_blocks_alone_can_hold_changes_the_files_format(blog):
    """Ghost's editor turned the Markdown card of a file into native blocks."""
    blog.write("posts/a.md", "---\ntitle: A\nformat: markdown\n---\nText.\n")
    blog("sync")
    blog.write("posts/b.md", "---\ntitle: B\n---\nText.\n\nMore.\n")
    blog("sync")
    blog.clock.advance(5)
    blog.ghost.edit(post(blog, "a").id, lexical=post(blog, "b").own["lexical"])
    assert blog("sync").code == 0
    assert "format: lexical" in blog.read("posts/a.md")
    blog.write("posts/a.md", blog.read("posts/a.md").replace("More.", "Much more."))
    assert blog("sync").code == 0
    nodes = json.loads(post(blog, "a").own["lexical"])["root"]["children"]
    assert [node["type"] for node in nodes] == ["paragraph", "paragraph"]
    assert_in_step(blog)


def test_a_new_draft_that_could_not_be_sent_at_once_is_sent_by_the_next_sync(gone):
    gone.configure("[http]\nretries = 0\n")
    gone.ghost.faults.append(Fault(method="POST", path="posts", status=503, body=BOOTING, times=1))
    assert gone("resolve", FILE, "--use", "local").code == 4
    assert gone.old_id not in gone.read(FILE)
    assert gone("sync").code == 0
    assert post(gone).own["status"] == "draft"
    assert len(gone.ghost.posts) == 1
    assert_in_step(gone)


def test_a_new_draft_whose_answer_was_lost_is_found_and_not_made_twice(gone):
    gone.ghost.faults.append(Fault(method="POST", path="posts", when=When.AFTER, times=1))
    gone("resolve", FILE, "--use", "local")
    assert gone("sync").code == 0
    assert len(gone.ghost.posts) == 1
    assert post(gone).id in gone.read(FILE)
    assert_in_step(gone)
