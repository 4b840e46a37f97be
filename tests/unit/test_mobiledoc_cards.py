"""Cards: the same properties under the same names as in Ghost's Lexical nodes, and nothing lost."""

from __future__ import annotations

import json

import pytest

from ghostsync.content.mobiledoc import lexical_to_mobiledoc, mobiledoc_to_lexical
from ghostsync.content.mobiledoc.cards import shown_by
from ghostsync.errors import ContentError

NATURAL = {
    "audio": {"src": "/a.mp3", "title": "Song", "duration": 12.5, "mimeType": "audio/mpeg"},
    "bookmark": {"url": "https://a.example/", "metadata": {"title": "T", "icon": None}, "caption": "c"},
    "before-after": {
        "beforeImage": {"src": "/b.png"},
        "afterImage": {"src": "/a.png"},
        "startingPosition": 50,
    },
    "button": {"buttonText": "Go", "buttonUrl": "/go/", "alignment": "left"},
    "callout": {"calloutText": "careful", "calloutEmoji": "!", "backgroundColor": "grey"},
    "email": {"html": "<p>Hey</p>"},
    "email-cta": {
        "html": "<p>Hey</p>",
        "segment": "status:-free",
        "alignment": "center",
        "showDividers": False,
    },
    "file": {"src": "/f.pdf", "fileTitle": "F", "fileSize": 12, "fileName": "f.pdf"},
    "gallery": {
        "images": [{"src": "/1.png", "row": 0, "width": 1, "height": 2, "fileName": "1"}],
        "caption": "g",
    },
    "header": {"header": "H", "subheader": "h", "size": "large", "style": "accent", "buttonEnabled": True},
    "html": {"html": "<section>\n\n<b>x</b></section>"},
    "image": {"src": "/i.png", "alt": "a", "cardWidth": "wide", "width": 10, "height": 20, "href": "/h"},
    "markdown": {"markdown": "| a |\n|---|\n"},
    "paywall": {},
    "product": {"productTitle": "P", "productStarRating": 3, "productRatingEnabled": True},
    "toggle": {"heading": "More", "content": "<p>less</p>"},
    "video": {"src": "/v.mp4", "width": 1, "height": 1, "duration": 3, "loop": True},
    "from-the-future": {"anything": [1, {"deep": None}]},
}


def stored(*cards):
    return json.dumps(
        {
            "version": "0.3.1",
            "markups": [],
            "atoms": [],
            "cards": list(cards),
            "sections": [[10, index] for index in range(len(cards))],
        }
    )


def node_of(name, *payload):
    (node,) = mobiledoc_to_lexical(stored([name, *payload]))["root"]["children"]
    return node


def card_of(node, **options):
    root = {"root": {"type": "root", "version": 1, "children": [node]}}
    (card,) = json.loads(lexical_to_mobiledoc(root, **options))["cards"]
    return card


@pytest.mark.parametrize(("name", "payload"), NATURAL.items())
def test_a_cards_payload_is_the_nodes_properties(name, payload):
    node = node_of(name, payload)
    assert node == {"type": name, "version": 1, **payload}


@pytest.mark.parametrize(("name", "payload"), NATURAL.items())
def test_a_card_comes_back_as_the_same_card(name, payload):
    old = mobiledoc_to_lexical(stored([name, payload]))
    edited = {**old["root"]["children"][0], "extra": "so that it is written anew"}
    assert card_of(edited, old=old) == [name, {**payload, "extra": "so that it is written anew"}]


@pytest.mark.parametrize(
    ("name", "payload", "node"),
    [
        ("hr", {}, {"type": "horizontalrule", "version": 1}),
        (
            "code",
            {"code": "x = 1", "language": "python"},
            {"type": "codeblock", "version": 1, "code": "x = 1", "language": "python"},
        ),
        (
            "embed",
            {"url": "https://v.example/", "html": "<iframe>", "type": "video"},
            {
                "type": "embed",
                "version": 1,
                "url": "https://v.example/",
                "html": "<iframe>",
                "embedType": "video",
            },
        ),
    ],
)
def test_three_cards_have_another_name_or_property_in_lexical(name, payload, node):
    assert node_of(name, payload) == node
    assert card_of(node) == [name, payload]


def test_the_card_of_ghost_1_is_a_markdown_card_and_keeps_its_name():
    payload = {"cardName": "card-markdown", "markdown": "old *words*"}
    node = node_of("card-markdown", payload)
    assert (node["type"], node["markdown"]) == ("markdown", "old *words*")
    assert card_of(node) == ["card-markdown", payload]


def test_what_ghost_left_in_cards_by_mistake_is_not_shown_to_the_author():
    assert node_of("hr", {"_config": {"url": "x"}}) == {"type": "horizontalrule", "version": 1}
    left_by_oembed = {"version": "1.0", "type": "bookmark", "url": "/u", "metadata": {"title": "t"}}
    assert node_of("bookmark", left_by_oembed) == {
        "type": "bookmark",
        "version": 1,
        "url": "/u",
        "metadata": {"title": "t"},
    }


def test_a_callout_without_emoji_does_not_get_lexicals_default_one():
    assert node_of("callout", {"calloutText": "x", "backgroundColor": "red"})["calloutEmoji"] == ""


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("paragraph", {"x": 1}),
        ("list", {"children": []}),
        ("codeblock", {"code": "x"}),
        ("strange", {"type": "inner"}),
        ("strange", {"version": 1}),
        ("strange", ["not", "an", "object"]),
        ("embed", {"embedType": "x", "type": "y"}),
        ("strange", {"children": [{"type": "text"}]}),
    ],
)
def test_a_card_that_a_node_could_not_say_is_kept_whole(name, payload):
    node = node_of(name, payload)
    assert node == {"type": "mobiledoc-card", "version": 1, "name": name, "payload": payload}
    old = mobiledoc_to_lexical(stored([name, payload], ["hr", {}]))
    assert card_of(node, old=old) == [name, payload]


def test_a_card_stored_without_a_payload_is_a_card_all_the_same():
    assert node_of("hr") == {"type": "horizontalrule", "version": 1}
    assert node_of("paywall", None) == {"type": "paywall", "version": 1}


def test_a_new_card_says_what_lexical_leaves_to_its_defaults():
    node = {"type": "callout", "version": 1, "calloutText": "x"}
    assert card_of(node) == ["callout", {"backgroundColor": "blue", "calloutEmoji": "💡", "calloutText": "x"}]


def test_an_image_of_regular_width_has_no_width_in_mobiledoc():
    node = {"type": "image", "version": 1, "src": "/i.png", "alt": "", "cardWidth": "regular", "width": None}
    assert card_of(node) == ["image", {"src": "/i.png"}]


@pytest.mark.parametrize(
    ("major", "name"), [(2, "callout"), (3, "toggle"), (2, "email"), (4, "signup"), (5, "call-to-action")]
)
def test_a_new_card_this_ghost_would_show_as_nothing_is_a_problem_by_name(major, name):
    with pytest.raises(ContentError, match=f"Ghost {major} has no card `{name}`"):
        card_of({"type": name, "version": 1}, major=major)


def test_a_card_the_post_has_already_may_be_changed_on_any_ghost():
    old = mobiledoc_to_lexical(stored(["callout", {"calloutText": "x"}]))
    changed = {
        "type": "callout",
        "version": 1,
        "calloutText": "y",
        "calloutEmoji": "",
        "backgroundColor": "red",
    }
    assert card_of(changed, old=old, major=2) == ["callout", {"calloutText": "y", "backgroundColor": "red"}]


@pytest.mark.parametrize(
    ("name", "majors"), [("html", (2, 3, 4, 5)), ("email", (3, 4, 5)), ("video", (4, 5)), ("signup", ())]
)
def test_which_ghost_shows_which_card(name, majors):
    assert tuple(major for major in (2, 3, 4, 5) if shown_by(name, major)) == majors
