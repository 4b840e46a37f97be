"""A change in Ghost touches only its own block of the author's text."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import lexical_documents, markdown_documents

from ghostsync.content.lexical import canonical, canonical_children, children_of, nodes, root, same
from ghostsync.content.lexical.canonical import without_last_blank
from ghostsync.content.markdown import read_blocks, read_markdown, respell

NEW = nodes.paragraph([nodes.text("CHANGED in Ghost")])


@given(markdown_documents)
def test_no_change_keeps_every_byte(text):
    document = read_markdown(text)
    assert respell(text, document, document) == text


@given(markdown_documents, st.data())
def test_after_one_edit_the_text_means_the_new_document(text, data):
    old = read_markdown(text)
    children = list(children_of(old))
    place = data.draw(st.integers(0, len(children)))
    if place < len(children) and data.draw(st.booleans()):
        children[place] = NEW
    else:
        children.insert(place, NEW)
    assert same(read_markdown(respell(text, old, root(children))), root(children))


_PLAIN = st.lists(
    st.sampled_from(["*odd*  marks", "wrapped\nby hand", "* star", "+ plus", "Set\n===", "~~~\ncode\n~~~", "1) one", "> q\nlazy", "a | b\n---|---\nc | d"]),
    min_size=1,
    max_size=8,
)  # fmt: skip


@given(_PLAIN, st.data())
def test_one_edited_block_leaves_the_bytes_of_all_others(sources, data):
    text = "\n\n---\n\n".join(sources) + "\n"
    places = []
    start = 0
    for block in read_blocks(text):
        if block.nodes:
            places.append((start, start + len(block.source)))
        start += len(block.source)
    old = read_markdown(text)
    children = list(children_of(old))
    place = data.draw(st.integers(0, len(children) - 1))
    children[place] = NEW
    start, end = places[place]
    assert respell(text, old, root(children)) == text[:start] + "CHANGED in Ghost" + text[end:]


@given(markdown_documents, lexical_documents)
def test_any_text_can_become_any_document(text, new):
    result = respell(text, read_markdown(text), new)
    wanted, made = canonical_children(new), canonical_children(read_markdown(result))
    assert without_last_blank(made) == without_last_blank(wanted)


def _joined(children):
    """What Ghost's editor makes of neighbouring lists of one kind."""
    made = []
    for node in children:
        before = made[-1] if made else {}
        if node["type"] == before.get("type") == "list" and node["listType"] == before["listType"]:
            made[-1] = {**before, "children": [*before["children"], *node["children"]]}
        else:
            made.append(node)
    return made


@given(
    st.lists(
        st.sampled_from(["- a\n- b", "* c", "+ d\n+ e", "1. x", "2) y\n3) z", "words", "- [ ] f"]), max_size=6
    )
)
def test_lists_that_ghosts_editor_joined_stay_in_the_file_as_they_are(parts):
    text = "\n\n".join(parts) + "\n"
    old = read_markdown(text)
    children = children_of(old)
    saved = root(_joined(children))
    forms = [canonical(node) for node in children]
    assume(not any(canonical(node) in forms for node in children_of(saved) if node not in children))
    assert respell(text, old, saved) == text
