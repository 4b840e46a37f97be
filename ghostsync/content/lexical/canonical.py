"""The canonical form of Lexical nodes: equal exactly when Ghost's editor and page see the same.

What is left out: `direction` (worked out from the text), properties that say what Ghost assumes anyway,
the number and indent of list items (worked out from their place), how a run of one format is cut into text
nodes, and the one blank paragraph that Ghost's editor keeps at the end of a document (its renderer
drops it). `text` and `extended-text`, `heading` and `extended-heading`, `quote` and `extended-quote` are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from ghostsync.content.lexical.defaults import (
    CARD_DEFAULTS,
    DEFAULTS,
    ELEMENT_DEFAULTS,
    SAME_TYPE,
    is_default,
)
from ghostsync.content.lexical.nodes import children_of
from ghostsync.content.lexical.rich_text import nodes_of_html
from ghostsync.content.types import Node, Root

MAX_DEPTH = 100
"""Deeper than this, nodes are compared as one flat sequence: tuples nested deeper exhaust Python's stack."""

_PLAIN_TEXT_SIZE = 7  # detail, format, mode, style, text, type, version
_PLAIN_ELEMENT_SIZE = 6  # children, direction, format, indent, type, version
_NO_TEXT = ("text", 0, "")
_TEXT_TYPES = frozenset({"text", *(name for name, known in SAME_TYPE.items() if known == "text")})
_EMPTY_PARAGRAPH = ("paragraph", (), ())


def canonical(node: Node, *, site_url: str = "") -> Any:
    """A hashable value that is equal for nodes which mean the same.

    site_url: addresses below it are compared as root-relative ones, because Ghost returns `/about/` as
    an absolute address of the site.
    """
    return _node(node, _prefix(site_url), 0)


def canonical_children(document: Root, *, site_url: str = "") -> list[Any]:
    """The canonical forms of a document's top-level nodes, one for each, in order."""
    prefix = _prefix(site_url)
    return [_node(node, prefix, 0) for node in children_of(document)]


def same(a: Root, b: Root, *, site_url: str = "") -> bool:
    """Whether two documents mean the same to Ghost."""
    return bool(_root(a, site_url) == _root(b, site_url))


def without_last_blank(forms: Sequence[Any]) -> Sequence[Any]:
    """Canonical top-level nodes without the one blank paragraph the editor keeps at the end."""
    if forms and forms[-1] == _EMPTY_PARAGRAPH and (len(forms) == 1 or forms[-2] != _EMPTY_PARAGRAPH):
        return forms[:-1]
    return forms


def _root(document: Root, site_url: str) -> Any:
    inner = document.get("root")
    properties = _properties(inner, "root", _prefix(site_url), 0) if isinstance(inner, dict) else ()
    return properties, list(without_last_blank(canonical_children(document, site_url=site_url)))


def _prefix(site_url: str) -> str:
    return site_url.rstrip("/") + "/" if site_url else ""


def _node(node: Any, prefix: str, depth: int) -> Any:
    type = node.get("type") if node.__class__ is dict else None
    if type.__class__ is not str:
        return ("", _value(node, prefix, depth), None)
    if type in _TEXT_TYPES:
        if _is_plain(node):
            return ("text", node["format"], node["text"])
        type = "text"
    else:
        type = SAME_TYPE.get(type, type)
    children = node.get("children")
    if children.__class__ is not list:
        return (type, _properties(node, type, prefix, depth), _value(children, prefix, depth))
    if depth >= MAX_DEPTH:
        return (type, _flat(node), None)
    properties = () if _is_plain_element(node) else _properties(node, type, prefix, depth)
    depth += 1
    if len(children) == 1:
        form = _node(children[0], prefix, depth)
        return (type, properties, () if form == _NO_TEXT else (form,))
    return (type, properties, _joined([_node(child, prefix, depth) for child in children]))


def _is_plain(node: Node) -> bool:
    """Whether a text says nothing beyond its format and its characters."""
    try:
        return (
            node["mode"] == "normal"
            and node["style"] == ""
            and node["detail"] == 0
            and node["version"] == 1
            and len(node) == _PLAIN_TEXT_SIZE
            and node["format"].__class__ is int
            and node["text"].__class__ is str
        )
    except KeyError:
        return False


def _is_plain_element(node: Node) -> bool:
    """Whether an element has its type, its children and Ghost's defaults, and nothing else."""
    try:
        return (
            len(node) == _PLAIN_ELEMENT_SIZE
            and node["format"] == ""
            and node["indent"] == 0
            and node["version"] == 1
            and "direction" in node
        )
    except KeyError:
        return False


def _joined(forms: list[Any]) -> tuple[Any, ...]:
    """Neighbouring texts of one format as one; texts without characters left out."""
    joined: list[Any] = []
    texts: list[str] = []  # of one format, not yet in joined
    format = 0
    for form in forms:
        if form[0] == "text" and form[1].__class__ is int:
            if not form[2]:
                continue
            if texts and form[1] != format:
                joined.append(("text", format, "".join(texts)))
                texts = []
            format = form[1]
            texts.append(form[2])
            continue
        if texts:
            joined.append(("text", format, "".join(texts)))
            texts = []
        joined.append(form)
    if texts:
        joined.append(("text", format, "".join(texts)))
    return tuple(joined)


_LEFT_OUT = frozenset({"type", "children", "direction"})
_LEFT_OUT_OF_ITEMS = _LEFT_OUT | {"value", "indent"}


def _properties(node: Node, type: str, prefix: str, depth: int) -> tuple[Any, ...]:
    defaults = DEFAULTS.get(type)
    if defaults is None:
        defaults = ELEMENT_DEFAULTS if "children" in node else CARD_DEFAULTS
    left_out = _LEFT_OUT_OF_ITEMS if type == "listitem" else _LEFT_OUT
    kept = []
    for key, value in node.items():
        if key in left_out:
            continue
        if key in defaults:
            default = defaults[key]
            if (value == default and value.__class__ is default.__class__) or is_default(
                defaults, key, value
            ):
                continue
        elif type == "list" and key == "tag" and value == _list_tag(node):
            continue
        kept.append((key, _property(value, type, key, prefix, depth)))
    if len(kept) > 1:
        kept.sort(key=_key)
    return tuple(kept)


def _list_tag(node: Node) -> str:
    return "ol" if node.get("listType") == "number" else "ul"


_RICH = {
    "image": {"caption"},
    "codeblock": {"caption"},
    "bookmark": {"caption"},
    "gallery": {"caption"},
    "callout": {"calloutText"},
    "toggle": {"heading", "content"},
    "video": {"caption"},
    "embed": {"caption"},
    "product": {"productTitle", "productDescription"},
    "call-to-action": {"textValue", "sponsorLabel"},
    "header": {"header", "subheader"},
    "signup": {"header", "subheader", "disclaimer"},
}
"""Properties that hold small HTML, compared as the text they show."""

_ADDRESSES = frozenset({"url", "src", "href", "buttonUrl"})
"""Properties in which Ghost percent-encodes a root-relative address when it makes it absolute."""

_SPARSE = {"bookmark": "metadata", "gallery": "images"}
"""Properties whose objects may leave out what is empty."""


def _property(value: Any, type: str, key: str, prefix: str, depth: int) -> Any:
    if type == "text" and key == "text":
        return _value(value, "", depth)
    if type in _RICH and key in _RICH[type] and isinstance(value, str):
        return _rich(value, prefix, is_callout=type == "callout")
    if prefix and key in _ADDRESSES and isinstance(value, str):
        value = value.replace(prefix, "/", 1) if value.startswith(prefix) else value
        return unquote(value) if value.startswith("/") else value
    if _SPARSE.get(type) == key:
        value = _without_empty(value)
    return _value(value, prefix, depth)


@lru_cache(maxsize=4096)
def _rich(html: str, prefix: str, *, is_callout: bool) -> Any:
    """The text that a caption or the like shows; the HTML itself where it is not simple."""
    content = nodes_of_html(html)
    if content is None:
        return _value(html, prefix, 0)
    if is_callout and len(content) == 1 and content[0]["type"] == "paragraph":
        content = content[0]["children"]  # Ghost's renderer drops the paragraph's tags
    return ("rich", *_joined([_node(node, prefix, 1) for node in content]))


def _without_empty(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if item is not None and item != ""}
    return value


def _key(pair: tuple[str, Any]) -> str:
    return pair[0]


def _value(value: Any, prefix: str, depth: int) -> Any:
    """JSON as something hashable, in which true is not 1 and a list is not an object."""
    if isinstance(value, str):
        return value.replace(prefix, "/") if prefix and prefix in value else value
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (list, dict)) and depth >= MAX_DEPTH:
        return _flat(value)
    if isinstance(value, list):
        return ("list", *(_value(item, prefix, depth + 1) for item in value))
    if isinstance(value, dict):
        pairs = sorted(((key, _value(item, prefix, depth + 1)) for key, item in value.items()), key=_key)
        return ("object", *pairs)
    return value


def _flat(value: Any) -> tuple[Any, ...]:
    """JSON of any depth as one flat tuple, without recursion."""
    tokens: list[Any] = []
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            keys = sorted(key for key in item if key != "direction")
            tokens.append(("object", *keys))
            pending.extend(item[key] for key in reversed(keys))
        elif isinstance(item, list):
            tokens.append(("list", len(item)))
            pending.extend(reversed(item))
        else:
            tokens.append(("bool", item) if isinstance(item, bool) else item)
    return tuple(tokens)
