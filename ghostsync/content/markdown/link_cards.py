"""Cards that are in essence a link: bookmark, embed, button, file, audio, video.

`[The shop](https://shop.example "What it sells")<!--bookmark publisher=Shop-->`: a paragraph of one link,
followed by a comment with the card's name and what else Ghost knows about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ghostsync.content.lexical import nodes
from ghostsync.content.lexical.defaults import DEFAULTS, is_default
from ghostsync.content.markdown.attributes import read_attributes, write_attributes
from ghostsync.content.markdown.escaping import destination, escape, link_title
from ghostsync.content.markdown.images import plain_text
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

Events: TypeAlias = list[tuple[Event, Span]]


@dataclass(frozen=True, slots=True)
class _LinkCard:
    """Which of a card's properties are the link's address, text and title."""

    url: str
    text: str
    title: str = ""


_CARDS: Final = {
    "bookmark": _LinkCard("url", "title", "description"),
    "embed": _LinkCard("url", "metadata.title"),
    "button": _LinkCard("buttonUrl", "buttonText"),
    "file": _LinkCard("src", "fileTitle", "fileCaption"),
    "audio": _LinkCard("src", "title"),
    "video": _LinkCard("src", "fileName"),
}
LINK_CARDS: Final = frozenset(_CARDS)

FILE_FACTS: Final = {
    "file": ("fileName", "fileSize"),
    "audio": ("mimeType", "duration"),
    "video": ("mimeType", "width", "height", "duration"),
}
"""What a card says of its file, which the file itself can tell. It comes first in the card's comment."""

_OF_METADATA: Final = "metadata."
"""Before the name of what an embed's `metadata` holds: it has what the provider answered, whatever that is."""

_METADATA: Final = ("icon", "title", "description", "author", "publisher", "thumbnail")


def read_link_card(events: Events) -> Node | None:
    """The card of a paragraph's events, or None: it is no link followed by a card's comment."""
    comment = read_attributes(events[-2][0]["InlineHtml"])
    if comment is None or comment[0] not in _CARDS:
        return None
    tag = events[1][0].get("Start") if events[1][0].__class__ is dict else None
    if tag.__class__ is not dict or "Link" not in tag:
        return None
    text, index = plain_text(events, 2)
    if index != len(events) - 2:
        return None
    name, properties = comment
    card, link = _CARDS[name], tag["Link"]
    url, title = link["dest_url"], link["title"]
    stated = {card.url: url, card.text: text, **({card.title: title} if card.title else {})}
    if properties.keys() & stated.keys() or (title and not card.title):
        return None
    if name == "embed":
        return _embed(stated, properties)
    if name != "bookmark":
        return nodes.card(name, **stated, **properties)
    caption = properties.pop("caption", "")
    stated.pop("url")
    if text == url:
        stated["title"] = ""
    metadata = {**dict.fromkeys(_METADATA, ""), **stated, **properties}
    return nodes.card("bookmark", url=url, metadata=metadata, caption=caption)


def _embed(stated: dict[str, str], properties: dict[str, Any]) -> Node:
    if stated["metadata.title"] == stated["url"]:
        del stated["metadata.title"]
    said = {**stated, **properties}
    size = len(_OF_METADATA)
    metadata = {key[size:]: value for key, value in said.items() if key.startswith(_OF_METADATA)}
    own = {key: value for key, value in said.items() if not key.startswith(_OF_METADATA)}
    return nodes.card("embed", **own, metadata=metadata)


def spell_link_card(node: Node, level: int) -> str | None:
    """The card as a link and a comment; None if that cannot say all of it."""
    name = node["type"]
    card, defaults = _CARDS[name], DEFAULTS[name]
    properties = {
        key: value for key, value in node.items() if key != "type" and not is_default(defaults, key, value)
    }
    if name == "embed":
        metadata = properties.pop("metadata", {})
        if not isinstance(metadata, dict):
            return None
        properties.update((_OF_METADATA + key, value) for key, value in metadata.items())
        properties.setdefault(card.text, properties.get("url"))
    if name == "bookmark":
        metadata = properties.pop("metadata", {})
        if not isinstance(metadata, dict) or metadata.keys() & {"url", "caption"}:
            return None
        ordered = {**dict.fromkeys(_METADATA), **metadata}
        properties.update((key, value) for key, value in ordered.items() if value not in (None, ""))
        properties.setdefault("title", properties.get("url"))
    facts = FILE_FACTS.get(name, ())
    if facts:
        first = {key: properties[key] for key in facts if key in properties}
        properties = {**first, **properties}
    url, text = properties.pop(card.url, None), properties.pop(card.text, None)
    title = properties.pop(card.title, "") if card.title else ""
    if not all(isinstance(value, str) for value in (url, text, title)) or not text or level > 1:
        return None
    place = destination(url)
    attributes = write_attributes(properties, name=name)
    if place is None or attributes is None:
        return None
    return f"[{escape(text, level, in_link=True)}]({place}{link_title(title) if title else ''}){attributes}"
