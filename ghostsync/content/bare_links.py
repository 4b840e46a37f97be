"""Links that stand alone: in the file an address on a line of its own, in Ghost a bookmark or embed card.

Ghost's editor makes a card of an address that is pasted into an empty line. A file keeps its bare address, while the post
has the card: for comparing, cards that stand for a bare address are folded into the paragraph that the file's line reads as,
and unfolded again before the body is sent.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ghostsync.content.lexical import canonical, children_of, nodes
from ghostsync.content.markdown.blocks import read_blocks
from ghostsync.content.types import Node, Root

_ALONE = re.compile(r"^<?https?://[^\s<>]+>?[ \t]*$", re.MULTILINE)
_CARDS = frozenset({"bookmark", "embed"})
_METADATA = ("icon", "title", "description", "author", "publisher", "thumbnail")


def bare_links(text: str) -> tuple[str, ...]:
    """The addresses that are a paragraph by themselves in a Markdown text, in order: `https://…` or `<https://…>`."""
    if not _ALONE.search(text):
        return ()
    found = []
    for block in read_blocks(text):
        if len(block.nodes) == 1 and _ALONE.fullmatch(block.source.strip()):
            address = address_of(block.nodes[0])
            if address:
                found.append(address)
    return tuple(found)


def address_of(node: Node) -> str:
    """The address of a paragraph that is only a plain link showing it; "" for any other node."""
    children: list[Node] = node.get("children") or []
    if node.get("type") != "paragraph" or len(children) != 1 or children[0].get("type") != "link":
        return ""
    url = children[0].get("url")
    return url if isinstance(url, str) and canonical(node) == canonical(_paragraph(url)) else ""


def _paragraph(url: str) -> Node:
    return nodes.paragraph([nodes.link(url, nodes.texts(url))])


def card_from(url: str, answer: Mapping[str, Any]) -> Node | None:
    """The card that Ghost's editor makes of an answer of `oembed/`; None where it would make none of it."""
    kind, metadata = answer.get("type"), answer.get("metadata")
    if kind == "bookmark":
        told = metadata if isinstance(metadata, dict) else {}
        known = {key: told.get(key) or "" for key in _METADATA}
        if not known["title"]:
            return None
        return nodes.card("bookmark", url=str(answer.get("url") or url), metadata=known, caption="")
    html = answer.get("html")
    if not isinstance(kind, str) or not isinstance(html, str) or not html:
        return None
    return nodes.card("embed", url=url, embedType=kind, html=html, metadata=dict(answer), caption="")


def standing_for(
    links: Sequence[str], root: Root, known: Mapping[str, Node], *, site_url: str = ""
) -> dict[Any, str]:
    """Which cards of a post stand for bare links of its file: canonical form -> address.

    links: the bare links of the file as it was when both agreed. known: the card that was last made of an address.
    """
    lacking = Counter(links)
    lacking.subtract(address_of(node) for node in children_of(root))
    found: dict[Any, str] = {}
    for node in children_of(root):
        if node.get("type") in _CARDS:
            form = canonical(node, site_url=site_url)
            for url in dict.fromkeys(links):
                card = known.get(url)
                same = node.get("url") == url or (card and canonical(card, site_url=site_url) == form)
                if same and lacking[url] > 0 and form not in found:
                    lacking[url] -= 1
                    found[form] = url
    return found


def folded(
    root: Root, cards: Mapping[Any, str], *, site_url: str = ""
) -> tuple[Root, dict[str, tuple[Node, ...]]]:
    """The body with these cards (canonical form -> address) as paragraphs; and the cards, by address, to be put back."""
    kept: dict[str, tuple[Node, ...]] = {}
    children: list[Node] = []
    for node in children_of(root):
        url = cards.get(canonical(node, site_url=site_url)) if node.get("type") in _CARDS else None
        if url is None:
            children.append(node)
        else:
            kept[url] = (*kept.get(url, ()), node)
            children.append(_paragraph(url))
    if not kept:
        return root, kept
    return {**root, "root": {**root["root"], "children": children}}, kept


def unfolded(lexical: str, cards: Mapping[str, Iterable[Node]]) -> str:
    """A body that is about to be sent (JSON), with cards for its bare links: for each address in turn, the last one for
    all that follow.
    """
    document = json.loads(lexical)
    left = {url: deque(found) for url, found in cards.items()}
    children = []
    for node in document["root"]["children"]:
        queue = left.get(address_of(node))
        if not queue:
            children.append(node)
        else:
            children.append(queue.popleft() if len(queue) > 1 else queue[0])
    document["root"]["children"] = children
    return json.dumps(document, ensure_ascii=False)
