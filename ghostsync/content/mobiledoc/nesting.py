"""Flat runs of formatted text -> runs in properly nested spans, which is all that mobiledoc can say.

Lexical gives every piece of text its whole set of formats; mobiledoc opens and closes elements like HTML. The
longest format becomes the outermost element, two formats that overlap are split, and a link is never split,
because two links are not one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ghostsync.content.mobiledoc.document import Atom, Line, Markup, Run, Span


@dataclass(frozen=True, slots=True)
class Piece:
    """Text or an atom, the markups that apply to it (in their preferred order, outermost first), and the links
    it lies in (outermost first; one Span is one link). inherits: it has no formats of its own, like a line
    break, and takes those that both its neighbours have.
    """

    content: str | Atom
    markups: tuple[Markup, ...]
    links: tuple[Span, ...] = ()
    inherits: bool = False


class _Stretch(NamedTuple):
    """A span over the pieces start..end-1. rank: order among stretches that end together."""

    start: int
    end: int
    rank: int
    span: Span
    is_link: bool


def nest(pieces: Sequence[Piece]) -> Line:
    """The same pieces as runs, every span properly nested."""
    pieces = _inherited(pieces)
    links = _links(pieces)
    starting: dict[int, list[_Stretch]] = {}
    for stretch in [*links.values(), *_formats(pieces, links)]:
        starting.setdefault(stretch.start, []).append(stretch)
    runs = []
    stack: list[_Stretch] = []
    for index, piece in enumerate(pieces):
        ended = next((depth for depth, stretch in enumerate(stack) if stretch.end <= index), len(stack))
        # What lies above an ended span must be closed with it, and opened anew where it goes on.
        goes_on = [
            stretch._replace(span=Span(stretch.span.markup))
            for stretch in stack[ended:]
            if stretch.end > index
        ]
        del stack[ended:]
        stack += sorted([*goes_on, *starting.get(index, ())], key=lambda it: (-it.end, it.rank))
        runs.append(Run(piece.content, tuple(stretch.span for stretch in stack)))
    return tuple(runs)


def _inherited(pieces: Sequence[Piece]) -> list[Piece]:
    """Give pieces without formats of their own those that the nearest others on both sides share."""
    following: list[tuple[Markup, ...]] = []
    last: tuple[Markup, ...] = ()
    for piece in reversed(pieces):
        last = last if piece.inherits else piece.markups
        following.append(last)
    following.reverse()
    result = []
    before: tuple[Markup, ...] = ()
    for piece, after in zip(pieces, following, strict=True):
        if piece.inherits:
            shared = tuple(markup for markup in before if markup in after)
            result.append(Piece(piece.content, shared, piece.links))
        else:
            before = piece.markups
            result.append(piece)
    return result


def _links(pieces: Sequence[Piece]) -> dict[Span, _Stretch]:
    stretches: dict[Span, _Stretch] = {}
    for index, piece in enumerate(pieces):
        for depth, span in enumerate(piece.links):
            start = stretches[span].start if span in stretches else index
            # Negative ranks: of spans that end together, links are outside formats and each other by depth.
            stretches[span] = _Stretch(start, index + 1, depth - len(piece.links), span, is_link=True)
    return stretches


def _formats(pieces: Sequence[Piece], links: dict[Span, _Stretch]) -> Iterator[_Stretch]:
    """Each markup over the longest stretches that do not cross the edge of a link."""
    since: dict[Markup, int] = {}
    for index in range(len(pieces) + 1):
        here = pieces[index].markups if index < len(pieces) else ()
        for markup in [markup for markup in since if markup not in here]:
            start = since.pop(markup)
            edges = _cuts(pieces, links, start, index)
            for left, right in pairwise(edges):
                rank = pieces[start].markups.index(markup)
                yield _Stretch(left, right, rank, Span(markup), is_link=False)
        for markup in here:
            since.setdefault(markup, index)


def _cuts(pieces: Sequence[Piece], links: dict[Span, _Stretch], start: int, end: int) -> list[int]:
    """start, end, and the edges between them of links that reach out of this range on one side only."""
    cuts = {start, end}
    if start > 0:
        cuts |= {links[span].end for span in pieces[start].links if links[span].start < start}
    if end < len(pieces):
        cuts |= {links[span].start for span in pieces[end - 1].links if links[span].end > end}
    return sorted(cut for cut in cuts if start <= cut <= end)
