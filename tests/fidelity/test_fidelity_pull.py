"""A pull leaves unchanged blocks alone, in any document: their sources stand in the file as they stood."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import markdown_documents

from ghostsync.content.lexical import children_of, nodes, root, same
from ghostsync.content.markdown import read_blocks, read_markdown, respell

WORDS = "CHANGED in Ghost"
CHANGED = nodes.paragraph([nodes.text(WORDS)])


def _sources(text):
    return [block.source.strip("\n") for block in read_blocks(text) if block.nodes]


def _by_hand(text, place, *, replace):
    """The text after its author made the same edit: a block replaced, or a paragraph put before it or at the end."""
    parts = []
    index = -1
    for block in read_blocks(text):
        index += bool(block.nodes)
        here = bool(block.nodes) and index == place
        parts += [WORDS if replace else f"{WORDS}\n\n"] if here else []
        parts += [] if here and replace else [block.source]
    return "".join(parts) + (f"\n\n{WORDS}\n" if index < place else "")


@pytest.mark.slow
@given(markdown_documents, st.data())
def test_no_pull_alters_a_block_that_did_not_change(text, data):
    old = read_markdown(text)
    children = list(children_of(old))
    before = _sources(text)
    assume(len(before) == len(children))  # else the document is empty, or a block makes more nodes than one
    place = data.draw(st.integers(0, len(children)))
    replace = place < len(children) and data.draw(st.booleans())
    if replace:
        children[place] = CHANGED
        del before[place]
    else:
        children.insert(place, CHANGED)
    assume(
        children[-1]["type"] != "paragraph" or children[-1]["children"]
    )  # a blank one there is the editor's
    # A block without an end (an open fence) needs one before anything can follow it, whoever writes.
    assume(same(read_markdown(_by_hand(text, place, replace=replace)), root(children)))
    after = iter(_sources(respell(text, old, root(children))))
    lost = [source for source in before if source not in after]  # `in` goes on where the last one was found
    assert not lost
