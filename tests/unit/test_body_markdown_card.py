"""The text of a body that is one Markdown card: wrapping is the file's, line breaks are Ghost's."""

from __future__ import annotations

import pytest

from ghostsync.content.markdown_card import card_text, file_text, unwrapped


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("one\ntwo\nthree", "one two three"),
        ("one \ntwo", "one two"),
        ("hard  \nbreak", "hard  \nbreak"),
        ("hard\\\nbreak", "hard\\\nbreak"),
        ("> quoted\n> on\nlazily", "> quoted on lazily"),
        ("- item\n  goes on\n  - inner\n    too", "- item goes on\n  - inner too"),
        ("1. a\n2. b", "1. a\n2. b"),
        ("*em\nphasis* and [a\nlink](/x)", "*em phasis* and [a link](/x)"),
        ("a\n\\*b", "a \\*b"),
        ("a\n&amp; b", "a &amp; b"),
        ("```\ncode\nstays\n```", "```\ncode\nstays\n```"),
        ("    indented\n    code", "    indented\n    code"),
        ("`code\nspan`", "`code\nspan`"),
        ("<div>\nraw\n</div>", "<div>\nraw\n</div>"),
        ("| a |\n|---|\n| b |", "| a |\n|---|\n| b |"),
        ("words[^1]\n\n[^1]: note\n    goes on\n[^2]: other", "words[^1]\n\n[^1]: note goes on\n[^2]: other"),
        ("[ref]: /x\n[other]: /y", "[ref]: /x\n[other]: /y"),
        ("Title\n=====\n", "Title\n=====\n"),
        ("words\n#Title to Ghost", "words\n#Title to Ghost"),
        ("Term\n: definition", "Term\n: definition"),
        ("> [!NOTE]\n> careful\n> there", "> [!NOTE]\n> careful there"),
        ("é\nü \U0001f600\nx", "é ü \U0001f600 x"),
        ("", ""),
        ("\n\n", "\n\n"),
    ],
)
def test_only_lines_that_were_wrapped_are_joined(text, flat):
    assert unwrapped(text) == flat


def test_a_new_card_is_the_text_unwrapped_without_the_last_newline():
    assert card_text("one\ntwo\n\nthree\n") == "one two\n\nthree"


def test_an_unchanged_block_keeps_the_line_breaks_it_has_in_ghost():
    poem = "Roses are red\nviolets are blue"
    assert (
        card_text(f"{poem}\n\nnew words\nwrapped\n", f"{poem}\n\nold words") == f"{poem}\n\nnew words wrapped"
    )


def test_an_edited_poem_stays_a_poem():
    old = "Roses are red\nviolets are blue\n\nThe end."
    assert card_text("Roses are red\nviolets are green\n\nThe end.\n", old) == (
        "Roses are red\nviolets are green\n\nThe end."
    )


def test_joining_the_lines_of_a_poem_is_an_edit():
    assert card_text("Roses are red violets are blue\n", "Roses are red\nviolets are blue") == (
        "Roses are red violets are blue"
    )


def test_a_paragraph_wrapped_in_the_file_alone_goes_home_as_ghost_has_it():
    assert card_text("one\ntwo\n\nedited\n", "one two\n\nthree") == "one two\n\nedited"


def test_the_cards_own_newline_at_the_end_is_kept():
    assert card_text("one\n\ntwo\n", "one\n") == "one\n\ntwo\n"
    assert card_text("", "one\n") == ""


def test_after_an_edit_in_ghost_only_that_block_changes_in_the_file():
    text = "# Title\n\nwrapped\nparagraph\n\n* list\n* items\n\nlast\none\n"
    old = "# Title\n\nwrapped paragraph\n\n* list\n* items\n\nlast one"
    new = "# Title\n\nwrapped paragraph\n\n* list\n* other items\n\nlast one"
    assert file_text(text, old, new) == text.replace("* items", "* other items")


def test_a_block_added_in_ghost_comes_with_an_empty_line_around_it():
    assert file_text("one\ntwo\n\nthree\n", "one two\n\nthree", "one two\n\nnew\n\nthree") == (
        "one\ntwo\n\nnew\n\nthree\n"
    )
    assert file_text("one\ntwo\n", "one two", "one two\n\nnew") == "one\ntwo\n\nnew\n"


def test_a_block_removed_in_ghost_leaves_the_others_as_they_are():
    text = "one\ntwo\n\n\nthree\n\nfour\nfive\n"
    assert file_text(text, "one two\n\n\nthree\n\nfour five", "one two\n\n\nfour five") == (
        "one\ntwo\n\n\nfour\nfive\n"
    )


def test_a_line_break_made_in_ghost_arrives():
    assert file_text("one\ntwo\n", "one two", "one\ntwo two") == "one\ntwo two\n"


def test_an_emptied_card_empties_the_file():
    assert file_text("one\n", "one", "") == ""


def test_ten_thousand_equal_paragraphs_are_no_trouble():
    text = "same\nline\n\n" * 10_000
    old = "same line\n\n" * 10_000
    new = "first\n\n" + old
    assert file_text(text, old, new) == "first\n\n" + text.rstrip("\n") + "\n\n"


def test_the_sites_own_addresses_stay_as_each_side_has_them():
    site = "http://blog.example/"
    text = "![a](/i.png)\n\n[wrapped\nlink](/x)\n\nold\n"
    held = "![a](http://blog.example/i.png)\n\n[wrapped link](http://blog.example/x)\n\nold"
    assert file_text(text, held, held.replace("old", "new"), site_url=site) == text.replace("old", "new")
    assert card_text(text.replace("old", "new"), held, site_url=site) == held.replace("old", "new")
    broken = "[two\nlines](http://blog.example/x)"
    assert card_text("[two\nlines](/x)\n", broken, site_url=site) == broken
