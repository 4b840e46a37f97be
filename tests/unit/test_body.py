"""Bodies in every mode and storage."""

from __future__ import annotations

import json

import pytest

from ghostsync.content.body import (
    Respelled,
    body_changed,
    body_equals,
    body_payload,
    card_of,
    default_mode,
    fresh_body,
    is_empty,
    merge_bodies,
    mode_of_pulled,
    read_stored_body,
    respell_body,
)
from ghostsync.content.lexical import empty_root, nodes, same
from ghostsync.content.markdown import read_markdown
from ghostsync.errors import ContentError
from ghostsync.model import Mode, Storage

LEXICAL, MARKDOWN, HTML = Mode.LEXICAL, Mode.MARKDOWN, Mode.HTML


def card(text, **properties):
    return nodes.root([{**nodes.markdown(text), **properties}])


def mobiledoc(*sections, cards=(), **extra):
    tables = {"markups": [], "atoms": [], "cards": list(cards)}
    return json.dumps({"version": "0.3.1", **extra, **tables, "sections": list(sections)})


def stored_card(text, **payload):
    return mobiledoc([10, 0], cards=[["markdown", {"markdown": text, **payload}]])


def held(text):
    return read_stored_body({"mobiledoc": text})[0]


NATIVE = read_markdown("# Title\n\nwords\n")
NEW_POST = nodes.root([nodes.paragraph([])])  # what Ghost 5 makes of a post without a body


# Reading what Ghost has


def test_a_lexical_body_is_read_as_it_stands():
    text = json.dumps(NATIVE)
    assert read_stored_body({"lexical": text, "mobiledoc": None}) == (NATIVE, Storage.LEXICAL)


def test_a_mobiledoc_body_is_lexical_inside_and_stays_mobiledoc_outside():
    root, storage = read_stored_body({"lexical": None, "mobiledoc": stored_card("words")})
    assert storage is Storage.MOBILEDOC
    assert same({"root": root["root"]}, card("words"))


@pytest.mark.parametrize(
    ("data", "storage"),
    [
        ({"lexical": None, "mobiledoc": None}, Storage.LEXICAL),
        ({"lexical": ""}, Storage.LEXICAL),
        ({"mobiledoc": None}, Storage.MOBILEDOC),
        ({}, Storage.MOBILEDOC),
    ],
)
def test_a_post_without_a_body_is_kept_in_the_format_of_its_ghost(data, storage):
    root, found = read_stored_body(data)
    assert found is storage
    assert is_empty(root)


@pytest.mark.parametrize(
    "lexical",
    [
        "{",
        "[" * 100_000,
        "[]",
        '"text"',
        '{"root": []}',
        '{"root": {}}',
        '{"root": {"children": {}}}',
        '{"root": {"children": ["text"]}}',
        '{"root": {"children": [{"children": []}]}}',
        '{"root": {"children": [{"type": "list", "children": [{"type": "listitem", "children": 5}]}]}}',
        {"root": {"children": []}},
    ],
)
def test_a_broken_lexical_body_is_a_problem_that_says_what_to_do(lexical):
    with pytest.raises(ContentError) as caught:
        read_stored_body({"lexical": lexical})
    assert caught.value.key == "lexical"
    assert "editor" in caught.value.remedy


@pytest.mark.parametrize("mobiledoc", ["{", {"version": "0.3.1"}])
def test_a_broken_mobiledoc_body_is_a_problem_too(mobiledoc):
    with pytest.raises(ContentError) as caught:
        read_stored_body({"mobiledoc": mobiledoc})
    assert caught.value.key == "mobiledoc"


# Modes


@pytest.mark.parametrize(
    ("major", "mode"), [(2, MARKDOWN), (3, MARKDOWN), (4, MARKDOWN), (5, LEXICAL), (6, LEXICAL), (7, LEXICAL)]
)
def test_the_default_mode_is_native_where_ghost_is(major, mode):
    assert default_mode(major) is mode


@pytest.mark.parametrize("default", list(Mode))
def test_one_markdown_card_is_its_text_on_any_site(default):
    assert mode_of_pulled(card("words"), default) is MARKDOWN
    assert mode_of_pulled(held(stored_card("words")), default) is MARKDOWN
    with_editors_line = nodes.root([nodes.markdown("words"), nodes.paragraph([])])
    assert mode_of_pulled(with_editors_line, default) is MARKDOWN


@pytest.mark.parametrize("default", list(Mode))
@pytest.mark.parametrize("empty", [empty_root(), NEW_POST, held(mobiledoc()), held(mobiledoc([1, "p", []]))])
def test_an_empty_post_takes_the_sites_mode(default, empty):
    assert mode_of_pulled(empty, default) is default


@pytest.mark.parametrize("default", [LEXICAL, MARKDOWN])
@pytest.mark.parametrize(
    "root", [NATIVE, nodes.root([nodes.markdown("a"), nodes.markdown("b")]), nodes.root([nodes.paywall()])]
)
def test_everything_else_is_native(default, root):
    assert mode_of_pulled(root, default) is LEXICAL


def test_on_an_html_site_what_html_says_in_full_is_html():
    assert mode_of_pulled(read_markdown("# Title\n\n- flat\n- list\n"), HTML) is HTML
    assert mode_of_pulled(read_markdown("- nested\n  - list\n"), HTML) is LEXICAL


def test_on_an_html_site_the_extensions_decide_what_html_says():
    code = read_markdown("```py\nx = 1\n```\n")
    assert mode_of_pulled(code, HTML) is LEXICAL
    assert mode_of_pulled(code, HTML, ("fenced_code",)) is HTML


# A new file


@pytest.mark.parametrize("text", ["# words\n", "no newline\nat the end  ", "\n\n  odd *text\n\n\n", ""])
def test_in_markdown_mode_a_new_file_has_the_cards_text_to_the_letter(text):
    body = fresh_body(held(stored_card(text)), MARKDOWN)
    assert body in (text, f"{text}\n")
    assert body == "" or body.endswith("\n")


def test_in_native_mode_a_new_file_is_markdown_that_says_the_blocks():
    assert fresh_body(NATIVE, LEXICAL) == "# Title\n\nwords\n"


def test_a_nested_list_kept_in_a_card_comes_back_as_a_list():
    payload = body_payload("words\n\n- a\n  - b\n", LEXICAL, Storage.MOBILEDOC, old=None).payload
    assert fresh_body(held(payload["mobiledoc"]), LEXICAL) == "words\n\n- a\n  - b\n"


# What changed


@pytest.mark.parametrize(
    ("base", "local", "changed"),
    [
        ("words\nwrapped\n", "words wrapped\n", False),
        ("* a\n* b\n", "- a\n- b\n", False),
        ("words\n", "other words\n", True),
        ("words\n", "", True),
        ("a  \nb\n", "a b\n", True),
    ],
)
def test_in_native_mode_another_spelling_is_no_change(base, local, changed):
    assert body_changed(base, local, LEXICAL) is changed
    assert body_changed(local, base, LEXICAL) is changed


@pytest.mark.parametrize("mode", [MARKDOWN, HTML])
def test_in_the_other_modes_the_text_is_what_counts(mode):
    assert body_changed("* a\n", "- a\n", mode)
    assert not body_changed("a\n", "a\n\n", mode)
    assert not body_changed("\na", "a\n", mode)


# A first run: is it the same already?


@pytest.mark.parametrize(
    ("text", "root", "mode", "equal"),
    [
        ("# Title\n\nwords\n", NATIVE, LEXICAL, True),
        ("Title\n=====\n\nwords\n", NATIVE, LEXICAL, True),
        ("# Title\n\nwords", card("# Title\n\nwords"), LEXICAL, False),
        ("words\n", NATIVE, LEXICAL, False),
        ("", NEW_POST, LEXICAL, True),
        ("words\nwrapped\n", card("words wrapped"), MARKDOWN, True),
        ("words\nbroken\n", card("words\nbroken\n"), MARKDOWN, True),
        ("words broken\n", card("words\nbroken"), MARKDOWN, False),
        ("# Title\n\nwords\n", NATIVE, MARKDOWN, False),
        ("", empty_root(), MARKDOWN, True),
        ("x", empty_root(), MARKDOWN, False),
        ("# Title\n\nwords\n", NATIVE, HTML, True),
        ("# Title\n\nother\n", NATIVE, HTML, False),
        ("<!-- only a remark -->\n", NEW_POST, HTML, True),
        ("words\n", NEW_POST, HTML, False),
    ],
)
def test_a_file_equals_a_post_only_if_it_says_the_same(text, root, mode, equal):
    assert body_equals(text, root, mode) is equal


@pytest.mark.parametrize("mode", [LEXICAL, MARKDOWN])
def test_the_sites_own_addresses_are_equal_absolute_and_relative(mode):
    there = "[x](http://blog.example/x/)"
    root = card(there) if mode is MARKDOWN else read_markdown(there)
    assert body_equals("[x](/x/)\n", root, mode, site_url="http://blog.example/")
    assert not body_equals("[x](/x/)\n", root, mode, site_url="http://other.example/")
    assert not body_equals("[x](/x/)\n", root, mode)


def test_a_nested_list_equals_the_card_that_stands_for_it():
    source = "* a\n  * b\n"
    payload = body_payload(source, LEXICAL, Storage.MOBILEDOC, old=None).payload
    assert body_equals(source, held(payload["mobiledoc"]), LEXICAL)


# Ghost's body changed


def test_in_native_mode_unchanged_blocks_keep_their_spelling():
    text = "Title\n=====\n\nwrapped\nwords\n\n* item\n"
    old = read_markdown(text)
    new = nodes.root([*old["root"]["children"][:2], nodes.paragraph([nodes.text("new")])])
    assert respell_body(text, old, new, LEXICAL) == Respelled(
        "Title\n=====\n\nwrapped\nwords\n\nnew\n", LEXICAL
    )


def test_on_mobiledoc_a_list_kept_in_a_card_keeps_its_spelling():
    text = "*   a\n    *   b\n\nold\n"
    before = held(body_payload(text, LEXICAL, Storage.MOBILEDOC, old=None).payload["mobiledoc"])
    after = held(
        body_payload("*   a\n    *   b\n\nnew\n", LEXICAL, Storage.MOBILEDOC, old=before).payload["mobiledoc"]
    )
    assert respell_body(text, before, after, LEXICAL) == Respelled("*   a\n    *   b\n\nnew\n", LEXICAL)


def test_in_markdown_mode_the_cards_new_text_arrives_and_the_wrapping_stays():
    text = "wrapped\nwords\n\nold\n"
    result = respell_body(text, card("wrapped words\n\nold"), card("wrapped words\n\nnew"), MARKDOWN)
    assert result == Respelled("wrapped\nwords\n\nnew\n", MARKDOWN)


def test_in_markdown_mode_an_emptied_post_is_an_empty_text():
    assert respell_body("words\n", card("words"), NEW_POST, MARKDOWN) == Respelled("", MARKDOWN)
    assert respell_body("", NEW_POST, card("words"), MARKDOWN) == Respelled("words\n", MARKDOWN)


def test_a_card_that_became_blocks_changes_the_mode_and_keeps_the_spelling():
    text = "Title\n=====\n\nwrapped\nwords\n"
    new = nodes.root([*read_markdown(text)["root"]["children"], nodes.paywall()])
    result = respell_body(text, card("Title\n=====\n\nwrapped words"), new, MARKDOWN)
    assert result == Respelled(f"{text}\n<!--members-only-->\n", LEXICAL)


def test_an_html_body_stays_html_until_it_holds_what_html_would_lose():
    text = "some\nwords\n\nold\n"
    old = read_markdown(text)
    words = old["root"]["children"][0]
    plain = nodes.root([words, nodes.paragraph([nodes.text("new")])])
    assert respell_body(text, old, plain, HTML) == Respelled("some\nwords\n\nnew\n", HTML)
    table_made_by_ghost = nodes.html("<table></table>")
    with_table = nodes.root([*old["root"]["children"], table_made_by_ghost])
    edited = nodes.root([*plain["root"]["children"], table_made_by_ghost])
    assert respell_body(text + "\na | b\n--|--\n", with_table, edited, HTML).mode is HTML
    with_card = nodes.root([words, nodes.card("callout", calloutText="new")])
    result = respell_body(text, old, with_card, HTML)
    assert result.mode is LEXICAL
    assert result.text.startswith("some\nwords\n\n")
    assert same(read_markdown(result.text), with_card)


# What is sent


def lexical_sent(text, mode=LEXICAL, old=None, **options):
    sent = body_payload(text, mode, Storage.LEXICAL, old=old, **options)
    assert set(sent.payload) == {"lexical"}
    assert not sent.source_html
    return json.loads(sent.payload["lexical"])


def mobiledoc_sent(text, mode=MARKDOWN, old=None, **options):
    sent = body_payload(text, mode, Storage.MOBILEDOC, old=old, **options)
    assert set(sent.payload) == {"mobiledoc"}
    assert not sent.source_html
    return json.loads(sent.payload["mobiledoc"])


def test_native_blocks_are_sent_as_lexical():
    assert same(lexical_sent("# Title\n\nwords\n"), NATIVE)


def test_blocks_that_did_not_change_go_home_with_all_their_properties():
    from_editor = {**nodes.paragraph([nodes.text("words")]), "direction": "ltr"}
    old = nodes.root([from_editor, nodes.paragraph([nodes.text("old")])], direction="ltr")
    sent = lexical_sent("words\n\nnew\n", old=old)
    assert sent["root"]["children"][0] == from_editor
    assert sent["root"]["direction"] == "ltr"
    assert same(sent, read_markdown("words\n\nnew\n"))


def test_in_markdown_mode_the_text_is_one_card():
    sent = lexical_sent("wrapped\nwords\n", MARKDOWN)
    assert sent["root"]["children"] == [nodes.markdown("wrapped words")]


def test_a_card_keeps_what_else_it_holds():
    old = card("old", fromTheFuture=True)
    (node,) = lexical_sent("new\n", MARKDOWN, old)["root"]["children"]
    assert node == {**nodes.markdown("new"), "fromTheFuture": True}


def test_on_mobiledoc_a_markdown_body_is_one_markdown_card():
    assert mobiledoc_sent("# Words\n") == {
        "version": "0.3.1",
        "markups": [],
        "atoms": [],
        "cards": [["markdown", {"markdown": "# Words"}]],
        "sections": [[10, 0]],
    }


def test_a_post_kept_as_mobiledoc_is_sent_mobiledoc_in_every_mode_but_html():
    old = held(stored_card("old"))
    for mode in (LEXICAL, MARKDOWN):
        sent = body_payload("new\n", mode, Storage.MOBILEDOC, old=old)
        assert set(sent.payload) == {"mobiledoc"}


def test_what_stands_beside_the_body_of_a_mobiledoc_stays():
    old = held(
        mobiledoc(
            [10, 0],
            [1, "p", []],
            cards=[["card-markdown", {"cardName": "card-markdown", "markdown": "old"}]],
            ghostVersion="3.0",
        )
    )
    sent = mobiledoc_sent("new\n", MARKDOWN, old)
    assert sent["ghostVersion"] == "3.0"
    assert sent["cards"] == [["card-markdown", {"cardName": "card-markdown", "markdown": "new"}]]
    assert sent["sections"] == [[10, 0], [1, "p", []]]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("text", ["", "\n", "  \n\n"])
def test_an_empty_text_is_an_empty_document(mode, text):
    assert is_empty(lexical_sent(text, mode, card("old")))
    assert mobiledoc_sent(text, mode, held(stored_card("old")))["sections"] == [[1, "p", []]]


def test_in_html_mode_the_rendering_is_sent():
    sent = body_payload("| a |\n|---|\n| b |\n", HTML, Storage.LEXICAL, old=None, html_extensions=("tables",))
    assert sent.source_html
    assert sent.payload["html"].startswith("<table>")


def test_in_html_mode_a_body_of_remarks_alone_is_an_empty_document():
    assert is_empty(lexical_sent("<!-- nothing yet -->\n", HTML))


def test_an_extension_that_is_not_there_is_a_problem_before_anything_is_sent():
    with pytest.raises(ContentError, match="no_such"):
        body_payload("x", HTML, Storage.LEXICAL, old=None, html_extensions=("no_such",))


def test_a_card_that_an_old_ghost_would_show_as_nothing_is_a_problem():
    text = "```ghost callout\ncalloutText: x\n```\n"
    with pytest.raises(ContentError, match="callout"):
        body_payload(text, LEXICAL, Storage.MOBILEDOC, old=None, major=2)
    assert mobiledoc_sent(text, LEXICAL, major=4)["cards"][0][0] == "callout"


@pytest.mark.parametrize(
    ("base", "local", "remote", "text", "conflict"),
    [
        ("a\n\nb\n", "A\n\nb\n", "a\n\nB\n", "A\n\nB\n", False),
        ("a\n", "a\n", "b\n", "b\n", False),
    ],
)
def test_different_blocks_merge(base, local, remote, text, conflict):
    merged = merge_bodies(base, local, remote, Mode.LEXICAL)
    assert (merged.text, merged.conflict) == (text, conflict)


def test_in_markdown_mode_a_line_end_is_an_edit_for_it_shows_on_the_page():
    merged = merge_bodies("a b\n\nc\n", "a b\n\nC\n", "a\nb\n\nc\n", MARKDOWN)
    assert (merged.text, merged.conflict) == ("a\nb\n\nC\n", False)


def test_one_block_changed_on_both_sides_is_a_conflict():
    assert merge_bodies("a\n", "b\n", "c\n", Mode.LEXICAL).conflict


def test_a_markdown_card_of_which_a_text_cannot_say_all_is_native():
    assert mode_of_pulled(card("words", new=1), LEXICAL) is LEXICAL


def test_a_document_that_nests_deeper_than_any_page_is_a_problem():
    node = nodes.text("a")
    for _ in range(350):
        node = {"type": "aside", "version": 1, "children": [node]}
    with pytest.raises(ContentError, match="nest 351 deep"):
        read_stored_body({"lexical": json.dumps(nodes.root([node]))})


@pytest.mark.parametrize(
    ("root", "text"),
    [(card("x"), "x"), (NATIVE, None), (nodes.root([nodes.markdown("x"), nodes.markdown("y")]), None)],
)
def test_which_bodies_are_one_card(root, text):
    found = card_of(root)
    assert (found and found["markdown"]) == text
