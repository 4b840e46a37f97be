"""Input made to hurt, of any size: deep, long, unbalanced. For the tests in short, for the benchmarks in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ghostsync.content.lexical import nodes
from ghostsync.content.types import Root


def _repeated(unit: str, end: str = "") -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit)) + end


def _both(left: str, middle: str, right: str) -> Callable[[int], str]:
    def build(size: int) -> str:
        times = size // (len(left) + len(right))
        return left * times + middle + right * times

    return build


def _numbered(line: Callable[[int], str], end: str = "") -> Callable[[int], str]:
    def build(size: int) -> str:
        lines: list[str] = []
        length = 0
        while length < size:
            lines.append(line(len(lines)))
            length += len(lines[-1])
        return "".join(lines) + end

    return build


def _nested_list(size: int) -> str:
    lines: list[str] = []
    length = 0
    while length < size:
        lines.append("  " * len(lines) + "- a")
        length += len(lines[-1]) + 1
    return "\n".join(lines)


MARKDOWN: Mapping[str, Callable[[int], str]] = {
    "open brackets": _repeated("["),
    "closing brackets": _repeated("]"),
    "balanced brackets": _both("[", "a", "]"),
    "open images": _repeated("!["),
    "links in links": _repeated("[a]("),
    "open destinations": _repeated("[a](<b"),
    "nested quotes": _repeated(">", " a"),
    "quotes one deeper each line": lambda size: "\n".join(">" * n + " a" for n in range(1, int((2 * size) ** 0.5))),
    "nested lists": _repeated("- ", "a"),
    "lists one deeper each line": _nested_list,
    "quotes in lists": _repeated("- > ", "a"),
    "emphasis": _repeated("*a "),
    "mixed emphasis": _repeated("**a_b"),
    "nested emphasis": _both("*a ", "b", " a*"),
    "asterisks": _repeated("*"),
    "underscores in words": _repeated("a_"),
    "marks": _both("==a", "", "a=="),
    "tildes": _repeated("~a"),
    "carets": _repeated("^a"),
    "backticks, one more each time": lambda size: "".join("a" + "`" * n for n in range(1, int((2 * size) ** 0.5))),
    "backticks": _repeated("`a"),
    "open tags": _repeated("<u>"),
    "nested tags": _both("<u>", "x", "</u>"),
    "closing tags": _repeated("</u>"),
    "open angles": _repeated("<"),
    "nested elements": _both("<div>\n\n", "", "</div>\n\n"),
    "open elements": _repeated("<div>\n\n"),
    "many kinds of elements": _numbered(lambda n: f"<x{n}>\n\n"),
    "comments": _repeated("<!--"),
    "comments in text": _repeated("a <!-- b --> "),
    "open attributes": _repeated('a <!--b="'),
    "declarations": _repeated("a <!A "),
    "instructions": _repeated("a <? "),
    "CDATA": _repeated("a <![CDATA["),
    "one line": _repeated("word "),
    "one word": _repeated("a"),
    "spaces": _repeated(" ", "a"),
    "tabs": _repeated("\t", "a"),
    "blank lines": _repeated("\n", "a"),
    "short lines": _repeated("a\n"),
    "short paragraphs": _repeated("a\n\n"),
    "backslashes": _repeated("\\"),
    "hard breaks": _repeated("a\\\n"),
    "addresses": _repeated("http://a.b/c a@b.c "),
    "one address": _repeated("a@b", ".c"),
    "dots": _repeated("www."),
    "closing parentheses": lambda size: "http://a.b/" + ")" * size,
    "entities in an address": lambda size: "http://a.b/" + "&amp;" * (size // 5),
    "entities": _repeated("&#32;&amp;"),
    "open entities": _repeated("&a"),
    "dollars": _repeated("$a "),
    "dollars without blanks": _repeated("$a"),
    "double dollars": _repeated("$$a"),
    "definitions": _numbered(lambda n: f"[a{n}]: /b\n"),
    "definitions that are used": _numbered(lambda n: f"[a{n}]: /b{n}\n\n| a |\n|---|\n| [a{n}] |\n\n"),
    "one definition used in many cards": _repeated("| a |\n|---|\n| [a] |\n\n", "[a]: /b\n"),
    "footnotes": _numbered(lambda n: f"a[^{n}]\n\n[^{n}]: b\n\n"),
    "cards that share one footnote": _repeated("a[^1]\n\n", "[^1]: b\n"),
    "cards that share one long footnote": lambda size: "a[^1]\n\n" * (size // 14) + "[^1]: " + "b " * (size // 4) + "\n",
    "footnotes that refer to the next": _numbered(lambda n: f"[^{n}]: a[^{n + 1}]\n\n", "a[^0]\n"),
    "a footnote used over and over": _repeated("a[^1] ", "\n\n[^1]: b\n"),
    "footnotes in footnotes": _repeated("[^1]: "),
    "table of one row": lambda size: "|a" * (size // 4) + "|\n" + "|-" * (size // 4) + "|\n",
    "table of many rows": lambda size: "|a|\n|-|\n" + "|b|\n" * (size // 4),
    "table with missing cells": lambda size: "|a" * int(size**0.5) + "|\n" + "|-" * int(size**0.5) + "|\n" + "|b\n" * int(size**0.5),
    "task boxes": _repeated("- [ ] a\n"),
    "lists of alternating markers": _repeated("- a\n* b\n"),
    "loose items": _repeated("- a\n\n"),
    "items with paragraphs": _repeated("- a\n\n  b\n\n"),
    "numbers": _repeated("1. a\n1) b\n"),
    "definition lists": _repeated("a\n: b\n\n"),
    "headings": _repeated("# a\n"),
    "hashes": _repeated("# "),
    "underlined headings": _repeated("a\n=\n"),
    "dashes": _repeated("- "),
    "rules": _repeated("---\n"),
    "fences": _repeated("```\n"),
    "fences of our own": _repeated("```ghost x\na: 1\n```\n"),
    "one fence of our own": lambda size: "```ghost x\n" + "a: [" * (size // 4) + "\n```\n",
    "aliases in a fence of our own": lambda size: "```ghost x\na0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)) + "```\n",
    "keys in a fence of our own": lambda size: "```ghost x\n" + "".join(f"k{n}: v\n" for n in range(size // 8)) + "```\n",
    "callouts": _repeated("> [!NOTE]\n> a\n\n"),
    "toggles": _repeated("<details>\n<summary>a</summary>\n\nb\n\n</details>\n\n"),
    "images": _repeated("![a](b)\n\n"),
    "gallery": _repeated("![a](b) "),
    "captions": _repeated("![a](b)\n*c*\n\n"),
    "boxes": _repeated("☐ a "),
    "TK": _repeated("TK "),
    "joined TK": _repeated("TK"),
    "letters of four bytes": _repeated("🎉"),
    "NUL": _repeated("\0"),
    "half a pair": _repeated("\ud800"),
    "indented code": _repeated("    a\n\n"),
    "links": _repeated("[a](b) "),
    "titles": _repeated('[a](b "c") '),
    "open titles": _repeated('[a](b "c'),
    "autolinks": _repeated("<http://a.b> "),
    "wikilinks": _repeated("[[a]] "),
    "exclamation marks": _repeated("!"),
    "ampersands": _repeated("&"),
    "members only": _repeated("<!--members-only-->\n\n"),
    "inline elements": _repeated("<kbd>a</kbd> "),
}  # fmt: skip
"""Name -> a text of about this many characters."""


def _paragraphs(make: Callable[[int], list[nodes.Node]], each: int) -> Callable[[int], Root]:
    return lambda size: nodes.root(nodes.paragraph(make(n)) for n in range(size // each))


def _deep(size: int) -> Root:
    node = nodes.text("x")
    for _ in range(min(size // 50, 250)):
        node = {"type": "aside", "version": 1, "children": [node]}
    return nodes.root([node] * max(1, size // 50 // 250))


def _deep_lists(size: int) -> Root:
    node = nodes.list_node("bullet", [nodes.list_item([nodes.text("x")])])
    for _ in range(90):
        node = nodes.list_node("bullet", [nodes.list_item([nodes.text("x")]), nodes.list_item([node])])
    return nodes.root([node] * max(1, size // 9000))


LEXICAL: Mapping[str, Callable[[int], Root]] = {
    "one long text": lambda size: nodes.root([nodes.paragraph([nodes.text("*_[`<&!~^=$@\\" * (size // 13))])]),
    "one text of backticks": lambda size: nodes.root([nodes.paragraph([nodes.text("`" * size)])]),
    "one code of backticks": lambda size: nodes.root([nodes.paragraph([nodes.text("".join("`" * n + " " for n in range(int((2 * size) ** 0.5))), nodes.CODE)])]),
    "one block of code in backticks": lambda size: nodes.root([nodes.codeblock("`" * size)]),
    "many short texts": lambda size: nodes.root([nodes.paragraph([nodes.text("a", n % 256) for n in range(size // 100)])]),
    "line breaks": lambda size: nodes.root([nodes.paragraph([nodes.linebreak()] * (size // 30))]),
    "every format in turn": _paragraphs(lambda n: [nodes.text("a", n * 37 % 64 * 4), nodes.text("b", n * 7 % 64 * 3)], 300),
    "spaces in bold": _paragraphs(lambda n: [nodes.text(" a ", nodes.BOLD), nodes.text("b" * (n % 3), nodes.ITALIC)], 300),
    "empty paragraphs": _paragraphs(lambda _: [], 100),
    "paragraphs that look like lists": _paragraphs(lambda n: [nodes.text(f"{n}. a")], 200),
    "neighbouring lists": lambda size: nodes.root([nodes.list_node("bullet", [nodes.list_item([nodes.text("a")])])] * (size // 300)),
    "unknown nodes": lambda size: nodes.root([{"type": "new", "version": 1, "a": n} for n in range(size // 30)]),
    "unknown inline nodes": _paragraphs(lambda n: [{"type": "new", "version": 1, "a": n}], 150),
    "HTML cards that open what they do not close": lambda size: nodes.root([nodes.html("<div>")] * (size // 40)),
    "HTML cards that close": lambda size: nodes.root([nodes.html("</div>")] * (size // 40)),
    "HTML cards in turn": lambda size: nodes.root([nodes.html("<div>"), nodes.html("</div>")] * (size // 80)),
    "HTML cards with comments": lambda size: nodes.root([nodes.html("<!-- a")] * (size // 40)),
    "Markdown cards that swallow": lambda size: nodes.root([nodes.markdown("```\na")] * (size // 45)),
    "Markdown cards with footnotes": lambda size: nodes.root([nodes.markdown(f"a[^{n}]\n\n[^{n}]: b") for n in range(size // 60)]),
    "Markdown cards with one footnote": lambda size: nodes.root([nodes.markdown("a[^1]\n\n[^1]: b")] * (size // 60)),
    "Markdown cards of different footnotes of one name": lambda size: nodes.root([nodes.markdown(f"a[^1]\n\n[^1]: b{n}") for n in range(size // 60)]),
    "Markdown cards with links": lambda size: nodes.root([nodes.markdown(f"| [a] |\n|---|\n\n[a]: /b{n}") for n in range(size // 60)]),
    "one long HTML card": lambda size: nodes.root([nodes.html("<p>\n\n" * (size // 5))]),
    "one long Markdown card": lambda size: nodes.root([nodes.markdown("- a\n\n      b\n\n" * (size // 14))]),
    "one long caption": lambda size: nodes.root([nodes.image("/a.png", caption="<b>" * (size // 7) + "</b>" * (size // 7))]),
    "toggles": lambda size: nodes.root([nodes.card("toggle", heading="a", content="<p>b</p>")] * (size // 80)),
    "a gallery": lambda size: nodes.root([nodes.card("gallery", images=[{"src": f"/{n}.png", "row": 0, "width": 1, "height": 1} for n in range(size // 60)])]),
    "deep elements": _deep,
    "deep lists": _deep_lists,
    "a long list": lambda size: nodes.root([nodes.list_node("number", [nodes.list_item([nodes.text("a")]) for _ in range(size // 100)])]),
    "links": _paragraphs(lambda n: [nodes.link(f"https://a.b/{n}", [nodes.text(f"https://a.b/{n}")])], 250),
    "carriage returns": _paragraphs(lambda _: [nodes.text("a\rb\x85c\u2028d")], 150),
}  # fmt: skip
"""Name -> a document whose JSON has about this many characters."""
