"""Lexical -> HTML, small and for looking at: the page in the demo, `formats=html` and `plaintext`.

It follows Ghost's renderer for what people write every day; a card it has no picture of shows its text.
`check` raises ValueError for what Ghost's renderer cannot parse.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

import markdown

from ghostsync.sandbox.slugs import safe

_FORMATS = (
    (1, "strong"),
    (2, "em"),
    (4, "s"),
    (16, "code"),
    (32, "sub"),
    (64, "sup"),
    (128, "mark"),
    (8, "u"),
)
_BLOCKS = {
    "paragraph": "p",
    "quote": "blockquote",
    "extended-quote": "blockquote",
    "aside": 'blockquote class="kg-blockquote-alt"',
    "listitem": "li",
}
_ELEMENTS = frozenset({*_BLOCKS, "heading", "extended-heading", "list", "link", "autolink", "at-link"})
_TEXTS = frozenset({"text", "extended-text", "tk", "zwnj", "at-link-search"})
_CARDS = frozenset(
    [
        "audio",
        "bookmark",
        "button",
        "call-to-action",
        "callout",
        "codeblock",
        "email",
        "email-cta",
        "embed",
        "file",
        "gallery",
        "header",
        "horizontalrule",
        "html",
        "image",
        "markdown",
        "paywall",
        "product",
        "signup",
        "toggle",
        "transistor",
        "video",
        "linebreak",
        "tab",
    ]
)
_KNOWN = _ELEMENTS | _TEXTS | _CARDS


def check(document: Any) -> None:
    """Raise ValueError unless Ghost would accept the structure.

    It wants a root that says so and has children of known types; what is deeper it takes unseen.
    """
    root = document.get("root") if isinstance(document, dict) else None
    children = root.get("children") if isinstance(root, dict) and root.get("type") == "root" else None
    if not isinstance(children, list) or not children:
        raise ValueError("no root with children")
    for child in children:
        kind = child.get("type") if isinstance(child, dict) else None
        if kind not in _KNOWN:
            raise ValueError(f"unknown node type {kind}")


def to_html(document: dict[str, Any]) -> str | None:
    """The body as HTML; None for an empty one, as Ghost has it."""
    html = "".join(_node(child) for child in document["root"]["children"])
    return html if html and html != "<p></p>" else None


def to_plaintext(html: str | None) -> str | None:
    if html is None:
        return None
    text = re.sub(r"<(?:/p|/h\d|/li|br|/blockquote|/pre|/figure)>", "\n\n", html)
    return re.sub(r"\n{3,}", "\n\n", unescape(re.sub(r"<[^>]*>", "", text))).strip()


def _inside(node: dict[str, Any]) -> str:
    return "".join(_node(child) for child in node.get("children") or ())


def _node(node: dict[str, Any]) -> str:
    kind = str(node["type"])
    if kind in _TEXTS:
        return _text(node)
    if kind in {"heading", "extended-heading"}:
        inner, tag = _inside(node), node.get("tag", "h2")
        return f'<{tag} id="{safe(_plain(inner))}">{inner}</{tag}>'
    if kind in {"link", "autolink", "at-link"}:
        return f'<a href="{escape(str(node.get("url") or ""))}">{_inside(node)}</a>'
    if kind == "list":
        tag = node.get("tag", "ul")
        start = f' start="{node["start"]}"' if tag == "ol" and node.get("start", 1) != 1 else ""
        # A nested list is an item of its own in Lexical and belongs to the item before it in HTML.
        return f"<{tag}{start}>{_inside(node)}</{tag}>".replace("</li><li><ul>", "<ul>").replace(
            "</li><li><ol>", "<ol>"
        )
    if block := _BLOCKS.get(kind):
        inner = _inside(node)
        if kind == "paragraph" and not inner:
            return ""
        return f"<{block}>{inner}</{block.split()[0]}>"
    return _card(kind, node) if kind in _CARDS else ""


def _text(node: dict[str, Any]) -> str:
    html = escape(str(node.get("text", "")), quote=False)
    bits = int(node.get("format") or 0)
    for bit, tag in reversed(_FORMATS):
        if bits & bit:
            html = f"<{tag}>{html}</{tag}>"
    return html


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def _card(kind: str, node: dict[str, Any]) -> str:
    if kind in _FIXED:
        return _FIXED[kind]
    picture = _PICTURES.get(kind, _other_card)
    return picture(node)


def _code(node: dict[str, Any]) -> str:
    language = node.get("language")
    attribute = f' class="language-{escape(str(language))}"' if language else ""
    return f"<pre><code{attribute}>{escape(str(node.get('code', '')), quote=False)}</code></pre>"


def _markdown(node: dict[str, Any]) -> str:
    # A newline in a Markdown card is a line break in Ghost.
    return markdown.markdown(str(node.get("markdown", "")), extensions=["extra", "nl2br"]) + "\n"


def _html(node: dict[str, Any]) -> str:
    return f"\n<!--kg-card-begin: html-->\n{node.get('html', '')}\n<!--kg-card-end: html-->\n"


def _callout(node: dict[str, Any]) -> str:
    emoji = node.get("calloutEmoji")
    icon = f'<div class="kg-callout-emoji">{emoji}</div>' if emoji else ""
    color = node.get("backgroundColor", "blue")
    return (
        f'<div class="kg-card kg-callout-card kg-callout-card-{color}">{icon}'
        f'<div class="kg-callout-text">{node.get("calloutText", "")}</div></div>'
    )


def _toggle(node: dict[str, Any]) -> str:
    return f"<details><summary>{node.get('heading', '')}</summary>{node.get('content', '')}</details>"


def _image(node: dict[str, Any]) -> str:
    caption = node.get("caption") or ""
    figure = "kg-card kg-image-card" + (" kg-card-hascaption" if caption else "")
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    size = "".join(f' {side}="{node[side]}"' for side in ("width", "height") if node.get(side))
    return (
        f'<figure class="{figure}"><img src="{escape(str(node.get("src") or ""))}" class="kg-image" '
        f'alt="{escape(str(node.get("alt") or ""))}" loading="lazy"{size}>{below}</figure>'
    )


def _other_card(node: dict[str, Any]) -> str:
    kind = node["type"]
    address = node.get("url") or node.get("src") or node.get("buttonUrl") or node.get("productUrl")
    words = node.get("buttonText") or node.get("fileTitle") or node.get("title") or node.get("productTitle")
    label = escape(str(words or address or kind))
    link = f'<a href="{escape(str(address))}">{label}</a>' if address else label
    return f'<div class="kg-card kg-{kind}-card">{link}</div>'


_FIXED = {"linebreak": "<br>", "tab": "\t", "horizontalrule": "<hr>", "paywall": "<!--members-only-->"}
_PICTURES = {
    "codeblock": _code,
    "markdown": _markdown,
    "html": _html,
    "image": _image,
    "callout": _callout,
    "toggle": _toggle,
}
