"""One document of five megabytes, and ten thousand documents: they come and go like small ones."""

import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind

MANY = 10_000
LINE = "Paragraph {0} with some words and **bold** text in it, as a novel has them.\n\n"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure('[http]\ntimeout = 600\n[sync]\nprefer = "none"\n')
        yield blog


def assert_at_rest(blog):
    writes = blog.writes
    ran = blog("sync", "--json")
    assert ran.code == 0, ran
    assert ran.json["requests"].keys() == {"GET"}
    assert blog.writes == writes


@pytest.mark.slow
def test_a_document_of_five_megabytes_goes_up_is_edited_on_both_sides_and_merges(blog):
    blog.write("posts/book.md", "---\ntitle: Book\n---\n\n" + "".join(LINE.format(n) for n in range(65_000)))
    assert len(blog.read("posts/book.md")) > 5_000_000
    assert blog("sync").code == 0
    blog.clock.advance(5)
    book = blog.ghost.find("book")
    blog.ghost.edit(book.id, lexical=book.own["lexical"].replace("Paragraph 50000 ", "Chapter 50000 "))
    blog.write("posts/book.md", blog.read("posts/book.md").replace("Paragraph 7 ", "Preface 7 "))
    assert blog("sync").code == 0
    assert "\nChapter 50000 with some words and **bold**" in blog.read("posts/book.md")
    assert "Preface 7 " in blog.ghost.find("book").own["lexical"]
    assert_at_rest(blog)


@pytest.mark.slow
def test_ten_thousand_documents_come_down_and_edits_on_both_sides_find_their_way(blog):
    for number in range(MANY):
        blog.ghost.create(Kind.POST, title=f"Post {number}", html=f"<p>Text {number}.</p>", source_html=True)
    assert blog("sync").code == 0
    assert sum(1 for _ in (blog.root / "posts").glob("*.md")) == MANY
    blog.clock.advance(5)
    assert blog("sync").code == 0
    writes = blog.writes
    for number in range(0, MANY, 1000):
        path = f"posts/post-{number}.md"
        blog.write(path, blog.read(path).replace("Text", "Edited here, text"))
        post = blog.ghost.find(f"post-{number + 1}")
        blog.ghost.edit(post.id, lexical=post.own["lexical"].replace("Text", "Edited in Ghost, text"))
    assert blog("sync").code == 0
    assert blog.writes == writes + 10
    assert "Edited here" in blog.ghost.find("post-9000").own["lexical"]
    assert "Edited in Ghost" in blog.read("posts/post-9001.md")
    assert_at_rest(blog)
