"""A document as a whole: title, slug, body, mode."""

from __future__ import annotations

import pytest
from front_matter_samples import ID, read, yaml

from ghostsync.model import Kind, Mode


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# The *title* & `code`\n\nText\n", "The title & code", "Text\n"),
        ("# Closed #\nText\n", "Closed", "Text\n"),
        ("The title\ncontinued\n===\n\nText\n", "The title continued", "Text\n"),
        ("Intro\n\n# Late\n\nText\n", "Late", "Intro\n\nText\n"),
        ("## Not this\n\n# This\n", "This", "## Not this\n"),
        ("```\n# not this\n```\n\n# This\n\n# Nor this\n", "This", "```\n# not this\n```\n\n# Nor this\n"),
        ("<!--\n# not this\n-->\n\n# This\n", "This", "<!--\n# not this\n-->\n"),
        ("# Only\n", "Only", ""),
        ("   #  Indented\n\nText", "Indented", "Text\n"),
        ("# &amp; \\# é 😀\n\nText 😀\n", "& # é 😀", "Text 😀\n"),
    ],
)
def test_the_first_h1_is_the_title_and_leaves_the_body(text, title, body):
    document = read(text.encode())
    assert (document.fields["title"], document.body) == (title, body)
    assert document.title_stated


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("words  \n\n", "words\n"),
        ("words    of it \n", "words    of it\n"),
        ("    code  \n\n  \n", "    code  \n"),
        ("- a\n\n\tcode\t", "- a\n\n\tcode\t\n"),
    ],
)
def test_blanks_behind_the_last_word_are_the_documents_in_code_alone(body, kept):
    assert read(yaml("title: a", body=body)).body == kept


def test_a_stated_title_leaves_the_h1_in_the_body():
    document = read(yaml("title: Stated", body="# Heading\n\nText\n"))
    assert (document.fields["title"], document.body) == ("Stated", "# Heading\n\nText\n")


@pytest.mark.parametrize(
    "body", ["Text\n", "> # quoted\n", "- # in a list\n", "#\n", "#hash\n", "    # code\n"]
)
def test_without_key_and_h1_the_files_name_is_the_title(body):
    document = read(body.encode(), path="posts/2026-01-31-my-first-post.md")
    assert document.fields == {"title": "My first post"}
    assert document.body == body
    assert not document.title_stated


def test_a_document_carries_its_bytes_kind_slug_and_id():
    data = yaml("title: a", f"ghost_id: {ID}")
    document = read(data, path="pages/about-us.md", kind=Kind.PAGE)
    assert document.data is data
    assert (document.kind, document.slug, document.ghost_id) == (Kind.PAGE, "about-us", ID)
    assert document.mode is Mode.LEXICAL


def test_a_document_that_is_not_text_still_has_a_name():
    document = read(b"\xff\xfe", path="posts/latin.md")
    assert document.problems
    assert (document.fields["title"], document.slug) == ("Latin", "latin")
