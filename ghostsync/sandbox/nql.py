"""The part of Ghost's filter language (NQL) that clients use, parsed and turned into a predicate.

`+` is AND and binds tighter than `,` (OR); parentheses group. Values are compared as SQLite compares text,
so a date is found only in the form `YYYY-MM-DD HH:MM:SS`. Source: https://docs.ghost.org/content-api/filtering
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
"""What a record offers to a filter: column -> text, flag, None, or a sequence of texts for relations."""
Predicate = Callable[[Row], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\()|(?P<close>\))|(?P<and>\+)|(?P<or>,)|(?P<lb>\[)|(?P<rb>\])
      |(?P<prop>[a-zA-Z_][a-zA-Z0-9_.]*):(?=\S)
      |(?P<op>-|>=|<=|>|<|~\^|~\$|~)
      |'(?P<quoted>(?:\\.|[^'\\])*)'
      |(?P<literal>[^\s'"()\[\],+]+)
    )""",
    re.VERBOSE,
)
_RELATIONS = {"tag": "tags", "author": "authors"}


class FilterError(ValueError):
    """The filter cannot be parsed (`column` None) or names a column that does not exist."""

    def __init__(self, column: str | None = None) -> None:
        super().__init__(column or "syntax")
        self.column = column


def parse(text: str, columns: frozenset[str]) -> Predicate:
    """A predicate for a filter. Raises FilterError; an empty filter matches everything."""
    if not text.strip():
        return lambda _row: True
    parser = _Parser(_tokens(text), columns)
    predicate = parser.any_of()
    if parser.peek()[0] != "end":
        raise FilterError
    return predicate


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise FilterError
        value = match.group(match.lastgroup)
        if match.lastgroup == "quoted":
            value = re.sub(r"\\(.)", r"\1", value)
        tokens.append((match.lastgroup, value))
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]], columns: frozenset[str]) -> None:
        self._tokens = tokens
        self._columns = columns
        self._at = 0

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def take(self, kind: str | None = None) -> str:
        found, value = self.peek()
        if found == "end" or (kind is not None and found != kind):
            raise FilterError
        self._at += 1
        return value

    def any_of(self) -> Predicate:
        parts = [self.all_of()]
        while self.peek()[0] == "or":
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def all_of(self) -> Predicate:
        parts = [self.term()]
        while self.peek()[0] == "and":
            self.take()
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def term(self) -> Predicate:
        if self.peek()[0] == "open":
            self.take()
            inside = self.any_of()
            self.take("close")
            return inside
        column = self.take("prop")
        column = _RELATIONS.get(column, column)
        if column not in self._columns:
            raise FilterError(column)
        negative = self._operator("-")
        operator = "" if negative else self._operator(">=", "<=", ">", "<", "~^", "~$", "~")
        if self.peek()[0] == "lb":
            values = self._list()
            return lambda row: any(_equal(row[column], value) for value in values) is not bool(negative)
        value = self._value()
        if operator:
            return lambda row: _ordered(row[column], operator, value)
        return lambda row: _equal(row[column], value) is not bool(negative)

    def _operator(self, *names: str) -> str:
        kind, value = self.peek()
        if kind == "op" and value in names:
            return self.take()
        if kind == "literal":
            # A bare literal swallows the operator in front of it: `>=2026-01-01`, `-null`.
            for name in names:
                if value.startswith(name) and len(value) > len(name):
                    self._tokens = [*self._tokens]
                    self._tokens[self._at] = ("literal", value[len(name) :])
                    return name
        return ""

    def _list(self) -> list[str | None]:
        self.take("lb")
        values = [self._value()]
        while self.peek()[0] == "or":
            self.take()
            values.append(self._value())
        self.take("rb")
        return values

    def _value(self) -> str | None:
        kind, value = self.peek()
        if kind == "quoted":
            return self.take()
        if kind == "prop":
            # A bare value with a colon in it, such as an unquoted time, is not a value to Ghost either.
            raise FilterError
        value = self.take("literal")
        return None if value == "null" else value


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _equal(have: object, want: str | None) -> bool:
    if isinstance(have, list | tuple):
        return want in have
    return _text(have) == want


def _ordered(have: object, operator: str, want: str | None) -> bool:
    text = _text(have)
    if text is None or want is None:
        return False
    if operator.startswith("~"):
        folded, part = text.lower(), want.lower()
        if operator == "~^":
            return folded.startswith(part)
        return folded.endswith(part) if operator == "~$" else part in folded
    return {">": text > want, ">=": text >= want, "<": text < want, "<=": text <= want}[operator]
