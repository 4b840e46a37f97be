"""The words that every part of ghostsync shares: kinds, posts as Ghost gives them, sites.

Nothing here does anything; all values are frozen. `content`, `ghost`, `folder`, `state` and `sync` may
import this module and `errors`, so that none of them needs to import another for a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a document is in Ghost. `POST.plural` is the API's resource name."""

    POST = "post"
    PAGE = "page"

    @property
    def plural(self) -> str:
        return f"{self.value}s"


class Mode(StrEnum):
    """How a body travels: native blocks, one Markdown card, or HTML made by Python-Markdown."""

    LEXICAL = "lexical"
    MARKDOWN = "markdown"
    HTML = "html"


class Storage(StrEnum):
    """The format in which Ghost keeps a post's body."""

    LEXICAL = "lexical"
    MOBILEDOC = "mobiledoc"


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What `GET site/` (and, before Ghost 4, `settings/`) says about the publication.

    url: as Ghost reports it, with the trailing slash. version: "6.65" or "6.65.0". timezone: IANA name.
    uuid: `site_uuid`, "" before Ghost 5.
    """

    title: str
    url: str
    version: str
    timezone: str = "Etc/UTC"
    uuid: str = ""

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])


@dataclass(frozen=True, slots=True)
class RemotePost:
    """One post or page as Ghost answered it.

    data: the JSON object, reduced to the fields ghostsync knows plus id, uuid, url. updated_at: Ghost's
    string, e.g. "2026-01-31T08:15:00.000Z" (whole seconds). server_time: the answer's `Date` header
    in seconds since the epoch; Ghost's clock, never compared with ours.
    """

    id: str
    kind: Kind
    updated_at: str
    data: Mapping[str, Any] = field(repr=False)
    server_time: int

    @property
    def slug(self) -> str:
        return str(self.data.get("slug", ""))


@dataclass(frozen=True, slots=True)
class RemoteTag:
    """A tag as Ghost answered it. data: the whole JSON object."""

    id: str
    name: str
    slug: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Author:
    """A staff user who can be named as an author."""

    id: str
    slug: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    id: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A newsletter of the site. active: False once it is archived; Ghost sends nothing for it then."""

    id: str
    slug: str
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class EmailRequest:
    """The e-mail that a post shall go out with. newsletter: its slug. segment: to which members, in Ghost's words
    ("all", "status:free"). only: sent, but never shown on the site. name: the newsletter's, for people, "" if unknown.
    """

    newsletter: str
    segment: str = "all"
    only: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What Ghost knows of a post's publication and its e-mail, asked for right before it is published.

    status: Ghost's word. newsletter: slug of the one it was scheduled or sent with, "" for none. email: status of its
    e-mail record ("pending", "submitted", "failed" ...), "" when it has none. public_once: Ghost's own post history says
    that it was published or sent before. only: it is marked to be sent by e-mail only.
    """

    status: str
    newsletter: str = ""
    email: str = ""
    public_once: bool = False
    only: bool = False


class MediaKind(StrEnum):
    """Which of Ghost's three endpoints a file belongs to; the value is the endpoint's name and its place in `content/`."""

    IMAGES = "images"
    MEDIA = "media"  # video and audio
    FILES = "files"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What the site serves under an address. size: None where the server does not say it. validator: proves that a later
    answer is about the same bytes (an ETag, else the date of the last change), "" for none.
    """

    size: int | None
    mime: str
    validator: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that arrived whole. sha256: hex. url: where it was found in the end. validator: as in `RemoteFile`."""

    url: str
    size: int
    sha256: str
    mime: str
    validator: str
