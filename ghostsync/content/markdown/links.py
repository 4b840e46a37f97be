"""Bare links in text, as GitHub Flavored Markdown's extended autolinks (spec section 6.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CANDIDATE = re.compile(
    r"(?<![^\W_])(?:https?://|ftp://|www\.)(?=[\w-]+(?:\.|[:/]|$|\s|\b))[^\s<]+"
    r"|(?<![\w.+/-])(?:mailto:|xmpp:)?[A-Za-z0-9][\w.+-]*@[A-Za-z0-9][\w-]*(?:\.[\w-]+)+",
    re.ASCII | re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?:[a-z]+://|(?=www\.))([\w-]+(?:\.[\w-]+)*)", re.IGNORECASE)
_ENTITY_END = re.compile(r"&[A-Za-z0-9]+;$")
_TRAILING = "?!.,:*_~'\""


def link_address(url: str) -> str:
    """A link's address as Ghost is to have it: of a backslash it would make a slash."""
    return url.replace("\\", "%5C") if "\\" in url else url


def may_hold_links(text: str) -> bool:
    """A quick no for most texts: a single character is found many times as quickly as two, or as any pattern."""
    return (
        "@" in text
        or (":" in text and "://" in text)
        or "www." in text
        or ("W" in text and "www." in text.lower())
    )


def split_links(text: str) -> list[tuple[str, str]]:
    """The text in pieces: (piece, "") for text, (piece, url) for a bare link."""
    pieces: list[tuple[str, str]] = []
    position = 0
    for match in _candidates(text):
        found = match[0]
        if "@" in found and "://" not in found and not found.lower().startswith("www."):
            found, url = _mail(found)
        else:
            found, url = _web(found)
        if not found:
            continue
        if match.start() > position:
            pieces.append((text[position : match.start()], ""))
        pieces.append((found, url))
        position = match.start() + len(found)
    if position < len(text):
        pieces.append((text[position:], ""))
    return pieces


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """What `_CANDIDATE` finds, looked for only in words that may hold some, as none has a blank in it."""
    places: list[int] = []
    for hint in ("@", "://", "www.", "W"):
        place = text.find(hint)
        while place >= 0:
            places.append(place)
            place = text.find(" ", place)
            place = text.find(hint, place) if place >= 0 else -1
    end = 0
    for place in sorted(places):
        if place >= end:
            begin = text.rfind(" ", end, place) + 1 or end
            end = text.find(" ", place)
            if end < 0:
                end = len(text)
            yield from _CANDIDATE.finditer(text, begin, end)


def _mail(found: str) -> tuple[str, str]:
    found = found.rstrip(".")
    if found[-1] in "-_" or "." not in found.rpartition("@")[2]:
        return "", ""
    return found, found if ":" in found else "mailto:" + found


def _web(found: str) -> tuple[str, str]:
    if not found[-1].isalnum() and found[-1] != "/":
        found = _trimmed(found)
    domain = _DOMAIN.match(found)
    if not domain:
        return "", ""
    name = domain[1]
    if "_" in name and "_" in "".join(name.split(".")[-2:]):
        return "", ""
    if found[:4].lower() == "www.":
        return (found, "http://" + found) if len(name) > len("www.") else ("", "")
    return found, found


def _trimmed(found: str) -> str:
    """Without the punctuation that ends the sentence rather than the address."""
    surplus = found.count(")") - found.count("(")
    end = len(found)
    while end:
        last = found[end - 1]
        if last in _TRAILING:
            end -= 1
        elif last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last == ";":
            entity = _ENTITY_END.search(found, max(0, end - 40), end)
            if not entity:
                break
            end = entity.start()
        else:
            break
    return found[:end]
