"""Mobiledoc -> Lexical: every section, markup, atom and card has its place."""

from __future__ import annotations

import json

import pytest

from ghostsync.content.mobiledoc import mobiledoc_to_lexical
from ghostsync.errors import ContentError


def stored(*sections, markups=(), atoms=(), cards=(), version="0.3.1", **extra):
    return json.dumps(
        {
            "version": version,
            "markups": list(markups),
            "atoms": list(atoms),
            "cards": list(cards),
            "sections": list(sections),
            **extra,
        }
    )


def blocks(*sections, **tables):
    return mobiledoc_to_lexical(stored(*sections, **tables))["root"]["children"]


def block(section, **tables):
    (only,) = blocks(section, **tables)
    return only


def texts(node):
    return [(child["text"], child["format"]) for child in node["children"]]


@pytest.mark.parametrize(
    ("tag", "type"),
    [("p", "paragraph"), ("blockquote", "extended-quote"), ("aside", "aside"), ("h2", "extended-heading")],
)
def test_a_markup_section_becomes_the_block_ghost_itself_makes_of_it(tag, type):
    node = block([1, tag, [[0, [], 0, "words"]]])
    assert node["type"] == type
    assert texts(node) == [("words", 0)]


@pytest.mark.parametrize("level", range(1, 7))
def test_a_heading_keeps_its_level(level):
    assert block([1, f"H{level}", [[0, [], 0, "x"]]])["tag"] == f"h{level}"


@pytest.mark.parametrize(("tag", "list_type"), [("ul", "bullet"), ("ol", "number")])
def test_a_list_section_becomes_a_list_whose_items_are_numbered_from_one(tag, list_type):
    node = block([3, tag, [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]])
    assert (node["type"], node["listType"], node["tag"], node["start"]) == ("list", list_type, tag, 1)
    assert [(item["type"], item["value"], texts(item)) for item in node["children"]] == [
        ("listitem", 1, [("one", 0)]),
        ("listitem", 2, [("two", 0)]),
    ]


@pytest.mark.parametrize(
    ("tag", "bit"),
    [
        ("strong", 1),
        ("b", 1),
        ("em", 2),
        ("i", 2),
        ("s", 4),
        ("del", 4),
        ("u", 8),
        ("code", 16),
        ("sub", 32),
        ("sup", 64),
    ],
)
def test_a_markup_becomes_the_text_format_of_the_same_look(tag, bit):
    node = block([1, "p", [[0, [], 0, "a "], [0, [0], 1, "b"], [0, [], 0, " c"]]], markups=[[tag]])
    assert texts(node) == [("a ", 0), ("b", bit), (" c", 0)]


def test_markups_that_stay_open_over_several_markers_apply_to_all_of_them():
    markers = [[0, [0], 0, "bold "], [0, [1], 1, "both"], [0, [], 1, " bold"], [0, [], 0, " plain"]]
    node = block([1, "p", markers], markups=[["strong"], ["em"]])
    assert texts(node) == [("bold ", 1), ("both", 3), (" bold", 1), (" plain", 0)]


def test_neighbouring_markers_of_one_format_become_one_text():
    node = block([1, "p", [[0, [0], 1, "a"], [0, [0], 1, "b"], [0, [], 0, ""]]], markups=[["strong"]])
    assert texts(node) == [("ab", 1)]


def test_a_link_keeps_its_address_and_all_its_attributes():
    markup = [
        "a",
        ["href", "https://a.example/", "rel", "nofollow", "title", "T", "target", "_blank", "id", "i"],
    ]
    node = block([1, "p", [[0, [0], 1, "here"]]], markups=[markup])
    (link,) = node["children"]
    assert link["type"] == "link"
    assert (link["url"], link["rel"], link["title"], link["target"]) == (
        "https://a.example/",
        "nofollow",
        "T",
        "_blank",
    )
    assert link["mobiledocAttributes"] == [["id", "i"]]
    assert texts(link) == [("here", 0)]


def test_a_link_inside_bold_text_is_one_link_with_bold_text():
    markers = [[0, [0], 0, "see "], [0, [1], 0, "this "], [0, [2], 2, "one"], [0, [], 1, "!"]]
    node = block([1, "p", markers], markups=[["strong"], ["a", ["href", "/x"]], ["em"]])
    before, link, after = node["children"]
    assert (before["text"], before["format"]) == ("see ", 1)
    assert texts(link) == [("this ", 1), ("one", 3)]
    assert (after["text"], after["format"]) == ("!", 1)


def test_two_links_to_one_address_stay_two_links():
    node = block([1, "p", [[0, [0], 1, "a"], [0, [0], 1, "b"]]], markups=[["a", ["href", "/x"]]])
    assert [texts(link) for link in node["children"]] == [[("a", 0)], [("b", 0)]]


def test_a_soft_return_is_a_line_break_also_inside_a_link():
    node = block(
        [1, "p", [[0, [0], 0, "a"], [1, [], 0, 0], [0, [], 1, "b"]]],
        markups=[["a", ["href", "/x"]]],
        atoms=[["soft-return", "", {}]],
    )
    (link,) = node["children"]
    assert [child["type"] for child in link["children"]] == ["extended-text", "linebreak", "extended-text"]


def test_an_atom_nobody_knows_is_kept_whole():
    node = block([1, "p", [[1, [0], 1, 0]]], markups=[["em"]], atoms=[["mention", "@ines", {"id": 7}]])
    (atom,) = node["children"]
    assert atom["type"] == "mobiledoc-atom"
    assert (atom["name"], atom["value"], atom["payload"], atom["format"]) == (
        "mention",
        "@ines",
        {"id": 7},
        2,
    )


def test_an_element_that_is_no_text_format_is_kept_on_its_text():
    node = block([1, "p", [[0, [0], 1, "Ctrl"]]], markups=[["kbd", ["class", "key"]]])
    assert node["children"][0]["mobiledocMarkups"] == [["kbd", ["class", "key"]]]


def test_a_section_that_lexical_has_no_block_for_keeps_its_tag():
    node = block([1, "pull-quote", [[0, [], 0, "loud"]]])
    assert (node["type"], node["mobiledocTag"]) == ("extended-quote", "pull-quote")


def test_alignment_becomes_lexicals_and_other_attributes_are_kept():
    node = block([1, "p", [], ["data-md-text-align", "center", "data-x", "1"]], version="0.3.2")
    assert node["format"] == "center"
    assert node["mobiledocAttributes"] == [["data-x", "1"]]


def test_an_image_section_becomes_an_image():
    node = block([2, "https://a.example/x.png"])
    assert (node["type"], node["src"]) == ("image", "https://a.example/x.png")


@pytest.mark.parametrize("blank", [[1, "p", []], [1, "p", [[0, [], 0, ""]]]])
def test_the_empty_paragraph_at_the_end_is_the_editors_and_left_out(blank):
    words = [1, "p", [[0, [], 0, "words"]]]
    assert [node["type"] for node in blocks(words, blank)] == ["paragraph"]
    assert [texts(node) for node in blocks(blank, words)] == [[], [("words", 0)]]


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": "0.3.1"}',
        '{"sections": []}',
        stored(version="0.2.0"),
        stored([99]),
        stored([1, "p"]),
        stored([10, 0]),
        stored([10, -1], cards=[["hr", {}]]),
        stored([1, "p", [[0, [3], 1, "x"]]]),
        stored([1, "p", [[1, [], 0, 0]]]),
        stored([1, "p", [[7, [], 0, "x"]]]),
        stored([1, "p", [[0, [0], 1, "x"]]], markups=[["a", ["href"]]]),
        stored([1, "p", [[0, [0] * 500, 500, "x"]]], markups=[["em"]]),
        "[" * 100_000,
    ],
)
def test_a_damaged_mobiledoc_is_a_problem_that_says_what_to_do(damaged):
    with pytest.raises(ContentError) as caught:
        mobiledoc_to_lexical(damaged)
    assert caught.value.key == "mobiledoc"
    assert "editor" in caught.value.remedy
