"""The table of all fields: what Ghost lets an integration write on posts and pages, since when, how long.

Lengths and versions are those of Ghost's database schema and Admin API schemas (2.38, 3.42, 4.48, 5.130,
6.65). Lengths are counted in characters, as Ghost does. The order of the table is the order in which a new
file lists its keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ghostsync.content.types import FieldValue
from ghostsync.model import Kind

BOTH = frozenset({Kind.POST, Kind.PAGE})
POSTS = frozenset({Kind.POST})
PAGES = frozenset({Kind.PAGE})


class Shape(StrEnum):
    """What a field's canonical value is: text or None, an address, one of a few words, a flag, a date
    ("2026-01-31T08:15:00Z" or None), or an ordered tuple of names.
    """

    TEXT = "text"
    URL = "url"
    WORD = "word"
    FLAG = "flag"
    DATE = "date"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    limit: greatest length (of each name, for NAMES), 0 for none. since: first Ghost major that knows it.
    default: the canonical value of a field nobody has set. keeps: removing its key clears nothing.
    """

    name: str
    shape: Shape
    limit: int = 0
    kinds: frozenset[Kind] = BOTH
    since: int = 2
    default: FieldValue = None
    keeps: bool = False

    def supported(self, kind: Kind, major: int) -> bool:
        return kind in self.kinds and major >= self.since


_TABLE = (
    Field("title", Shape.TEXT, 255, default="", keeps=True),
    Field("slug", Shape.TEXT, 191, default="", keeps=True),
    Field("status", Shape.WORD, default="draft", keeps=True),
    Field("published_at", Shape.DATE, keeps=True),
    Field("tags", Shape.NAMES, 191, default=()),
    Field("authors", Shape.NAMES, 191, default=(), keeps=True),
    Field("visibility", Shape.WORD, default="public", keeps=True),
    Field("tiers", Shape.NAMES, 191, since=4, default=(), keeps=True),
    Field("featured", Shape.FLAG, default=False),
    Field("custom_excerpt", Shape.TEXT, 300),
    Field("feature_image", Shape.URL, 2000),
    Field("feature_image_alt", Shape.TEXT, 191, since=4),
    Field("feature_image_caption", Shape.TEXT, 65535, since=4),
    Field("canonical_url", Shape.URL, 2000),
    Field("meta_title", Shape.TEXT, 300),
    Field("meta_description", Shape.TEXT, 500),
    Field("og_image", Shape.URL, 2000),
    Field("og_title", Shape.TEXT, 300),
    Field("og_description", Shape.TEXT, 500),
    Field("twitter_image", Shape.URL, 2000),
    Field("twitter_title", Shape.TEXT, 300),
    Field("twitter_description", Shape.TEXT, 500),
    Field("email_subject", Shape.TEXT, 300, kinds=POSTS, since=3),
    Field("custom_template", Shape.TEXT, 100),
    Field("show_title_and_feature_image", Shape.FLAG, kinds=PAGES, since=5, default=True),
    Field("codeinjection_head", Shape.TEXT, 65535),
    Field("codeinjection_foot", Shape.TEXT, 65535),
)

FIELDS: Mapping[str, Field] = {field.name: field for field in _TABLE}

PICTURES = ("feature_image", "og_image", "twitter_image")
"""Fields that hold the address of a picture, which may be a file of the folder."""

ASKS_FOR_EMAIL = ("newsletter", "email_segment", "email_only")
"""Keys that make Ghost send e-mail. No field of a post: they are never compared and never sent as such."""

STATUSES = ("draft", "published", "scheduled", "sent")
VISIBILITIES = ("public", "members", "paid", "tiers")

Path = tuple[str, ...]

ALIASES: Mapping[str, tuple[Path, ...]] = {
    "status": (("draft",), ("published",)),
    "published_at": (("publishDate",), ("publishdate",), ("date",)),
    "tags": (("tag",),),
    "authors": (("author",),),
    "custom_excerpt": (("excerpt",), ("summary",), ("description",)),
    "feature_image": (
        ("cover",),
        ("cover", "image"),
        ("image",),
        ("image", "path"),
        ("featured_image",),
        ("thumbnail",),
    ),
    "feature_image_alt": (("cover", "alt"), ("image", "alt")),
    "feature_image_caption": (("cover", "caption"), ("image", "caption")),
    "canonical_url": (("canonicalURL",), ("canonical",)),
}
"""Names that Hugo, Jekyll and Obsidian use for a field, the first that a file has winning; a path of two
parts is a key inside a mapping. Ghost's own name comes before all of them."""

POST_KEYS = frozenset({*FIELDS, "id", "uuid", "url", "slug", "lexical", "mobiledoc"})
"""What is kept of a post that Ghost answers; `updated_at` travels beside it."""


def limit_of(field: Field, major: int) -> int:
    """The greatest length in one Ghost major (Ghost 4 allows an alternative text only 125 characters)."""
    return 125 if field.name == "feature_image_alt" and major == 4 else field.limit


def unsupported_fields(names: Iterable[str], kind: Kind, major: int) -> tuple[str, ...]:
    """Those of the fields that this kind of document does not have on this Ghost.

    Ghost 2 to 4 refuse a whole request for one such property; 5 and 6 ignore it without a word.
    """
    return tuple(name for name in names if name in FIELDS and not FIELDS[name].supported(kind, major))


def why_unsupported(name: str, kind: Kind, major: int) -> str:
    """The reason, for a person, that `unsupported_fields` named a field."""
    field = FIELDS[name]
    if kind not in field.kinds:
        owner = next(iter(field.kinds))
        return f"only {owner.plural} have {name} in Ghost, not {kind.plural}"
    return f"Ghost {major} has no {name}; it came with Ghost {field.since}"
