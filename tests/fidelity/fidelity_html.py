"""HTML as what it shows: the normalisation under which a page from Ghost is compared with what Markdown says.

`shown(html)` is strict: only how HTML is spelled and how Ghost dresses its cards is left out. Each of EQUIVALENCES
forgives one thing more that Ghost's own blocks cannot show; docs/fidelity.md lists all of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import TypeAlias
from urllib.parse import unquote

QUOTE = "no <p> in a quote"
LOOSE = "no <p> in a list item"
FORMATS = "formats as sets"
TITLE = "no link titles"
EQUIVALENCES = (QUOTE, LOOSE, FORMATS, TITLE)

Element: TypeAlias = "tuple[str, dict[str, str], list[Element | str]]"
"""(tag, attributes, children); comments and declarations are elements named "!" with their text as a child."""

Token: TypeAlias = tuple[str, ...]

_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "source", "col", "wbr", "area", "embed", "track"})
_BLOCKS = frozenset(
    "address article aside blockquote body button dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr iframe li main nav object ol output p pre progress section summary table tbody td tfoot th thead tr ul video br".split()
)  # fmt: skip
_FORMATS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "s": "del", "del": "del", "strike": "del"}
_OTHER_FORMATS = frozenset({"a", "code", "mark", "sub", "sup", "u"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CARD_MARK = re.compile(r"kg-card-(begin|end): \w+")
_DRESS = frozenset({"id", "class", "loading", "srcset", "sizes", "dir"})
_PRE_WRAP = "white-space: pre-wrap;"


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: Element = ("", {}, [])
        self._open: list[Element] = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element: Element = (tag, {name: value or "" for name, value in attrs}, [])
        self._open[-1][2].append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # a slash at the end means nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        if any(element[0] == tag for element in self._open[1:]):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1][2].append(data)

    def handle_comment(self, data: str) -> None:
        self._open[-1][2].append(("!", {}, [data]))

    handle_decl = handle_pi = unknown_decl = handle_comment


def shown(html: str, *, site_url: str = "", forgiving: Iterable[str] = ()) -> list[Token]:
    """The tokens of a page's HTML after normalisation; equal for pages that show the same.

    site_url: Ghost makes root-relative addresses absolute. forgiving: some of EQUIVALENCES.
    """
    parser = _Tree()
    parser.feed(html)
    parser.close()
    allowed = frozenset(forgiving)
    tree = _undressed(parser.root, site_url.rstrip("/"), allowed)
    tokens = list(_tokens(tree, FORMATS in allowed, frozenset()))
    return _trimmed(tokens)


def _undressed(element: Element, site: str, allowed: frozenset[str]) -> Element:
    tag, attributes, children = element
    made: list[Element | str] = []
    for child in children:
        if isinstance(child, str):
            made.append(child)
        elif child[0] == "!":
            text = str(child[2][0])
            if not _CARD_MARK.fullmatch(text) and not text.startswith("markdown\n"):
                made.append(child)
        else:
            inner = _undressed(child, site, allowed)
            if inner[0] == "span" and inner[1].get("style") == _PRE_WRAP:
                made.extend(inner[2])
            elif inner[0] == "strong" and tag == "b" or inner[0] == "em" and tag == "i":
                made.extend(inner[2])  # the editor writes <b><strong>
            else:
                made.append(inner)
    if tag == "figure" and "kg-image-card" in attributes.get("class", ""):
        tag = "p"
    if tag == "code" and made and isinstance(made[-1], str) and not attributes.get("style"):
        made[-1] = made[-1].removesuffix("\n")
    kept = {name: _value(tag, name, value, site) for name, value in attributes.items() if _matters(tag, name, value, allowed)}
    if tag == "blockquote" and QUOTE in allowed or tag == "li" and LOOSE in allowed:
        made = [part for child in made for part in _unwrapped(child)]
    return tag, kept, made


def _matters(tag: str, name: str, value: str, allowed: frozenset[str]) -> bool:
    if name == "class" and tag == "code":
        return value.startswith("language-")
    if name == "title" and tag == "a":
        return TITLE not in allowed
    return name not in _DRESS and not (name == "style" and value == _PRE_WRAP)


def _value(tag: str, name: str, value: str, site: str) -> str:
    if name in ("href", "src"):
        if site and value.startswith(f"{site}/"):
            value = value[len(site) :]
        return unquote(value)
    return value


def _unwrapped(child: Element | str) -> list[Element | str]:
    return ["\n", *child[2], "\n"] if not isinstance(child, str) and child[0] == "p" else [child]


def _tokens(element: Element, flat: bool, formats: frozenset[str]) -> Iterator[Token]:
    tag, attributes, children = element
    if tag == "!":
        yield ("!", str(children[0]).strip())
        return
    said = "".join(f' {name}="{value}"' for name, value in sorted(attributes.items()))
    if flat and (tag in _FORMATS or tag in _OTHER_FORMATS):
        formats |= {_FORMATS.get(tag, tag) + said}
        tag = ""
    if tag:
        yield ("<", tag, said, *sorted(formats)) if flat else ("<", tag, said)
    for child in children:
        if isinstance(child, str):
            yield ("text", child if tag in ("pre", "code") or _is_code(formats) else _BLANKS.sub(" ", child), *sorted(formats))
        else:
            yield from _preserved(child, flat, formats) if tag == "pre" else _tokens(child, flat, formats)
    if tag and tag not in _VOID:
        yield (">", tag)


def _preserved(element: Element, flat: bool, formats: frozenset[str]) -> Iterator[Token]:
    """Inside <pre>, where blanks count and formats nest."""
    tag, attributes, children = element
    said = "".join(f' {name}="{value}"' for name, value in sorted(attributes.items()))
    yield ("<", tag, said)
    for child in children:
        if isinstance(child, str):
            yield ("text", child)
        else:
            yield from _preserved(child, flat, formats)
    yield (">", tag)


def _is_code(formats: frozenset[str]) -> bool:
    return any(name.startswith("code") for name in formats)


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Neighbouring texts of one format as one, without the blanks at the edges of blocks."""
    joined: list[Token] = []
    for token in tokens:
        if joined and token[0] == "text" == joined[-1][0] and token[2:] == joined[-1][2:]:
            joined[-1] = ("text", joined[-1][1] + token[1], *token[2:])
        else:
            joined.append(token)
    result: list[Token] = []
    in_pre = 0
    for index, token in enumerate(joined):
        if token[1] == "pre":
            in_pre += 1 if token[0] == "<" else -1
        if token[0] == "text" and not in_pre:
            text = _BLANKS.sub(" ", token[1])
            if _is_edge(joined[index - 1] if index else None):
                text = text.lstrip(" ")
            if _is_edge(joined[index + 1] if index + 1 < len(joined) else None):
                text = text.rstrip(" ")
            if not text:
                continue
            token = ("text", text, *token[2:])  # noqa: PLW2901 - the same token, trimmed
        result.append(token)
    return result


def _is_edge(token: Token | None) -> bool:
    return token is None or token[0] == "!" or (token[0] != "text" and token[1] in _BLOCKS)
