"""Laws of merging inside one block."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import markdown_documents

from ghostsync.content.lexical import same
from ghostsync.content.markdown import merge_markdown, read_markdown, write_markdown
from ghostsync.content.markdown.words import merge_words

_WORDS = st.lists(st.sampled_from(["alpha", "beta", "the", "the", "*gamma*", "**delta**", "[link](/x)", "`code`"]), min_size=3, max_size=15)  # fmt: skip


@given(_WORDS, st.data())
def test_edits_of_different_words_are_both_there_once(words, data):
    words = [f"{word}{n}" if word.isalpha() else word for n, word in enumerate(words)]
    plain = [n for n, word in enumerate(words) if word[-1].isdigit()]
    edits = data.draw(st.dictionaries(st.sampled_from(plain or [0]), st.tuples(st.booleans(), st.booleans())))
    mine = {n: f"local{n}" for n, (is_mine, _) in edits.items() if is_mine}
    theirs = {n: f"ghost{n}" for n, (is_mine, _) in edits.items() if not is_mine}

    def sentence(changed):
        return "x " + " ".join(changed.get(n, word) for n, word in enumerate(words)) + " y\n"

    result = merge_markdown(sentence({}), sentence(mine), sentence(theirs))
    assert (result.text, result.conflict) == (sentence({**mine, **theirs}), False)


@given(_WORDS, st.data())
def test_one_word_edited_two_ways_is_a_conflict_that_shows_all_three(words, data):
    place = data.draw(st.integers(0, len(words) - 1))
    base = "x " + " ".join(words) + " y"
    local, remote = (
        "x " + " ".join([*words[:place], new, *words[place + 1 :]]) + " y" for new in ("mine", "theirs")
    )
    result = merge_markdown(f"a\n\n{base}\n\nb\n", f"a\n\n{local}\n\nb\n", f"a\n\n{remote}\n\nb\n")
    assert result.conflict
    assert (
        result.text
        == f"a\n\n<<<<<<< file\n{local}\n||||||| base\n{base}\n=======\n{remote}\n>>>>>>> Ghost\n\nb\n"
    )


@given(markdown_documents)
def test_a_document_spelled_anew_on_both_sides_never_conflicts(text):
    assume("]:" not in text)  # a definition is no block: what is written anew leaves it out
    anew = write_markdown(read_markdown(text))
    local = text.replace("*", "_")
    if same(read_markdown(local), read_markdown(text)):
        result = merge_markdown(text, local, anew)
        assert not result.conflict
        assert same(read_markdown(result.text), read_markdown(text))


@given(st.text("ab *\n", max_size=12), st.text("ab *\n", max_size=12), st.text("ab *\n", max_size=12))
def test_merging_words_does_not_depend_on_the_side(base, local, remote):
    assert merge_words(base, local, remote) == merge_words(base, remote, local)
    assert merge_words(base, base, remote) == remote
    assert merge_words(base, remote, remote) == remote


@given(markdown_documents, markdown_documents, markdown_documents)
def test_to_the_letter_no_edit_of_a_block_is_taken_for_spelling(base, local, remote):
    result = merge_markdown(base, local, remote, to_the_letter=True)
    assert ("<<<<<<< file" in result.text) == result.conflict
    assert merge_markdown(base, local, local, to_the_letter=True).text == local
