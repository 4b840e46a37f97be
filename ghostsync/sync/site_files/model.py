"""The values of site files, and what a cycle needs of the world for them, as Protocols. All values frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ghostsync.content.site_files.tag_fields import TagValues
from ghostsync.model import RemoteTag


@dataclass(frozen=True, slots=True)
class KnownTag:
    """One tag of the site. seen: as Ghost was last seen to hold it; empty once it has gone from there.

    file, ghost: both halves of the base, what the file stated and what Ghost held when they last agreed; None before that.
    """

    id: str
    seen: TagValues
    file: TagValues | None = None
    ghost: TagValues | None = None

    @property
    def gone(self) -> bool:
        return not self.seen

    @property
    def name(self) -> str:
        return (self.seen or self.ghost or {}).get("name") or ""

    @property
    def slug(self) -> str:
        return (self.seen or self.ghost or {}).get("slug") or ""


class Parts(Protocol):
    """What a Ghost has beside posts. Every method may raise a `GhostError`."""

    async def tags(self) -> Sequence[RemoteTag]:
        """All of them, internal ones and those of no post too, in the order of their slugs."""

    async def tag(self, id: str) -> RemoteTag | None:
        """As it is now; None when (and only when) Ghost says 404."""

    async def tag_at(self, slug: str) -> RemoteTag | None:
        """The one with exactly this slug, or None."""

    async def posts_of(self, tag_id: str) -> int:
        """How many posts and pages have the tag, drafts too."""

    async def create_tag(self, values: Mapping[str, Any]) -> RemoteTag:
        """POST. Never repeated by itself once it may have been sent (`GhostError.sent`)."""

    async def update_tag(self, id: str, values: Mapping[str, Any]) -> RemoteTag:
        """PUT of some fields. Ghost has no lock for tags."""

    async def delete_tag(self, id: str) -> None:
        """DELETE, which takes the tag off its posts. NotFound when it was gone already."""

    async def people(self) -> Sequence[Mapping[str, Any]]:
        """Rows of users/."""

    async def settings(self) -> Sequence[Mapping[str, Any]]:
        """Rows of settings/. PermissionDenied where this Ghost shows them to no integration (before 5)."""


class Tags(Protocol):
    """The part of the state that tags use."""

    def tags(self) -> Mapping[str, KnownTag]:
        """By id."""

    def record_tag(self, tag: KnownTag) -> None:
        """Insert or replace the row of tag.id."""

    def forget_tag(self, id: str) -> None: ...
