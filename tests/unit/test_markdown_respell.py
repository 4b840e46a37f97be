"""One edit in Ghost, one changed block in the file."""

from __future__ import annotations

import copy

import pytest

from ghostsync.content.lexical import children_of, nodes, root, same
from ghostsync.content.markdown import read_markdown, respell

TEXT = """Setext title
============
Tight   paragraph with *odd* __marks__
wrapped by hand.

* star
* list

[ref]: /somewhere  'Title'

+ plus list, see [ref]


1) one
1) two

~~~ py
code
~~~
"""


def paragraph(value):
    return nodes.paragraph([nodes.text(value)])


def edited(edit):
    """TEXT after `edit` changed the list of its nodes in Ghost."""
    old = read_markdown(TEXT)
    children = list(children_of(old))
    edit(children)
    new = root(children)
    result = respell(TEXT, old, new)
    assert same(read_markdown(result), new)
    return result


def test_nothing_changed_nothing_written():
    document = read_markdown(TEXT)
    assert respell(TEXT, document, root([*children_of(document), nodes.paragraph([])])) is TEXT


def test_a_changed_block_is_the_only_difference():
    def edit(children):
        children[1] = paragraph("new words")

    assert edited(edit) == TEXT.replace(
        "Tight   paragraph with *odd* __marks__\nwrapped by hand.", "new words"
    )


def test_an_inserted_block_is_the_only_difference():
    result = edited(lambda children: children.insert(4, paragraph("new")))
    assert result.replace("\n\nnew", "", 1) == TEXT


def test_a_block_inserted_between_tight_neighbours_gets_its_blank_lines():
    result = edited(lambda children: children.insert(1, paragraph("new")))
    assert result == TEXT.replace("====\nTight", "====\n\nnew\n\nTight")


def test_a_deleted_block_takes_nothing_else_along():
    def edit(children):
        del children[2]

    assert edited(edit) == TEXT.replace("* star\n* list\n\n", "")


def test_definitions_stay_when_the_blocks_around_them_go():
    def edit(children):
        del children[2:4]

    assert "[ref]: /somewhere  'Title'" in edited(edit)


def test_a_moved_block_keeps_its_spelling():
    result = edited(lambda children: children.insert(0, children.pop()))
    assert result.startswith("~~~ py\ncode\n~~~\n\nSetext title\n============\nTight")


def test_a_block_appended_after_a_file_without_final_line_end():
    document = read_markdown("a")
    assert respell("a", document, root([*children_of(document), paragraph("b")])) == "a\n\nb"


def test_into_an_empty_file():
    assert respell("", root([]), root([paragraph("b")])) == "b\n"
    assert respell("[x]: /y\n", root([]), root([paragraph("b")])) == "[x]: /y\n\nb\n"


def test_all_deleted_leaves_the_definitions():
    assert respell("[x]: /y\n\na\n", read_markdown("a"), root([])) == "[x]: /y\n"


def test_what_ghost_rewrote_when_it_stored_the_text_is_no_edit():
    text = "first *block*\n\nsecond\n\nthird"
    stored = root([paragraph("first, as Ghost keeps it"), paragraph("second"), paragraph("third")])
    now = root([paragraph("first, as Ghost keeps it"), paragraph("second"), paragraph("new")])
    assert respell(text, stored, now) == "first *block*\n\nsecond\n\nnew"


def test_addresses_that_ghost_made_absolute_are_no_edit():
    text = "see [it](/about/)\n\nb\n"
    site = "https://blog.example/"
    stored = root(
        [
            nodes.paragraph([nodes.text("see "), nodes.link(site + "about/", [nodes.text("it")])]),
            paragraph("b"),
        ]
    )
    assert respell(text, stored, stored, site_url=site) == text
    link = nodes.paragraph([nodes.link(site + "new/", [nodes.text("new")])])
    now = root([*children_of(stored)[:1], link])
    assert respell(text, stored, now, site_url=site) == "see [it](/about/)\n\n[new](/new/)\n"


def test_a_new_list_beside_the_authors_does_not_join_it():
    new = nodes.list_node("bullet", [nodes.list_item([nodes.text("x")])])
    result = edited(lambda children: children.insert(3, new))
    assert "* star\n* list\n" in result


@pytest.mark.parametrize("text", ["a\n\n<!-- open", "```\nopen", "- a\n- b", "> q"])
def test_what_is_appended_is_not_swallowed(text):
    old = read_markdown(text)
    new = root([*children_of(old), paragraph("after")])
    assert same(read_markdown(respell(text, old, new)), new)


LISTS = "- a\n- b\n\n* c\n\nwords\n\n2. x\n\n5) y\n"


def joined(children):
    """What Ghost's editor makes of neighbouring lists."""
    made = []
    for node in children:
        before = made[-1] if made else {}
        if node["type"] == before.get("type") == "list" and node["listType"] == before["listType"]:
            before["children"] += node["children"]
        else:
            made.append(node)
    return made


def test_lists_that_ghosts_editor_joined_are_two_in_the_file_still():
    old = read_markdown(LISTS)
    saved = nodes.root(joined(read_markdown(LISTS)["root"]["children"]))
    assert len(children_of(saved)) == 3
    assert respell(LISTS, old, saved) == LISTS
    later = copy.deepcopy(saved)
    later["root"]["children"][1] = nodes.paragraph([nodes.text("other words")])
    assert respell(LISTS, saved, later) == respell(LISTS, old, later) == LISTS.replace("words", "other words")


def test_an_item_edited_in_joined_lists_is_edited_in_its_own():
    later = nodes.root(joined(read_markdown(LISTS)["root"]["children"]))
    bullets, _, numbers = later["root"]["children"]
    bullets["children"][2] = nodes.list_item([nodes.text("C")])
    bullets["children"].append(nodes.list_item([nodes.text("d")]))
    numbers["children"][0] = nodes.list_item([nodes.text("X")])
    expected = LISTS.replace("* c\n", "* C\n* d\n").replace("2. x", "2. X")
    assert respell(LISTS, read_markdown(LISTS), later) == expected


def test_joined_lists_of_which_little_is_left_are_one():
    later = nodes.root(joined(read_markdown(LISTS)["root"]["children"]))
    later["root"]["children"][0]["children"][:2] = [nodes.list_item([nodes.text("z")])]
    assert respell(LISTS, read_markdown(LISTS), later).startswith("- z\n- c\n\nwords\n")


def test_lists_that_nobody_joined_are_edited_each_by_itself():
    later = copy.deepcopy(read_markdown(LISTS))
    later["root"]["children"][0]["children"].append(nodes.list_item([nodes.text("x")]))
    assert respell(LISTS, read_markdown(LISTS), later) == LISTS.replace("- b\n", "- b\n- x\n")
