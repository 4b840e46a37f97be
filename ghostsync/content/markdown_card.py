"""The `markdown` content mode: the body is the text of one Markdown card.

Ghost renders such a card with `breaks`: a newline inside a paragraph becomes <br>. In a file it is only where a
line was wrapped. So what is new in a file is unwrapped on its way to Ghost, and a paragraph that did not change
there keeps the file's wrapping on its way back. A paragraph that has newlines in Ghost already was meant so by
somebody who wrote it there, and keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyromark import Markdown, Options

from ghostsync.content.lexical.align import align

_PARSER = Markdown(
    options=Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES | Options.ENABLE_TASKLISTS | Options.ENABLE_GFM
)
# The newline and what continues the containers of the line after it: quote marks and indentation.
_JOINT = re.compile(rb"[ \t]*\n[ \t>]*")
# Ghost's dialect reads "#Title" without a space as a heading, and a line with ":" may be a definition: such a line
# stays a line.
_STANDS_ALONE = (b"#", b":")


@dataclass(frozen=True, slots=True)
class _Block:
    """A top-level block and what follows it up to the next. source: as written, without the newlines at its
    end. flat: the same with its paragraphs unwrapped. gap: those newlines.
    """

    source: str
    flat: str
    gap: str

    @property
    def wrapped(self) -> bool:
        return self.source != self.flat


def card_text(text: str, old: str | None = None, *, site_url: str = "") -> str:
    """What a file's text says, as the text of a Markdown card.

    old: the card's text as Ghost holds it; None for a new post. What did not change is sent exactly as it is there.
    site_url: addresses below it are the same as root-relative ones, which Ghost returns as absolute.
    """
    blocks = _blocks(text)
    if old is None:
        return _joined([(block.flat, block.gap) for block in blocks]).rstrip("\n")
    old_blocks = _blocks(old)
    sent: list[tuple[str, str]] = []
    for stretch in align(_flats(old_blocks, site_url), _flats(blocks, site_url)):
        theirs = old_blocks[stretch.a_start : stretch.a_end]
        ours = blocks[stretch.b_start : stretch.b_end]
        if stretch.equal:
            for there, here in zip(theirs, ours, strict=True):
                same = relative(here.source, site_url) == relative(there.source, site_url)
                sent.append((here.source if there.wrapped and not same else there.source, there.gap))
            sent[-1] = (sent[-1][0], ours[-1].gap)
        else:
            meant = any(block.wrapped for block in theirs)
            sent += [(block.source if meant else block.flat, block.gap) for block in ours]
    ending = old[len(old.rstrip("\n")) :]
    return _joined(sent).rstrip("\n") + (ending if sent else "")


def file_text(text: str, old: str, new: str, *, site_url: str = "") -> str:
    """The file's text after the card in Ghost went from old to new: unchanged blocks keep the file's spelling."""
    if old == new:
        return text
    here, before, after = _blocks(text), _blocks(old), _blocks(new)
    # Block of the old card -> block of the file; then block of the new card -> block of the file.
    place = dict(_equal(_flats(before, site_url), _flats(here, site_url)))
    kept = {
        now: place[was]
        for was, now in _equal([block.source for block in before], [block.source for block in after])
        if was in place
    }
    result: list[tuple[str, str]] = []
    for index, block in enumerate(after):
        if index not in kept:
            result.append((block.source, block.gap))
            continue
        mine = kept[index]
        neighbours = kept.get(index + 1) == mine + 1 or (index + 1 == len(after) and mine + 1 == len(here))
        result.append((here[mine].source, here[mine].gap if neighbours else block.gap))
    joined = _joined(result)
    return joined if joined.endswith("\n") or not joined else f"{joined}\n"


def relative(text: str, site_url: str) -> str:
    """The text with the site's own addresses as root-relative ones."""
    return text.replace(site_url.rstrip("/") + "/", "/") if site_url else text


def _flats(blocks: Sequence[_Block], site_url: str) -> list[str]:
    return [relative(block.flat, site_url) for block in blocks]


def _equal(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of places at which two sequences, aligned as a diff does, hold the same."""
    for stretch in align(left, right):
        if stretch.equal:
            yield from zip(
                range(stretch.a_start, stretch.a_end), range(stretch.b_start, stretch.b_end), strict=True
            )


def unwrapped(text: str) -> str:
    """The text with every line that was only wrapped joined to the one before."""
    return _joined([(block.flat, block.gap) for block in _blocks(text)])


def _joined(blocks: Sequence[tuple[str, str]]) -> str:
    """Blocks and their gaps as one text; a block that lost its gap by moving gets an empty line."""
    parts = []
    for index, (source, gap) in enumerate(blocks):
        last = index + 1 == len(blocks)
        parts += [source, gap if gap or last else "\n\n"]
    return "".join(parts)


def _blocks(text: str) -> list[_Block]:
    """The top-level blocks of a text; joined by their gaps they are the text again."""
    data = text.encode()
    starts, joints = [0], []
    depth = 0
    events = list(_PARSER.events_with_range(text))
    for index, (event, span) in enumerate(events):
        if depth == 0 and not (isinstance(event, dict) and "End" in event):
            start = data.rfind(b"\n", 0, span["start"]) + 1
            if start > starts[-1]:
                starts.append(start)
        if isinstance(event, dict):
            depth += ("Start" in event) - ("End" in event)
        if event == "SoftBreak" and index + 1 < len(events):
            until = max(events[index + 1][1]["start"], span["end"])
            since = span["start"]
            while since > 0 and data[since - 1] in b" \t":
                since -= 1
            joint = _JOINT.match(data, since, until)
            if joint and not data.startswith(_STANDS_ALONE, joint.end()):
                joints.append(joint.span())
    blocks = []
    pending = iter(joints)
    joint_span = next(pending, None)
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        flat, since = [], start
        while joint_span is not None and joint_span[0] < end:
            flat += [data[since : joint_span[0]], b" "]
            since = joint_span[1]
            joint_span = next(pending, None)
        flat.append(data[since:end])
        source = data[start:end].decode()
        content = source.rstrip("\n")
        blocks.append(_Block(content, b"".join(flat).decode().rstrip("\n"), source[len(content) :]))
    return blocks if text else []
