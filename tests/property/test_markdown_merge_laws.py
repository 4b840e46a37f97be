"""Three-way merge: laws that hold for any texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from strategies import markdown_documents

from ghostsync.content.markdown import merge_markdown


@given(markdown_documents, markdown_documents)
def test_a_side_without_changes_yields_the_other(base, other):
    assert merge_markdown(base, base, other) == merge_markdown(base, other, base)
    assert merge_markdown(base, base, other).text == other
    assert merge_markdown(base, other, other).text == other


@given(st.integers(2, 9), st.data())
def test_edits_of_different_blocks_are_both_there_once(count, data):
    blocks = [f"block number {n} as it was" for n in range(count)]
    mine = data.draw(st.integers(0, count - 1))
    theirs = data.draw(st.integers(0, count - 1).filter(lambda n: n != mine))
    local, remote = list(blocks), list(blocks)
    local[mine] = data.draw(st.sampled_from(["mine", "mine\n\nand more", ""]))
    remote[theirs] = data.draw(st.sampled_from(["theirs", ""]))
    expected = [local[n] if n == mine else remote[n] for n in range(count)]

    def joined(parts):
        return "\n\n".join(part for part in parts if part) + "\n"

    result = merge_markdown(joined(blocks), joined(local), joined(remote))
    assert not result.conflict
    assert result.text == joined(expected)


@given(markdown_documents, markdown_documents, markdown_documents)
def test_a_conflict_shows_what_both_sides_say_and_a_clean_merge_has_no_markers(base, local, remote):
    result = merge_markdown(base, local, remote)
    assert ("<<<<<<< file" in result.text) == result.conflict
