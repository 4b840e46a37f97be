"""Links between files: what a reader of the page finds behind them, and what the author finds in the file afterwards."""

import json

import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind

PAGES = {
    "posts/first.md": "---\ntitle: First\nstatus: published\n---\n\nSee [the second](second.md#part), or [[second]].\n",
    "posts/second.md": "---\ntitle: Second\nstatus: published\n---\n\n## Part\n\nBack to [the first](./first.md).\n",
    "pages/about.md": "---\ntitle: About\nstatus: published\n---\n\n[Read](/posts/first.md) or [this][2].\n\n[2]: ../posts/second.md\n",
}


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


@pytest.fixture
def linked(blog):
    """Three documents that link to each other in a circle, sent in one cycle."""
    for path, text in PAGES.items():
        blog.write(path, text)
    ran = blog("sync")
    assert ran.code == 0, ran
    return blog


def links(blog, slug):
    """Where the links of a post lead, in order, without the site's address."""
    found = []
    pending = [json.loads(blog.ghost.find(slug).own["lexical"])["root"]]
    for node in pending:
        pending += node.get("children", [])
        if node["type"] == "link":
            found.append(node["url"].replace(blog.url, ""))
    return found


def settled(blog):
    """Nothing is left to do, on either side."""
    files = {path: path.read_bytes() for path in blog.root.rglob("*.md")}
    writes = blog.writes
    assert blog("status").code == 0
    assert blog("sync").code == 0
    assert blog.writes == writes
    assert files == {path: path.read_bytes() for path in blog.root.rglob("*.md")}


def edit_in_ghost(blog, slug, old, new, **fields):
    blog.clock.advance(5)
    document = blog.ghost.find(slug)
    assert old in document.own["lexical"]
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new), **fields)


def replace_in_file(blog, path, old, new):
    text = blog.read(path)
    assert old in text
    blog.write(path, text.replace(old, new))


def test_files_that_link_to_each_other_go_up_in_one_cycle_with_one_request_each(linked):
    assert links(linked, "first") == ["/second/#part", "/second/"]
    assert links(linked, "second") == ["/first/"]
    assert links(linked, "about") == ["/first/", "/second/"]
    assert linked.writes == 3
    settled(linked)


@pytest.mark.parametrize("path", PAGES)
def test_the_file_keeps_its_links_as_they_were_written(linked, path):
    body = PAGES[path].split("---\n", 2)[2]
    assert linked.read(path).endswith(body)


@pytest.mark.parametrize("mode", ["lexical", "markdown", "html"])
def test_links_lead_to_posts_in_every_content_mode(blog, mode):
    blog.configure(f'[content]\nmode = "{mode}"\n')
    for path, text in PAGES.items():
        blog.write(path, text)
    assert blog("sync").code == 0
    sent = blog.ghost.find("first").own["lexical"]
    assert "second.md" not in sent
    assert sent.count("/second/") == 2
    settled(blog)


def test_an_edit_in_ghost_leaves_the_links_of_its_paragraph_as_the_author_wrote_them(linked):
    edit_in_ghost(linked, "first", "See ", "Please see ")
    assert linked("sync").code == 0
    assert "Please see [the second](second.md#part), or [[second]].\n" in linked.read("posts/first.md")
    settled(linked)


def test_a_link_made_in_ghost_to_another_document_comes_down_as_a_relative_path(linked):
    edit_in_ghost(linked, "second", f"{linked.url}/first/", f"{linked.url}/about/")
    assert linked("sync").code == 0
    assert "Back to [the first](../pages/about.md)." in linked.read("posts/second.md")
    settled(linked)


def test_edits_on_both_sides_of_a_paragraph_with_a_link_merge(linked):
    edit_in_ghost(linked, "first", "See ", "Please see ")
    replace_in_file(linked, "posts/first.md", "or [[second]].", "or else [[second]].")
    assert linked("sync").code == 0
    assert "Please see [the second](second.md#part), or else [[second]].\n" in linked.read("posts/first.md")
    assert links(linked, "first") == ["/second/#part", "/second/"]
    settled(linked)


def test_when_the_slug_of_a_target_changes_the_posts_that_link_to_it_follow(linked):
    before = linked.read("posts/first.md")
    replace_in_file(linked, "posts/second.md", "title: Second", "title: Second\nslug: other")
    writes = linked.writes
    assert linked("sync").code == 0
    assert linked.writes == writes + 3  # the target, and the two that link to it
    assert links(linked, "first") == ["/other/#part", "/other/"]
    assert links(linked, "about") == ["/first/", "/other/"]
    assert linked.read("posts/first.md") == before
    settled(linked)


def test_when_the_slug_changes_in_ghost_the_posts_that_link_to_it_follow(linked):
    linked.clock.advance(5)
    linked.ghost.edit(linked.ghost.find("second").id, slug="other")
    assert linked("sync").code == 0
    assert links(linked, "first") == ["/other/#part", "/other/"]
    assert "slug: other" in linked.read("posts/second.md")
    settled(linked)


def test_a_new_address_is_nobodys_edit_and_merges_with_the_edits_of_both_sides(linked):
    edit_in_ghost(linked, "first", "See ", "Please see ")
    replace_in_file(linked, "posts/first.md", "or [[second]].", "or else [[second]].")
    linked.ghost.edit(linked.ghost.find("second").id, slug="other")
    assert linked("sync").code == 0
    assert "Please see [the second](second.md#part), or else [[second]].\n" in linked.read("posts/first.md")
    assert links(linked, "first") == ["/other/#part", "/other/"]
    settled(linked)


def test_pull_leaves_a_new_address_to_the_next_push(linked):
    linked.clock.advance(5)
    linked.ghost.edit(linked.ghost.find("second").id, slug="other")
    writes = linked.writes
    assert linked("pull").code == 0
    assert linked.writes == writes
    assert linked("push").code == 0
    assert links(linked, "first") == ["/other/#part", "/other/"]
    settled(linked)


def test_a_file_that_is_moved_with_its_links_put_right_sends_nothing(linked):
    text = linked.read("posts/first.md").replace("(second.md", "(../second.md")
    linked.write("posts/2026/first.md", text)
    (linked.root / "posts/first.md").unlink()
    replace_in_file(linked, "posts/second.md", "./first.md", "2026/first.md")
    replace_in_file(linked, "pages/about.md", "/posts/first.md", "/posts/2026/first.md")
    writes = linked.writes
    assert linked("sync").code == 0
    assert linked.writes == writes
    settled(linked)


def test_a_link_to_a_file_that_was_renamed_still_leads_to_its_post(linked):
    (linked.root / "posts/second.md").rename(linked.root / "posts/zweiter.md")
    replace_in_file(linked, "posts/first.md", "See ", "Please see ")
    assert linked("sync").code == 0
    assert links(linked, "first") == ["/second/#part", "/second/"]
    settled(linked)


def test_a_link_to_no_document_is_sent_as_it_stands_and_told_once(blog):
    blog.write(
        "posts/a.md", "---\ntitle: A\n---\n\nOne\n\n[gone](gone.md) and [out](../../x.md), `[[code]]`.\n"
    )
    ran = blog("sync")
    assert ran.code == 0
    assert "posts/a.md, line 8: links to gone.md" in ran.err + ran.out
    assert links(blog, "a") == ["gone.md", "../../x.md"]
    ran = blog("sync")
    assert "gone.md" not in ran.err + ran.out
    settled(blog)


def test_a_link_begins_to_work_when_its_target_comes(blog):
    blog.write("posts/a.md", "---\ntitle: A\n---\n\n[later](later.md), [[later]].\n")
    assert blog("sync").code == 0
    blog.write("posts/later.md", "---\ntitle: Later\nstatus: published\n---\n\nHere.\n")
    assert blog("sync").code == 0
    assert links(blog, "a") == ["/later/", "/later/"]
    settled(blog)


def test_a_link_to_a_draft_leads_to_where_it_will_be_published(blog):
    blog.write("posts/a.md", "---\ntitle: A\nstatus: published\n---\n\n[soon](soon.md)\n")
    blog.write("posts/soon.md", "---\ntitle: Soon\n---\n\nNot yet.\n")
    assert blog("sync").code == 0
    assert links(blog, "a") == ["/soon/"]
    settled(blog)
    replace_in_file(blog, "posts/soon.md", "title: Soon", "title: Soon\nstatus: published")
    writes = blog.writes
    assert blog("sync").code == 0
    assert blog.writes == writes + 1
    settled(blog)


def test_the_address_that_ghosts_routes_give_is_taken_over_in_the_same_cycle(blog):
    blog.ghost.permalinks = "/{year}/{slug}/"
    for path, text in PAGES.items():
        blog.write(path, text)
    assert blog("sync").code == 0
    year = blog.ghost.find("first").own["published_at"][:4]
    assert links(blog, "first") == [f"/{year}/second/#part", f"/{year}/second/"]
    assert links(blog, "second") == [f"/{year}/first/"]
    settled(blog)


def test_a_target_that_is_deleted_changes_no_post_that_links_to_it(linked):
    (linked.root / "posts/second.md").unlink()
    writes = linked.writes
    assert linked("sync").code == 0
    assert linked.writes == writes + 1  # it became a draft
    assert links(linked, "first") == ["/second/#part", "/second/"]
    settled(linked)


def test_a_first_pull_brings_links_down_as_paths_whichever_post_comes_first(blog):
    one = '{"root":{"children":[{"type":"paragraph","version":1,"children":[{"type":"link","url":"URL","version":1,"children":[{"type":"extended-text","text":"there","format":0,"detail":0,"mode":"normal","style":"","version":1}],"direction":null,"format":"","indent":0,"rel":null,"target":null,"title":null}],"direction":null,"format":"","indent":0}],"direction":null,"format":"","indent":0,"type":"root","version":1}}'
    blog.ghost.create(
        title="Alpha", slug="alpha", status="published", lexical=one.replace("URL", f"{blog.url}/omega/")
    )
    blog.clock.advance(60)
    blog.ghost.create(
        title="Omega", slug="omega", status="published", lexical=one.replace("URL", f"{blog.url}/alpha/")
    )
    assert blog("sync").code == 0
    assert "[there](omega.md)" in blog.read("posts/alpha.md")
    assert "[there](alpha.md)" in blog.read("posts/omega.md")
    settled(blog)


def test_a_lost_state_database_recognises_linked_documents_as_equal(linked):
    for file in (linked.root / ".ghostsync").glob("state.db*"):
        file.unlink()
    writes = linked.writes
    assert linked("sync").code == 0
    assert linked.writes == writes
    settled(linked)


def test_restoring_a_version_of_the_post_spells_its_links_as_the_file_does(linked):
    replace_in_file(linked, "posts/first.md", "See ", "Please see ")
    assert linked("sync").code == 0
    version = linked("history", "posts/first.md", "--json").json["versions"][0]
    assert version["side"] == "remote"
    assert linked("restore", "posts/first.md", "--version", version["number"]).code == 0
    assert "\nSee [the second](second.md#part), or [[second]].\n" in linked.read("posts/first.md")
    assert linked("sync").code == 0
    assert (
        linked("restore", "posts/first.md", "--version", version["number"], "--to", "remote", "--yes").code
        == 0
    )
    assert links(linked, "first") == ["/second/#part", "/second/"]


def test_restoring_a_file_into_ghost_sends_addresses(linked):
    edit_in_ghost(linked, "first", "See ", "Do see ")
    assert linked("sync").code == 0
    version = next(
        v for v in linked("history", "posts/first.md", "--json").json["versions"] if v["side"] == "local"
    )
    assert (
        linked("restore", "posts/first.md", "--version", version["number"], "--to", "remote", "--yes").code
        == 0
    )
    assert "Do see" not in linked.ghost.find("first").own["lexical"]
    assert links(linked, "first") == ["/second/#part", "/second/"]


def test_a_conflict_shows_links_as_the_file_has_them(linked):
    edit_in_ghost(linked, "first", "See ", "Do see ")
    replace_in_file(linked, "posts/first.md", "See ", "Please see ")
    assert linked("sync").code == 1
    shown = linked.read("posts/first.conflict.md")
    assert shown.count("[the second](second.md#part), or [[second]].") == 3
    assert linked.url not in shown


@pytest.mark.parametrize("own", [False, True], ids=["a folder without files", "a folder with a file"])
def test_links_come_down_as_paths_however_many_posts_are_new(blog, own):
    """130 are more than one page of Ghost's answers and one batch of files."""
    if own:
        blog.write("posts/own.md", "---\ntitle: Own\n---\n\nText.\n")
        assert blog("sync").code == 0
    link = (
        '{"root":{"children":[{"children":[{"children":[{"detail":0,"format":0,"mode":"normal","style":"",'
        '"text":"next","type":"extended-text","version":1}],"direction":null,"format":"","indent":0,"type":"link",'
        '"version":1,"rel":null,"target":null,"title":null,"url":"URL"}],"direction":null,"format":"","indent":0,'
        '"type":"paragraph","version":1}],"direction":null,"format":"","indent":0,"type":"root","version":1}}'
    )
    for number in range(130):
        blog.clock.advance(1)
        address = f"{blog.url}/p{(number + 125) % 130}/"
        lexical = link.replace("URL", address)
        blog.ghost.create(
            Kind.POST, title=f"P{number}", slug=f"p{number}", status="published", lexical=lexical
        )
    assert blog("sync").code == 0
    for number in range(130):
        assert f"[next](p{(number + 125) % 130}.md)" in blog.read(f"posts/p{number}.md")


@pytest.mark.parametrize("conflict", [False, True], ids=["all in step", "another post in conflict"])
def test_a_slug_that_goes_and_comes_back_takes_the_links_along_both_times(blog, conflict):
    """A conflict keeps one document's links from being put right; that says nothing of those of the others."""
    blog.write("posts/b.md", "---\ntitle: B\nslug: b\nstatus: published\n---\n\nBee.\n")
    blog.write("posts/a.md", "---\ntitle: A\nstatus: published\n---\n\nSee [b](b.md).\n")
    blog.write("posts/c.md", "---\ntitle: C\nstatus: published\n---\n\nSee [b](b.md).\n\nOne.\n")
    assert blog("sync").code == blog("sync").code == 0
    if conflict:
        edit_in_ghost(blog, "c", "One.", "Two.")
        replace_in_file(blog, "posts/c.md", "One.", "Three.")
        assert blog("sync").code == 1
    blog.clock.advance(5)
    target = blog.ghost.find("b").id
    blog.ghost.edit(target, slug="bees")
    blog("sync")
    blog("sync")
    assert links(blog, "a") == ["/bees/"]
    blog.clock.advance(5)
    blog.ghost.edit(target, slug="b")
    blog("sync")
    blog("sync")
    assert links(blog, "a") == ["/b/"]
