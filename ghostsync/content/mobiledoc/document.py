"""Mobiledoc 0.3 JSON <-> plain values in which every section carries its own markups, atoms and cards.

The stored form keeps tables of markups, atoms and cards beside the sections and refers to them by number.
Here a section stands on its own, so that it can be compared, moved and reused. `render(parse(text))` keeps
every marker and its nesting; only the numbering of the tables may differ.

Source: the mobiledoc specification, versions 0.3.0 to 0.3.2, and what mobiledoc-dom-renderer 0.7 accepts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ghostsync.errors import ContentError

VERSIONS = ("0.3.0", "0.3.1", "0.3.2")
VERSION = "0.3.1"  # what Ghost 2 to 5 write themselves
VERSION_WITH_ATTRIBUTES = "0.3.2"

_TEXT, _ATOM = 0, 1
_MARKUP_SECTION, _IMAGE_SECTION, _LIST_SECTION, _CARD_SECTION = 1, 2, 3, 10
_DEEPEST = 200  # far beyond what an editor makes; deeper nesting would exhaust the stack of whoever reads it
_TABLES = ("version", "markups", "atoms", "cards", "sections")

Attributes: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Markup:
    """An inline element: lower-case tag, attributes in their order."""

    tag: str
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """One opening of a markup; runs that share the very same Span lie in the same element."""

    markup: Markup


@dataclass(frozen=True, slots=True)
class Atom:
    """An inline object, such as `soft-return` (a line break). payload: any JSON."""

    name: str
    value: Any = ""
    payload: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """Text or an atom, with the spans around it, outermost first."""

    content: str | Atom
    spans: tuple[Span, ...] = ()


Line: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class TextSection:
    tag: str
    line: Line
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class ListSection:
    tag: str
    items: tuple[Line, ...]
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class ImageSection:
    src: str


@dataclass(frozen=True, slots=True)
class CardSection:
    """payload: usually an object; None when the card was stored without one."""

    name: str
    payload: Any


Section: TypeAlias = TextSection | ListSection | ImageSection | CardSection


@dataclass(frozen=True, slots=True)
class Mobiledoc:
    """extra: what stands beside the tables, such as `ghostVersion` (it decides how ids of headings are made)."""

    sections: tuple[Section, ...]
    version: str = VERSION
    extra: Mapping[str, Any] = field(default_factory=dict)


def parse(text: str) -> Mobiledoc:
    """Understand a stored mobiledoc. Raises ContentError when it is not one Ghost could show."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise _broken("it is not JSON") from None
    if not isinstance(raw, dict):
        raise _broken("it is not a JSON object")
    if raw.get("version") not in VERSIONS:
        raise _broken(f"its version is {raw.get('version')!r}, and only {', '.join(VERSIONS)} are known")
    try:
        sections = tuple(_Reader(raw).sections())
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _broken(f"its structure is damaged ({type(error).__name__}: {error})") from None
    extra = {key: value for key, value in raw.items() if key not in _TABLES}
    return Mobiledoc(sections, str(raw["version"]), extra)


def render(document: Mobiledoc) -> str:
    """The stored form, as compact JSON."""
    return json.dumps(_Writer().document(document), ensure_ascii=False, separators=(",", ":"))


def _broken(why: str) -> ContentError:
    return ContentError(
        f"Ghost holds a mobiledoc body that cannot be read: {why}",
        key="mobiledoc",
        remedy="Open the post in Ghost's editor and save it again, or restore it from a backup.",
    )


def _pairs(flat: Iterable[str]) -> Attributes:
    """["href", "x", "rel", "y"] -> (("href", "x"), ("rel", "y"))."""
    values = [str(value) for value in flat]
    if len(values) % 2:
        raise ValueError("an attribute without a value")
    return tuple(zip(values[::2], values[1::2], strict=True))


def _flat(attributes: Attributes) -> list[str]:
    return [part for pair in attributes for part in pair]


def _entry(table: list[Any], index: Any) -> Any:
    """table[index], but a negative number is damage and not the last entry."""
    if not isinstance(index, int) or index < 0:
        raise IndexError(f"no entry {index!r}")
    return table[index]


class _Reader:
    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._markups = [
            Markup(str(tag).lower(), _pairs(rest[0]) if rest and rest[0] else ())
            for tag, *rest in raw.get("markups") or ()
        ]
        self._atoms = [Atom(str(name), *rest[:2]) for name, *rest in raw.get("atoms") or ()]
        self._cards = [
            CardSection(str(name), rest[0] if rest else None) for name, *rest in raw.get("cards") or ()
        ]

    def sections(self) -> Iterable[Section]:
        for kind, *rest in self._raw["sections"]:
            attributes = _pairs(rest[2]) if len(rest) > 2 and rest[2] else ()
            if kind == _MARKUP_SECTION:
                yield TextSection(str(rest[0]).lower(), self._line(rest[1]), attributes)
            elif kind == _LIST_SECTION:
                yield ListSection(
                    str(rest[0]).lower(), tuple(self._line(item) for item in rest[1]), attributes
                )
            elif kind == _IMAGE_SECTION:
                yield ImageSection(str(rest[0]))
            elif kind == _CARD_SECTION:
                yield _entry(self._cards, rest[0])
            else:
                raise ValueError(f"a section of unknown type {kind!r}")

    def _line(self, markers: Iterable[Any]) -> Line:
        runs: list[Run] = []
        open_spans: list[Span] = []
        for kind, opened, closed, value in markers:
            open_spans += [Span(_entry(self._markups, index)) for index in opened]
            if len(open_spans) > _DEEPEST:
                raise ValueError(f"more than {_DEEPEST} elements lie in each other")
            if kind == _TEXT:
                content: str | Atom = str(value)
            elif kind == _ATOM:
                content = _entry(self._atoms, value)
            else:
                raise ValueError(f"a marker of unknown type {kind!r}")
            runs.append(Run(content, tuple(open_spans)))
            del open_spans[max(0, len(open_spans) - int(closed)) :]
        return tuple(runs)


class _Writer:
    def __init__(self) -> None:
        self._markups: dict[Markup, int] = {}
        self._atoms: list[list[Any]] = []
        self._cards: list[list[Any]] = []

    def document(self, document: Mobiledoc) -> dict[str, Any]:
        sections = [self._section(section) for section in document.sections]
        return {
            "version": document.version,
            **document.extra,
            "atoms": self._atoms,
            "cards": self._cards,
            "markups": [
                [markup.tag, _flat(markup.attributes)] if markup.attributes else [markup.tag]
                for markup in self._markups
            ],
            "sections": sections,
        }

    def _section(self, section: Section) -> list[Any]:
        match section:
            case TextSection(tag, line, attributes):
                return self._with([_MARKUP_SECTION, tag, self._line(line)], attributes)
            case ListSection(tag, items, attributes):
                return self._with([_LIST_SECTION, tag, [self._line(item) for item in items]], attributes)
            case ImageSection(src):
                return [_IMAGE_SECTION, src]
            case CardSection(name, payload):
                self._cards.append([name] if payload is None else [name, payload])
                return [_CARD_SECTION, len(self._cards) - 1]

    @staticmethod
    def _with(section: list[Any], attributes: Attributes) -> list[Any]:
        return [*section, _flat(attributes)] if attributes else section

    def _line(self, line: Line) -> list[Any]:
        markers = []
        before: tuple[Span, ...] = ()
        for run, after in zip(line, [*(follower.spans for follower in line[1:]), ()], strict=False):
            opened = [self._markup(span.markup) for span in run.spans[_shared(before, run.spans) :]]
            closed = len(run.spans) - _shared(run.spans, after)
            if isinstance(run.content, Atom):
                self._atoms.append([run.content.name, run.content.value, run.content.payload])
                markers.append([_ATOM, opened, closed, len(self._atoms) - 1])
            else:
                markers.append([_TEXT, opened, closed, run.content])
            before = run.spans
        return markers

    def _markup(self, markup: Markup) -> int:
        return self._markups.setdefault(markup, len(self._markups))


def _shared(left: tuple[Span, ...], right: tuple[Span, ...]) -> int:
    """How many outermost spans two neighbouring runs have in common."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one is not other:
            break
        count += 1
    return count
