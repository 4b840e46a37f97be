"""Whole documents, there and back."""

from __future__ import annotations

from hypothesis import given
from strategies import lexical_documents, markdown_documents

from ghostsync.content.lexical import same
from ghostsync.content.markdown import read_blocks, read_markdown, write_markdown


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
