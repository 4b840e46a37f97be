"""History, diff and restore from the command line, on the sandbox: whatever was lost comes back."""

import re

import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When

BEES = """---
title: On bees   # a working title
tags: [bees, garden]
status: published
slug: about-bees
custom_excerpt: Short.
---

The first swarm
came in May.

* One hive
* Two hives

The second one came in June.
"""
FILE = "posts/on-bees.md"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


@pytest.fixture
def bees(blog):
    blog.write(FILE, BEES)
    assert blog("sync").code == 0
    return blog


def post(blog, slug="about-bees"):
    return blog.ghost.find(slug)


def in_ghost(blog, old, new, **fields):
    blog.clock.advance(5)
    lexical = post(blog).own["lexical"]
    assert old in lexical
    blog.ghost.edit(post(blog).id, lexical=lexical.replace(old, new), **fields)


def in_file(blog, old, new):
    text = blog.read(FILE)
    assert old in text
    blog.write(FILE, text.replace(old, new))


def versions(blog, path=FILE, **wanted):
    """The versions of a document, newest first, that have these properties."""
    listed = blog("history", path, "--json").json["versions"]
    return [v for v in listed if all(v[key] == value for key, value in wanted.items())]


def newest(blog, path=FILE, **wanted):
    return versions(blog, path, **wanted)[0]["number"]


def assert_in_step(blog):
    ran = blog("status")
    assert ran.code == 0, ran
    writes = blog.writes
    assert blog("sync").code == 0
    assert blog.writes == writes


def assert_no_twins(blog):
    slugs = [document.own["slug"] for document in blog.ghost.posts]
    titles = [document.own["title"] for document in blog.ghost.posts]
    assert len(set(slugs)) == len(slugs) == len(set(titles))
    ids = [re.search(r"ghost_id: (\w+)", file.read_text())[1] for file in (blog.root / "posts").glob("*.md")]
    assert len(set(ids)) == len(ids)


def test_history_needs_neither_ghost_nor_a_key(bees, monkeypatch):
    in_ghost(bees, "May", "April")
    bees("sync")
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    bees.write("ghostsync.toml", '[site]\nurl = "http://127.0.0.1:9"\n')
    ran = bees("history", FILE)
    assert ran.code == 0
    assert re.search(r'\d+  20\d\d-.* UTC  file  .* B  changed by an edit in Ghost .*"On bees"', ran.out)
    assert bees("restore", FILE, "--version", newest(bees)).code == 0


def test_history_without_a_path_lists_all_documents(bees):
    bees.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    bees("sync")
    in_file(bees, "May", "April")
    bees.write("posts/other.md", bees.read("posts/other.md").replace("Text", "Words"))
    bees("sync")
    listed = bees("history", "--json").json["versions"]
    assert {(v["path"], v["side"], v["why"]) for v in listed} == {
        (FILE, "remote", "update post"),
        ("posts/other.md", "remote", "update post"),
    }
    assert "posts/other.md" in bees("history").out


def test_a_document_without_history_is_told_apart_from_one_that_has_some(bees):
    assert bees("history", FILE).out == f"Nothing is kept of {FILE}.\n"
    ran = bees("restore", FILE, "--version", 7)
    assert ran.code == 2
    assert "no version 7" in ran.err
    in_file(bees, "May", "April")
    bees("sync")
    ran = bees("restore", FILE, "--version", 99)
    assert f"It has {newest(bees)};" in ran.err


@pytest.mark.parametrize("how", ["from the folder", "absolute", "from below"])
def test_a_path_is_found_however_it_is_named(bees, monkeypatch, how):
    in_file(bees, "May", "April")
    bees("sync")
    if how == "from below":
        monkeypatch.chdir(bees.root / "posts")
    name = {"from the folder": FILE, "absolute": bees.root / FILE, "from below": "on-bees.md"}[how]
    assert bees("history", name, "--json").json["path"] == FILE
    assert versions(bees, name)


def test_the_file_as_it_was_before_ghosts_edit_comes_back_byte_for_byte(bees):
    before = bees.read(FILE)
    in_ghost(bees, "May", "April", featured=True)
    bees("sync")
    number = newest(bees, side="local")
    shown = bees("diff", FILE, "--version", number)
    assert shown.code == 1
    assert "-came in May." in shown.out
    assert "+featured: true" in shown.out
    assert bees("restore", FILE, "--version", number).code == 0
    assert bees.read(FILE) == before
    assert bees("diff", FILE, "--version", number).out == f"{FILE} holds version {number}.\n"
    assert bees("status").code == 1
    assert bees("sync").code == 0
    assert "in May" in post(bees).own["lexical"]
    assert bees.ghost.answer(post(bees))["featured"] is False
    assert_in_step(bees)


def test_a_restore_can_be_undone(bees):
    in_ghost(bees, "May", "April")
    bees("sync")
    after = bees.read(FILE)
    bees("restore", FILE, "--version", newest(bees, side="local"))
    bees("restore", FILE, "--version", newest(bees, why="restore"))
    assert bees.read(FILE) == after
    assert_in_step(bees)


def test_a_dry_run_of_a_restore_shows_a_diff_and_writes_nothing(bees):
    in_ghost(bees, "May", "April")
    bees("sync")
    text, writes = bees.read(FILE), bees.writes
    for side, line in (("local", "+came in May."), ("remote", "It would")):
        number = newest(bees, side="local")
        ran = bees("restore", FILE, "--version", number, "--to", side, "--dry-run")
        assert ran.code == 0, ran
        assert line in ran.out
    assert (bees.read(FILE), bees.writes) == (text, writes)
    assert len(versions(bees)) == 1


def test_a_version_of_ghosts_comes_back_into_the_file_in_the_authors_spelling(bees):
    before = bees.read(FILE)
    in_file(bees, "in June", "in July")
    bees("sync")
    assert bees("restore", FILE, "--version", newest(bees, side="remote")).code == 0
    assert bees.read(FILE) == before
    bees("sync")
    assert "in June" in post(bees).own["lexical"]
    assert_in_step(bees)


def test_a_version_comes_back_into_ghost_to_the_letter_and_then_into_the_file(bees):
    lexical = post(bees).own["lexical"]
    in_file(bees, "in June", "in July")
    in_file(bees, "tags: [bees, garden]", "tags: [honey]")
    bees("sync")
    number, text = newest(bees, side="remote"), bees.read(FILE)
    ran = bees("restore", FILE, "--version", number, "--to", "remote", "--yes", "--json")
    assert (ran.code, ran.json["changed"]) == (0, ["tags", "body"])
    assert post(bees).own["lexical"] == lexical
    assert [tag["name"] for tag in bees.ghost.answer(post(bees))["tags"]] == ["bees", "garden"]
    assert "save_revision=1" in bees.ghost.requests[-1].query
    assert bees.read(FILE) == text
    status = bees("status", "--json").json
    assert [(a["verb"], a["keys"]) for a in status["actions"]] == [("update file", ["tags", "body"])]
    assert bees("sync").code == 0
    assert "in June" in bees.read(FILE)
    assert "# a working title" in bees.read(FILE)
    assert_in_step(bees)
    undone = newest(bees, why="restore")
    assert "in July" in bees("diff", FILE, "--version", undone, "--json").json["then"]


def test_a_files_version_comes_back_into_ghost(bees):
    in_ghost(bees, "May", "April", meta_title="Set in Ghost")
    bees("sync")
    number = newest(bees, side="local")
    assert bees("restore", FILE, "--version", number, "--to", "remote", "--yes").code == 0
    assert "in May" in post(bees).own["lexical"]
    assert bees("sync").code == 0
    assert "in May" in bees.read(FILE)
    assert_in_step(bees)


def test_what_ghost_holds_already_is_not_written_again(bees):
    in_file(bees, "May", "April")
    bees("sync")
    number = newest(bees, side="remote")
    bees("restore", FILE, "--version", number, "--to", "remote", "--yes")
    writes = bees.writes
    ran = bees("restore", FILE, "--version", number, "--to", "remote", "--yes")
    assert ran.code == 0
    assert "holds version" in ran.out
    assert bees.writes == writes


def test_a_post_is_changed_only_after_a_yes_and_the_question_names_the_status(bees):
    in_file(bees, "status: published", "status: draft")
    bees("sync")
    number, writes = newest(bees, side="remote"), bees.writes
    ran = bees("restore", FILE, "--version", number, "--to", "remote")
    assert ran.code == 2
    assert "status: draft -> published" in ran.err
    assert bees.writes == writes
    assert bees("restore", FILE, "--version", number, "--to", "remote", "--yes").code == 0
    assert post(bees).own["status"] == "published"


def test_an_edit_between_look_and_write_is_not_overwritten(bees):
    in_file(bees, "May", "April")
    bees("sync")
    number = newest(bees, side="remote")
    bees.ghost.faults.append(Fault(method="PUT", path="posts", status=409, when=When.BEFORE, times=1))
    ran = bees("restore", FILE, "--version", number, "--to", "remote", "--yes")
    assert ran.code == 1
    assert "in April" in post(bees).own["lexical"]


def test_a_halt_stops_a_restore_into_ghost_but_not_into_the_file(bees):
    in_file(bees, "May", "April")
    bees("sync")
    number, writes = newest(bees, side="remote"), bees.writes
    bees.ghost.site_uuid = "00000000-0000-0000-0000-000000000000"
    ran = bees("restore", FILE, "--version", number, "--to", "remote", "--yes")
    assert ran.code == 5
    assert bees.writes == writes
    assert bees("restore", FILE, "--version", number).code == 0
    assert "in May" in bees.read(FILE)


def deleted_in_ghost(blog):
    """The post is deleted there, and its file has gone to the trash for it."""
    blog.clock.advance(5)
    id = post(blog).id
    blog.ghost.edit(id, meta_title="Only in Ghost")
    blog("sync")
    blog.clock.advance(5)
    blog.ghost.delete(id)
    assert blog("sync").code == 0
    assert not (blog.root / FILE).exists()
    return id


@pytest.mark.parametrize("side", ["local", "remote"])
def test_a_post_deleted_in_ghost_comes_back_as_a_draft_with_all_it_had(bees, side):
    answer, lexical = bees.ghost.answer(post(bees)), post(bees).own["lexical"]
    id = deleted_in_ghost(bees)
    number = newest(bees, side=side)
    ran = bees("restore", FILE, "--version", number, "--to", "remote", "--yes")
    assert ran.code == 0, ran
    now = bees.ghost.answer(post(bees))
    assert now["id"] != id
    for key in ("title", "slug", "custom_excerpt", "visibility"):
        assert now[key] == answer[key]
    assert [tag["name"] for tag in now["tags"]] == ["bees", "garden"]
    assert now["meta_title"] == "Only in Ghost"
    assert now["status"] == "draft"
    assert post(bees).own["lexical"] == lexical
    text = bees.read(FILE)
    assert now["id"] in text
    assert id not in text
    assert "# a working title" in text
    assert_no_twins(bees)
    assert_in_step(bees)


def test_a_deleted_file_comes_back_without_ghost_and_the_next_sync_makes_its_draft(bees):
    id = deleted_in_ghost(bees)
    ran = bees("restore", FILE, "--version", newest(bees, side="local"))
    assert ran.code == 0
    assert "comes back as a draft; it was published" in ran.err
    assert id not in bees.read(FILE)
    assert [a["verb"] for a in bees("status", "--json").json["actions"]] == ["create post"]
    assert bees("sync").code == 0
    assert post(bees).own["status"] == "draft"
    assert_no_twins(bees)
    assert_in_step(bees)


def test_a_file_deleted_by_mistake_comes_back_and_so_does_its_post(bees):
    id, text = post(bees).id, bees.read(FILE)
    (bees.root / FILE).unlink()
    assert bees("sync").code == 0
    assert post(bees).own["status"] == "draft"
    assert bees("restore", FILE, "--version", newest(bees, side="local")).code == 0
    assert bees.read(FILE) == text
    assert bees("sync").code == 0
    assert (post(bees).id, post(bees).own["status"]) == (id, "published")
    assert_in_step(bees)


def test_a_draft_deleted_with_its_file_comes_back_on_both_sides(blog):
    blog.write("posts/note.md", "---\ntitle: Note   # mine\ntags: [a]\n---\nText.\n")
    blog("sync")
    (blog.root / "posts/note.md").unlink()
    assert blog("sync").code == 0
    assert blog.ghost.posts == []
    number = newest(blog, "posts/note.md", side="local")
    assert blog("restore", "posts/note.md", "--version", number, "--to", "remote", "--yes").code == 0
    assert blog.ghost.answer(post(blog, "note"))["tags"][0]["name"] == "a"
    assert "# mine" in blog.read("posts/note.md")
    assert_in_step(blog)


def test_a_retired_post_is_published_again_from_its_version(bees):
    (bees.root / FILE).unlink()
    bees("sync")
    number = newest(bees, side="remote")
    assert bees("restore", FILE, "--version", number, "--to", "remote", "--yes").code == 0
    assert post(bees).own["status"] == "published"
    assert bees("sync").code == 0
    assert post(bees).id in bees.read(FILE)
    assert_no_twins(bees)
    assert_in_step(bees)


def test_what_was_deleted_on_both_sides_at_once_comes_back(bees):
    (bees.root / FILE).unlink()
    bees.clock.advance(5)
    bees.ghost.delete(post(bees).id)
    assert bees("sync").code == 0
    number = newest(bees, side="local")
    assert bees("restore", FILE, "--version", number, "--to", "remote", "--yes").code == 0
    assert "in May" in post(bees).own["lexical"]
    assert_in_step(bees)


def test_a_version_from_before_a_rename_is_found_and_goes_where_the_file_is_now(bees):
    in_ghost(bees, "May", "April")
    bees("sync")
    (bees.root / FILE).rename(bees.root / "posts/swarms.md")
    bees("sync")
    number = newest(bees, "posts/swarms.md", side="local")
    assert number == newest(bees, FILE, side="local")
    for name in ("posts/swarms.md", FILE):
        assert bees("restore", name, "--version", number).code == 0
        assert "in May" in bees.read("posts/swarms.md")
        assert not (bees.root / FILE).exists()
    assert bees("sync").code == 0
    assert_no_twins(bees)
    assert_in_step(bees)


def test_a_recreated_document_can_be_restored_again(bees):
    deleted_in_ghost(bees)
    bees("restore", FILE, "--version", newest(bees, side="remote"), "--to", "remote", "--yes")
    in_file(bees, "May", "March")
    bees("sync")
    oldest = versions(bees)[-1]["number"]
    assert bees("restore", FILE, "--version", oldest).code == 0
    assert post(bees).id in bees.read(FILE)
    assert bees("sync").code == 0
    assert_no_twins(bees)
    assert_in_step(bees)


def test_a_file_saved_meanwhile_is_not_overwritten(bees, monkeypatch):
    from ghostsync.sync.restore import Restorer

    in_ghost(bees, "May", "April")
    bees("sync")
    number, plan = newest(bees, side="local"), Restorer.file

    def file(self, *arguments, **options):
        planned = plan(self, *arguments, **options)
        in_file(bees, "April", "March")
        return planned

    monkeypatch.setattr(Restorer, "file", file)
    assert bees("restore", FILE, "--version", number).code == 1
    assert "March" in bees.read(FILE)


def test_a_post_that_never_had_a_file_comes_back_by_its_id(blog):
    document = blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    blog("push")
    blog.clock.advance(5)
    blog.ghost.delete(document.id)
    blog("push")
    number = newest(blog, document.id)
    ran = blog("restore", document.id, "--version", number, "--to", "remote", "--yes")
    assert ran.code == 0, ran
    assert "Hello." in blog.read("posts/from-ghost.md")
    assert "Hello." in post(blog, "from-ghost").own["lexical"]
    assert_in_step(blog)


def test_a_page_comes_back_as_a_page(blog):
    blog.write("pages/about.md", "---\ntitle: About\nstatus: published\n---\nWho we are.\n")
    blog("sync")
    blog.clock.advance(5)
    blog.ghost.delete(blog.ghost.pages[0].id)
    blog("sync")
    number = newest(blog, "pages/about.md", side="remote")
    assert blog("restore", "pages/about.md", "--version", number, "--to", "remote", "--yes").code == 0
    assert [page.own["title"] for page in blog.ghost.pages] == ["About"]
    assert_in_step(blog)


def test_a_restored_post_whose_answer_was_lost_is_not_made_twice(bees):
    deleted_in_ghost(bees)
    number = newest(bees, side="remote")
    bees.ghost.faults.append(Fault(method="POST", path="posts", when=When.AFTER, times=1))
    bees("restore", FILE, "--version", number, "--to", "remote", "--yes")
    bees("sync")
    assert len(bees.ghost.posts) == 1
    assert_no_twins(bees)
    assert_in_step(bees)


def test_a_file_that_has_edits_of_its_own_keeps_them_when_a_version_goes_to_ghost(bees):
    in_file(bees, "in June", "in July")
    bees("sync")
    number = newest(bees, side="remote")
    in_file(bees, "May", "March")
    assert bees("restore", FILE, "--version", number, "--to", "remote", "--yes").code == 0
    assert "March" in bees.read(FILE)
    assert bees("sync").code == 0
    text, lexical = bees.read(FILE), post(bees).own["lexical"]
    for word in ("March", "June"):
        assert word in text
        assert word in lexical
    assert_in_step(bees)


def test_control_characters_in_a_title_do_not_reach_the_terminal(bees):
    bees.clock.advance(5)
    bees.ghost.edit(post(bees).id, title="Be\x1b[31mes")
    bees("sync")
    in_file(bees, "May", "April")
    bees("sync")
    for ran in (bees("history", FILE), bees("diff", FILE, "--version", newest(bees))):
        assert "\x1b[31mes" not in ran.out


def test_the_oldest_versions_go_when_their_time_is_over(bees):
    in_file(bees, "May", "April")
    bees("sync")
    assert versions(bees)
    bees.configure('[history]\nkeep = "1ms"\n')
    in_file(bees, "April", "March")
    bees("sync")
    assert not versions(bees)


def test_the_oldest_versions_go_when_the_room_is_used_up(bees):
    bees.configure("[history]\nmax_bytes = 1\n")
    in_file(bees, "May", "April")
    bees("sync")
    assert not versions(bees)
    assert_in_step(bees)


def test_a_field_that_only_pages_have_comes_back(blog):
    blog.write("pages/about.md", "---\ntitle: About\nshow_title_and_feature_image: false\n---\nText.\n")
    assert blog("sync").code == 0
    [page] = blog.ghost.pages
    assert blog.ghost.answer(page)["show_title_and_feature_image"] is False
    blog.write("pages/about.md", blog.read("pages/about.md").replace("image: false", "image: true"))
    blog("sync")
    assert blog.ghost.answer(page)["show_title_and_feature_image"] is True
    number = newest(blog, "pages/about.md", side="remote")
    assert blog("restore", "pages/about.md", "--version", number, "--to", "remote", "--yes").code == 0
    assert blog.ghost.answer(page)["show_title_and_feature_image"] is False
