"""What docs/markdown.md shows is what is read, and what is written."""

from __future__ import annotations

import pytest
from documented import documented

from ghostsync.content.lexical import children_of
from ghostsync.content.markdown import read_markdown, write_markdown

EXAMPLES = documented()
TYPES = {
    "Image": "image", "Gallery": "gallery", "Callout": "callout", "Toggle": "toggle", "Bookmark": "bookmark", "Embed": "embed", "Button": "button",
    "File, audio, video": "file", "HTML": "html", "Markdown card": "markdown", "Quote": "extended-quote", "Alternative quote": "aside", "Code": "codeblock",
    "Divider": "horizontalrule", "Public preview ends": "paywall", "Blank paragraph": "paragraph", "Bulleted list": "list",
}  # fmt: skip


def test_the_table_is_found():
    assert len(EXAMPLES) > 35
    assert EXAMPLES.keys() > TYPES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_one_block_in_the_style_that_is_written(name):
    source, _ = EXAMPLES[name]
    document = read_markdown(f"{source}\nwords\n")
    assert [node["type"] for node in children_of(document)][1:] == ["paragraph"]
    assert write_markdown(document) == f"{source}\nwords\n"


@pytest.mark.parametrize("name", TYPES)
def test_each_example_is_the_block_that_it_is_said_to_be(name):
    (node,) = children_of(read_markdown(EXAMPLES[name][0]))
    assert node["type"] == TYPES[name]
