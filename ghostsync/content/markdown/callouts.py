"""Callout cards as alerts (`> [!NOTE]`), asides as quotes with a mark.

The kind of alert says the callout's colour and its usual emoji; others follow as attributes.
"""

from __future__ import annotations

from typing import Any, Final

from ghostsync.content.lexical import nodes
from ghostsync.content.lexical.rich_text import html_of_nodes, nodes_of_html
from ghostsync.content.markdown.attributes import write_attributes
from ghostsync.content.markdown.inline_spelling import spell_inline
from ghostsync.content.types import Node

_KINDS: Final = {
    "Note": ("blue", "💡"),
    "Tip": ("green", "✅"),
    "Important": ("purple", "📣"),
    "Warning": ("yellow", "⚠️"),
    "Caution": ("red", "🚨"),
}
_BY_COLOUR: Final = {colour: kind for kind, (colour, _) in _KINDS.items()}


def callout(kind: str, children: list[Node], attributes: dict[str, Any]) -> Node | None:
    """The card for an alert of pulldown-cmark's kind ("Note" ...); None if a callout cannot hold it."""
    colour, emoji = _KINDS[kind]
    text = html_of_nodes(children)
    if text is None or attributes.keys() - {"calloutEmoji", "backgroundColor"}:
        return None
    usual = {"calloutText": text, "calloutEmoji": emoji, "backgroundColor": colour}
    return nodes.card("callout", **{**usual, **attributes})


def spell_callout(node: Node, level: int) -> str | None:
    """The callout as an alert; None if its text is more than an alert can hold here."""
    html = node.get("calloutText") or ""
    content = nodes_of_html(html) if isinstance(html, str) else None
    if content is None:
        return None
    if len(content) == 1 and content[0]["type"] == "paragraph":
        content = content[0]["children"]
    text = spell_inline(content, level)
    colour = node.get("backgroundColor") or "blue"
    emoji = node.get("calloutEmoji")
    emoji = "💡" if emoji is None else emoji
    kind = _BY_COLOUR.get(colour, "Note") if isinstance(colour, str) else "Note"
    said = {
        key: value
        for key, value, usual in zip(
            ("calloutEmoji", "backgroundColor"), (emoji, colour), reversed(_KINDS[kind]), strict=True
        )
        if value != usual
    }
    attributes = write_attributes(said)
    if text is None or attributes is None or (attributes and not text):
        return None
    head = f"> [!{kind.upper()}]"
    return head if not text else "\n".join([head, *(f"> {line}" for line in (text + attributes).split("\n"))])
