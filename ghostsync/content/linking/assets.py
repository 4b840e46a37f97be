"""Pictures, sounds and files of the folder in a document's text: `bees.png` <-> `https://site/content/images/.../bees.png`.

What the file on disk tells (a picture's size, a sound's length) Ghost's cards need, and nobody writes by hand. So it is put
into the comment behind the element on the way to Ghost, and left out again on the way back, where it says nothing new.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, normpath, relpath
from posixpath import join as join_path
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import quote, unquote

from ghostsync.content.linking.spots import Form, Spot
from ghostsync.content.markdown.attributes import read_attributes, write_attributes
from ghostsync.content.markdown.escaping import destination, escape
from ghostsync.content.markdown.link_cards import FILE_FACTS
from ghostsync.content.markdown.parser import decode
from ghostsync.errors import GhostsyncError

_PLAIN_VALUE = re.compile(r"(?:https?://[\w.-]+(?::\d+)?(?=/))?[\w./][\w./%+~@-]*", re.ASCII)
_SAFE = "/!$&'*+,;=:@~-._"
_PATH = r"""(?![A-Za-z][A-Za-z0-9+.-]*:|//|\#|/content/)[^\n]{0,500}?\.\w"""
_IN_TEXT = re.compile(r"\](?:\(|:)[ \t<]*" + _PATH)
_IN_HTML = re.compile(r"""(?:src|href|poster)\s*=[ \t"']*""" + _PATH)
_IN_PROPERTY = re.compile(r"""(?:[sS]rc|Url|icon|thumbnail|image)[:=][ \t"']*""" + _PATH)
_PROPERTIES = ("src:", "Src", "imageUrl", "icon", "thumbnail", "image:")
_PICTURE: Final = ("width", "height")

_OPENS, _CLOSES = "<!--", "-->"

PENDING: Final = "ghostsync-pending:"
"""Before the address of a file that is not in Ghost yet. Nothing with it is ever sent."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the folder that is no document. path: in the folder. content: the SHA-256 of its bytes. address: in Ghost,
    absolute, or PENDING and something unique. facts: what Ghost's cards are to know (width, height, mimeType, duration,
    fileName, fileSize). fault: why it can go to no Ghost; then the rest means nothing.
    """

    path: str
    content: str = ""
    address: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    fault: GhostsyncError | None = None


class Assets(Protocol):
    """Where a text's pictures and files are looked up."""

    def at(self, path: str) -> Asset | None:
        """The file at this path of the folder; None where there is nothing."""

    def named(self, name: str, near: str) -> Asset | None:
        """The file that `![[name]]` in the document `near` means: a path, or a name anywhere in the folder."""

    def behind(self, address: str) -> Asset | None:
        """The file whose content is at this address of the site."""

    def facts(self, content: str) -> Mapping[str, Any]:
        """What is known of a file with these bytes that may be gone from the folder."""
        ...


Edit: TypeAlias = tuple[int, int, str]
"""(start, end, replacement) in a text's bytes."""


def may_place(text: str) -> bool:
    """A quick no for most texts: whether there may be a picture or a file of the folder in it."""
    # Each pattern begins with a letter or two that are looked for first, which is many times as fast.
    if "![[" in text or _IN_TEXT.search(text):
        return True
    if ("src" in text or "href" in text or "poster" in text) and _IN_HTML.search(text):
        return True
    return any(word in text for word in _PROPERTIES) and _IN_PROPERTY.search(text) is not None


def locate(target: str, near: str, assets: Assets) -> Asset | None:
    """The file that a link or picture in the document `near` means; target without fragment."""
    for path in _paths(target, near):
        asset = assets.at(path)
        if asset is not None:
            return asset
    return None


def _paths(target: str, near: str) -> Iterator[str]:
    for name in dict.fromkeys((unquote(target), target)):
        if "\0" not in name:
            path = name.lstrip("/") if name.startswith("/") else join_path(dirname(near), name)
            yield normpath(path)


def way(path: str, near: str) -> str:
    """From the document `near` to a file: a relative path, percent-encoded where a link needs it."""
    found = relpath(path, dirname(near) or ".")
    encoded = "".join(char if char > "\x7f" and char.isprintable() else quote(char, _SAFE) for char in found)
    return f"./{encoded}" if ":" in encoded.partition("/")[0] else encoded


def put(spot: Spot, data: bytes, address: str, facts: Mapping[str, Any], *, dress: bool) -> list[Edit]:
    """What stands in place of a link or picture to a file. dress: with what its card is to know."""
    if spot.form is Form.EMBED:
        return [(spot.start, spot.end, _card_of_embed(spot, address, facts, dress=dress))]
    edits = [(spot.start, spot.end, _spelled(spot.form, address, decode(data[spot.start : spot.end])))]
    if dress and spot.alone and spot.comment is not None:
        begin, end = spot.comment
        at, told = _told(decode(data[begin:end]), spot, facts)
        if told:
            edits.append((begin + at, begin + at, told))
    return edits


def taken_back(
    spot: Spot, data: bytes, target: str, facts: Mapping[str, Any], *, dress: bool
) -> list[Edit] | None:
    """The inverse of `put` for a target that a person would write; None where it would not read back as it is."""
    edits = [(spot.start, spot.end, _spelled(spot.form, target, decode(data[spot.start : spot.end])))]
    if not (dress and spot.alone and spot.comment is not None):
        return edits
    begin, end = spot.comment
    was = decode(data[begin:end])
    for bare in _bare(was, spot, facts):
        at, told = _told(bare, spot, facts)
        if bare[:at] + told + bare[at:] == was:
            # What is told stands at one place, so that the rest of the comment can have edits of its own.
            return [*edits, (begin + at, begin + at + len(told.encode()), "")] if told else edits
    return None


def _bare(comment: str, spot: Spot, facts: Mapping[str, Any]) -> Iterator[str]:
    """What the comment may have been before the file's facts were put in."""
    read = read_attributes(comment) if comment else None
    if read is not None:
        name, stated = read
        same = {key: facts[key] for key in _wanted(spot, name) if facts.get(key, "") == stated.get(key)}
        said = _inner(same)
        if name and comment.startswith(f"{_OPENS}{name} {said}"):
            yield _OPENS + name + comment[len(f"{_OPENS}{name} {said}") :]
        elif comment == f"{_OPENS}{said}{_CLOSES}":
            yield ""
        elif comment.startswith(f"{_OPENS}{said} "):
            yield _OPENS + comment[len(f"{_OPENS}{said} ") :]
    yield comment


def _inner(values: Mapping[str, Any]) -> str:
    """What stands between the ends of a comment."""
    return (write_attributes(values) or "")[len(_OPENS) : -len(_CLOSES)]


def _spelled(form: Form, target: str, was: str) -> str:
    if form is Form.HTML:
        return html.escape(target)
    if form is Form.VALUE:
        return target if _PLAIN_VALUE.fullmatch(target) else json.dumps(target, ensure_ascii=False)
    spelled = destination(target) or quote(target, _SAFE)
    return f"<{spelled}>" if was.startswith("<") and not spelled.startswith("<") else spelled


def _wanted(spot: Spot, name: str) -> tuple[str, ...]:
    if spot.image:
        return () if name else _PICTURE
    return FILE_FACTS.get(name, ())


def _told(comment: str, spot: Spot, facts: Mapping[str, Any]) -> tuple[int, str]:
    """What the file adds to the comment behind an element, and at which byte of it; "" where it adds nothing."""
    read = read_attributes(comment) if comment else ("", {})
    if read is None:
        return 0, ""
    name, stated = read
    wanted = _wanted(spot, name)
    if spot.image and stated.keys() & set(_PICTURE):
        return 0, ""
    told = {key: facts[key] for key in wanted if key in facts and key not in stated}
    said = _inner(told)
    if not said:
        return 0, ""
    if not comment:
        return 0, f"{_OPENS}{said}{_CLOSES}"
    return (len(_OPENS + name), f" {said}") if name else (len(_OPENS), f"{said} ")


def _card_of_embed(spot: Spot, address: str, facts: Mapping[str, Any], *, dress: bool) -> str:
    """`![[talk.mp3]]` alone on a line is a card, as Obsidian shows it; a picture is a picture anywhere."""
    name = spot.target.rpartition("/")[2].strip()
    kind = str(facts.get("mimeType") or "").partition("/")[0]
    place = destination(address) or address
    size, _, height = (spot.label or "").partition("x")
    sized = size.isdigit() and (not height or height.isdigit())
    label = escape(name if spot.label is None or sized else spot.label, 0, in_link=True)
    if kind == "image":
        known = {key: facts[key] for key in _PICTURE if key in facts} if dress and spot.alone else {}
        return f"![{label}]({place}){write_attributes(known) or ''}"
    if not (dress and spot.alone):
        return f"[{label}]({place})"
    card = kind if kind in FILE_FACTS else "file"
    known = {key: facts[key] for key in FILE_FACTS[card] if key in facts}
    return f"[{label}]({place}){write_attributes(known, name=card) or ''}"
