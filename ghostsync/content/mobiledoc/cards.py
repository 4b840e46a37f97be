"""Cards of a mobiledoc <-> Lexical's card nodes.

A card's payload and the properties of the Lexical node of the same kind have the same names, but for those
listed here (Ghost 5 converts old posts by the same rule). A card that would not come back as the same card
this way is kept whole in a node of type `mobiledoc-card`.
"""

from __future__ import annotations

from typing import Any

from ghostsync.content.mobiledoc.document import CardSection, ImageSection
from ghostsync.content.mobiledoc.inline import UnholdableError
from ghostsync.content.types import Node

_TO_LEXICAL = {"hr": "horizontalrule", "code": "codeblock", "card-markdown": "markdown"}
_TO_MOBILEDOC = {"horizontalrule": "hr", "codeblock": "code"}
_RENAMED = {"embed": {"type": "embedType"}}

# Types that mean something else than a card in Lexical: a card of such a name is kept whole.
_NOT_CARDS = frozenset(
    {
        *("root", "paragraph", "heading", "extended-heading", "quote", "extended-quote", "aside"),
        *("list", "listitem", "link", "autolink", "at-link", "text", "extended-text", "linebreak"),
        *("tab", "tk", "zwnj", "mobiledoc-atom", "mobiledoc-card"),
    }
)

# The cards that Ghost can show in a mobiledoc, by the first major version that has them. Any other is silently
# shown as nothing.
_GHOST_2 = ("bookmark", "card-markdown", "code", "embed", "gallery", "hr", "html", "image", "markdown")
_GHOST_3 = ("email",)
_GHOST_4 = (
    *("audio", "before-after", "button", "callout", "email-cta", "file", "header", "paywall"),
    *("product", "toggle", "video"),
)
_SINCE = {**dict.fromkeys(_GHOST_2, 2), **dict.fromkeys(_GHOST_3, 3), **dict.fromkeys(_GHOST_4, 4)}
_NEVER = 1000

# What Ghost's editors write for these and Lexical leaves out as its default: mobiledoc's renderer assumes nothing.
_ASSUMED: dict[str, dict[str, Any]] = {
    "button": {"alignment": "center"},
    "callout": {"backgroundColor": "blue", "calloutEmoji": "💡"},
    "email-cta": {"alignment": "left", "segment": "status:free"},
    "header": {"size": "small", "style": "dark"},
    "product": {"productStarRating": 5},
}


def shown_by(name: str, major: int) -> bool:
    """Whether a Ghost of this major version shows a mobiledoc card of this name."""
    return _SINCE.get(name, _NEVER) <= major


def card_node(card: CardSection) -> Node:
    """The Lexical node that stands for a card."""
    node = _natural(card)
    if node is not None:
        try:
            again = card_section(node)
        except UnholdableError:
            again = None
        if again == CardSection(card.name, _without_noise(card)):
            # Absent here is nothing; in Lexical it would be the default.
            for key, assumed in _ASSUMED.get(card.name, {}).items():
                node.setdefault(key, "" if isinstance(assumed, str) else None)
            return node
    return {"type": "mobiledoc-card", "version": 1, "name": card.name, "payload": card.payload}


def card_section(node: Node) -> CardSection | ImageSection:
    """The card that says this node. Raises UnholdableError for a node that is no card."""
    kind = node.get("type")
    if kind == "mobiledoc-card":
        return CardSection(str(node.get("name", "")), node.get("payload"))
    if kind == "image" and node.get("mobiledocSection"):
        return ImageSection(str(node.get("src", "")))
    if not isinstance(kind, str) or kind in _NOT_CARDS or "children" in node:
        raise UnholdableError(str(kind))
    name = _TO_MOBILEDOC.get(kind, kind)
    if kind == "markdown" and node.get("cardName") == "card-markdown":
        name = "card-markdown"
    back = {theirs: ours for ours, theirs in _RENAMED.get(name, {}).items()}
    payload = {back.get(key, key): value for key, value in node.items() if key != "type"}
    if payload.get("version") == 1:
        del payload["version"]
    return CardSection(name, _without_empty(name, payload))


def with_assumed(node: Node) -> Node:
    """A card's node with the values that it need not name in Lexical."""
    assumed = _ASSUMED.get(str(node.get("type")))
    return {**assumed, **node} if assumed else node


def image_node(section: ImageSection) -> Node:
    """An image section: part of the format, though no Ghost editor makes one."""
    return {"type": "image", "version": 1, "src": section.src, "mobiledocSection": True}


def _natural(card: CardSection) -> Node | None:
    kind = _TO_LEXICAL.get(card.name, card.name)
    if kind in _NOT_CARDS or not isinstance(card.payload, dict | None):
        return None
    renamed = _RENAMED.get(card.name, {})
    node: Node = {"type": kind, "version": 1}
    for key, value in _without_noise(card).items():
        node[renamed.get(key, key)] = value
    return node


def _without_empty(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload without what says nothing: every renderer asks only whether a value is there.

    An image of regular width has no `cardWidth` in mobiledoc; Lexical names it.
    """
    return {
        key: value
        for key, value in payload.items()
        if value not in ("", None) and not (name == "image" and key == "cardWidth" and value == "regular")
    }


def _without_noise(card: CardSection) -> dict[str, Any]:
    """The payload without what no Ghost reads.

    Some Ghost 2 stored its whole configuration in rules (`_config`); the oEmbed service of Ghost 3 and 4 left
    its own version, and the name of the card, in what it returned.
    """
    payload = dict(card.payload) if isinstance(card.payload, dict) else {}
    if card.name == "hr":
        return {}
    if card.name in ("bookmark", "embed") and payload.get("version") == "1.0":
        del payload["version"]
    if card.name == "bookmark" and payload.get("type") == "bookmark":
        del payload["type"]
    return _without_empty(card.name, payload)
