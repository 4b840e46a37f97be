"""An edit inside a block in Ghost changes those words in the file, and nothing around them."""

from __future__ import annotations

import json

import pytest

from ghostsync.content.lexical import children_of, nodes, same
from ghostsync.content.markdown import read_markdown, respell


def respelled(text, change):
    """The text after `change` edited its nodes in Ghost; proves that it means what Ghost holds."""
    old = read_markdown(text)
    new = read_markdown(text)
    change(children_of(new))
    result = respell(text, old, new)
    assert same(read_markdown(result), new)
    return result


def item(value):
    return nodes.list_item([nodes.text(value)])


def relist(children, edit, place=0):
    """Edit the items of the list at this place and number them as Lexical does."""
    old = children[place]
    edit(old["children"])
    children[place] = nodes.list_node(old["listType"], old["children"], start=old["start"])


def say(node, value):
    node["children"][0]["text"] = value


LISTS = {
    "stars": "* one\n* two *odd* __marks__\n  wrapped by hand\n* three\n",
    "loose": "+ one\n\n+ two\n\n+ three\n",
    "wide": "-   one\n\n-   two\n\n-   three\n",
    "ones": "1. one\n1. two\n1. three\n",
    "brackets": "4) one\n5) two\n6) three\n",
    "indented": "  - one\n  - two\n  - three\n",
    "nested": "* one\n    + deep\n    + deeper\n* two\n* three\n",
    "quoted words": "- one \\*x\\* &amp; `y`\n- two  \n  more\n- three\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_one_edited_item_is_the_only_difference(name):
    def edit(items):
        say(items[-1], "THREE")

    text = LISTS[name]
    assert respelled(text, lambda children: relist(children, edit)) == text.replace("three", "THREE")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("stars", LISTS["stars"] + "* four\n"),
        ("loose", LISTS["loose"] + "\n+ four\n"),
        ("wide", LISTS["wide"] + "\n-   four\n"),
        ("ones", LISTS["ones"] + "1. four\n"),
        ("brackets", LISTS["brackets"] + "7) four\n"),
        ("indented", LISTS["indented"] + "  - four\n"),
        ("nested", LISTS["nested"] + "* four\n"),
    ],
)
def test_an_added_item_looks_like_its_neighbours(name, expected):
    result = respelled(
        LISTS[name], lambda children: relist(children, lambda items: items.append(item("four")))
    )
    assert result == expected


@pytest.mark.parametrize("name", ["stars", "loose", "wide", "ones", "indented", "nested"])
def test_an_item_put_first_leaves_the_lines_of_the_others(name):
    text = LISTS[name]
    result = respelled(text, lambda children: relist(children, lambda items: items.insert(0, item("zero"))))
    assert result.endswith(text.lstrip())
    assert result.count("\n") - text.count("\n") in (1, 2)


@pytest.mark.parametrize("name", ["stars", "loose", "wide", "ones", "indented", "nested"])
def test_a_deleted_item_takes_its_own_lines_along(name):
    text = LISTS[name]
    result = respelled(text, lambda children: relist(children, lambda items: items.pop()))
    assert result.rstrip("\n") == text[: text.index("three")].rstrip("+*-1. \n")


def test_a_nested_item_is_added_in_the_authors_indentation():
    def edit(items):
        relist(items[1]["children"], lambda nested: nested.append(item("deepest")))

    text = LISTS["nested"]
    assert respelled(text, lambda children: relist(children, edit)) == text.replace(
        "deeper\n", "deeper\n    + deepest\n"
    )


def test_a_word_changed_in_a_wrapped_paragraph_keeps_its_lines_and_marks():
    text = (
        "A paragraph  with *odd* __marks__,\nwrapped by _hand_ and\nwith [a link][ref] in it.\n\n[ref]: /x\n"
    )

    def change(children):
        inner = children[0]["children"]
        say_at = next(node for node in inner if "wrapped by" in node.get("text", ""))
        say_at["text"] = say_at["text"].replace("wrapped", "folded")

    assert respelled(text, change) == text.replace("wrapped", "folded")


def test_a_word_made_bold_in_ghost_is_the_only_difference():
    def change(children):
        children[0]["children"] = [nodes.text("one "), nodes.text("two", 1), nodes.text(" three four")]

    assert respelled("one two\nthree four\n", change) == "one **two**\nthree four\n"


def test_a_cell_changed_in_a_tables_card_keeps_the_authors_columns():
    text = "| a   |   b |\n|:----|----:|\n| one | two |\n"

    def change(children):
        children[0]["markdown"] = children[0]["markdown"].replace("two", "2")

    assert respelled(text, change) == text.replace("two", "2")


def test_a_heading_keeps_its_underline_and_a_quote_its_lazy_lines():
    def change(children):
        say(children[0], "A new title")
        say(children[1], "said and done again")

    text = "A title\n=======\n\n> said and\ndone\n"
    assert respelled(text, change) == "A new title\n=======\n\n> said and\ndone again\n"


def test_an_edited_block_beside_a_new_one_is_still_known():
    def change(children):
        say(children[1], "second paragraph, wrapped and edited")
        children.insert(1, nodes.paragraph([nodes.text("brand new")]))

    text = "first\n\nsecond paragraph,\nwrapped\n\nthird\n"
    assert respelled(text, change) == (
        "first\n\nbrand new\n\nsecond paragraph,\nwrapped and edited\n\nthird\n"
    )


def test_words_with_nothing_in_common_are_written_anew():
    def change(children):
        children[0] = nodes.paragraph([nodes.text("entirely different")])

    assert respelled("some __odd__\nspelling\n", change) == "entirely different\n"


NOTES = "First[^a] text.\n\nMore[^b] text.\n\nplain\n\n[^a]: The note\n    of *one*.\n[^b]: Another.\n"


def replaced(old, new, place):
    def change(children):
        children[place]["markdown"] = children[place]["markdown"].replace(old, new)

    return change


def test_a_footnote_edited_in_its_card_changes_its_definition_alone():
    assert respelled(NOTES, replaced("Another", "A better one", 1)) == NOTES.replace(
        "Another", "A better one"
    )
    assert respelled(NOTES, replaced("The note", "A note", 0)) == NOTES.replace("The note", "A note")


def test_a_footnote_and_its_text_edited_together():
    def change(children):
        replaced("Another", "A better one", 1)(children)
        replaced("More", "Still more", 1)(children)

    assert respelled(NOTES, change) == NOTES.replace("Another", "A better one").replace("More", "Still more")


def test_a_footnote_added_in_a_card_is_defined_after_its_text():
    text = "First[^a] text.\n\nplain\n\n[^a]: The note.\n"

    def change(children):
        children[0]["markdown"] = "First[^a] text[^new].\n\n[^a]: The note.\n\n[^new]: Brand new."

    assert respelled(text, change) == (
        "First[^a] text[^new].\n\n[^new]: Brand new.\n\nplain\n\n[^a]: The note.\n"
    )


def test_a_footnote_that_two_cards_share_is_not_changed_for_the_other():
    text = "One[^a].\n\nTwo[^a].\n\n[^a]: Shared.\n"
    respelled(text, replaced("Shared", "Mine", 0))


@pytest.mark.parametrize(
    ("text", "said", "now", "expected"),
    [
        (
            "See http://a.b/c \\\nor Code: http://a.b/d \\\nor http://a.b/e\n",
            "Code",
            "Word",
            "See http://a.b/c \\\nor Word: http://a.b/d \\\nor http://a.b/e\n",
        ),
        (
            "Take\n[one], [two] or\n__three__.\n\n[one]: /1\n[two]: /2\n",
            "one",
            "none",
            "Take\n[none](/1), [two] or\n__three__.\n\n[one]: /1\n[two]: /2\n",
        ),
        (
            "* [a a][x] and\n  wrapped\n* [b b][y] is *x* __y__\n\n[x]: /x\n[y]: /y\n",
            "b b",
            "b c",
            "* [a a][x] and\n  wrapped\n* [b c](/y) is *x* __y__\n\n[x]: /x\n[y]: /y\n",
        ),
    ],
    ids=["bare links", "a reference", "a reference in a list"],
)
def test_an_edit_that_meets_the_authors_spelling_changes_it_there_alone(text, said, now, expected):
    old = read_markdown(text)
    new = json.loads(json.dumps(old).replace(f"{said}", f"{now}", 1))
    result = respell(text, old, new)
    assert same(read_markdown(result), new)
    assert result == expected
