"""Editing YAML front matter line by line, so that whatever is not edited keeps every byte.

`edit_yaml` knows block mappings, which is what people write; `edit_yaml_round_trip` leaves the rest (a block in
braces, keys with "?", anchors) to ruamel.yaml, which keeps comments and order but may lay lines out anew.
Neither is trusted: whoever calls them reads the result back.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

import yaml

from ghostsync.content.front_matter.values import CannotEdit, DateText, Edit, New
from ghostsync.content.front_matter.yaml_read import compose
from ghostsync.content.front_matter.yaml_write import entry, items, one_line, scalar

_COLON = re.compile(r"[ \t]*:")
_COMMENT_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?\n?")


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Offset behind the line end of the line that holds `at`."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


class _Pair:
    """One `key: value` of a block mapping, with the lines that are its own (start to end)."""

    def __init__(self, text: str, key: yaml.Node, value: yaml.Node, limit: int) -> None:
        self.text = text
        self.value = value
        self.start = _line_start(text, key.start_mark.index)
        self.indent = text[self.start : key.start_mark.index]
        colon = _COLON.match(text, key.end_mark.index)
        if colon is None or self.indent.strip():
            raise CannotEdit("a key is written in a form this editor does not know")
        self.colon = colon.end()
        first, last = value.start_mark.index, value.end_mark.index
        # An alias (*name) composes to the node it points to, which is somewhere else.
        self.elsewhere = not self.colon <= first <= limit
        self.open_ended = self.elsewhere or (
            value.style in {"|", ">"}
            if isinstance(value, yaml.ScalarNode)
            else not getattr(value, "flow_style", False)
        )
        self.end = self._trimmed(limit) if self.open_ended else _line_end(text, max(self.colon, last - 1))
        self.empty = first == last
        self.span = (first, last)

    def _trimmed(self, limit: int) -> int:
        """The end of an open-ended value, without the comments and blank lines in front of the next key."""
        end = limit
        while end > self.colon:
            start = _line_start(self.text, end - 1)
            line = self.text[start:end]
            deeper = len(line) - len(line.lstrip(" \t")) > len(self.indent) and line.strip()
            if deeper or start <= self.start or not _COMMENT_LINE.fullmatch(line):
                break
            end = start
        if self.keeps_blank_lines:
            while end < limit and self.text[end] == "\n":
                end += 1
        return end

    @property
    def keeps_blank_lines(self) -> bool:
        """Whether the blank lines behind it are a part of its text, as those behind "|+" are."""
        if not isinstance(self.value, yaml.ScalarNode) or self.value.style not in {"|", ">"}:
            return False
        start = self.value.start_mark.index
        return "+" in self.text[start : _line_end(self.text, start)].split("#")[0]

    @property
    def inline(self) -> bool:
        """Whether the value stands whole on the key's line, so that only it needs to be replaced."""
        return not self.open_ended and "\n" not in self.text[self.colon : self.span[1]]

    def replaced(self, new: str) -> str:
        """The text with the value replaced by one line, or by a block that begins on the key's line."""
        text = self.text
        if self.inline and "\n" not in new:
            if self.empty:
                return f"{text[: self.colon]} {new}{text[self.colon :]}"
            return text[: self.span[0]] + new + text[self.span[1] :]
        return f"{text[: self.colon]} {new}\n{text[self.end :]}"


def _pairs(text: str, node: yaml.Node, limit: int) -> dict[str, _Pair]:
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        raise CannotEdit("the mapping is not written line by line")
    starts = [_line_start(text, key.start_mark.index) for key, _ in node.value[1:]]
    return {
        key.value: _Pair(text, key, value, end)
        for (key, value), end in zip(node.value, [*starts, limit], strict=True)
        if isinstance(key, yaml.ScalarNode)
    }


def _list(pair: _Pair, names: Sequence[str]) -> str:
    """The text with a list's items changed; items that stay keep their lines, or their spelling."""
    text, node = pair.text, pair.value
    if not isinstance(node, yaml.SequenceNode) or pair.elsewhere or not names:
        if pair.inline and pair.empty and names:
            rest = _line_end(text, pair.colon)
            return text[:rest] + items(names, pair.indent + "  ") + text[rest:]
        if not names:
            return pair.replaced("[]")
        return f"{text[: pair.colon]}\n{items(names, pair.indent + '  ')}{text[pair.end :]}"
    if node.flow_style:
        kept = {item.value: text[item.start_mark.index : item.end_mark.index] for item in node.value}
        inner = ", ".join(kept.get(name) or one_line(name, style=_style(node), flow=True) for name in names)
        return pair.replaced(f"[{inner}]")
    starts = [_line_start(text, item.start_mark.index) for item in node.value]
    if len(set(starts)) < len(starts) or starts[0] <= pair.start:
        raise CannotEdit("the items of a list share lines")
    lines = {
        item.value: text[start:end]
        for item, start, end in zip(node.value, starts, [*starts[1:], pair.end], strict=True)
        if isinstance(item, yaml.ScalarNode)
    }
    dash = re.match(r"([ \t]*)-([ \t]+)", text[starts[0] : pair.end])
    if dash is None:
        raise CannotEdit("the items of a list do not begin with a dash")
    new = "".join(
        lines.get(name) or f"{dash[1]}-{dash[2]}{one_line(name, style=_style(node))}\n" for name in names
    )
    return text[: starts[0]] + new + text[pair.end :]


def _style(node: yaml.SequenceNode) -> str:
    """The quotes a list's items are in, "" where they are bare or differ."""
    styles = {item.style for item in node.value if isinstance(item, yaml.ScalarNode)}
    style = styles.pop() if len(styles) == 1 else None
    return style if style in {"'", '"'} else ""


def _value(pair: _Pair, new: New) -> str:
    style = pair.value.style if isinstance(pair.value, yaml.ScalarNode) and not pair.elsewhere else None
    style = style if style in {"'", '"'} else ""
    if isinstance(new, tuple):
        return _list(pair, new)
    if isinstance(new, bool):
        return pair.replaced("true" if new else "false")
    if isinstance(new, DateText):
        return pair.replaced(one_line(new.text, style=style) if style else new.text)
    return pair.replaced(scalar(new, style=style, indent=pair.indent))


def _without(text: str, pair: _Pair, pairs: Mapping[str, _Pair]) -> str:
    """The text without the pair. Blank lines that were in front of the next key go with it where they would become text of
    the value before.
    """
    rest = text[pair.end :]
    if any(other.end == pair.start and other.keeps_blank_lines for other in pairs.values()):
        rest = re.sub(r"\A(?:[ \t]*\n)+", "", rest)
    return text[: pair.start] + rest


def _apply(text: str, edit: Edit) -> str:
    root = compose(text)
    if root is None:
        if edit.value is None:
            return text
        gap = "" if not text or text.endswith("\n") else "\n"
        return text + gap + entry(edit.path[0], edit.value)
    pairs = _pairs(text, root, len(text))
    pair = pairs.get(edit.path[0])
    for key in edit.path[1:]:
        if pair is None or pair.elsewhere:
            raise CannotEdit("a nested key is not where it was")
        pair = _pairs(text, pair.value, pair.end).get(key)
    if pair is not None:
        return _without(text, pair, pairs) if edit.value is None else _value(pair, edit.value)
    if edit.value is None:
        return text
    if len(edit.path) > 1:
        raise CannotEdit("a nested key cannot be added")
    indent = next(iter(pairs.values())).indent if pairs else ""
    neighbour = next((pairs[key] for key in edit.after if key in pairs), None)
    if neighbour is not None:
        at = neighbour.end
    elif edit.before in pairs:
        at = pairs[edit.before].start
    else:
        at = len(text)
    gap = "" if at == 0 or text[at - 1] == "\n" else "\n"
    return text[:at] + gap + entry(edit.path[0], edit.value, indent=indent) + text[at:]


def edit_yaml(text: str, edits: Sequence[Edit]) -> str:
    """A YAML block with the edits made, all other bytes as they were. Raises CannotEdit."""
    try:
        for edit in edits:
            text = _apply(text, edit)
    except (yaml.YAMLError, RecursionError) as error:
        raise CannotEdit("the block is not valid YAML after an edit") from error
    return text


def _quoted(new: New) -> object:
    """A value for ruamel.yaml, always in quotes: what may stay bare differs between YAML 1.1 and its 1.2."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString  # noqa: PLC0415 - as below

    if isinstance(new, tuple):
        return [DoubleQuotedScalarString(name) for name in new]
    if isinstance(new, bool):
        return new
    return DoubleQuotedScalarString(new.text if isinstance(new, DateText) else new)


def edit_yaml_round_trip(text: str, edits: Sequence[Edit]) -> str:
    """A YAML block with the edits made by ruamel.yaml: comments and order stay, layout may not."""
    # Few blocks need it, and most runs need no megabyte for it.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError as RoundTripError  # noqa: PLC0415

    tool = YAML()
    tool.preserve_quotes = True
    tool.width = 1 << 20
    try:
        data = tool.load(text)
        if data is None:
            raise CannotEdit("the block is empty")
        for edit in edits:
            table = data
            for key in edit.path[:-1]:
                table = table[key]
            if edit.value is None:
                table.pop(edit.path[-1], None)
            else:
                table[edit.path[-1]] = _quoted(edit.value)
        out = io.StringIO()
        tool.dump(data, out)
    except (RoundTripError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CannotEdit("the block cannot be written back") from error
    return out.getvalue()
