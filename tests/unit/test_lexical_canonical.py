"""Which Lexical nodes mean the same to Ghost."""

from __future__ import annotations

import pytest

from ghostsync.content.lexical import canonical, empty_root, nodes, root, same


def paragraph(*texts):
    return nodes.paragraph([nodes.text(text, format) for text, format in texts])


def test_one_run_cut_into_several_text_nodes_is_one_text():
    assert canonical(paragraph(("ab", 1), ("", 0), ("cd", 1))) == canonical(paragraph(("abcd", 1)))


@pytest.mark.parametrize(
    ("type", "key"),
    [("image", "caption"), ("video", "caption"), ("embed", "caption"), ("product", "productDescription"), ("call-to-action", "textValue"), ("signup", "disclaimer")],
)  # fmt: skip
def test_text_in_a_card_is_compared_as_what_it_shows(type, key):
    written = nodes.card(type, **{key: "a <em>b</em>"})
    saved = nodes.card(
        type,
        **{
            key: '<span style="white-space: pre-wrap;">a </span><i><em style="white-space: pre-wrap;">b</em></i>'
        },
    )
    assert canonical(written) == canonical(saved)
    assert canonical(written) != canonical(nodes.card(type, **{key: "a b"}))


def test_a_different_format_is_a_difference():
    assert canonical(paragraph(("ab", 1))) != canonical(paragraph(("ab", 2)))


@pytest.mark.parametrize(
    ("old", "new"), [("text", "extended-text"), ("heading", "extended-heading"), ("quote", "extended-quote")]
)
def test_the_old_names_of_types_mean_the_new_ones(old, new):
    assert canonical({"type": old, "version": 1}) == canonical({"type": new, "version": 1})


def test_direction_is_ignored_and_alignment_is_not():
    node = paragraph(("a", 0))
    assert canonical({**node, "direction": "rtl"}) == canonical(node)
    assert canonical({**node, "format": "center"}) != canonical(node)


def test_what_ghost_fills_in_is_no_difference():
    short = {"type": "image", "version": 1, "src": "a.png"}
    assert canonical(short) == canonical(nodes.image("a.png"))
    assert canonical(short) != canonical(nodes.image("a.png", cardWidth="wide"))


def test_visibility_for_everyone_is_the_default_of_an_html_card():
    everyone = {
        "web": {"nonMember": True, "memberSegment": "status:free,status:-free"},
        "email": {"memberSegment": "status:free,status:-free"},
    }
    assert canonical({**nodes.html("x"), "visibility": everyone}) == canonical(nodes.html("x"))
    members = {**everyone, "web": {"nonMember": False, "memberSegment": ""}}
    assert canonical({**nodes.html("x"), "visibility": members}) != canonical(nodes.html("x"))


def test_a_callout_without_emoji_is_not_one_with_the_usual_emoji():
    plain = {"type": "callout", "version": 1, "calloutText": "x"}
    assert canonical({**plain, "calloutEmoji": "💡"}) == canonical(plain)
    assert canonical({**plain, "calloutEmoji": ""}) != canonical(plain)


def test_unknown_properties_and_types_count():
    assert canonical({"type": "new", "version": 1, "a": 1}) != canonical(
        {"type": "new", "version": 1, "a": 2}
    )
    assert canonical({**paragraph(("a", 0)), "new": 1}) != canonical(paragraph(("a", 0)))


def test_true_is_not_one_and_a_list_is_not_an_object():
    def form(value):
        return canonical({"type": "new", "x": value})

    assert form(True) != form(1)
    assert form([]) != form({})
    assert form(["object"]) != form({"object": None})


def test_numbers_and_indents_of_list_items_follow_from_their_place():
    item = nodes.list_item([nodes.text("a")])
    assert canonical({**item, "value": 7, "indent": 3}) == canonical(item)


def test_the_editors_wrappers_in_a_caption_are_no_difference():
    wrapped = '<b><strong style="white-space: pre-wrap;">By</strong></b><span style="white-space: pre-wrap;"> me &amp; you</span>'
    assert canonical(nodes.image("a", caption=wrapped)) == canonical(
        nodes.image("a", caption="<strong>By</strong> me &amp; you")
    )
    assert canonical(nodes.image("a", caption=wrapped)) != canonical(
        nodes.image("a", caption="By me &amp; you")
    )


def test_the_sites_own_addresses_are_root_relative_when_the_site_is_known():
    absolute = nodes.paragraph([nodes.link("https://blog.example/about/", [nodes.text("a")])])
    relative = nodes.paragraph([nodes.link("/about/", [nodes.text("a")])])
    assert canonical(absolute) != canonical(relative)
    assert canonical(absolute, site_url="https://blog.example/") == canonical(relative)
    assert canonical(absolute, site_url="https://blog.example") == canonical(relative)


def test_an_encoded_address_of_the_site_is_the_one_that_was_sent():
    sent = nodes.paragraph([nodes.link("/föö bar", [nodes.text("a")])])
    stored = nodes.paragraph([nodes.link("https://blog.example/f%C3%B6%C3%B6%20bar", [nodes.text("a")])])
    assert canonical(sent, site_url="https://blog.example/") == canonical(
        stored, site_url="https://blog.example/"
    )
    elsewhere = nodes.paragraph([nodes.link("https://other.example/f%C3%B6", [nodes.text("a")])])
    assert canonical(elsewhere, site_url="https://blog.example/") == canonical(elsewhere)


def test_an_address_in_the_text_itself_stays_what_it_is():
    node = paragraph(("see https://blog.example/about/", 0))
    assert canonical(node, site_url="https://blog.example/") == canonical(node)


def test_the_one_blank_paragraph_at_the_end_is_the_editors():
    text, blank = paragraph(("a", 0)), nodes.paragraph([])
    assert same(root([text]), root([text, blank]))
    assert same(empty_root(), root([blank]))
    assert not same(root([text, blank]), root([text, blank, blank]))
    assert not same(root([text]), root([blank, text]))


def test_nesting_far_beyond_the_stack_is_compared_all_the_same():
    def nested(text):
        node = nodes.text(text)
        for _ in range(5000):
            node = {"type": "new", "version": 1, "children": [node]}
        return node

    assert canonical(nested("a")) == canonical(nested("a"))
    assert canonical(nested("a")) != canonical(nested("b"))
    assert hash(canonical(nested("a"))) == hash(canonical(nested("a")))
