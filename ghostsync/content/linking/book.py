"""The address book: which file is which post, and at which address the post is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from math import inf
from pathlib import PurePosixPath
from posixpath import dirname, normpath, relpath
from posixpath import join as join_path
from urllib.parse import quote, unquote

from ghostsync.content.addresses import origin_of
from ghostsync.content.linking.assets import Assets

_DOCUMENT = re.compile(r"\.(?:md|markdown)$", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_SAFE = "/!$&'*+,;=:@~-._"
_ROOT_RELATIVE = ("](/", "](</", "]: /", "]: </", 'href="/', "href='/")
_SAYABLE = re.compile(r"[!#$%&'*+,./0-9:;=?@A-Z_a-z~-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A document. path: of its file, in the folder. id: of its post, "" until there is one. address: absolute. public:
    it is there already; else it is the one that the post is expected to get when it is published.
    """

    path: str
    id: str
    address: str
    public: bool = True


class Book:
    """All documents of a folder. site_url: with the trailing slash; major: Ghost's, for the ids of headings. assets: the
    files that are no documents; None where they stay what they are.
    """

    def __init__(
        self,
        places: Iterable[Place] = (),
        *,
        site_url: str = "",
        major: int = 6,
        assets: Assets | None = None,
    ) -> None:
        self.assets = assets
        self.site_url = site_url.rstrip("/") + "/" if site_url else ""
        self._origin = origin_of(site_url)
        self._site_path = self.site_url[len(self._origin) :]
        self.major = major
        self._by_path: dict[str, Place] = {}
        self._by_address: dict[str, Place] = {}
        self._by_id: dict[str, Place] = {}
        self._by_name: dict[str, list[Place]] | None = None
        for place in places:
            self.add(place)

    def add(self, place: Place) -> None:
        self._by_path[_key(place.path)] = place
        if place.public and _SAYABLE.fullmatch(place.address):
            self._by_address.setdefault(place.address, place)
        if place.id:
            self._by_id[place.id] = place
        self._by_name = None

    def at(self, target: str, near: str) -> Place | None:
        """The document that a link in the file `near` leads to. target: as in the link, decoded, without fragment."""
        path = inside(target, near)
        return self._by_path.get(_key(path)) if path else None

    def by_id(self, id: str) -> Place | None:
        return self._by_id.get(id)

    def at_address(self, address: str) -> Place | None:
        """address: absolute or root-relative, as Ghost 2 tells what is below the site's own address."""
        return self._by_address.get(self.whole(address))

    def whole(self, address: str) -> str:
        """A root-relative address as an absolute one."""
        return self._origin + address if address.startswith("/") and address[1:2] != "/" else address

    def relative(self, text: str) -> str:
        """A text with the site's own addresses as root-relative ones, to see whether two lead to the same."""
        return text.replace(self.site_url, self._site_path) if self.site_url else text

    def may_lead(self, text: str) -> bool:
        """A quick no for most texts: whether there may be an address of the site in it."""
        return bool(self.site_url) and (self.site_url in text or any(mark in text for mark in _ROOT_RELATIVE))

    def named(self, name: str, near: str) -> Place | None:
        """The document that `[[name]]` in the file `near` means, as Obsidian finds it: a path, or the name of a file
        anywhere; of several the nearest one, else the one with the shortest path.
        """
        name = _DOCUMENT.sub("", name.strip().strip("/"))
        if not name:
            return None
        wanted = _key(name).lower()
        tail = "/" + wanted
        found = [
            place
            for place in self._names().get(wanted.rpartition("/")[2], ())
            if ("/" + _stem(place.path)).endswith(tail)
        ]
        if not found:
            return None
        return min(
            found,
            key=lambda place: (
                -_together(place.path, near),
                place.path.count("/"),
                len(place.path),
                place.path,
            ),
        )

    def way(self, place: Place, near: str) -> str:
        """The link from the file `near` to a document: a relative path, percent-encoded where a link needs it."""
        path = relpath(place.path, dirname(near) or ".")
        head, slash, rest = path.partition("/")
        encoded = "".join(
            char if char > "\x7f" and char.isprintable() else quote(char, _SAFE) for char in path
        )
        return f"./{encoded}" if ":" in head or (not slash and not rest and head.startswith("[")) else encoded

    def _names(self) -> dict[str, list[Place]]:
        if self._by_name is None:
            self._by_name = {}
            for place in self._by_path.values():
                self._by_name.setdefault(_stem(place.path).rpartition("/")[2], []).append(place)
        return self._by_name


def inside(target: str, near: str) -> str:
    """The path in the folder that a link means; "" where it leads out of the folder or to no Markdown file."""
    if not _DOCUMENT.search(target) or _SCHEME.match(target):
        return ""
    path = unquote(target)
    path = normpath(path.lstrip("/") if path.startswith("/") else join_path(dirname(near), path))
    return "" if path.startswith("..") or "\0" in path else path


def _together(path: str, near: str) -> float:
    """How many folders two files have in common; one in the very same folder is nearer than all others."""
    if dirname(path) == dirname(near):
        return inf
    pairs = zip(dirname(path).split("/"), dirname(near).split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def names_file(target: str) -> bool:
    """Whether a link's target looks like a file of this or another folder."""
    return bool(_DOCUMENT.search(target)) and not _SCHEME.match(target)


def _key(path: str) -> str:
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def _stem(path: str) -> str:
    """A path as `[[...]]` names it: lower case, no suffix; `bees/index.md` is `bees`."""
    pure = PurePosixPath(_key(path).lower()).with_suffix("")
    return str(pure.parent if pure.name == "index" and pure.parent.name else pure)
