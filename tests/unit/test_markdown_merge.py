"""Both sides edited: blocks merge, true conflicts show."""

from __future__ import annotations

import pytest

from ghostsync.content.markdown import merge_markdown

BASE = "# Title\n\none\n\ntwo\n\n- a\n- b\n\n[ref]: /x\n"


def merged(local, remote, base=BASE):
    result = merge_markdown(base, local, remote)
    assert not result.conflict
    mirrored = merge_markdown(base, remote, local)
    assert mirrored.text == result.text
    return result.text


def test_one_sided_changes_are_taken_whole():
    changed = BASE.replace("one", "ONE")
    assert merged(BASE, changed) == changed
    assert merged(changed, changed) == changed


def test_neighbours_edited_on_either_side_merge():
    assert merged(BASE.replace("one", "ONE"), BASE.replace("two", "TWO")) == BASE.replace(
        "one", "ONE"
    ).replace("two", "TWO")


def test_an_edit_and_a_deletion_of_its_neighbour_merge():
    assert merged(BASE.replace("one", "ONE"), BASE.replace("two\n\n", "")) == BASE.replace(
        "one", "ONE"
    ).replace("two\n\n", "")


def test_insertions_at_different_places_merge():
    local, remote = BASE.replace("one", "zero\n\none"), BASE.replace("two", "two\n\nthree")
    assert merged(local, remote) == BASE.replace("one", "zero\n\none").replace("two", "two\n\nthree")


def test_an_insertion_before_an_edited_block_merges():
    assert merged(BASE.replace("one", "zero\n\none"), BASE.replace("one", "ONE")) == BASE.replace(
        "one", "zero\n\nONE"
    )


def test_an_edited_block_that_also_got_a_new_neighbour_merges_with_an_edit_of_the_next():
    local = BASE.replace("one", "one with more words\n\nsomething else entirely")
    base = BASE.replace("one", "one with words")
    local = base.replace("one with words", "one with more words\n\nsomething else entirely")
    remote = base.replace("two", "TWO")
    assert merged(local, remote, base) == local.replace("two", "TWO")


def test_a_changed_definition_merges():
    assert merged(BASE.replace("/x", "/y"), BASE.replace("one", "ONE")) == BASE.replace("/x", "/y").replace(
        "one", "ONE"
    )


def test_equal_edits_are_adopted_once():
    local, remote = BASE.replace("one", "ONE"), BASE.replace("one", "ONE").replace("two", "TWO")
    assert merged(local, remote) == remote


def test_the_same_block_edited_differently_is_a_conflict_of_that_block_alone():
    result = merge_markdown(
        BASE, BASE.replace("one", "mine").replace("- b", "- c"), BASE.replace("one", "theirs")
    )
    assert result.conflict
    assert result.text == (
        "# Title\n\n<<<<<<< file\nmine\n||||||| base\none\n=======\ntheirs\n>>>>>>> Ghost\n\ntwo\n\n- a\n- c\n\n[ref]: /x\n"
    )


def test_an_edit_against_a_deletion_is_a_conflict():
    result = merge_markdown(BASE, BASE.replace("one\n\n", ""), BASE.replace("one", "ONE"))
    assert result.conflict
    assert "<<<<<<< file\n||||||| base\none\n=======\nONE\n>>>>>>> Ghost" in result.text


def test_different_insertions_at_one_place_are_a_conflict():
    assert merge_markdown("a\n", "a\n\nb\n", "a\n\nc\n").conflict


@pytest.mark.parametrize("other", ["", "\n", "x", BASE + BASE])
def test_a_side_that_changed_nothing_never_counts(other):
    assert merge_markdown(BASE, BASE, other).text == other
    assert merge_markdown(BASE, other, BASE).text == other


def test_a_block_that_would_swallow_the_other_sides_addition_is_a_conflict():
    result = merge_markdown("a\n\nb\n", "a\n\n```\nopen\n", "a\n\nb\n\nadded\n")
    assert result.conflict
    assert "added" in result.text
    assert "open" in result.text
