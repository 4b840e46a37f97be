"""Putting a body back together: blank lines, the H1 that gives the title, the new text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from ghostsync.content.reading import BodyParts
from ghostsync.content.source import Form, Source, without_blank_end
from ghostsync.content.title import write_heading
from ghostsync.content.types import FieldValue


def headings(parts: BodyParts, title: FieldValue) -> Iterator[str]:
    """Spellings of the body's H1 to try for a title; the one there is where title is None."""
    if title is None:
        yield parts.heading
        return
    gap = parts.heading[len(parts.heading.rstrip("\n")) :]
    for spelled in write_heading(str(title), underlined=parts.underlined):
        yield spelled.rstrip("\n") + gap


def assembled(parts: BodyParts, source: Source, text: str, heading: str) -> str:
    """The body's whole text: the blank lines around it, the H1 where it was, the new text.

    parts: the body as it was. source: the file it goes into. heading: with the blank lines behind it, "" for none.
    """
    text = text.rstrip("\n")
    lead, trail = parts.lead, parts.trail
    if source.added_block and not lead:
        lead = "\n"
    if not parts.text and not parts.heading:
        # There was no body: `lead` is all the blank lines there were.
        lead, trail = (lead if source.form is Form.NONE else lead or "\n"), "\n"
    if source.tail and not source.tail.endswith("\n"):
        lead = f"\n{lead}"
    if not text and not heading:
        return ""
    if not heading:
        return lead + text + trail
    gap = heading[len(heading.rstrip("\n")) :] or "\n\n"
    heading = heading.rstrip("\n")
    lines = text.split("\n") if text else []
    at = _place(parts, lines)
    above = "\n".join(lines[:at]).rstrip("\n")
    below = "\n".join(lines[at:]).lstrip("\n")
    pieces = [f"{above}\n\n" if above else "", heading, f"{gap}{below}" if below else ""]
    return lead + "".join(pieces) + trail


def _place(parts: BodyParts, lines: Sequence[str]) -> int:
    """The line of a new body in front of which an H1 belongs that stood between old lines."""
    if not parts.before.strip():
        return 0
    old = (parts.before + parts.after).split("\n")
    place = parts.before.count("\n")
    for a, b, size in SequenceMatcher(None, old, lines, autojunk=False).get_matching_blocks():
        if a <= place <= a + size and size:
            return b + place - a
    return 0


def normalised(body: str) -> str:
    """A body as `Document.body` has it: no blank lines around it, one line end behind it."""
    lines = body.split("\n")
    while lines and not lines[0].strip(" \t"):
        del lines[0]
    text = without_blank_end("\n".join(lines))
    return f"{text}\n" if text else ""
