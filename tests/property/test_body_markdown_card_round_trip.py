"""The text of a Markdown card, there and back, over any text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.content.markdown_card import card_text, file_text, unwrapped

LINE = st.sampled_from(
    [
        *(
            "words",
            "more *words*",
            "`code",
            "and` more",
            "[a",
            "link](/x)",
            "hard  ",
            "slash\\",
            "\\*",
            "&amp;",
        ),
        *(
            "> quote",
            "> > deep",
            "- item",
            "  goes on",
            "    deep",
            "1. one",
            "```",
            "~~~",
            "# Head",
            "#Lazy",
        ),
        *(
            "===",
            "---",
            "| a | b |",
            "|---|---|",
            "[ref]: /x",
            "[^1]: note",
            "[^1]",
            "<div>",
            "</div>",
            ": def",
        ),
        *("", "", "", " ", "\t", "é", "[!NOTE]"),
    ]
)
TEXT = st.lists(LINE, max_size=12).map("\n".join)


def ended(text):
    stripped = text.strip("\n")
    return f"{stripped}\n" if stripped else ""


@settings(deadline=None)  # a busy machine is no defect
@given(TEXT)
def test_unwrapping_leaves_nothing_to_unwrap(text):
    once = unwrapped(text)
    assert unwrapped(once) == once


@settings(deadline=None)  # a busy machine is no defect
@given(TEXT.map(ended))
def test_what_was_sent_does_not_change_the_file_it_came_from(text):
    card = card_text(text)
    assert file_text(text, card, card) == text
    assert card_text(text, card) == card


@settings(deadline=None)  # a busy machine is no defect
@given(TEXT.map(ended), TEXT)
def test_what_came_from_ghost_goes_home_exact(text, new):
    pulled = file_text(text, card_text(text), new)
    assert card_text(pulled, new) == new


def lines(text):
    """Without empty lines: between two blocks there may be more or fewer of them."""
    return [line for line in unwrapped(text).split("\n") if line.strip()]


@settings(deadline=None)  # a busy machine is no defect
@given(TEXT, TEXT.map(ended))
def test_after_a_push_ghost_and_file_say_the_same(old, text):
    assert lines(card_text(text, old)) == lines(text)
