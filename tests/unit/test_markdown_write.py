"""Lexical -> Markdown that a person would have written."""

from __future__ import annotations

import pytest

from ghostsync.content.lexical import empty_root, nodes, root, same
from ghostsync.content.markdown import read_markdown, write_markdown

text = nodes.text


def write(*children):
    """The Markdown of these blocks; proves on the way that it reads back as them."""
    document = root(children)
    result = write_markdown(document)
    assert same(read_markdown(result), document)
    assert write_markdown(read_markdown(result)) == result
    return result.removesuffix("\n")


def inline(*children):
    return write(nodes.paragraph(list(children)))


def test_an_empty_document_is_an_empty_text():
    assert write_markdown(empty_root()) == ""
    assert write_markdown(root([nodes.paragraph([])])) == ""


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ([text("plain words, snake_case, 2 * 3, [sic], a < b, AT&T, #1, $5, ~2, C:\\dir, wow!")], None),
        ([text("*a* `b` [c](d) <e> &amp; _f_ ![g")], "\\*a\\* \\`b\\` [c\\](d) \\<e> \\&amp; \\_f\\_ \\![g"),
        ([text("1. no list")], "1\\. no list"),
        ([text("# no heading")], "\\# no heading"),
        ([text("- no item")], "\\- no item"),
        ([text("bold", 1), text(" and "), text("italic", 2)], "**bold** and *italic*"),
        ([text("a"), text("b", 1), text("c")], "a**b**c"),
        ([text("edge ", 1), text("word")], "<strong>edge </strong>word"),
        ([text("all", 1 | 2 | 4 | 8 | 128)], "***~~==<u>all</u>==~~***"),
        ([text("H"), text("2", 32), text("O, x"), text("n", 64)], "H~2~O, x^n^"),
        ([text("two words", 64)], "<sup>two words</sup>"),
        ([text("a`b", 16)], "`` a`b ``"),
        ([text("a"), nodes.linebreak(), text("b")], "a\\\nb"),
        ([text("a"), nodes.linebreak()], "a<br>"),
        ([nodes.link("/x", [text("l")])], "[l](/x)"),
        ([nodes.link("/x", [text("l", 1)], title='a "t"')], '**<a href="/x" title="a &quot;t&quot;">l</a>**'),
        ([nodes.link("https://a.b/c", [text("https://a.b/c")])], "<https://a.b/c>"),
        ([nodes.link("/x", [text("l")], target="_blank")], '<a href="/x" target="_blank">l</a>'),
        ([nodes.link("a b(c", [text("l")])], "[l](<a b(c>)"),
        ([text("see http://a.b and me@a.org")], "see http\\://a.b and me\\@a.org"),
        ([text("wait!"), nodes.link("/x", [text("l")])], "wait\\![l](/x)"),
        ([text(" spaces ")], "&#32;spaces&#32;"),
        ([text("tab\there")], "tab&#9;here"),
        ([nodes.tab(), text("x")], "&Tab;x"),
    ],
)
def test_inline(children, expected):
    assert inline(*children) == (children[0]["text"] if expected is None else expected)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (nodes.heading(2, [text("1. Title #")]), "## 1. Title \\#"),
        (nodes.heading(1, [text("a"), nodes.linebreak(), text("b")]), "# a<br>b"),
        (nodes.quote([text("a"), nodes.linebreak(), text("b")]), "> a\\\n> b"),
        (nodes.aside([text("a")]), "> a<!--aside-->"),
        (nodes.codeblock("a\n```\nb", "py"), "````py\na\n```\nb\n````"),
        (nodes.codeblock("a", "py", "see <b>this</b>"), '```py caption="see <b>this</b>"\na\n```'),
        (nodes.horizontal_rule(), "---"),
        (nodes.paywall(), "<!--members-only-->"),
        (nodes.html("<div>\nx\n</div>"), "<div>\nx\n</div>"),
        (nodes.markdown("| a |\n|---|\n| b |"), "| a |\n|---|\n| b |"),
        (nodes.image("a.png", alt="A", width=3, height=2), "![A](a.png)<!--width=3 height=2-->"),
        (nodes.image("a.png", caption="by <em>me</em>", href="/x"), "[![](a.png)](/x)\n*by *me**"),
        ({**nodes.paragraph([text("a")]), "format": "center"}, "a<!--format=center-->"),
        (nodes.card("callout", calloutText="a", calloutEmoji="💡", backgroundColor="blue"), "> [!NOTE]\n> a"),
        (
            nodes.card("toggle", heading="h", content="<p>a</p>"),
            "<details>\n<summary>h</summary>\n\na\n\n</details>",
        ),
        (
            nodes.card("button", buttonText="Buy", buttonUrl="/b", alignment="left"),
            "[Buy](/b)<!--button alignment=left-->",
        ),
        (nodes.card("bookmark", url="/u", metadata={"title": "T"}), "[T](/u)<!--bookmark-->"),
        (
            nodes.card(
                "embed",
                url="https://v.example/1",
                embedType="video",
                html='<iframe src="https://v.example/e/1"></iframe>',
                metadata={"title": "A film", "thumbnail_width": 480},
                caption="seen <em>twice</em>",
            ),
            '[A film](https://v.example/1)<!--embed embedType=video html="<iframe src=\\"https://v.example/e/1\\"></iframe>" caption="seen <em>twice</em>" metadata.thumbnail_width=480-->',
        ),
        (
            nodes.card("embed", url="https://v.example/1", embedType="", html="", metadata={}),
            "[https://v.example/1](https://v.example/1)<!--embed-->",
        ),
    ],
)
def test_blocks(node, expected):
    assert write(node) == expected


def items(*texts, **properties):
    return [nodes.list_item([text(value)], **properties) for value in texts]


def test_lists():
    nested = nodes.list_item([nodes.list_node("number", items("b", "c"), start=3)])
    assert (
        write(nodes.list_node("bullet", [*items("a"), nested, *items("d")])) == "- a\n\n  3. b\n  4. c\n- d"
    )
    assert write(nodes.list_node("bullet", items("☐ a", "☑ b"))) == "- [ ] a\n- [x] b"
    assert write(nodes.list_node("check", items("a", checked=True))) == "- [x] <!--check-->a"


def test_neighbouring_lists_stay_apart_by_their_markers():
    lists = [nodes.list_node("bullet", items(word)) for word in "abc"]
    assert write(*lists) == "- a\n\n* b\n\n- c"
    numbered = [nodes.list_node("number", items(word)) for word in "ab"]
    assert write(*numbered) == "1. a\n\n1) b"


def test_blank_paragraphs_inside_a_document_stay():
    assert write(nodes.paragraph([]), nodes.paragraph([text("a")])) == "<p></p>\n\na"


@pytest.mark.parametrize(
    "node",
    [
        {
            "type": "hologram",
            "version": 3,
            "depth": [1, {"a": None, "b": True, "c": 1.5}],
            "text": "a\n  b\n\nc ```` \u0000\ud800",
        },
        {**nodes.paragraph([text("a")]), "new": {"x": 1}},
        nodes.paragraph([{**text("a"), "style": "color: red"}]),
        nodes.html("<div>\n\n</div>"),
        nodes.markdown("# heading\n\nand text"),
        {"no type": 1},
        {"type": "we ird`", "version": 1},
        {"type": "node", "": "x"},
        "not even an object",
        None,
    ],
)
def test_what_has_no_natural_spelling_is_fenced_and_complete(node):
    assert write(node).startswith("```")


def test_an_embed_whose_metadata_has_parts_of_its_own_is_fenced():
    assert write(nodes.card("embed", url="/u", metadata={"a": {"b": 1}})).startswith("```ghost embed\n")


def test_a_bare_link_on_its_own_line_is_a_paragraph():
    (node,) = read_markdown("https://v.example/1\n")["root"]["children"]
    assert node["type"] == "paragraph"


def test_a_card_that_would_swallow_what_follows_is_fenced():
    assert write(nodes.html("<!-- open")) == "<!-- open"
    assert (
        write(nodes.html("<!-- open"), nodes.paragraph([text("a")]))
        == "```ghost html\nhtml: <!-- open\n```\n\na"
    )


def test_a_fence_shows_text_of_several_lines_as_lines():
    assert (
        write(nodes.card("email", html="<p>a</p>\n<p>b</p>\n"))
        == "```ghost email\nhtml: |\n  <p>a</p>\n  <p>b</p>\n```"
    )


def test_nesting_deeper_than_a_hundred_is_fenced():
    node = nodes.list_node("bullet", items("x"))
    for _ in range(150):
        node = nodes.list_node("bullet", [nodes.list_item([node])])
    assert write(node).startswith("```ghost list\n")


def test_the_documents_own_properties_are_kept():
    document = root([nodes.paragraph([text("a")])], custom=[1])
    assert read_markdown(write_markdown(document))["root"]["custom"] == [1]


def test_a_card_of_markdown_we_rendered_comes_back_as_that_markdown():
    source = "Term -- x\n: a & b"
    assert write_markdown(read_markdown(source)) == source + "\n"


def test_a_node_that_has_the_roots_type_is_a_node_still():
    document = root([{"type": "root", "version": 1, "a": 1}, nodes.paragraph([nodes.text("b")])])
    assert read_markdown(write_markdown(document)) == document


def test_three_tildes_at_the_start_of_a_paragraph_open_no_code_block():
    document = root(
        [
            nodes.paragraph(
                [nodes.text("a", nodes.SUBSCRIPT | nodes.STRIKETHROUGH), nodes.text("b", nodes.SUBSCRIPT)]
            ),
            nodes.paragraph([nodes.text("c")]),
        ]
    )
    assert same(read_markdown(write_markdown(document)), document)
    assert write_markdown(document).endswith("\n\nc\n")
