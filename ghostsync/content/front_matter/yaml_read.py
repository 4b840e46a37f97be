"""YAML front matter -> values, from the composed nodes: they know their lines and what was really written."""

from __future__ import annotations

import re
from typing import Any

import yaml

from ghostsync.content.front_matter.values import Matter, Trouble, Type, Value, duplicate, no_mapping

_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TYPES = {
    "tag:yaml.org,2002:null": Type.EMPTY,
    "tag:yaml.org,2002:bool": Type.FLAG,
    "tag:yaml.org,2002:int": Type.NUMBER,
    "tag:yaml.org,2002:float": Type.NUMBER,
    "tag:yaml.org,2002:timestamp": Type.DATE,
}
_COMMENT = re.compile(r"[ \t:]*[ \t](#[^\s#][^\n]*)")
_DEPTH = 2
# libyaml recurses on the C stack and takes the process with it; Python's own loader raises instead.
_MANY_OPENERS = 2000


def compose(text: str) -> yaml.Node | None:
    """The root node of a YAML document, None if it is empty. Raises yaml.YAMLError or RecursionError.

    Positions (`start_mark.index`) count characters of text; the line numbers in the marks do not always
    agree with the text's, because YAML also ends lines at U+0085, U+2028 and U+2029.
    """
    openers = text.count("[") + text.count("{") + text.count("- ")
    node: yaml.Node | None = yaml.compose(text, Loader=_FAST if openers < _MANY_OPENERS else yaml.SafeLoader)
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.troubles: list[Trouble] = []
        self._seen_at = 0
        self._seen_lines = 1

    def line(self, node: yaml.Node) -> int:
        # Nodes come in order, so lines are counted on from the last one; aliases jump back.
        index = node.start_mark.index
        if index < self._seen_at:
            return self.text.count("\n", 0, index) + 1
        self._seen_lines += self.text.count("\n", self._seen_at, index)
        self._seen_at = index
        return self._seen_lines

    def value(self, node: yaml.Node, depth: int) -> Value:
        line = self.line(node)
        if isinstance(node, yaml.ScalarNode):
            type = _TYPES.get(node.tag, Type.TEXT)
            if type is not Type.EMPTY:
                return Value(type, line, node.value)
            comment = _COMMENT.match(self.text, node.end_mark.index)
            if comment is None and node.start_mark.index == node.end_mark.index:
                comment = _COMMENT.match(self.text, max(0, node.start_mark.index - 1))
            return Value(type, line, comment[1] if comment else "")
        if depth >= _DEPTH:
            return Value(Type.TABLE, line)
        if isinstance(node, yaml.SequenceNode):
            return Value(Type.LIST, line, items=tuple(self.value(item, depth + 1) for item in node.value))
        return Value(Type.TABLE, line, table=self.table(node, depth + 1))

    def table(self, node: yaml.Node, depth: int) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            line = self.line(key_node)
            key: str = key_node.value
            if key in entries:
                self.troubles.append(duplicate(key, line))
                continue
            value = self.value(value_node, depth)
            entries[key] = Value(value.type, line, value.text, value.items, value.table)
        return entries


def read_yaml(text: str) -> Matter:
    """The values of a YAML block (LF line ends, without its fences)."""
    try:
        root = compose(text)
    except yaml.YAMLError as error:
        return Matter({}, (explain(error, text, "the front matter"),))
    except RecursionError:
        return Matter({}, (Trouble(1, "the front matter is nested far too deeply", "Remove the nesting."),))
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value == ""):
        return Matter({})
    if not isinstance(root, yaml.MappingNode):
        return Matter({}, (no_mapping(),))
    reader = _Reader(text)
    entries = reader.table(root, 0)
    return Matter(entries, tuple(reader.troubles))


def explain(error: yaml.YAMLError, text: str, noun: str) -> Trouble:
    """What is wrong with a text that is no YAML. noun: what to call it."""
    line, key = 1, ""
    reason = str(error).split("\n", maxsplit=1)[0]
    if isinstance(error, yaml.reader.ReaderError):
        return Trouble(
            text.count("\n", 0, error.position) + 1,
            f"{noun} holds a character YAML does not allow (U+{_code(error):04X})",
            "Remove the character.",
        )
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            line = text.count("\n", 0, mark.index) + 1
        reason = error.problem or reason
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if match := re.match(r"\s*([\w.-]+)\s*:", here):
        key = match[1]
    remedy = "Correct this line, or the one before it."
    if "\t" in here and ("\\t" in reason or "tab" in reason or "token" in reason):
        reason, remedy = "a tab is used for indentation", "Indent with spaces; YAML allows no tabs there."
    elif "mapping values are not allowed" in reason:
        reason, remedy = (
            "a colon stands where YAML does not expect one",
            'Put the value in quotes: key: "a: b".',
        )
    elif "undefined alias" in reason or "token" in reason or "alias" in reason:
        remedy = "Put the value in quotes: some characters (* & @ ` % ! ?) mean something in YAML."
    return Trouble(line, f"{noun} is not valid YAML: {reason}", remedy, key)


def _code(error: yaml.reader.ReaderError) -> int:
    character = error.character
    return character if isinstance(character, int) else ord(character)
