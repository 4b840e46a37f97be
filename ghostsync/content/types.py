"""The values that content mapping works on. Pure data, all frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from ghostsync.errors import ContentError
from ghostsync.model import Author, EmailRequest, Kind, Mode, Newsletter, SiteInfo, Storage, Tier

if TYPE_CHECKING:
    from ghostsync.content.linking import Linked

Node: TypeAlias = dict[str, Any]
"""One Lexical node as JSON. Never changed in place once it has been handed over."""

Root: TypeAlias = dict[str, Any]
"""A whole Lexical document: {"root": {"children": [...], ...}}."""

FieldValue: TypeAlias = str | bool | int | tuple[str, ...] | None
"""A field in canonical form: text, flag, number, None (cleared), or an ordered tuple of names.
tags: names; authors, tiers: slugs; dates: "2026-01-31T08:15:00Z" (UTC, whole seconds)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What content mapping must know of the site, the configuration and the time.

    now: the site's clock, seconds since the epoch (a scheduled post whose time has passed counts as published).
    mode: the default content mode. keys: the author's front-matter key -> Ghost's field.
    authors, tiers, newsletters: None when unknown: then names are not checked. allowed_newsletters: slugs of those that
    the configuration lets files ask for. uploads: files of the folder go to Ghost with the documents that show them.
    """

    site: SiteInfo
    now: int
    mode: Mode
    html_extensions: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    authors: tuple[Author, ...] | None = None
    tiers: tuple[Tier, ...] | None = None
    newsletters: tuple[Newsletter, ...] | None = None
    allowed_newsletters: tuple[str, ...] = ()
    uploads: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown file, understood.

    fields: only what the file states, in canonical form; always has "title". An absent key is no opinion.
    slug: what a create must send (front matter, else the file's stem made URL-safe).
    body: the Markdown after front matter, LF line ends, without an H1 that served as the title.
    problems: what keeps the document from being synced; when not empty the other values may be incomplete.
    data: the file's bytes, untouched.
    title_stated: False where the title is only the file's name made readable: good enough for a new post, no
    opinion on one that exists.
    email: the e-mail that its first publication shall go out with, if it asks for one and may.
    linked: once its links to other files are understood; `body` then has addresses in their place.
    """

    path: str
    kind: Kind
    ghost_id: str
    fields: Mapping[str, FieldValue]
    slug: str
    body: str
    mode: Mode
    data: bytes = field(repr=False)
    problems: tuple[ContentError, ...] = ()
    title_stated: bool = True
    email: EmailRequest | None = None
    linked: Linked | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PostView:
    """One Ghost post, understood: every field in canonical form (defaults included), its body as Lexical."""

    id: str
    kind: Kind
    updated_at: str
    fields: Mapping[str, FieldValue]
    body: Root = field(repr=False)
    storage: Storage = Storage.LEXICAL


@dataclass(frozen=True, slots=True)
class Changes:
    """What one side did since base: field -> new value, and whether the body means something else now."""

    fields: Mapping[str, FieldValue]
    body: bool

    def __bool__(self) -> bool:
        return bool(self.fields) or self.body


@dataclass(frozen=True, slots=True)
class MergedBody:
    """Result of a three-way merge of Markdown. text: merged, or with git-style markers when conflict is True."""

    text: str
    conflict: bool


@dataclass(frozen=True, slots=True)
class BodyPayload:
    """The part of a POST or PUT that carries the body. source_html: send `?source=html` with it."""

    payload: Mapping[str, Any]
    source_html: bool = False
