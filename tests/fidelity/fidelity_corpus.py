"""Ghost documents of our own for every node, card and property that Ghost 6 knows, and for some it does not know.

Each case is the list of top-level nodes of one post. The types and their properties are Ghost's (the package
kg-default-nodes); `test_the_corpus_leaves_out_no_node_and_no_property_that_ghost_knows` holds the list against an
installed Ghost. The values are ours, none of them a default.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.types import Node

SITE_ONLY = "https://cdn.example.org/content"
WRAPPED = '<span style="white-space: pre-wrap;">{}</span>'
VISIBILITY = {
    "web": {"nonMember": False, "memberSegment": "status:-free"},
    "email": {"memberSegment": "status:free"},
}
NOWHERE = {"web": {"nonMember": False, "memberSegment": ""}, "email": {"memberSegment": ""}}


def text(value: str, format: int = 0, **more: Any) -> Node:
    return {**nodes.text(value, format), **more}


def para(*children: Node, **more: Any) -> Node:
    return {**nodes.paragraph(list(children)), **more}


def said(words: str) -> Node:
    return para(text(words))


def items(*entries: str | Node, depth: int = 0, checked: tuple[bool, ...] = ()) -> list[Node]:
    """List items: a word is an item's text, a list goes into an item of its own as Lexical nests lists."""
    made = []
    for index, entry in enumerate(entries):
        flag = checked[index] if checked else None
        children = [text(entry)] if isinstance(entry, str) else [entry]
        made.append(nodes.list_item(children, depth=depth, checked=flag))
    return made


def _texts() -> Iterator[tuple[str, list[Node]]]:
    for format in (*(1 << bit for bit in range(8)), 3, 5, 1 | 8 | 128, 2 | 64, 255):
        yield (
            f"text format {format}",
            [
                para(
                    text("before "),
                    text("formatted words", format),
                    text(", after and in"),
                    text("side", format),
                    text("."),
                )
            ],
        )
    overlapping = para(text("a", 1), text("b", 3), text("c", 2), text("d", 6), text("e", 4), text(" f ", 1))
    yield "formats that overlap", [overlapping]
    yield "formats at blanks", [para(text(" lead", 1), text("mid ", 2), text(" ", 4), text("end ", 128))]
    yield (
        "nested formats in all blocks",
        [
            nodes.heading(3, [text("H", 1), text("i", 3)]),
            nodes.quote([text("q", 2), text("r", 18)]),
            nodes.aside([text("s", 8), text("t", 64)]),
            nodes.list_node("bullet", [nodes.list_item([text("u", 1), text("v", 128)])]),
        ],
    )
    yield "old text node", [para({**text("old", 1), "type": "text"}, text(" and new"))]
    yield "styled text", [para(text("red", style="color: red"), text(" mode", mode="token", detail=1))]
    yield "one run in pieces", [para(text("one "), text("run "), text("in "), text("pieces"))]
    yield "linebreak", [para(text("one"), nodes.linebreak(), text("two"), nodes.linebreak())]
    yield "linebreaks in a row", [para(text("one"), nodes.linebreak(), nodes.linebreak(), text("three"))]
    yield "linebreak in a heading", [nodes.heading(2, [text("one"), nodes.linebreak(), text("two")])]
    yield "tab", [para(text("a"), nodes.tab(), text("b"), nodes.tab(1))]
    yield "tk", [para(text("still "), {**text("TK"), "type": "tk"}, text(" here"))]
    yield "zwnj", [para(nodes.zwnj(), text("first"), nodes.zwnj())]
    at_link = {**para(), "type": "at-link", "linkFormat": 1}
    search = text("some post", type="at-link-search", placeholder="Find a post")
    yield "at-link", [para(text("see "), {**at_link, "children": [nodes.zwnj(), search]}, text(" there"))]
    yield (
        "odd characters",
        [
            said(
                "2 * 3 * 4, snake_case_word, <b>not bold</b>, &amp; &copy; \\ ` ``` ~tilde~ ==no== ^up^ #hash [x](y)"
            ),
            said("1. not a list"),
            said("# not a heading"),
            said("> not a quote"),
            said("- not a list"),
            said("--- not a rule"),
            said("    not code"),
            said("| not | a table |"),
            said("[^1] [^1]: not a footnote"),
            said("[ref]: /not-a-definition"),
            said(": not a definition"),
            said("$5 and $6, $$ and $x_1$, {{< no >}} shortcode, [[no wikilink]], [!NOTE]"),
            said("http://bare.example/ www.bare.example me@bare.example as text"),
            said(
                "non\u00a0breaking, zero\u200bwidth, soft\u00adhyphen, line\u2028separator, \ufeff, 日本語, 🎉, e\u0301"
            ),
            said("  two blanks before, two after  "),
            said("TK TKTK TKs"),
        ],
    )


def _links() -> Iterator[tuple[str, list[Node]]]:
    to = "https://example.com/a?b=1&c=2#d"
    yield "link", [para(text("a "), nodes.link(to, [text("link")]), text("."))]
    yield (
        "link with everything",
        [
            para(
                nodes.link(
                    to, [text("all")], rel="noopener nofollow", target="_blank", title='A "title" & more'
                )
            )
        ],
    )
    yield "link with a title", [para(nodes.link(to, [text("titled")], title="It's (a) title"))]
    yield "link with rel", [para(nodes.link(to, [text("rel")], rel="sponsored"))]
    yield "link with a target", [para(nodes.link(to, [text("target")], target="_blank"))]
    yield (
        "link with formats",
        [
            para(
                text("x", 1),
                nodes.link(to, [text("bold", 1), text(" both", 3), text(" code", 16)]),
                text("y", 2),
            )
        ],
    )
    yield "link with a line break", [para(nodes.link(to, [text("one"), nodes.linebreak(), text("two")]))]
    yield "links side by side", [para(nodes.link("/a/", [text("a")]), nodes.link("/b/", [text("b")]))]
    yield (
        "link that shows its address",
        [para(nodes.link("https://example.com/", [text("https://example.com/")]))],
    )
    yield "odd addresses", [
        para(nodes.link(url, [text("there")]), text(" "))
        for url in ("#part", "/about/", "mailto:me@example.com", "tel:+41", "x(y)z", "x)y", "a b", "<a>", "__GHOST_URL__/x/", "")
    ]  # fmt: skip
    yield (
        "links everywhere",
        [
            nodes.heading(2, [nodes.link(to, [text("heading")])]),
            nodes.quote([nodes.link(to, [text("quote")])]),
            nodes.list_node("number", [nodes.list_item([nodes.link(to, [text("item")])])]),
        ],
    )


def _blocks() -> Iterator[tuple[str, list[Node]]]:
    for level in range(1, 7):
        yield f"heading {level}", [nodes.heading(level, [text(f"Level {level}")]), said("below")]
    yield (
        "old heading and quote",
        [
            {**nodes.heading(2, [text("old")]), "type": "heading"},
            {**nodes.quote([text("old")]), "type": "quote"},
        ],
    )
    yield "quote", [nodes.quote([text("one"), nodes.linebreak(), text("two")])]
    yield "quotes side by side", [nodes.quote([text("one")]), nodes.quote([text("two")])]
    yield "aside", [nodes.aside([text("one"), nodes.linebreak(), text("two")]), nodes.aside([text("three")])]
    yield "empty blocks", [
        para(), said("x"), para(), para(), nodes.heading(2, []), nodes.quote([]), nodes.aside([]), said("y"),
    ]  # fmt: skip
    for format in ("left", "center", "right", "justify", "start", "end"):
        yield f"alignment {format}", [
            {**make, "format": format, "direction": "rtl"}
            for make in (said("p"), nodes.heading(2, [text("h")]), nodes.quote([text("q")]), nodes.aside([text("a")]))
        ]  # fmt: skip
    yield "indent", [{**said("in"), "indent": 1}, {**nodes.heading(3, [text("in")]), "indent": 3}]
    yield "alignment and indent", [{**said("both"), "format": "right", "indent": 2}]
    yield "bullets", [nodes.list_node("bullet", items("one", "two", ""))]
    yield "numbers", [nodes.list_node("number", items("one", "two"))]
    yield "numbers from 7", [nodes.list_node("number", items("seven", "eight"), start=7)]
    yield "numbers from 0", [nodes.list_node("number", items("zero", "one"), start=0)]
    yield "check list", [nodes.list_node("check", items("done", "to do", checked=(True, False)))]
    yield "boxes", [nodes.list_node("bullet", items("☑ done", "☐ to do", "plain"))]
    inner = nodes.list_node("number", items("deeper", depth=2))
    nested = nodes.list_node("bullet", items("deep", inner, "deep too", depth=1))
    yield "nested lists", [nodes.list_node("bullet", items("top", nested, "top again"))]
    yield "nested check list", [
        nodes.list_node("check", items("a", nodes.list_node("check", items("b", depth=1, checked=(True,))), checked=(True, False)))
    ]  # fmt: skip
    yield (
        "a list that begins with a list",
        [nodes.list_node("bullet", items(nodes.list_node("bullet", items("deep", depth=1)), "top"))],
    )
    yield "lists side by side", [nodes.list_node(kind, items(kind)) for kind in ("bullet", "bullet", "number", "number", "check", "bullet")]  # fmt: skip
    yield (
        "items with formats",
        [nodes.list_node("bullet", [nodes.list_item([text("b", 1), nodes.linebreak(), text("next line")])])],
    )
    yield (
        "aligned list items",
        [
            {
                **nodes.list_node("bullet", [{**nodes.list_item([text("x")]), "format": "center"}]),
                "format": "center",
            }
        ],
    )
    yield (
        "list around an own number",
        [nodes.list_node("number", [{**nodes.list_item([text("x")]), "value": 5, "checked": True}])],
    )


_CARDS: dict[str, dict[str, Any]] = {
    "codeblock": {"code": "def f():\n\n    return '```'\n", "language": "python", "caption": WRAPPED.format("see <b>f</b>")},
    "image": {
        "src": f"{SITE_ONLY}/bee hive (1).png", "caption": WRAPPED.format("Our ") + "<i><em>hive</em></i>", "title": 'A "title"',
        "alt": "A [hive] *closed*", "cardWidth": "full", "width": 1200, "height": 800, "href": "https://example.com/big",
    },
    "markdown": {"markdown": "| a | b |\n|---|---|\n| 1 | 2 |\n\nAnd *more*\nbelow[^1]\n\n[^1]: note"},
    "video": {
        "src": f"{SITE_ONLY}/bees.mp4", "caption": WRAPPED.format("Bees fly"), "fileName": "bees.mp4", "mimeType": "video/mp4",
        "width": 640, "height": 480, "duration": 12.5, "thumbnailSrc": f"{SITE_ONLY}/t.jpg", "customThumbnailSrc": f"{SITE_ONLY}/c.jpg",
        "thumbnailWidth": 320, "thumbnailHeight": 240, "cardWidth": "wide", "loop": True,
    },
    "audio": {
        "duration": 61.25, "mimeType": "audio/mpeg", "src": f"{SITE_ONLY}/hum.mp3", "title": "The hum", "thumbnailSrc": f"{SITE_ONLY}/h.jpg",
    },
    "callout": {
        "calloutText": f"<p>{WRAPPED.format('Mind ')}<b><strong style=\"white-space: pre-wrap;\">the gap</strong></b></p>",
        "calloutEmoji": "🎉", "backgroundColor": "purple",
    },
    "call-to-action": {
        "layout": "immersive", "alignment": "center", "textValue": "<p>Buy <b>honey</b></p>", "showButton": False, "showDividers": False,
        "buttonText": "Buy", "buttonUrl": "https://example.com/buy", "buttonColor": "#123456", "buttonTextColor": "#654321",
        "hasSponsorLabel": False, "sponsorLabel": "<p>AD</p>", "backgroundColor": "green", "linkColor": "accent",
        "imageUrl": f"{SITE_ONLY}/cta.png", "imageWidth": 10, "imageHeight": 20, "visibility": VISIBILITY,
    },
    "html": {"html": '<div class="x">\n\n  <b>raw</b> &amp; *kept*\n</div>\n<script>if (1 < 2) {}</script>', "visibility": VISIBILITY},
    "file": {
        "src": f"{SITE_ONLY}/a.pdf", "fileTitle": "The [paper]", "fileCaption": 'What "it" says', "fileName": "a.pdf", "fileSize": 12345,
    },
    "toggle": {
        "heading": WRAPPED.format("Why?"), "content": '<p>Because</p><ul><li value="1">one</li><li value="2"><b>two</b></li></ul><p>End.</p>',
    },
    "button": {"buttonText": "Go *now*", "alignment": "left", "buttonUrl": "https://example.com/go?a=1&b=2"},
    "header": {
        "size": "large", "style": "light", "buttonEnabled": True, "buttonUrl": "https://example.com/h", "buttonText": "Read",
        "header": WRAPPED.format("Head"), "subheader": "<em>Sub</em>", "backgroundImageSrc": f"{SITE_ONLY}/bg.jpg", "version": 2,
        "accentColor": "#00ff00", "alignment": "left", "backgroundColor": "accent", "backgroundImageWidth": 1, "backgroundImageHeight": 2,
        "backgroundSize": "contain", "textColor": "#010101", "buttonColor": "#020202", "buttonTextColor": "#030303", "layout": "split",
        "swapped": True,
    },
    "bookmark": {
        "url": "https://example.com/shop", "caption": WRAPPED.format("A ") + "<i><em>shop</em></i>",
        "metadata": {
            "icon": "https://example.com/i.ico", "title": "The shop", "description": 'What "it" sells', "author": "Ann",
            "publisher": "Shop & Co", "thumbnail": "https://example.com/t.png",
        },
    },
    "embed": {
        "url": "https://video.example/watch?v=1", "embedType": "video", "html": '<iframe src="https://video.example/embed/1"></iframe>',
        "metadata": {"title": "A film", "width": 200, "height": 113.5, "nested": {"a": [1, None, True]}}, "caption": WRAPPED.format("A film"),
    },
    "product": {
        "productImageSrc": f"{SITE_ONLY}/p.png", "productImageWidth": 30, "productImageHeight": 40, "productTitle": WRAPPED.format("Honey"),
        "productDescription": "<p>Sweet</p>", "productRatingEnabled": True, "productStarRating": 3, "productButtonEnabled": True,
        "productButton": "Order", "productUrl": "https://example.com/order",
    },
    "email": {"html": '<p>Hello {first_name, "there"}!</p>'},
    "email-cta": {
        "alignment": "center", "buttonText": "Join", "buttonUrl": "https://example.com/join", "html": "<p>Join us</p>",
        "segment": "status:-free", "showButton": True, "showDividers": False,
    },
    "gallery": {
        "images": [
            {
                "row": index // 3, "src": f"{SITE_ONLY}/{index}.jpg", "width": 600 + index, "height": 400, "fileName": f"{index}.jpg",
                "alt": f"no. {index}", "title": "t", "href": "https://example.com/i", "caption": "<i>c</i>",
            }
            for index in range(4)
        ],
        "caption": WRAPPED.format("Four"),
    },
    "signup": {
        "alignment": "center", "backgroundColor": "#0a0a0a", "backgroundImageSrc": f"{SITE_ONLY}/s.jpg", "backgroundSize": "contain",
        "textColor": "#0b0b0b", "buttonColor": "#0c0c0c", "buttonTextColor": "#0d0d0d", "buttonText": "Sign up", "disclaimer": "No <b>spam</b>.",
        "header": "Join", "layout": "regular", "subheader": "Weekly", "successMessage": "Thanks!", "swapped": True, "labels": ["a", "b c"],
    },
    "transistor": {"accentColor": "#111111", "backgroundColor": "#222222", "visibility": VISIBILITY},
}  # fmt: skip
"""Every card with a value of its own for every property. The metadata of a bookmark are properties of the node."""


def _cards() -> Iterator[tuple[str, list[Node]]]:
    for type, properties in _CARDS.items():
        yield f"{type} in full", [nodes.card(type, **properties)]
        yield f"{type} with nothing", [said("x"), {"type": type, "version": 1}, said("y")]
        for key, value in properties.items():
            if len(properties) > 1:
                yield f"{type} with {key}", [nodes.card(type, **{key: value})]
        yield (
            f"{type} with a property to come",
            [nodes.card(type, **properties, notYetKnown={"a": [1, "2", None, {"b": False}]})],
        )
        yield f"{type} twice", [nodes.card(type, **properties), nodes.card(type, **properties)]
    yield "header version 1", [nodes.card("header", **{**_CARDS["header"], "version": 1})]
    yield "html for nobody", [nodes.card("html", html="<p>hidden</p>", visibility=NOWHERE)]
    yield (
        "html with the old visibility",
        [
            nodes.card(
                "html", html="<p>x</p>", visibility={"showOnEmail": True, "showOnWeb": False, "segment": ""}
            )
        ],
    )
    yield "dividers", [nodes.horizontal_rule(), nodes.horizontal_rule(), said("x"), nodes.horizontal_rule()]
    yield "paywall", [said("free"), nodes.paywall(), said("paid")]
    yield (
        "callout without emoji",
        [nodes.card("callout", calloutText="quiet", calloutEmoji="", backgroundColor="grey")],
    )
    for colour in ("grey", "white", "blue", "green", "yellow", "red", "pink", "purple", "accent"):
        yield (
            f"callout {colour}",
            [nodes.card("callout", calloutText="<p>c</p>", calloutEmoji="💡", backgroundColor=colour)],
        )
    yield "callout with two paragraphs", [nodes.card("callout", calloutText="<p>one</p><p>two</p>")]
    yield "callout with a list", [nodes.card("callout", calloutText="<ul><li>one</li></ul>")]
    yield "image alone", [nodes.image(f"{SITE_ONLY}/x.png")]
    yield "image with captions of all kinds", [
        nodes.image(f"{SITE_ONLY}/x.png", caption=caption)
        for caption in ("plain", "<b>b</b>", '<a href="https://x.example/" rel="noreferrer">l</a>', "a<br>b", "<kbd>k</kbd>", "&lt;i&gt; & *", "<em>all</em>")
    ]  # fmt: skip
    yield "images side by side", [nodes.image(f"{SITE_ONLY}/{name}.png", width=1, height=2) for name in "ab"]
    yield "gallery of one", [nodes.card("gallery", images=_CARDS["gallery"]["images"][:1])]
    yield (
        "gallery without sizes",
        [nodes.card("gallery", images=[{"row": 0, "src": "/a.png"}, {"row": 0, "src": "/b.png"}])],
    )
    yield "gallery of plain images", [
        nodes.card("gallery", caption="", images=[{"row": 0, "src": f"{SITE_ONLY}/{n}.png", "width": 3, "height": 2, "fileName": f"{n}.png"} for n in "ab"])
    ]  # fmt: skip
    yield (
        "code without a language",
        [nodes.codeblock("x = 1"), nodes.codeblock("  indented\n\n\n"), nodes.codeblock("~~~\n```\n")],
    )
    yield "code in odd languages", [nodes.codeblock("x", language) for language in ("c++", "objective c", "a`b", "ghost", "ghost image", "{.py}")]  # fmt: skip
    yield "html of all kinds", [
        card
        for source in ("plain words", "<!-- a comment -->", "<!--members-only-->", "<p></p>", "<div>\n\nopen", "</div>", "<b>inline</b> and more", "&nbsp;", "\n\n<p>x</p>\n", "<pre>\n\n  x\n</pre>", "# not Markdown", "")
        for card in (nodes.html(source), said("between"))
    ]  # fmt: skip
    yield "markdown of all kinds", [
        card
        for source in ("one", "# h", "one\n\ntwo", "- a\n\n  b", "> a\n>\n> b", "```\nopen", "<div>", "[^1]: only", "a  \nb", "\n\nx\n", "")
        for card in (nodes.markdown(source), said("between"))
    ]  # fmt: skip
    yield (
        "embeds of all kinds",
        [
            nodes.card(
                "embed",
                url="https://x.example/1",
                embedType=kind,
                html="<blockquote>t</blockquote>",
                metadata={},
            )
            for kind in ("twitter", "nft", "rich", "photo", "")
        ],
    )
    yield "toggle with more", [
        nodes.card("toggle", heading="<b>h</b>", content=content)
        for content in ("", "text", "<h2>a</h2><p>b</p>", "<ol><li>x</li></ol>", "<blockquote>q</blockquote>", "<ul><li>a<ul><li>b</li></ul></li></ul>", "<pre><code>c</code></pre>")
    ]  # fmt: skip


def _unknown() -> Iterator[tuple[str, list[Node]]]:
    """What no Ghost of today takes in: only for the mapping itself."""
    yield "unknown card", [nodes.card("poll", question="Yes?", answers=["a", "b"], closes=None)]
    yield (
        "unknown block with children",
        [{**said("x"), "type": "columns", "children": [said("a"), nodes.quote([text("b")])]}],
    )
    yield (
        "unknown node in a paragraph",
        [para(text("a "), {"type": "mention", "version": 1, "name": "ann"}, text(" b"))],
    )
    yield (
        "unknown node in a list",
        [nodes.list_node("bullet", [nodes.list_item([text("a"), nodes.card("poll", x=1)])])],
    )
    yield (
        "unknown node in a link",
        [para(nodes.link("/x/", [{"type": "mention", "version": 1, "name": "b"}]))],
    )
    yield "unknown version", [nodes.card("image", src="/x.png") | {"version": 9}]
    yield "hashtag and autolink", [para({**text("#x"), "type": "hashtag"}, {**nodes.link("https://a.b", [text("https://a.b")]), "type": "autolink", "isUnlinked": False})]  # fmt: skip
    yield (
        "table of the future",
        [{"type": "table", "version": 1, "children": [{"type": "tablerow", "version": 1, "children": []}]}],
    )
    yield "names that are odd", [{"type": "odd type!", "version": 1}, {"type": "node", "y": 2}]
    deep = said("bottom")
    for _ in range(120):
        deep = {**nodes.paragraph([deep]), "type": "box"}
    yield "very deep", [deep]


def _properties_to_come() -> Iterator[tuple[str, list[Node]]]:
    new = {"notYetKnown": {"a": [1, "2", None]}}
    yield "new properties of blocks", [
        {**node, **new}
        for node in (said("p"), nodes.heading(2, [text("h")]), nodes.quote([text("q")]), nodes.aside([text("a")]), nodes.list_node("bullet", items("x")), nodes.horizontal_rule(), nodes.paywall())
    ]  # fmt: skip
    yield (
        "new properties inside",
        [
            para(text("t", **new), {**nodes.linebreak(), **new}, {**nodes.link("/x/", [text("l")]), **new}),
            nodes.list_node("bullet", [{**nodes.list_item([text("i")]), **new}]),
        ],
    )
    yield "new versions", [{**said("p"), "version": 2}, {**nodes.heading(2, [text("h")]), "version": 3}]


KNOWN: dict[str, list[Node]] = dict(
    itertools.chain(_texts(), _links(), _blocks(), _cards(), _properties_to_come())
)
"""Cases that Ghost 6 takes in."""

TO_COME: dict[str, list[Node]] = dict(_unknown())
"""Cases that Ghost 6 refuses."""

EDITORS_ONLY = {
    "text": "an older name of extended-text; in the corpus",
    "root": "the document",
}


def walk(children: list[Any]) -> Iterator[Node]:
    """All nodes at any depth."""
    for node in children:
        yield node
        yield from walk(node.get("children") or [])
