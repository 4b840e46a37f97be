"""tags.yaml as a list of items, each with its own lines: what reading and editing have in common.

An item that is written in block form, `- name: ...` and more keys below, is a plain mapping once its dash is a blank. So
the readers and editors of front matter do their work on it, and the dash goes back where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from ghostsync.content.front_matter.values import CannotEdit
from ghostsync.content.front_matter.yaml_read import compose


@dataclass(frozen=True, slots=True)
class Item:
    """One item. node: as composed. start, end: offsets of its own lines, without comments and blank lines that may
    belong to the next one. dash: offset of its dash; -1 where it has no line of its own.
    """

    node: yaml.Node
    start: int
    end: int
    dash: int

    @property
    def alone(self) -> bool:
        """Whether it is a block mapping behind a dash of its own, so that it can be read and edited line by line."""
        return self.dash >= 0 and isinstance(self.node, yaml.MappingNode) and not self.node.flow_style


@dataclass(frozen=True, slots=True)
class Listing:
    """All items. text: with LF line ends. indent: what stands before the dashes. block: it is written line by line."""

    text: str
    items: tuple[Item, ...]
    indent: str = ""
    block: bool = True

    def plain(self, item: Item) -> str:
        """The lines of an item as a mapping of its own."""
        if not item.alone:
            raise CannotEdit("an entry is not written line by line")
        at = item.dash - item.start
        lines = self.text[item.start : item.end]
        return f"{lines[:at]} {lines[at + 1 :]}"

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1


class NoList(ValueError):
    """The file holds something else than a list. line: 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__("not a list")
        self.line = line


def listed(text: str) -> Listing:
    """Raises yaml.YAMLError, RecursionError, NoList."""
    root = compose(text)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value == ""):
        return Listing(text, ())
    if not isinstance(root, yaml.SequenceNode):
        raise NoList(text.count("\n", 0, root.start_mark.index) + 1)
    if root.flow_style:
        return Listing(text, tuple(Item(node, -1, -1, -1) for node in root.value), block=False)
    first = text.rfind("\n", 0, root.start_mark.index) + 1
    indent = text[first : root.start_mark.index]
    dashes = [_dash(text, node, indent) for node in root.value]
    if any(dash < 0 for dash in dashes):
        return Listing(text, tuple(Item(node, -1, -1, -1) for node in root.value), indent, block=False)
    limits = [*dashes[1:], len(text)]
    items = []
    for node, dash, limit in zip(root.value, dashes, limits, strict=True):
        start = text.rfind("\n", 0, dash) + 1
        until = text.rfind("\n", 0, limit) + 1 if limit < len(text) else limit
        items.append(Item(node, start, _trimmed(text, start, until, len(indent)), dash))
    return Listing(text, tuple(items), indent)


def _dash(text: str, node: yaml.Node, indent: str) -> int:
    """The offset of the dash that a node stands behind; -1 where it cannot be made out."""
    at = node.start_mark.index
    while at > 0:
        line = text.rfind("\n", 0, at) + 1
        if text.startswith(f"{indent}-", line) and text[line + len(indent) + 1 : line + len(indent) + 2] in {
            " ",
            "\t",
            "\n",
            "",
        }:
            return line + len(indent)
        if text[line : node.start_mark.index].strip(" \t\n") and not _comment(text[line:at]):
            return -1
        at = line - 1
    return -1


def _comment(line: str) -> bool:
    return line.lstrip(" \t").startswith("#")


def _trimmed(text: str, start: int, end: int, indent: int) -> int:
    """The end of an item, without blank lines and without comments that are not indented as its keys are."""
    while end > start:
        line = text.rfind("\n", start, end - 1) + 1
        if line <= start:
            break
        content = text[line:end].strip(" \t\n")
        inside = len(text[line:end]) - len(text[line:end].lstrip(" ")) > indent
        if content and (inside or not content.startswith("#")):
            break
        end = line
    return end
