"""Lexical -> mobiledoc: what it holds, what becomes a card, and what goes home exact."""

from __future__ import annotations

import json

import pytest

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown import read_markdown
from ghostsync.content.mobiledoc import lexical_to_mobiledoc, mobiledoc_to_lexical, native
from ghostsync.errors import ContentError


def written(*children, **options):
    return json.loads(lexical_to_mobiledoc(nodes.root(children), **options))


def stored(*sections, markups=(), atoms=(), cards=(), **extra):
    tables = {"markups": list(markups), "atoms": list(atoms), "cards": list(cards)}
    return json.dumps({"version": "0.3.1", **extra, **tables, "sections": list(sections)})


def test_an_empty_document_is_a_mobiledoc_without_sections():
    assert written() == {"version": "0.3.1", "markups": [], "atoms": [], "cards": [], "sections": []}


def test_plain_blocks_become_markup_sections():
    document = written(
        nodes.heading(3, [nodes.text("Title")]),
        nodes.paragraph([nodes.text("words")]),
        nodes.quote([nodes.text("said")]),
        nodes.aside([nodes.text("said aside")]),
    )
    assert [(kind, tag, markers[0][3]) for kind, tag, markers in document["sections"]] == [
        (1, "h3", "Title"),
        (1, "p", "words"),
        (1, "blockquote", "said"),
        (1, "aside", "said aside"),
    ]


def test_formats_open_and_close_like_elements_the_longest_outermost():
    document = written(
        nodes.paragraph(
            [
                nodes.text("a", nodes.ITALIC),
                nodes.text("b", nodes.ITALIC | nodes.BOLD),
                nodes.text("c", nodes.ITALIC),
                nodes.text("d"),
            ]
        )
    )
    assert document["markups"] == [["em"], ["strong"]]
    assert document["sections"] == [
        [1, "p", [[0, [0], 0, "a"], [0, [1], 1, "b"], [0, [], 1, "c"], [0, [], 0, "d"]]]
    ]


def test_overlapping_formats_are_split_and_a_link_never_is():
    document = written(
        nodes.paragraph(
            [
                nodes.text("a", nodes.BOLD),
                nodes.link("/x", [nodes.text("b", nodes.BOLD), nodes.text("c")]),
                nodes.text("d"),
            ]
        )
    )
    markups = document["markups"]
    opened = [markups[index][0] for _, indexes, _, _ in document["sections"][0][2] for index in indexes]
    assert opened == ["strong", "a", "strong"]
    assert ["a", ["href", "/x"]] in markups


def test_a_line_break_is_a_soft_return_inside_what_is_around_it():
    document = written(
        nodes.paragraph([nodes.text("a", nodes.BOLD), nodes.linebreak(), nodes.text("b", nodes.BOLD)])
    )
    assert document["atoms"] == [["soft-return", "", {}]]
    assert document["sections"] == [[1, "p", [[0, [0], 0, "a"], [1, [], 0, 0], [0, [], 1, "b"]]]]


def test_a_link_names_only_the_attributes_it_has():
    link = nodes.link("/x", [nodes.text("t")], title="T", rel="nofollow")
    assert written(nodes.paragraph([link]))["markups"] == [
        ["a", ["href", "/x", "rel", "nofollow", "title", "T"]]
    ]


def test_a_flat_list_becomes_a_list_section():
    items = [nodes.list_item([nodes.text("one")]), nodes.list_item([nodes.text("two")])]
    document = written(nodes.list_node("number", items))
    assert document["sections"] == [[3, "ol", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]]]


@pytest.mark.parametrize(
    "source",
    [
        "- a\n  - b\n- c\n",
        "3. three\n4. four\n",
        "==marked== words\n",
        "## a ==marked== heading\n",
    ],
)
def test_a_block_mobiledoc_cannot_hold_becomes_a_markdown_card_of_exactly_that_block(source):
    block, after = read_markdown(source + "\n\nafter\n")["root"]["children"]
    document = written(block, after)
    ((name, payload),) = document["cards"]
    assert name == "markdown"
    assert read_markdown(payload["markdown"])["root"]["children"] == [block]
    assert [section[0] for section in document["sections"]] == [10, 1]


def test_such_a_card_is_read_as_the_block_it_stands_for():
    block = read_markdown("- a\n  - b\n")["root"]["children"][0]
    held = mobiledoc_to_lexical(lexical_to_mobiledoc(nodes.root([block])))
    assert held["root"]["children"][0]["type"] == "markdown"
    assert native(held)["root"]["children"] == [block]


@pytest.mark.parametrize(
    "text", ["words", "| a |\n|---|\n| b |", "* a\n  * b", "- a\n  - b\n\nmore", "", "- flat\n- list"]
)
def test_a_card_somebody_wrote_otherwise_stays_a_card(text):
    held = mobiledoc_to_lexical(stored([10, 0], cards=[["markdown", {"markdown": text}]]))
    assert native(held) == held


def test_a_lexical_document_has_no_cards_to_undo():
    document = nodes.root([nodes.markdown("- a\n  - b")])
    assert native(document) is document


def test_a_block_that_neither_mobiledoc_nor_markdown_holds_is_a_problem():
    paragraph = {**nodes.paragraph([nodes.text("x")]), "fromTheFuture": True}
    with pytest.raises(ContentError, match="paragraph") as caught:
        written(paragraph)
    assert caught.value.remedy


@pytest.mark.parametrize("broken", [{"mobiledocAttributes": 5}, {"mobiledocAttributes": [["odd"]]}])
def test_a_property_of_ours_that_somebody_broke_is_a_problem_too(broken):
    with pytest.raises(ContentError):
        written({**nodes.paragraph([nodes.text("x")]), **broken})


OLD = stored(
    [1, "p", [[0, [1], 1, "bold the old way"], [1, [], 0, 0], [0, [0, 1], 2, "link"]]],
    [10, 0],
    [1, "p", [[0, [], 0, "twice"]]],
    [1, "p", [[0, [], 0, "twice"]]],
    [1, "p", [[0, [], 0, ""]]],
    markups=[["a", ["href", "http://blog.example/x", "class", "k"]], ["b"]],
    atoms=[["soft-return", "", {}]],
    cards=[["image", {"src": "/i.png", "caption": "", "title": None, "cardWidth": ""}]],
    ghostVersion="3.0",
)


def test_sections_that_still_say_the_same_go_home_exact():
    old = mobiledoc_to_lexical(OLD)
    again = json.loads(lexical_to_mobiledoc(nodes.root(old["root"]["children"]), old=old))
    before = json.loads(OLD)
    assert again["ghostVersion"] == "3.0"
    assert again["cards"] == before["cards"]
    assert sorted(again["markups"]) == sorted(before["markups"])
    assert again["sections"][1:] == before["sections"][1:]
    tags = [again["markups"][index][0] for marker in again["sections"][0][2] for index in marker[1]]
    assert tags == ["b", "a", "b"]


def test_a_changed_section_leaves_the_others_exact_wherever_they_moved():
    old = mobiledoc_to_lexical(OLD)
    first, image, one, other = old["root"]["children"]
    again = json.loads(
        lexical_to_mobiledoc(
            nodes.root([image, nodes.paragraph([nodes.text("new")]), other, one, first]), old=old
        )
    )
    assert again["cards"] == json.loads(OLD)["cards"]
    assert [section[0] for section in again["sections"]] == [10, 1, 1, 1, 1, 1]
    assert again["sections"][1] == [1, "p", [[0, [], 0, "new"]]]
    assert ["b"] in again["markups"]
    assert ["strong"] not in again["markups"]


def test_the_sites_own_addresses_are_the_same_absolute_and_relative():
    old = mobiledoc_to_lexical(
        stored(
            [1, "p", [[0, [0], 1, "x"]]],
            markups=[["a", ["href", "http://blog.example/x"]]],
            ghostVersion="4.0",
        )
    )
    new = nodes.root([nodes.paragraph([nodes.link("/x", [nodes.text("x")])])])
    again = lexical_to_mobiledoc(new, old=old, site_url="http://blog.example/")
    assert json.loads(again)["markups"] == [["a", ["href", "http://blog.example/x"]]]


def test_alignment_needs_and_gets_the_version_that_has_attributes():
    document = written({**nodes.paragraph([nodes.text("x")]), "format": "center"})
    assert document["version"] == "0.3.2"
    assert document["sections"] == [[1, "p", [[0, [], 0, "x"]], ["data-md-text-align", "center"]]]
