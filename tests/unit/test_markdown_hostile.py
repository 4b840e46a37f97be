"""Input made to hurt: deep, long, unbalanced. None of it may exhaust the stack or lose meaning."""

from __future__ import annotations

import pytest

from ghostsync.content.lexical import nodes, root, same
from ghostsync.content.markdown import read_markdown, write_markdown

HOSTILE = {
    "open brackets": "[" * 10_000,
    "links in links": "[a](" * 5_000,
    "nested quotes": ">" * 5_000 + " a",
    "nested lists": "- " * 5_000 + "a",
    "emphasis": "*a " * 5_000,
    "mixed emphasis": "**a_b" * 5_000,
    "marks": "==a" * 5_000 + "a==" * 5_000,
    "carets": "^a" * 5_000,
    "open tags": "<u>" * 5_000,
    "nested tags": "<u>" * 5_000 + "x" + "</u>" * 5_000,
    "nested elements": "<div>\n\n" * 2_000 + "</div>\n\n" * 2_000,
    "comments": "<!--" * 5_000,
    "one line": "word " * 50_000,
    "addresses": "http://a.b/c " * 3_000 + "a@b.c " * 3_000,
    "closing parentheses": "http://a.b/" + ")" * 20_000,
    "entities": "&#32;&amp;" * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markdown_keeps_its_meaning(name):
    document = read_markdown(HOSTILE[name])
    assert same(read_markdown(write_markdown(document)), document)


def test_deep_lexical_is_written_and_read():
    node = nodes.text("x")
    for _ in range(300):
        node = {"type": "aside", "version": 1, "children": [node]}
    document = root([node])
    assert same(read_markdown(write_markdown(document)), document)
