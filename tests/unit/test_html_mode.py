"""The html mode: Python-Markdown with the user's extensions."""

from __future__ import annotations

import pytest

from ghostsync.content.html import render_html, shows_nothing
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


@pytest.mark.parametrize("name", ["tabels", "no.such.module:Class", "json", "ghostsync.errors:ContentError", ""])
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
