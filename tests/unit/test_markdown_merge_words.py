"""The same block edited on both sides: words merge, overlapping words show, spelling alone never conflicts."""

from __future__ import annotations

import pytest

from ghostsync.content.markdown import merge_markdown
from ghostsync.content.markdown.words import merge_words


@pytest.mark.parametrize(
    ("base", "local", "remote", "expected"),
    [
        ("The quick brown fox.", "The slow brown fox.", "The quick brown dog.", "The slow brown dog."),
        ("one two three", "ONE two three", "one TWO three", "ONE TWO three"),
        ("one two three", "zero one two three", "one two three four", "zero one two three four"),
        ("one two three four", "two three four", "one two three 4", "two three 4"),
        ("a long line of words", "a long\nline of words", "a long line of letters", "a long\nline of letters"),
        ("plain bold plain", "plain **bold** plain", "plain bold PLAIN", "plain **bold** PLAIN"),
        ("see [it](/a) now", "see [it](/b) now", "look [it](/a) now", "look [it](/b) now"),
        ("- a\n- b\n- c", "- A\n- b\n- c", "- a\n- b\n- C", "- A\n- b\n- C"),
        ("- a\n- b", "- a\n- b\n- c", "- A\n- b", "- A\n- b\n- c"),
        ("| a | b |\n|---|---|\n| c | d |", "| A | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| c | D |",
         "| A | b |\n|---|---|\n| c | D |"),
        ("```py\na = 1\nb = 2\n```", "```py\na = 3\nb = 2\n```", "```py\na = 1\nb = 4\n```", "```py\na = 3\nb = 4\n```"),
        ("今日は良い天気", "昨日は良い天気", "今日は良い人気", "昨日は良い人気"),
        ("one two", "# one two", "one 2", "# one 2"),
        ("x[^1]\n\n[^1]: a note here", "x[^1]\n\n[^1]: the note here", "x[^1]\n\n[^1]: a note there", "x[^1]\n\n[^1]: the note there"),
    ],
)  # fmt: skip
def test_words_that_do_not_overlap_merge(base, local, remote, expected):
    result = merge_markdown(f"before\n\n{base}\n", f"before\n\n{local}\n", f"before\n\n{remote}\n")
    assert (result.text, result.conflict) == (f"before\n\n{expected}\n", False)
    assert merge_markdown(base, remote, local).text == expected


@pytest.mark.parametrize(
    ("base", "local", "remote"),
    [
        ("one two three", "one 2 three", "one II three"),
        ("one two three", "one three", "one TWO three"),
        ("one three", "one two three", "one 2 three"),
        ("one two three", "one **two** three", "one 2 three"),
        ("a b c d", "a **b c** d", "a **b** c d"),
        ("a b c d", "a *b c* d", "a b *c d*"),
        ("a b", "a", "a b c"),
        ("see [it](/a)", "see [it](/b)", "see [it](/c)"),
        ("a `b` c", "a ``b` c", "a `b`` c"),
    ],
)
def test_overlapping_words_are_a_conflict_of_that_block_alone(base, local, remote):
    result = merge_markdown(f"x\n\n{base}\n\ny\n", f"X\n\n{local}\n\ny\n", f"x\n\n{remote}\n\nY\n")
    assert result.conflict
    assert result.text == (
        f"X\n\n<<<<<<< file\n{local}\n||||||| base\n{base}\n=======\n{remote}\n>>>>>>> Ghost\n\nY\n"
    )


@pytest.mark.parametrize(
    ("base", "local", "remote", "expected"),
    [
        ("a *b* c d", "a _b_ c d", "a <em>b</em> c d", "a _b_ c d"),
        ("- a\n- b", "* a\n* b", "+ a\n+ b", "* a\n* b"),
        ("# T", "T\n=", "# T #", "T\n="),
        ("a *b* c d", "a _b_ c d", "new words", "new words"),
        ("a *b* c d", "my words", "a _b_ c d", "my words"),
        ("a *b* c d", "a _b_ c d", "a *b* c D", "a _b_ c D"),
        ("a *b* c d", "a *b*\nc d", "", ""),
        ("a *b* c d", "new *b* c d", "new _b_ c d", "new *b* c d"),
    ],
)
def test_spelling_alone_never_conflicts_and_the_files_wins(base, local, remote, expected):
    def document(block):
        return f"x\n\n{block}\n\ny\n" if block else "x\n\ny\n"

    result = merge_markdown(document(base), document(local), document(remote))
    assert (result.text, result.conflict) == (document(expected), False)


def test_to_the_letter_a_line_end_is_an_edit():
    base, local, remote = "a b c d\n", "a\nb c d\n", "a b c\nd\n"
    assert merge_markdown(base, local, remote, to_the_letter=True).text == "a\nb c\nd\n"
    assert merge_markdown(base, "a\nb c d\n", "a\\\nb c d\n", to_the_letter=True).conflict


def test_a_paragraph_split_on_one_side_takes_a_word_of_the_other():
    result = merge_markdown("one two. three four.\n", "one two.\n\nthree four.\n", "one two. three 4.\n")
    assert (result.text, result.conflict) == ("one two.\n\nthree 4.\n", False)


def test_a_very_long_block_is_a_conflict_rather_than_a_wait():
    base = "word " * 50_000
    assert merge_words(base, "new " + base, base + " new") is None
