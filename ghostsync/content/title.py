"""The first H1 of a body, which is the title where front matter states none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyromark

_OPTIONS = pyromark.Options.ENABLE_STRIKETHROUGH
_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Heading:
    """An H1 in a body. start, end: character offsets of its lines, end behind its line end.
    underlined: it is written with a line of "=" below (setext) instead of "#".
    """

    title: str
    start: int
    end: int
    underlined: bool


def first_heading(body: str) -> Heading | None:
    """The first H1 that stands on the top level of a Markdown body (LF line ends)."""
    if "#" not in body and "=" not in body:
        return None
    depth = 0
    start = end = 0
    words: list[str] | None = None
    events: Any = pyromark.events_with_range(body, options=_OPTIONS)
    for event, span in events:
        step = _step(event)
        if step > 0 and depth == 0 and _is_h1(event):
            words, start, end = [], span["start"], span["end"]
        depth += step
        if words is not None:
            if depth == 0:
                break
            words.append(_words(event))
    if words is None:
        return None
    raw = body.encode()
    before, lines = raw[:start].decode(), raw[start:end].decode()
    # A heading may be indented by up to three spaces, which its range leaves out.
    first = before.rfind("\n") + 1
    last = len(before) + len(lines)
    if not lines.endswith("\n"):
        found = body.find("\n", last)
        last = len(body) if found < 0 else found + 1
    return Heading("".join(words).strip(), first, last, not lines.lstrip().startswith("#"))


def _step(event: Any) -> int:
    """How an event changes the depth of nesting."""
    if not isinstance(event, Mapping):
        return 0
    return ("Start" in event) - ("End" in event)


def _is_h1(event: Mapping[str, Any]) -> bool:
    tag = event["Start"]
    return isinstance(tag, Mapping) and tag.get("Heading", {}).get("level") == "H1"


def _words(event: Any) -> str:
    if isinstance(event, Mapping):
        return str(event.get("Text") or event.get("Code") or "")
    return " " if event in {"SoftBreak", "HardBreak"} else ""


def write_heading(title: str, *, underlined: bool) -> tuple[str, ...]:
    """Spellings of an H1, the plainest first; the reader decides which of them reads back as the title."""
    escaped = _SPECIAL.sub(r"\\\1", title)
    if underlined:
        return tuple(f"{text}\n{'=' * max(3, len(title))}\n" for text in (title, escaped))
    return f"# {title}\n", f"# {escaped}\n"
