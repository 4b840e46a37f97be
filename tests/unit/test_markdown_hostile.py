"""Input made to hurt, in short: none of it exhausts the stack, loses meaning, or takes more than its length is worth.

Work is counted in calls, which a slow machine does not change; `benchmarks/bench_content.py` takes the time of a
megabyte of each.
"""

from __future__ import annotations

import sys

import pytest
from hostile import LEXICAL, MARKDOWN

from ghostsync.content.lexical import nodes, root, same
from ghostsync.content.markdown import read_markdown, respell, write_markdown

SIZE = 4_000
MORE = 4
SLACK = 20_000
"""Calls that a fixed bound may add: a longer text can be the first to reach it."""


def calls(work, argument):
    """How many calls of functions, Python's own and others, some work takes."""
    count = 0

    def seen(_frame, event, _what):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work(argument)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", MARKDOWN)
def test_hostile_markdown_keeps_its_meaning(name):
    document = read_markdown(MARKDOWN[name](SIZE * 2))
    assert same(read_markdown(write_markdown(document)), document)


@pytest.mark.parametrize("name", LEXICAL)
def test_a_hostile_document_keeps_its_meaning(name):
    document = LEXICAL[name](SIZE * 5)
    assert same(read_markdown(write_markdown(document)), document)


@pytest.mark.parametrize("name", MARKDOWN)
def test_four_times_the_markdown_is_at_most_about_four_times_the_work(name):
    small, large = MARKDOWN[name](SIZE), MARKDOWN[name](SIZE * MORE)
    assert calls(read_markdown, large) <= 1.5 * MORE * calls(read_markdown, small) + SLACK
    small, large = read_markdown(small), read_markdown(large)
    assert calls(write_markdown, large) <= 1.5 * MORE * calls(write_markdown, small) + SLACK


@pytest.mark.parametrize("name", LEXICAL)
def test_a_document_four_times_as_large_is_at_most_about_four_times_the_work(name):
    small, large = LEXICAL[name](SIZE * 5), LEXICAL[name](SIZE * MORE * 5)
    assert calls(write_markdown, large) <= 1.5 * MORE * calls(write_markdown, small) + SLACK


def test_deep_lexical_is_written_and_read():
    node = nodes.text("x")
    for _ in range(300):
        node = {"type": "aside", "version": 1, "children": [node]}
    document = root([node])
    assert same(read_markdown(write_markdown(document)), document)


def test_a_fenced_block_cannot_exhaust_the_stack_or_multiply_itself():
    deep = "```ghost x\na: " + "[" * 100_000 + "\n```\n"
    bomb = "```ghost x\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n```\n"
    for text in (deep, bomb, "```ghost x\n" + "- " * 100_000 + "\n```\n"):
        (node,) = read_markdown(text)["root"]["children"]
        assert (node["type"], node["language"]) == ("codeblock", "ghost")


def test_what_yaml_knows_and_json_does_not_makes_no_node():
    (node,) = read_markdown("```ghost x\na: 2024-01-01\nb: [1, {c: d}]\n```\n")["root"]["children"]
    assert node == {"type": "x", "a": "2024-01-01", "b": [1, {"c": "d"}], "version": 1}
    for said in ("a: .nan", "a: {1: b}", "a: !!set {b}", "a: !!binary aGk="):
        (node,) = read_markdown(f"```ghost x\n{said}\n```\n")["root"]["children"]
        assert node["type"] == "codeblock"


def test_notes_that_many_cards_share_stop_being_carried_before_they_fill_the_memory():
    text = "a[^1]\n\n" * 3_000 + "[^1]: " + "b " * 10_000 + "\n"
    document = read_markdown(text)
    assert sum(len(node["markdown"]) for node in document["root"]["children"]) < 5_000_000


def test_an_edit_in_a_hostile_text_leaves_the_rest_alone():
    text = "*a " * 3_000 + "\n\n" + "one word\n\n" + "[" * 3_000 + "\n"
    old, new = read_markdown(text), read_markdown(text.replace("one", "another"))
    assert respell(text, old, new) == text.replace("one", "another")
