"""The html mode: Python-Markdown with the user's extensions."""

from __future__ import annotations

import pytest

from ghostsync.content.html import render_html, shows_nothing
from ghostsync.content.html_check import html_says
from ghostsync.content.lexical import nodes
from ghostsync.content.markdown import read_markdown, write_markdown
from ghostsync.errors import ContentError


def test_extensions_are_those_that_were_named():
    table = "| a |\n|---|\n| b |\n"
    assert "<table>" not in render_html(table)
    assert "<table>" in render_html(table, ("tables",))


def test_one_rendering_leaves_nothing_behind_for_the_next():
    noted = "x[^1]\n\n[^1]: note\n"
    first = render_html(noted, ("footnotes", "toc"))
    assert render_html("# x\n", ("footnotes", "toc")) == '<h1 id="x">x</h1>'
    assert render_html(noted, ("footnotes", "toc")) == first


@pytest.mark.parametrize(
    "name", ["tabels", "no.such.module:Class", "json", "ghostsync.errors:ContentError", ""]
)
def test_an_extension_that_cannot_be_loaded_is_named(name):
    with pytest.raises(ContentError) as caught:
        render_html("x", ("tables", name))
    assert repr(name) in caught.value.what
    assert caught.value.key == "html_extensions"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("html", "nothing"),
    [("", True), (" \n", True), ("<!-- x -->\n<!-- y\nz -->", True), ("<p></p>", False), ("<hr>", False)],
)
def test_ghost_finds_nothing_in_comments_and_blanks(html, nothing):
    assert shows_nothing(html) is nothing


def test_code_does_not_grow_by_a_line():
    assert render_html("```\na\n\nb\n```\n", ("fenced_code",)) == "<pre><code>a\n\nb</code></pre>"


EXTENSIONS = ("extra", "sane_lists")


def says(root, extensions=EXTENSIONS):
    return html_says(write_markdown(root), root, extensions)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# Title\n\nsome **bold *words*** and `code`\n\n###### deep\n",
        "- flat\n- *list*\n\n1. one\n2. [two](/x)\n",
        "> quote with [a **bold** link](https://a.example/?a=1&b=2)\n",
        "words\n\n---\n\nwords\n",
        '![alt](/i.png)\n\n![](/j.png "title")\n',
        "```py\nx = 1 < 2\n\n  y\n```\n",
        "a_b_c \\* 1986\\. <https://a.example>\n",
    ],
)
def test_what_html_says_in_full(source):
    assert says(read_markdown(source))


@pytest.mark.parametrize(
    "source",
    [
        "- nested\n  - list\n",
        "3. from\n4. three\n",
        "~~struck~~\n",
        "[titled](/x 'title')\n",
        "<div>raw</div>\n",
        "<!--members-only-->\n",
        "words\n\n| a |\n|---|\n| b |\n",
        "```ghost callout\ncalloutText: x\n```\n",
        "```ghost paragraph\nchildren: []\nformat: center\n```\n",
        "```ghost image\nsrc: /i.png\ncardWidth: wide\n```\n",
        "two\\\nlines\n",  # Python-Markdown knows only the two blanks
        "blank at the end&#32;\n",
        "\\<p> is no element\n",
    ],
)
def test_what_html_would_lose(source):
    assert not says(read_markdown(source))


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<p>a<br>b</p>", "a\\\nb\n"),
        ("<p>a\n  b </p>", "a b\n"),
        ("<ul><li><p>a</p></li>\n<li>b</li></ul>", "- a\n- b\n"),
        ("<blockquote>\n<p>q</p>\n</blockquote>", "> q\n"),
        ('<h2 id="t"><b>T</b></h2>', "## **T**\n"),
        ("<ul><li>a</li><li></li></ul>", "- a\n-\n"),
    ],
)
def test_raw_html_of_the_same_blocks_says_them(html, source):
    assert html_says(html, read_markdown(source), ())


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n- b\n"),
        ("<ul><li><p>a</p>b</li></ul>", "- a\n- b\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n\n> b\n"),
        ("<p>a <span>b</span></p>", "a b\n"),
        ('<p class="x">a</p>', "a\n"),
        ("<p>a</p><!-- x -->", "a\n"),
        ("<p>a</p>\n\nb", "a\n"),
        ("<section>a</section>", "a\n"),
        ('<p>a <img src="/i.png"></p>', "![](/i.png)\n"),
        ('<p><a href="/x"><img src="/i.png"></a></p>', "![](/i.png)\n"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n- b\n"),
        ("<p>a</em></p></p>", "a\n"),
        ('<ol start="2"><li>a</li></ol>', "1. a\n"),
    ],
)
def test_raw_html_of_anything_else_does_not(html, source):
    assert not html_says(html, read_markdown(source), ())


def test_the_editors_empty_paragraph_at_the_end_needs_no_words():
    assert says(nodes.root([nodes.paragraph([nodes.text("a")]), nodes.paragraph([])]))
    assert not says(nodes.root([nodes.paragraph([]), nodes.paragraph([nodes.text("a")])]))
