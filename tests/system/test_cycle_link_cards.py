"""A link on a line of its own: a card in Ghost, a bare link in the file."""

import json

import pytest
from cli_runner import sandbox_blog

from ghostsync.sandbox import Fault

VIDEO = "https://video.example/watch?v=1"
PAGE = "https://example.com/about"
EMBED = {
    "version": "1.0",
    "type": "video",
    "html": "<iframe src='x'></iframe>",
    "width": 200,
    "title": "A film",
}
BOOKMARK = {
    "version": "1.0",
    "type": "bookmark",
    "url": PAGE,
    "metadata": {
        "url": PAGE,
        "title": "About",
        "description": "Who we are",
        "author": None,
        "publisher": "Example",
        "thumbnail": None,
        "icon": "https://example.com/icon.png",
    },
}
TEXT = f"---\ntitle: A\n---\n\nLook:\n\n{VIDEO}\n\n<{PAGE}>\n\nAnd {VIDEO} in text.\n"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.ghost.embeds = {VIDEO: EMBED, PAGE: BOOKMARK}
        yield blog


@pytest.fixture
def carded(blog):
    """A post with an embed and a bookmark, made of two bare links."""
    blog.write("posts/a.md", TEXT)
    assert blog("sync").code == 0
    return blog


def nodes(blog, slug="a"):
    return json.loads(blog.ghost.find(slug).own["lexical"])["root"]["children"]


def types(blog, slug="a"):
    return [node["type"] for node in nodes(blog, slug)]


def asked(blog):
    return blog.ghost.count("GET", "/oembed/")


def settled(blog):
    files = {path: path.read_bytes() for path in blog.root.rglob("*.md")}
    writes, questions = blog.writes, asked(blog)
    assert blog("status").code == 0
    assert blog("sync").code == 0
    assert (blog.writes, asked(blog)) == (writes, questions)
    assert files == {path: path.read_bytes() for path in blog.root.rglob("*.md")}


def in_ghost(blog, old, new):
    blog.clock.advance(5)
    document = blog.ghost.find("a")
    assert old in document.own["lexical"]
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new))


def in_file(blog, old, new):
    text = blog.read("posts/a.md")
    assert old in text
    blog.write("posts/a.md", text.replace(old, new))


def test_a_bare_link_becomes_the_card_that_ghosts_editor_makes_of_it(carded):
    assert types(carded) == ["paragraph", "embed", "bookmark", "paragraph"]
    _, embed, bookmark, _ = nodes(carded)
    assert embed == {
        "type": "embed",
        "version": 1,
        "url": VIDEO,
        "embedType": "video",
        "html": EMBED["html"],
        "metadata": EMBED,
        "caption": "",
    }
    assert bookmark["url"] == PAGE
    assert bookmark["metadata"] == {
        "icon": "https://example.com/icon.png",
        "title": "About",
        "description": "Who we are",
        "author": "",
        "publisher": "Example",
        "thumbnail": "",
    }


def test_the_file_keeps_its_bare_links(carded):
    assert carded.read("posts/a.md").endswith(TEXT.split("---\n", 2)[2])
    assert asked(carded) == 2
    settled(carded)


def test_an_edit_of_the_text_around_sends_the_cards_home_unchanged(carded):
    before = nodes(carded)[1:3]
    in_file(carded, "Look:", "Look here:")
    assert carded("sync").code == 0
    assert nodes(carded)[1:3] == before
    assert asked(carded) == 2
    settled(carded)


def test_edits_on_both_sides_keep_link_and_card(carded):
    in_ghost(carded, "Look:", "Look there:")
    in_file(carded, "in text", "in the text")
    assert carded("sync").code == 0
    assert f"Look there:\n\n{VIDEO}\n\n<{PAGE}>\n\nAnd {VIDEO} in the text.\n" in carded.read("posts/a.md")
    assert types(carded) == ["paragraph", "embed", "bookmark", "paragraph"]
    settled(carded)


def test_a_card_that_an_editor_changes_comes_down_as_what_it_is(carded):
    in_ghost(carded, '"description":"Who we are"', '"description":"Who they are"')
    assert carded("sync").code == 0
    text = carded.read("posts/a.md")
    assert f'[About]({PAGE} "Who they are")<!--bookmark' in text
    assert f"\n{VIDEO}\n" in text
    settled(carded)


def test_a_card_that_is_removed_in_ghost_takes_its_line_along(carded):
    card = json.dumps(nodes(carded)[1], ensure_ascii=False, separators=(",", ":"))
    in_ghost(carded, card + ",", "")
    assert carded("sync").code == 0
    assert f"Look:\n\n<{PAGE}>\n" in carded.read("posts/a.md")
    settled(carded)


def test_a_line_that_moves_takes_its_card_along(carded):
    in_file(carded, f"Look:\n\n{VIDEO}\n\n<{PAGE}>", f"<{PAGE}>\n\n{VIDEO}\n\nLook:")
    assert carded("sync").code == 0
    assert types(carded) == ["bookmark", "embed", "paragraph", "paragraph"]
    assert asked(carded) == 2
    settled(carded)


def test_a_link_that_is_new_in_a_known_file_is_asked_for(carded):
    carded.ghost.embeds["https://new.example/"] = {**BOOKMARK, "url": "https://new.example/"}
    in_file(carded, "And ", "https://new.example/\n\nAnd ")
    assert carded("sync").code == 0
    assert types(carded) == ["paragraph", "embed", "bookmark", "bookmark", "paragraph"]
    assert asked(carded) == 3
    settled(carded)


def test_a_link_that_ghost_makes_no_card_of_stays_one_and_is_told_once(blog):
    blog.write("posts/a.md", "---\ntitle: A\n---\n\nhttps://nothing.example/\n")
    ran = blog("sync")
    assert ran.code == 0
    assert "note: posts/a.md: https://nothing.example/ stays a link" in ran.err
    assert types(blog) == ["paragraph"]
    ran = blog("sync")
    assert "note:" not in ran.err
    settled(blog)
    assert asked(blog) == 1


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_ghost_that_gives_no_cards_at_all_takes_the_link(blog, status):
    blog.ghost.faults.append(Fault(path="/oembed/", status=status, times=9))
    blog.write("posts/a.md", f"---\ntitle: A\n---\n\n{VIDEO}\n")
    assert blog("sync").code == 0
    assert types(blog) == ["paragraph"]
    settled(blog)


def test_never_asks_where_the_configuration_says_so(blog):
    blog.configure('[content]\nlink_cards = "never"\n')
    blog.write("posts/a.md", TEXT)
    assert blog("sync").code == 0
    assert asked(blog) == 0
    assert types(blog) == ["paragraph"] * 4
    settled(blog)


def test_a_dry_run_asks_for_nothing(blog):
    blog.write("posts/a.md", TEXT)
    assert blog("sync", "--dry-run").code == 1
    assert asked(blog) == 0


@pytest.mark.parametrize("mode", ["markdown", "html"])
def test_other_content_modes_have_links(blog, mode):
    blog.configure(f'[content]\nmode = "{mode}"\n')
    blog.write("posts/a.md", TEXT)
    assert blog("sync").code == 0
    assert asked(blog) == 0
    assert "iframe" not in blog.ghost.find("a").own["lexical"]
    settled(blog)


def test_a_link_that_was_there_before_stays_one(blog):
    blog.configure('[content]\nlink_cards = "never"\n')
    blog.write("posts/a.md", TEXT)
    assert blog("sync").code == 0
    blog.configure()
    in_file(blog, "Look:", "Look here:")
    assert blog("sync").code == 0
    assert types(blog) == ["paragraph"] * 4
    assert asked(blog) == 0
    settled(blog)


def test_a_lost_state_database_recognises_cards_by_their_links(carded):
    for file in (carded.root / ".ghostsync").glob("state.db*"):
        file.unlink()
    writes = carded.writes
    assert carded("sync").code == 0
    assert carded.writes == writes
    assert carded.read("posts/a.md").endswith(TEXT.split("---\n", 2)[2])
    settled(carded)


def test_a_card_written_in_ghost_comes_down_in_its_own_spelling(carded):
    carded.write("posts/b.md", "---\ntitle: B\n---\n\nText.\n")
    assert carded("sync").code == 0
    other = carded.ghost.find("b")
    carded.clock.advance(5)
    document = json.loads(other.own["lexical"])
    document["root"]["children"] += nodes(carded)[1:3]
    carded.ghost.edit(other.id, lexical=json.dumps(document))
    assert carded("sync").code == 0
    text = carded.read("posts/b.md")
    assert f'[About]({PAGE} "Who we are")<!--bookmark' in text
    assert "[A film](https://video.example/watch?v=1)<!--embed" in text
    settled(carded)


def test_restoring_a_file_into_ghost_keeps_the_cards(carded):
    in_ghost(carded, "Look:", "Look there:")
    assert carded("sync").code == 0
    listed = carded("history", "posts/a.md", "--json").json["versions"]
    number = next(version["number"] for version in listed if version["side"] == "local")
    assert carded("restore", "posts/a.md", "--version", number, "--to", "remote", "--yes").code == 0
    assert types(carded) == ["paragraph", "embed", "bookmark", "paragraph"]
