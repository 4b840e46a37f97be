"""Lexical -> HTML and HTML -> Lexical in the sandbox, as far as real Ghost was seen to give the same."""

from __future__ import annotations

import json

import pytest

from ghostsync.sandbox.convert import from_html
from ghostsync.sandbox.render import to_html, to_plaintext


def text(words, format=0):
    return {"type": "text", "text": words, "format": format}


def page(*nodes):
    return {"root": {"type": "root", "children": list(nodes)}}


@pytest.mark.parametrize(
    ("node", "html"),
    [
        (
            {"type": "heading", "tag": "h2", "children": [text('A & <b> "q" it\'s')]},
            '<h2 id="a-b-q-its">A &amp; &lt;b&gt; "q" it\'s</h2>',
        ),
        (
            {
                "type": "paragraph",
                "children": [
                    text("b", 3),
                    {"type": "linebreak"},
                    text("c", 16),
                    {"type": "link", "url": "/about/", "children": [text("l")]},
                    text("s", 4),
                    text("m", 128),
                    text("u", 8),
                ],
            },
            (
                '<p><strong><em>b</em></strong><br><code>c</code><a href="/about/">l</a>'
                "<s>s</s><mark>m</mark><u>u</u></p>"
            ),
        ),
        (
            {
                "type": "list",
                "tag": "ul",
                "children": [
                    {"type": "listitem", "children": [text("i")]},
                    {
                        "type": "listitem",
                        "children": [
                            {
                                "type": "list",
                                "tag": "ol",
                                "children": [{"type": "listitem", "children": [text("n")]}],
                            }
                        ],
                    },
                ],
            },
            "<ul><li>i<ol><li>n</li></ol></li></ul>",
        ),
        ({"type": "quote", "children": [text("q")]}, "<blockquote>q</blockquote>"),
        (
            {"type": "aside", "children": [text("a")]},
            '<blockquote class="kg-blockquote-alt">a</blockquote>',
        ),
        (
            {"type": "codeblock", "code": "x<1", "language": "py"},
            '<pre><code class="language-py">x&lt;1</code></pre>',
        ),
        ({"type": "horizontalrule"}, "<hr>"),
        ({"type": "paywall"}, "<!--members-only-->"),
        (
            {"type": "image", "src": "/a.png", "alt": "A", "caption": "C", "width": 3, "height": 2},
            (
                '<figure class="kg-card kg-image-card kg-card-hascaption"><img src="/a.png" class="kg-image" alt="A" '
                'loading="lazy" width="3" height="2"><figcaption>C</figcaption></figure>'
            ),
        ),
        (
            {"type": "callout", "calloutText": "T", "calloutEmoji": "💡", "backgroundColor": "blue"},
            (
                '<div class="kg-card kg-callout-card kg-callout-card-blue"><div class="kg-callout-emoji">💡</div>'
                '<div class="kg-callout-text">T</div></div>'
            ),
        ),
        (
            {"type": "html", "html": "<div>raw</div>"},
            "\n<!--kg-card-begin: html-->\n<div>raw</div>\n<!--kg-card-end: html-->\n",
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_a_node_is_rendered_as_ghost_renders_it(node, html):
    assert to_html(page(node)) == html


def test_an_empty_paragraph_is_no_html_at_all():
    assert to_html(page({"type": "paragraph", "children": []})) is None
    assert to_plaintext(None) is None


def test_plaintext_has_no_markup_and_no_entities():
    assert to_plaintext("<h2>A &amp; B</h2><p>one <em>two</em></p>") == "A & B\n\none two"


def test_html_becomes_the_nodes_that_ghost_makes_of_it():
    html = (
        "<h1>One</h1>\n<p>a <em>b</em><br>c <code>d</code></p>\n<blockquote>\n<p>q</p>\n</blockquote>\n"
        '<pre><code class="language-py">x = 1\n</code></pre>\n<hr />\n<ol start="3"><li>a<ul><li>n</li></ul></li></ol>'
        '<p><a href="/x"><strong>l</strong></a></p><p><img src="/z.png" alt="Z"></p><table><tr><td>1</td></tr></table>'
    )
    nodes = json.loads(from_html(html))["root"]["children"]
    assert [node["type"] for node in nodes] == [
        "extended-heading",
        "paragraph",
        "extended-quote",
        "codeblock",
        "horizontalrule",
        "list",
        "paragraph",
        "image",
        "html",
    ]
    heading, paragraph, quote, code, _, ordered, linked, image, table = nodes
    assert heading["tag"] == "h1"
    inline = [(n["type"], n.get("text"), n.get("format")) for n in paragraph["children"]]
    assert inline == [
        ("extended-text", "a ", 0),
        ("extended-text", "b", 2),
        ("linebreak", None, None),
        ("extended-text", "c ", 0),
        ("extended-text", "d", 16),
    ]
    assert quote["children"][0]["text"] == "q"
    assert (code["code"], code["language"]) == ("x = 1\n", "py")
    assert (ordered["listType"], ordered["start"]) == ("number", 3)
    first, nested = ordered["children"]
    assert first["children"][0]["text"] == "a"
    assert nested["children"][0]["listType"] == "bullet"
    assert (linked["children"][0]["url"], linked["children"][0]["children"][0]["format"]) == ("/x", 1)
    assert (image["src"], image["alt"]) == ("/z.png", "Z")
    assert table["html"] == "<table><tr><td>1</td></tr></table>"
