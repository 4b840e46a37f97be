"""HTML as what it shows: the normalisation under which a page from Ghost is compared with what Markdown says.

`shown` is strict: only how HTML is spelled and how Ghost dresses its cards is left out. Each of EQUIVALENCES
forgives one thing more that Ghost's own blocks cannot show; docs/fidelity.md lists all of this.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias
from urllib.parse import unquote

QUOTE = "no <p> in a quote"
LOOSE = "no <p> in a list item"
FORMATS = "formats as sets"
EQUIVALENCES = (QUOTE, LOOSE, FORMATS)

Element: TypeAlias = "tuple[str, dict[str, str], list[Element | str]]"
"""(tag, attributes, children) as a browser builds it; a comment is an element named "!" with its text as a child."""

Token: TypeAlias = tuple[str, ...]

_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "source", "col", "wbr", "area", "embed", "track"}
)
_BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "button", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "iframe", "li", "main", "nav", "object", "ol", "output", "p", "pre", "progress", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "video", "br"]
)  # fmt: skip
_FORMATS = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "s": "del",
    "del": "del",
    "strike": "del",
}
_OTHER_FORMATS = frozenset({"a", "code", "mark", "sub", "sup", "u"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CARD_MARK = re.compile(r"kg-card-(begin|end): \w+")
_DRESS = frozenset({"id", "class", "loading", "srcset", "sizes", "dir"})
_PRE_WRAP = "white-space: pre-wrap;"


def shown(tree: Element, *, site_url: str = "", forgiving: Iterable[str] = ()) -> list[Token]:
    """The tokens of a page after normalisation; equal for pages that show the same.

    tree: from `fidelity_world.browser_trees`. site_url: Ghost makes root-relative addresses absolute.
    forgiving: some of EQUIVALENCES.
    """
    allowed = frozenset(forgiving)
    return _trimmed(
        list(_tokens(_undressed(tree, site_url.rstrip("/"), allowed), FORMATS in allowed, frozenset()))
    )


def needed(page: Element, wanted: Element, *, site_url: str = "") -> tuple[str, ...] | None:
    """The fewest equivalences under which a page shows what is wanted; None if it does not even under all."""
    for count in range(len(EQUIVALENCES) + 1):
        for some in itertools.combinations(EQUIVALENCES, count):
            if shown(page, site_url=site_url, forgiving=some) == shown(wanted, forgiving=some):
                return some
    return None


def _undressed(element: Element, site: str, allowed: frozenset[str]) -> Element:
    tag, attributes, children = element
    made = [part for child in children for part in _dressed_part(child, tag, site, allowed)]
    if tag == "figure" and "kg-image-card" in attributes.get("class", "") and len(made) == 1:
        tag = "p"
    if tag == "code" and made and isinstance(made[-1], str):
        made[-1] = made[-1].removesuffix("\n")
    kept = {
        name: _value(name, value, site) for name, value in attributes.items() if _matters(tag, name, value)
    }
    if (tag == "blockquote" and QUOTE in allowed) or (tag == "li" and LOOSE in allowed):
        paragraphs = [child for child in made if _is_paragraph(child)]
        if len(paragraphs) == 1:  # two of them are two on any page
            made = [part for child in made for part in (child[2] if _is_paragraph(child) else [child])]
    return tag, kept, made


def _dressed_part(child: Element | str, tag: str, site: str, allowed: frozenset[str]) -> list[Element | str]:
    """A child without what Ghost, its editor or ghostsync put around it."""
    if isinstance(child, str):
        return [child]
    if child[0] == "!":
        text = str(child[2][0])
        return [] if _CARD_MARK.fullmatch(text) or text.startswith("markdown\n") else [child]
    if child[0] == "button" and "kg-toggle-card-icon" in child[1].get("class", ""):
        return []
    inner = _undressed(child, site, allowed)
    editors_span = child[0] == "span" and child[1].get("style") == _PRE_WRAP
    twice = (tag, child[0]) in (("b", "strong"), ("i", "em"))  # so the editor writes bold and italic
    return inner[2] if editors_span or twice else [inner]


def _matters(tag: str, name: str, value: str) -> bool:
    if name == "class" and tag == "code":
        return value.startswith("language-")
    if name == "value" and tag == "li":
        return False  # the editor numbers items, also those of bullet lists
    if name in _DRESS or name.startswith("data-kg-"):
        return False
    return not (name == "style" and value == _PRE_WRAP)


def _value(name: str, value: str, site: str) -> str:
    if name in ("href", "src"):
        if site and value.startswith(f"{site}/"):
            value = value[len(site) :]
        return unquote(value)
    return value


def _is_paragraph(child: Element | str) -> bool:
    return not isinstance(child, str) and child[0] == "p"


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
            yield (
                "text",
                child if tag in ("pre", "code") or _is_code(formats) else _BLANKS.sub(" ", child),
                *sorted(formats),
            )
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
