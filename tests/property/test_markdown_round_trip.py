"""Whole documents, there and back."""

from __future__ import annotations

from hypothesis import given
from strategies import inline, lexical_documents, markdown_documents

from ghostsync.content.lexical import same
from ghostsync.content.markdown import read_blocks, read_markdown, write_markdown
from ghostsync.content.markdown.inline import _Reader
from ghostsync.content.markdown.inline_spelling import spell_any
from ghostsync.content.markdown.inline_usual import has_lone_marks, read_usual
from ghostsync.content.markdown.parser import encode, events
from ghostsync.content.markdown.usual_spelling import spell_usual


@given(lexical_documents)
def test_any_lexical_document_comes_back_the_same(document):
    text = write_markdown(document)
    assert same(read_markdown(text), document)


@given(lexical_documents)
def test_writing_what_was_read_changes_nothing(document):
    text = write_markdown(document)
    assert write_markdown(read_markdown(text)) == text


@given(markdown_documents)
def test_any_markdown_means_the_same_after_one_round(text):
    document = read_markdown(text)
    assert same(read_markdown(write_markdown(document)), document)


@given(markdown_documents)
def test_the_sources_of_all_blocks_are_the_whole_text(text):
    assert "".join(block.source for block in read_blocks(text)) == text


@given(markdown_documents)
def test_the_quick_pass_reads_what_the_whole_reader_reads(text):
    parsed, data = encode(text)
    pairs = list(events(parsed))
    for index, (event, _) in enumerate(pairs):
        if event == {"Start": "Paragraph"}:
            end = next(n for n in range(index, len(pairs)) if pairs[n][0] == {"End": "Paragraph"})
            begin, stop = pairs[index + 1][1]["start"], pairs[end - 1][1]["end"]
            quick = read_usual(pairs, index + 1, end, data, marks=not has_lone_marks(data, begin, stop))
            if quick is not None:
                assert quick == _Reader(data).read(pairs, index + 1, end, "")


@given(inline)
def test_the_quick_spelling_is_the_whole_spelling(children):
    quick = spell_usual(children)
    if quick is not None:
        assert quick == spell_any(children, 0)
