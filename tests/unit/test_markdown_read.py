"""Markdown -> Lexical, construct by construct."""

from __future__ import annotations

import pytest

from ghostsync.content.lexical import children_of, nodes
from ghostsync.content.markdown import read_blocks, read_markdown

BOLD, ITALIC, STRIKE, UNDERLINE, CODE, SUB, SUP, MARK = (1 << n for n in range(8))


def read(text):
    return children_of(read_markdown(text))


def runs(text):
    """(text, format) of the runs of the only block."""
    (block,) = read(text)
    return [(child.get("text", child["type"]), child.get("format")) for child in block["children"]]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**b** *i* ~~s~~", [("b", BOLD), (" ", 0), ("i", ITALIC), (" ", 0), ("s", STRIKE)]),
        ("<u>u</u> `c` ==m==", [("u", UNDERLINE), (" ", 0), ("c", CODE), (" ", 0), ("m", MARK)]),
        ("H~2~O", [("H", 0), ("2", SUB), ("O", 0)]),
        ("x^2^", [("x", 0), ("2", SUP)]),
        ("~x~ y", [("x", SUB), (" y", 0)]),
        ("***both***", [("both", BOLD | ITALIC)]),
        ("==a **b** c==", [("a ", MARK), ("b", MARK | BOLD), (" c", MARK)]),
        ("**a ==b** c==", [("a ==b", BOLD), (" c==", 0)]),
        ("a == b and c == d", [("a == b and c == d", 0)]),
        ("2^10 and 2^5", [("2^10 and 2^5", 0)]),
        ("~5 to ~10", [("~5 to ~10", 0)]),
        ("\\==a== \\^b^", [("==a== ^b^", 0)]),
        ("a&#61;=b== c", [("a==b== c", 0)]),
        ("<strong>in</strong>side", [("in", BOLD), ("side", 0)]),
        ("**`code`**", [("code", CODE | BOLD)]),
        ("soft\nbreak", [("soft break", 0)]),
        ("hard\\\nbreak", [("hard", 0), ("linebreak", None), ("break", 0)]),
        ("hard  \nbreak", [("hard", 0), ("linebreak", None), ("break", 0)]),
        ("a<br>b", [("a", 0), ("linebreak", None), ("b", 0)]),
        ("\\*not\\* &amp; &copy;", [("*not* & ©", 0)]),
        ("$a_1 * b_2$ costs $5", [("$a_1 * b_2$ costs $5", 0)]),
        ("[[wiki]] {{< figure src=x >}}", [("[[wiki]] {{< figure src=x >}}", 0)]),
        ("TK and TKO", [("TK", 0), (" and TKO", 0)]),
    ],
)
def test_inline(source, expected):
    assert [(text, format) for text, format in runs(source)] == expected


@pytest.mark.parametrize(
    ("source", "text", "url"),
    [
        ("see http://a.b/c_d.", "http://a.b/c_d", "http://a.b/c_d"),
        ("see www.a.org/x)", "www.a.org/x", "http://www.a.org/x"),
        ("(https://a.b/c(d))", "https://a.b/c(d)", "https://a.b/c(d)"),
        ("mail me@a.org now", "me@a.org", "mailto:me@a.org"),
        ("<https://a.b>", "https://a.b", "https://a.b"),
        ("<me@a.org>", "me@a.org", "mailto:me@a.org"),
        ("[x](/u)", "x", "/u"),
        ("[x]\n\n[x]: /u", "x", "/u"),
        ("<a href='/u'>x</a>", "x", "/u"),
    ],
)
def test_links(source, text, url):
    block = read(source)[0]
    (link,) = [child for child in block["children"] if child["type"] == "link"]
    assert link["url"] == url
    assert [child["text"] for child in link["children"]] == [text]


def test_a_links_title_target_and_rel():
    (block,) = read('<a href="/u" title="t">x</a> <a href="/u" target="_blank" rel="noopener">y</a>')
    first, _, second = block["children"]
    assert (first["title"], first["target"]) == ("t", None)
    assert (second["target"], second["rel"]) == ("_blank", "noopener")


@pytest.mark.parametrize("source", ['a [x](/u "t")', '# [x](/u "t")', '> [x](/u "t")', '- a\n- [x](/u "t")'])
def test_markdowns_title_of_a_link_is_shown_by_a_card_of_that_block_alone(source):
    assert read(f"before\n\n{source}\n\nafter")[1:2] == [nodes.markdown(source)]


def test_a_title_in_what_a_card_shows_as_html_stays_there():
    (image,) = read('![a](/b.png)\n*by [me](/u "t")*')
    (callout,) = read('> [!NOTE]\n> [x](/u "t")')
    assert image["caption"] == 'by <a href="/u" title="t">me</a>'
    assert '<a href="/u" title="t">x</a>' in callout["calloutText"]


def test_a_backslash_in_an_address_is_sent_as_no_browser_would_change_it():
    (block,) = read("[x](/a\\b) [y *z*](</c\\d>)")
    assert [child["url"] for child in block["children"] if child["type"] == "link"] == ["/a%5Cb", "/c%5Cd"]


def test_a_paragraph_of_blank_code_is_a_card():
    assert read("` `\n`  `") == [nodes.markdown("` ` `  `")]
    assert read("` a `")[0]["type"] == "paragraph"


@pytest.mark.parametrize("source", ["a\\@b.org", "http\\://a.b", "www\\.a.org", "`www.a.org`", "a.b@c"])
def test_what_is_no_bare_link(source):
    assert all(child["type"] == "extended-text" for child in read(source)[0]["children"])


def test_headings_have_their_level():
    assert [(node["type"], node["tag"]) for node in read("# a\n\nb\n---\n\n###### c")] == [
        ("extended-heading", "h1"),
        ("extended-heading", "h2"),
        ("extended-heading", "h6"),
    ]


def test_a_nested_list_is_an_item_of_its_own_as_lexical_nests():
    (block,) = read("- a\n  1. b\n  2. c\n- d")
    assert [item["value"] for item in block["children"]] == [1, 2, 2]
    nested = block["children"][1]["children"][0]
    assert (nested["listType"], nested["tag"], len(nested["children"])) == ("number", "ol", 2)


def test_a_numbered_list_keeps_its_start():
    (block,) = read("7. a\n8. b")
    assert (block["start"], [item["value"] for item in block["children"]]) == (7, [7, 8])


def test_a_task_list_shows_its_boxes_and_stays_a_bullet_list():
    (block,) = read("- [ ] a\n- [x] b")
    assert block["listType"] == "bullet"
    assert [item["children"][0]["text"] for item in block["children"]] == ["☐ a", "☑ b"]


def test_ghosts_own_check_list_is_told_apart_by_a_comment():
    (block,) = read("- [x] <!--check-->a\n- [ ] b")
    assert block["listType"] == "check"
    assert [(item["checked"], item["children"][0]["text"]) for item in block["children"]] == [
        (True, "a"),
        (False, "b"),
    ]


@pytest.mark.parametrize(
    ("source", "code", "language"),
    [
        ("```py\na\n\nb\n```", "a\n\nb", "py"),
        ("    a\n    b", "a\nb", ""),
        ("~~~\n```\n~~~", "```", ""),
        ("```js title=x\na\n```", "a", "js"),
    ],
)
def test_code_blocks(source, code, language):
    (block,) = read(source)
    assert (block["type"], block["code"], block["language"]) == ("codeblock", code, language)


@pytest.mark.parametrize(
    ("source", "type"),
    [
        ("***", "horizontalrule"),
        ("<!--members-only-->", "paywall"),
        ("<div>\n*x*\n</div>", "html"),
        ("<!-- note -->", "html"),
        ("<p></p>", "paragraph"),
        ("> a\n> b", "extended-quote"),
        ("> a<!--aside-->", "aside"),
        ("![a](b)", "image"),
        ("[![a](b)](c)", "image"),
        ("![a](b)\n*c*", "image"),
        ("![a](b)<!--width=1 height=1-->\n![c](d)<!--width=1 height=1-->", "gallery"),
        ("> [!TIP]\n> x", "callout"),
        ("<details>\n<summary>h</summary>\n\ntext\n\n</details>", "toggle"),
        ("[a](b)<!--button-->", "button"),
        ("| a |\n|---|\n| b |", "markdown"),
        ("> a\n>\n> b", "markdown"),
        ("- a\n\n  b", "markdown"),
        ("- a\n\n      code", "markdown"),
        ("text ![a](b)", "markdown"),
        ("![a](b) ![c](d)", "markdown"),
        ("press <kbd>x</kbd>", "markdown"),
        ("<u>open", "markdown"),
        ("<div>\n\n*x*\n\n</div>", "markdown"),
        ("Term\n: def", "html"),
        ("- [ ] a\n\n  b", "html"),
        ("> [!NOTE]\n> - a", "html"),
    ],
)
def test_which_node_a_block_becomes(source, type):
    assert [node["type"] for node in read(source)] == [type]


@pytest.mark.parametrize("list_", ["Term\n: def", "Term\n\n: one\n\n: two", "A\n: a\n\nB\n: b"])
def test_a_paragraph_after_a_definition_list_is_not_part_of_its_card(list_):
    blocks = [block for block in read_blocks(f"{list_}\n\nadded\n") if block.nodes]
    assert [block.source for block in blocks] == [list_, "added"]
    assert "added" not in blocks[0].nodes[0]["html"]


@pytest.mark.parametrize("between", ["</div>\n<div>", "</div>\n<p>c</p>\n<div>", "</div><div>"])
def test_elements_that_end_and_begin_in_one_block_are_one_card(between):
    text = f"<div>\n\na\n\n{between}\n\nb\n\n</div>"
    cards = [block for block in read_blocks(f"{text}\n\nend\n") if block.nodes]
    assert [block.source for block in cards] == [text, "end"]
    assert cards[0].nodes == (nodes.markdown(text),)


@pytest.mark.parametrize(
    "text", ["**a **b** c**", "*_a_*", "# ____a____", "> *a (*b*)*", "- **[**a**](/b)**"]
)
def test_a_format_inside_of_itself_makes_a_card_because_formats_in_lexical_are_a_set(text):
    assert read(text) == [nodes.markdown(text)]


def test_an_images_parts_arrive():
    (image,) = read('[![a *b*](src "t")](/to)<!--width=10 height=20 cardWidth=wide-->\n*by **me***')
    assert image == nodes.image(
        "src",
        alt="a b",
        title="t",
        href="/to",
        width=10,
        height=20,
        cardWidth="wide",
        caption="by <strong>me</strong>",
    )


def test_an_alert_becomes_a_callout_of_its_colour():
    (callout,) = read("> [!WARNING]\n> mind **this**")
    assert (callout["calloutText"], callout["backgroundColor"], callout["calloutEmoji"]) == (
        "mind <strong>this</strong>",
        "yellow",
        "⚠️",
    )


def test_soft_breaks_are_unwrapped_in_a_card():
    (card,) = read("> press\n> <kbd>x</kbd>\n> \\*now")
    assert card["markdown"] == "> press <kbd>x</kbd> \\*now"


@pytest.mark.parametrize(
    ("source", "card"),
    [
        ("a[^1] www.b.org/c_d_e, f\n\n[^1]: n", "a[^1] [www.b.org/c_d_e](http://www.b.org/c_d_e), f\n\n[^1]: n"),
        ("| www.a.org | http://b.org |\n|---|---|", "| [www.a.org](http://www.a.org) | http://b.org |\n|---|---|"),
        ("<kbd>x</kbd> `www.a.org` [www.b.org](/c) www\\.d.org", "<kbd>x</kbd> `www.a.org` [www.b.org](/c) www\\.d.org"),
        ("- www.a.org/(b)\nc\n\n  ä www.d.org", "- [www.a.org/(b)](<http://www.a.org/(b)>) c\n\n  ä [www.d.org](http://www.d.org)"),
        ("- a\n\n      www.code.org", "- a\n\n      www.code.org"),
        ("<kbd>WWW.A.ORG</kbd>", "<kbd>[WWW.A.ORG](http://WWW.A.ORG)</kbd>"),
    ],
)  # fmt: skip
def test_a_bare_link_without_a_scheme_is_spelled_out_in_a_card(source, card):
    assert [node["markdown"] for node in read(source)] == [card]
    assert [node["markdown"] for node in read(card)] == [card]


def test_a_wrapped_line_in_raw_pre_stays_a_line():
    (card,) = read("<table><tr><td>\n<pre>\n**a**,\n\n_b_\nc.\n</pre>\n</td></tr></table>\n")
    assert card["html"].endswith("<pre>\n**a**,\n<p><em>b</em>\nc.\n</pre></p>\n</td></tr></table>")


def test_a_card_carries_the_definitions_it_refers_to():
    (card, other) = read(
        "a[^1] [ref] ![][img]\n\nplain\n\n[ref]: /r\n[img]: /i\n[no]: /n\n[^1]: note [^2]\n[^2]: more"
    )
    assert card["markdown"] == "a[^1] [ref] ![][img]\n\n[^1]: note [^2]\n\n[^2]: more\n\n[ref]: /r\n[img]: /i"
    assert other["type"] == "paragraph"


def test_an_html_card_that_stands_for_markdown_shows_its_rendering():
    (card,) = read("Term -- x\n: a & b")
    assert card["html"].endswith("<dl>\n<dt>Term -- x</dt>\n<dd>a &amp; b</dd>\n</dl>")
    assert "-->" not in card["html"].split("\n-->\n")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "a",
        "a\n",
        "\n\na\n\n\n[x]: /y\n\nb\n",
        "# a\nb\n- c\n\n\n",
        "> a\nlazy\n\n```\nopen\n\n",
        "é\u00a0\n\n日本 \ud800 x\n",
    ],
)
def test_the_sources_of_the_blocks_are_the_text(text):
    assert "".join(block.source for block in read_blocks(text)) == text


def test_a_blocks_source_has_no_blank_lines_around_it():
    blocks = [block.source for block in read_blocks("# a\nb\n\n[x]: /y\n\n- c\n\n- d\n\n") if block.nodes]
    assert blocks == ["# a", "b", "- c\n\n- d"]
