"""Lexical -> Markdown, checked: what is written reads back as the same nodes, or takes the fenced form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ghostsync.content.lexical.canonical import canonical, without_last_blank
from ghostsync.content.lexical.nodes import children_of, root
from ghostsync.content.markdown.blocks import read_blocks, read_places
from ghostsync.content.markdown.collector import collector_paused
from ghostsync.content.markdown.fence import ROOT_TYPE, write_fence
from ghostsync.content.markdown.list_spelling import same_list_kind
from ghostsync.content.markdown.spelling import RAW_TYPES, spell
from ghostsync.content.types import Node, Root

FENCED: Final = 3
"""The level of care that cannot fail: the fenced form."""

_MAX_ROUNDS: Final = 12

_MAX_YAML: Final = 5_000
"""Fenced blocks; in a document of more, the others are written as JSON, to be done in good time."""

_MAY_SWALLOW: Final = re.compile(r"\n\n|<|```|~~~")
"""What a card's own text may have that goes on beyond it, over all that follows."""


class Draft:
    """Nodes to be written one after the other, each at its own level of care."""

    __slots__ = ("_alternates", "_fences", "_texts", "_trusting", "forms", "levels", "nodes", "site_url")

    def __init__(
        self,
        wanted: list[Node],
        forms: list[Any] | None = None,
        *,
        site_url: str = "",
        trusting: bool = False,
    ) -> None:
        """trusting: nothing is tried by itself until `doubt` is called, as the text is read back as a whole first."""
        self._trusting = trusting
        self._fences = 0
        self.site_url = site_url
        self.nodes = wanted
        self.forms: list[Any] = [None] * len(wanted) if forms is None else forms
        self.levels = [0] * len(wanted)
        self._alternates = _alternates(wanted)
        self._texts: list[str | None] = [None] * len(wanted)

    def text(self, index: int) -> str:
        """The node's Markdown at its present level of care."""
        text = self._texts[index]
        if text is None:
            text = self._texts[index] = self._spelled(index)
        return text

    def reads_as(self, index: int, made: Node) -> bool:
        """Whether a node that was read means what the one at index means. Forms are worked out when needed."""
        if self.forms[index] is None:
            if _evidently_same(made, self.nodes[index]):
                return True
            self.forms[index] = canonical(self.nodes[index], site_url=self.site_url)
        return bool(canonical(made, site_url=self.site_url) == self.forms[index])

    def propose(self, index: int, text: str) -> None:
        """Write one node this way first; one that reads back as something else is then spelled as usual."""
        self.levels[index] = -1
        self._texts[index] = text

    def doubt(self) -> bool:
        """Try each node by itself, and each card from now on; whether one is written otherwise for that.

        What opens something without an end (a fence, an HTML comment) swallows all that follows, so that the text as
        a whole shows only the first of its kind.
        """
        if not self._trusting:
            return False
        self._trusting = False
        changed = False
        for index, text in enumerate(self._texts):
            if text is not None and not self._says(index, text):
                changed = True
                while self.levels[index] < FENCED and not self._says(index, self.text(index)):
                    self.escalate(index)
        return changed

    def _says(self, index: int, text: str) -> bool:
        """Whether a node's text reads back by itself."""
        if self.levels[index] >= FENCED:
            return True
        made = [made for block in read_blocks(text) for made in block.nodes]
        return len(made) == 1 and self.reads_as(index, made[0])

    def escalate(self, index: int) -> None:
        """Spell one node with more care."""
        self.levels[index] += 1
        before = self.text(index)
        text = self._spelled(index)
        while text == before and self.levels[index] < FENCED:
            self.levels[index] += 1
            text = self._spelled(index)
        self._texts[index] = text

    def fence(self, index: int) -> None:
        self.levels[index] = FENCED
        self._texts[index] = self._fenced(self.nodes[index])

    def _fenced(self, node: Node) -> str:
        self._fences += 1
        return write_fence(node, quickly=self._fences > _MAX_YAML)

    def _spelled(self, index: int) -> str:
        node = self.nodes[index]
        while self.levels[index] < FENCED:
            text = spell(node, self.levels[index], alternate=self._alternates[index])
            if text is not None and self._stands_alone(node, index, text):
                return text
            self.levels[index] += 1
        return self._fenced(node)

    def _stands_alone(self, node: Node, index: int, text: str) -> bool:
        """Whether a card's own text, which may be anything, reads back by itself."""
        if node.__class__ is not dict or node.get("type") not in RAW_TYPES:
            return True
        if text[0] in " \t\n" or text[-1] in " \t\n":
            return False
        if self._trusting or not _MAY_SWALLOW.search(text):
            return True  # as a part of the whole it is read back anyway
        return self._says(index, text)


def _evidently_same(made: Any, node: Any) -> bool:
    """A quick yes for nodes that are equal but for `direction`; no says nothing."""
    if made == node:
        return True
    if made.__class__ is not dict or node.__class__ is not dict or made.keys() != node.keys():
        return False
    return all(made[key] == node[key] for key in made if key != "direction")


def write_markdown(root: Root) -> str:
    """Markdown for a whole document, in one fixed style; reads back canonically the same.

    Ends in one line end; an empty document is empty text.
    """
    with collector_paused():
        return _written(root)


def _written(root: Root) -> str:
    children = children_of(root)
    last = [canonical(node) for node in children[-2:]]
    draft = Draft(children[: len(children) - len(last) + len(without_last_blank(last))], trusting=True)
    head = _root_fence(root)
    for _ in range(_MAX_ROUNDS):
        text, places = _assembled(head, draft)
        if not _escalate(draft, places, read_places(text)):
            return text
    for index, level in enumerate(draft.levels):
        if level:
            draft.fence(index)
    text, places = _assembled(head, draft)
    if misread(draft, places, read_places(text)) != ([], []):
        for index in range(len(draft.nodes)):
            draft.fence(index)
        text, _ = _assembled(head, draft)
    return text


def _assembled(head: str, draft: Draft) -> tuple[str, list[int]]:
    """The whole text, and where in it each node's text begins."""
    texts = [draft.text(index) for index in range(len(draft.nodes))]
    parts = [head] if head else []
    position = len(head) + 2 if head else 0
    places: list[int] = []
    for text in texts:
        places.append(position)
        position += len(text) + 2
    parts.extend(texts)
    return "\n\n".join(parts) + "\n" if parts else "", places


def _escalate(draft: Draft, places: list[int], blocks: list[tuple[int, Sequence[Node]]]) -> bool:
    """Take more care where something was misread. Whether there was anything."""
    wrong, missing = misread(draft, places, blocks)
    if not wrong and not missing:
        return False
    if missing and draft.doubt():
        return True
    for group in (wrong, missing, range(len(places))):
        candidates = [index for index in group if draft.levels[index] < FENCED]
        if candidates:
            for index in candidates:
                draft.escalate(index)
            return True
    return False


def misread(
    draft: Draft, places: list[int], blocks: list[tuple[int, Sequence[Node]]]
) -> tuple[list[int], list[int]]:
    """Indexes of nodes whose text reads back as something else, and of those swallowed by others.

    places: where each node's text begins. blocks: where which nodes were read.
    """
    wrong: list[int] = []
    missing: list[int] = []
    current = -1
    following, count = 0, len(places)
    for position, made in blocks:
        while following < count and places[following] < position:
            missing.append(following)
            following += 1
        if following < count and places[following] == position:
            current = following
            following += 1
            if len(made) != 1 or not draft.reads_as(current, made[0]):
                wrong.append(current)
        elif made and current >= 0 and (not wrong or wrong[-1] != current):
            wrong.append(current)
    missing.extend(range(following, count))
    return wrong, missing


def _alternates(wanted: list[Node]) -> list[bool]:
    """For each node whether it is a list right after one of its kind that has the usual marker."""
    flags: list[bool] = []
    for index, node in enumerate(wanted):
        again = index > 0 and same_list_kind(wanted[index - 1], node)
        flags.append(again and not flags[-1])
    return flags


def _root_fence(document: Root) -> str:
    """The document's own properties, where it has others than every document; else nothing."""
    inner = document.get("root")
    if not isinstance(inner, dict):
        return ""
    plain = root([])["root"]
    own = {
        key: value
        for key, value in inner.items()
        if key not in ("children", "direction", "type") and plain.get(key) != value
    }
    return write_fence({"type": ROOT_TYPE, **own}, is_root=True) if own else ""
