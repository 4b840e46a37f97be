"""Links that stand alone, and the cards that stand for them."""

import json

import pytest

from ghostsync.content.bare_links import (
    address_of,
    bare_links,
    card_from,
    folded,
    standing_for,
    unfolded,
)
from ghostsync.content.lexical import canonical, nodes, root
from ghostsync.content.markdown import read_markdown

URL = "https://example.com/a"
BOOKMARK = nodes.card("bookmark", url=URL, metadata={"title": "A"}, caption="")
EMBED = nodes.card("embed", url=URL, embedType="video", html="<iframe>", metadata={}, caption="")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (URL, (URL,)),
        (f"<{URL}>", (URL,)),
        (f"Text.\n\n{URL}\n\n<{URL}?b=c&d>\n", (URL, f"{URL}?b=c&d")),
        (f"{URL}  \n\nText.", (URL,)),
        ("http://localhost:8080/x_y_z", ("http://localhost:8080/x_y_z",)),
        ("https://youtu.be/TK-1", ("https://youtu.be/TK-1",)),
        (f"See {URL}", ()),
        (f"{URL}\nand more", ()),
        (f"{URL}\n{URL}", ()),
        (f"[{URL}]({URL})", ()),
        (f"[a]({URL})", ()),
        (f"- {URL}", ()),
        (f"> {URL}", ()),
        (f"    {URL}", ()),
        (f"```\n{URL}\n```", ()),
        (f"# {URL}", ()),
        (f"\\{URL}", ()),
        (f"{URL}.", ()),
        (f"**{URL}**", ()),
        ("www.example.com", ()),
        ("me@example.com", ()),
        ("ftp://example.com/", ()),
        (f"{URL}<!--format=center-->", ()),
    ],
)
def test_a_link_stands_alone_when_it_is_a_paragraph_and_shows_its_address(text, found):
    assert bare_links(text) == found


def test_a_link_with_a_property_of_its_own_is_not_plain():
    (node,) = read_markdown(f'<a href="{URL}" target="_blank">{URL}</a>')["root"]["children"]
    assert address_of(node) == ""


def test_a_bookmark_is_what_the_editor_makes_of_the_answer():
    answer = {
        "type": "bookmark",
        "url": URL,
        "metadata": {"title": "A", "author": None, "url": URL, "icon": "i"},
    }
    told = {"icon": "i", "title": "A", "description": "", "author": "", "publisher": "", "thumbnail": ""}
    assert card_from(URL, answer) == nodes.card("bookmark", url=URL, metadata=told, caption="")


def test_an_embed_keeps_the_whole_answer():
    answer = {"type": "rich", "html": "<b>", "width": 3, "title": "T"}
    assert card_from(URL, answer) == nodes.card(
        "embed", url=URL, embedType="rich", html="<b>", metadata=answer, caption=""
    )


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"type": "bookmark"},
        {"type": "bookmark", "metadata": {"title": ""}},
        {"type": "photo", "url": "x"},
        {"type": "video", "html": ""},
        {"type": 3, "html": "x"},
        {"errors": []},
    ],
)
def test_an_answer_with_nothing_to_show_makes_no_card(answer):
    assert card_from(URL, answer) is None


def test_cards_go_and_come_back_to_the_last_property():
    post = root([nodes.paragraph(nodes.texts("x")), {**BOOKMARK, "new": 1}, EMBED])
    cards = standing_for([URL, URL], post, {})
    body, kept = folded(post, cards)
    assert [address_of(node) for node in body["root"]["children"]] == ["", URL, URL]
    assert json.loads(unfolded(json.dumps(body), kept)) == post


def test_a_card_that_the_file_spells_out_does_not_stand_for_a_link_beside_it():
    plain = read_markdown(URL)["root"]["children"][0]
    assert standing_for([URL], root([BOOKMARK, plain]), {}) == {}
    assert standing_for([URL, URL], root([BOOKMARK, plain]), {}) == {canonical(BOOKMARK): URL}


def test_a_card_of_another_address_is_known_by_what_ghost_answered():
    elsewhere = {**BOOKMARK, "url": "https://example.com/redirected"}
    assert standing_for([URL], root([elsewhere]), {}) == {}
    assert standing_for([URL], root([elsewhere]), {URL: elsewhere}) == {canonical(elsewhere): URL}


def test_a_body_without_cards_is_the_same_object():
    post = root([BOOKMARK])
    assert folded(post, {})[0] is post
