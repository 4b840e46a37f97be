"""Hypothesis strategies for whole documents, Lexical and Markdown."""

from __future__ import annotations

from hypothesis import strategies as st

from ghostsync.content.lexical import nodes

WORDS = [
    "a",
    "Ghost",
    "snake_case",
    "2 * 3",
    "x",
    "naïve",
    "日本語",
    "1.",
    "2) ",
    "# no",
    "> no",
    "- no",
    "+",
    "= =",
    "---",
]
NASTY = [
    "*", "**", "_", "__", "`", "``", "~", "~~", "^", "==", "=", "[", "]", "](", "[a](b)", "![", "<", ">", "<b>", "</b>",
    "<!-- c -->", "&", "&amp;", "&#32;", "\\", "\\*", "!", "|", "| a |", "$", "$x$", "$$", "http://a.b/c_d", "www.a.org", "me@a.org",
    ": def", "[^1]", "[^1]: x", "[a]: /b", "☐ ", "☑ ", "[ ] ", "[x]", "[!NOTE]", "{{< x >}}", "{{% y %}}", "\t", "\n", "\r", "\u00a0", "\u200b",
    "\u2028", " ", "  ", "\u0000", "\x1b", "🎉", "e\u0301", "#", "TK", "<p></p>", "```", "~~~", ":", "'", '"', "-->", "--", "/", "[[w]]", "\ufeff",
]  # fmt: skip

formats = st.one_of(st.just(0), st.sampled_from([1 << n for n in range(8)]), st.integers(0, 255))
raw_text = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(WORDS + NASTY + [" "]), min_size=1, max_size=5).map("".join),
    st.text(min_size=1, max_size=8),
)
texts = st.builds(nodes.text, raw_text, formats)
plain_texts = st.builds(nodes.text, raw_text)
linebreaks = st.builds(nodes.linebreak)
urls = st.one_of(
    st.sampled_from(
        [
            "https://a.b/c",
            "/about/",
            "#x",
            "",
            "a b",
            "x(y)",
            "x(y",
            "<z>",
            "mailto:me@a.org",
            "http://a.b/?q=1&amp;r=2",
            "a\\b",
            "a\nb",
        ]
    ),
    st.text(max_size=8),
)
maybe = st.one_of(st.none(), st.sampled_from(["", "noopener", 'a "t"', "x & y", "a\nb", "\\", "_blank"]))


@st.composite
def links(draw):
    children = draw(st.lists(texts, max_size=2))
    url = draw(urls)
    if draw(st.booleans()):
        children = [nodes.text(url, draw(st.sampled_from([0, 0, 1])))]
    return nodes.link(url, children, title=draw(maybe), rel=draw(maybe), target=draw(maybe))


odd_inline = st.sampled_from(
    [
        {"type": "tab", "version": 1, "detail": 2, "format": 0, "mode": "normal", "style": "", "text": "\t"},
        {**nodes.text("TK"), "type": "tk"},
        {**nodes.text(""), "type": "zwnj"},
        {**nodes.text("styled"), "style": "color: red"},
        {
            "type": "at-link",
            "version": 1,
            "children": [],
            "linkFormat": 0,
            "direction": None,
            "format": "",
            "indent": 0,
        },
        {
            "type": "text",
            "text": "old",
            "format": 1,
            "version": 1,
            "detail": 0,
            "mode": "normal",
            "style": "",
        },
    ]
)
inline = st.lists(st.one_of(texts, texts, texts, linebreaks, links(), odd_inline), max_size=6)
simple_inline = st.lists(st.one_of(texts, linebreaks, links()), max_size=4)

json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.floats(allow_nan=False, allow_infinity=False),
        raw_text,
        st.text(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
html_texts = st.one_of(
    st.sampled_from(
        [
            "<div>x</div>",
            "<p>a</p>\n\n<p>b</p>",
            "<!-- open",
            "<script>\n\n</script>",
            "plain",
            "<br>",
            "",
            "<pre>\n\n*a*",
            " <b>",
        ]
    ),
    raw_text,
)
markdown_texts = st.one_of(
    st.sampled_from(
        [
            "| a |\n|---|\n| b |",
            "# h\n\ntext",
            "a[^1]\n\n[^1]: n",
            "- a\n\n  b",
            "> a\n>\n> b",
            "<kbd>x</kbd> y",
            "```\nopen",
        ]
    ),
    raw_text,
)


def _lists(depth=2):
    @st.composite
    def build(draw):
        kind = draw(st.sampled_from(["bullet", "number", "check"]))
        items = []
        for _ in range(draw(st.integers(0, 4))):
            if depth and draw(st.integers(0, 3)) == 0:
                items.append(nodes.list_item([draw(_lists(depth - 1))]))
            else:
                checked = draw(st.sampled_from([None, True, False])) if kind == "check" else None
                items.append(nodes.list_item(draw(simple_inline), checked=checked))
        return nodes.list_node(kind, items, start=draw(st.sampled_from([1, 1, 1, 0, 5, 10**9])))

    return build()


def card(type, **properties):
    return st.fixed_dictionaries({"type": st.just(type), "version": st.just(1)}, optional=properties)


_WRAPPED = '<span style="white-space: pre-wrap;">{}</span>'
rich_texts = st.one_of(
    st.sampled_from(
        [
            "",
            "cap",
            "<b>x</b>",
            "a &amp; b",
            '<a href="/x" rel="noreferrer">l</a>',
            "a<br>b",
            "<em>all</em>",
            "<kbd>k</kbd>",
            "*",
            " a ",
            "<u>",
        ]
    ),
    st.sampled_from(WORDS).map(_WRAPPED.format),
    raw_text,
)
rich_blocks = st.lists(
    st.one_of(
        rich_texts.map("<p>{}</p>".format),
        rich_texts.map("<ul><li>{}</li><li>b</li></ul>".format),
        rich_texts.map("<h2>{}</h2>".format),
        rich_texts,
    ),
    max_size=3,
).map("".join)
gallery_images = st.lists(
    st.fixed_dictionaries(
        {
            "src": st.sampled_from(["/a.jpg", "b c.png", "https://x/y-1.webp"]),
            "width": st.integers(0, 9),
            "height": st.integers(1, 9),
        },
        optional={
            "row": st.integers(0, 1),
            "fileName": st.sampled_from(["a.jpg", "x"]),
            "alt": raw_text,
            "href": urls,
            "title": raw_text,
            "new": raw_text,
        },
    ),
    max_size=5,
)
sizes = st.one_of(st.none(), st.integers(1, 5000))
cards = st.one_of(
    st.builds(nodes.horizontal_rule),
    st.builds(nodes.paywall),
    st.builds(nodes.codeblock, st.one_of(raw_text, st.text()), st.sampled_from(["", "py", "c++", "a b", "`", "ghost", "ghost x"]), rich_texts),
    st.builds(nodes.html, html_texts),
    st.builds(nodes.markdown, markdown_texts),
    st.builds(
        nodes.image, urls, alt=raw_text, title=st.one_of(st.just(""), raw_text), caption=rich_texts,
        href=st.one_of(st.just(""), urls), cardWidth=st.sampled_from(["regular", "wide", "full"]), width=sizes, height=sizes,
    ),
    card("callout", calloutText=rich_texts, calloutEmoji=st.sampled_from(["", "💡", "🎉"]), backgroundColor=st.sampled_from(["blue", "grey", "x y"])),
    card("toggle", heading=rich_texts, content=rich_blocks),
    card("bookmark", url=urls, caption=raw_text, metadata=json_values),
    card("embed", url=urls, html=html_texts, embedType=st.sampled_from(["video", ""]), metadata=json_values),
    card("button", buttonText=raw_text, buttonUrl=urls, alignment=st.sampled_from(["center", "left"])),
    card("gallery", images=gallery_images, caption=rich_texts),
    card("bookmark", url=urls, caption=rich_texts, metadata=st.dictionaries(st.sampled_from(["title", "description", "icon", "new"]), raw_text, max_size=4)),
    card("file", src=urls, fileTitle=raw_text, fileCaption=raw_text, fileName=raw_text, fileSize=st.one_of(st.integers(0, 10**9), st.floats(0, 1e9))),
    card("audio", src=urls, title=raw_text, duration=st.floats(0, 1e6), mimeType=raw_text),
    card("gallery", images=st.lists(json_values, max_size=2), caption=raw_text),
    card("new-card", anything=json_values),
    st.dictionaries(st.text(max_size=6), json_values, max_size=3),
)  # fmt: skip
blocks = st.one_of(
    st.builds(nodes.paragraph, inline),
    st.builds(nodes.paragraph, inline),
    st.builds(nodes.heading, st.integers(1, 6), inline),
    st.builds(nodes.quote, inline),
    st.builds(nodes.aside, inline),
    _lists(),
    cards,
    st.builds(
        lambda node, extra: {**node, **extra},
        st.builds(nodes.paragraph, inline),
        st.sampled_from([{"format": "center"}, {"indent": 2}, {"new": 1}]),
    ),
)
lexical_documents = st.builds(nodes.root, st.lists(blocks, max_size=6))

_LINES = [
    "para one", "para *two*", "hard  ", "back\\", "# head", "## head ##", "Set", "===", "---", "> quote", "> > deep", ">", "- item", "* item", "+ item",
    "1. one", "2) two", "  - nested", "   deep", "    code", "\tcode", "```", "```py", "~~~", "<div>", "</div>", "<!-- c -->", "<!--", "-->", "| a | b |", "|---|---|", "Term", ": def",
    "[ref]: /url", "[ref]", "[^1]", "[^1]: note", "    more", "- [ ] todo", "- [x] done", "![img](a.png)", "[![i](a.png)](b)", "text ![i](a)", "<kbd>x</kbd>", "<u>u</u>", "<u>", "<a href='x'>y</a>",
    "http://a.b www.c.d me@e.f", "==m== ~s~ ^t^ ~~d~~", "a==b==c^d^e~f~g", "$x_1$ $$", "> [!NOTE]", "***", "`code`", "``", "&amp; &nbsp; &#10;", "\\*x\\*", "```ghost callout", "calloutText: x", "<p></p>", "<!--members-only-->",
    "<br>", "a<br>b", "☐ box", "![i](a)<!--width=3-->", "*cap*", "<!--markdown", "- [ ] <!--check-->x", "\u00a0", "#5 bolt", "-", "1.", "[a](<b c> 'd')",
]  # fmt: skip
_ELEMENTS = [
    "<div>", "</div>", "</div>\n<div>", "</div></div>", "<div><div>", "<section>", "</section>", "</section>\n</div>\n<section>", "<details>\n<summary>s</summary>",
    "</details>", "</details>\n<details>\n<summary>s</summary>", "text", "- item", "<p>", "<!-- c -->", "<pre>", "</pre>", "> <div>", "[^1]: x", "a[^1]",
]  # fmt: skip
lines = st.one_of(st.sampled_from(_LINES), st.just(""), raw_text)
markdown_documents = st.one_of(
    st.lists(lines, max_size=12).map("\n".join),
    st.lists(st.lists(lines, min_size=1, max_size=3).map("\n".join), max_size=6).map("\n\n".join),
    st.lists(st.sampled_from(_ELEMENTS), max_size=8).map("\n\n".join),
    st.text(max_size=40),
).map(lambda text: text.replace("\r", "\n"))
