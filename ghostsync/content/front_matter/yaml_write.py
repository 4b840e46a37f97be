"""Texts -> YAML as a person would write them. Every spelling reads back as the same text in YAML 1.1 and 1.2."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ghostsync.content.front_matter.values import DateText, New

# Plain scalars are left bare only where no YAML reader can see anything but this text in them.
_PLAIN = re.compile(r"[^\W_]|(?:[^\W_]|/)[^\n\t\\\"]*[^\s:\\\"]")
_NOT_PLAIN = re.compile(r": |:$| #|[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_NUMBER_LIKE = re.compile(
    r"[0-9][0-9_.,:]*(?:[eE][-+]?[0-9]+)?|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_FLOW = re.compile(r"[,\[\]{}:#&*!|>'%@`]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
}
_ESCAPED = re.compile(r'["\\\n\t\r\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]')


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _ESCAPES.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def is_plain(text: str, *, flow: bool = False) -> bool:
    """Whether a text may stand without quotes (flow: inside [a, b])."""
    return (
        _PLAIN.fullmatch(text) is not None
        and _NOT_PLAIN.search(text) is None
        and _NUMBER_LIKE.fullmatch(text) is None
        and text.lower() not in _WORDS
        and not (flow and _FLOW.search(text))
    )


def quoted(text: str, quote: str = '"') -> str:
    """A text in the given quotes; in double ones where single ones cannot hold it."""
    if quote == "'" and not _ESCAPED.search(text.replace('"', "").replace("\\", "")):
        return "'" + text.replace("'", "''") + "'"
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def one_line(text: str, *, style: str = "", flow: bool = False) -> str:
    """A text on one line. style: the quotes of the value it replaces, "" for bare or new."""
    if style in {"'", '"'}:
        return quoted(text, style)
    if is_plain(text, flow=flow):
        return text
    prefers_single = ('"' in text or "\\" in text) and "'" not in text
    return quoted(text, "'" if prefers_single else '"')


def block(text: str, indent: str) -> str | None:
    """A text of several lines as a literal block (from its "|" on, without a final line end), or None where a
    block cannot hold it exactly.
    """
    lines = text.split("\n")
    if len(lines) < 2 or _UNPRINTABLE.search(text) or "\x85" in text or "\xa0" in text[:1]:
        return None
    body, chomping = lines, "|-"
    if lines[-1] == "":
        body, chomping = lines[:-1], "|"
        if body[-1] == "":
            return None
    if body[0][:1] in {" ", "\t", ""} or any(line.isspace() for line in body):
        return None
    return "\n".join([chomping, *(indent + line if line else "" for line in body)])


def scalar(text: str, *, style: str = "", indent: str = "") -> str:
    """A text as a mapping's value. indent: that of the mapping's keys."""
    if "\n" in text and style not in {"'", '"'} and (literal := block(text, indent + "  ")):
        return literal
    return one_line(text, style=style)


def entry(key: str, value: New, *, indent: str = "") -> str:
    """One `key: value`, every line ended."""
    if isinstance(value, bool):
        return f"{indent}{key}: {'true' if value else 'false'}\n"
    if isinstance(value, DateText):
        return f"{indent}{key}: {value.text}\n"
    if isinstance(value, str):
        return f"{indent}{key}: {scalar(value, indent=indent)}\n"
    return f"{indent}{key}:\n{items(value, indent + '  ')}" if value else f"{indent}{key}: []\n"


def items(names: Iterable[str], indent: str) -> str:
    """A block list, every line ended."""
    return "".join(f"{indent}- {one_line(name)}\n" for name in names)
