"""The fields of a tag: what Ghost keeps, since when, how long; and their values in the form that is compared.

Lengths and versions are those of Ghost's database schema and Admin API schemas (2.38, 3.42, 4.48, 5.130, 6.65).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.value_reader import canonical_text

TagValue: TypeAlias = str | None
TagValues: TypeAlias = Mapping[str, TagValue]
"""Field -> value in canonical form: LF line ends, nothing blank around it, addresses of the site from its root on; None
for a field that is not set. Of a file only what it states.
"""

ID = "ghost_id"
"""Names the tag, as it names the post of a document."""

VISIBILITIES = ("public", "internal")


@dataclass(frozen=True, slots=True)
class TagField:
    """limit: greatest length in characters. since: the first Ghost that has it. url: it holds an address.
    keeps: taking its key away clears nothing.
    """

    name: str
    limit: int
    since: int = 2
    url: bool = False
    keeps: bool = False


_TABLE = (
    TagField("name", 191, keeps=True),
    TagField("slug", 191, keeps=True),
    TagField("description", 500),
    TagField("feature_image", 2000, url=True),
    TagField("visibility", 50, keeps=True),
    TagField("meta_title", 300),
    TagField("meta_description", 500),
    TagField("og_image", 2000, since=3, url=True),
    TagField("og_title", 300, since=3),
    TagField("og_description", 500, since=3),
    TagField("twitter_image", 2000, since=3, url=True),
    TagField("twitter_title", 300, since=3),
    TagField("twitter_description", 500, since=3),
    TagField("canonical_url", 2000, since=3, url=True),
    TagField("accent_color", 50, since=3),
    TagField("codeinjection_head", 65535, since=3),
    TagField("codeinjection_foot", 65535, since=3),
)

TAG_FIELDS: Mapping[str, TagField] = {field.name: field for field in _TABLE}
"""In the order in which a new entry lists them."""


def usual_visibility(name: str) -> str:
    """What Ghost makes of a name."""
    return "internal" if name.startswith("#") else "public"


def tag_values(raw: Mapping[str, Any], site_url: str) -> dict[str, TagValue]:
    """Ghost's tag in canonical form, every field of the table."""
    origin = origin_of(site_url)
    values: dict[str, TagValue] = {}
    for name, spec in TAG_FIELDS.items():
        value = raw.get(name)
        text = canonical_text(value) if isinstance(value, str) else None
        values[name] = canonical_url(text, origin) if text and spec.url else text
    return values


def tag_payload(values: TagValues, site_url: str) -> dict[str, TagValue]:
    """Canonical values as the properties of a POST or PUT."""
    origin = origin_of(site_url)
    return {
        name: origin + value
        if value and TAG_FIELDS[name].url and value.startswith("/") and not value.startswith("//")
        else value
        for name, value in values.items()
    }


def kept_tag(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What history keeps of a tag that is about to be overwritten or deleted."""
    return {"id": raw.get("id"), **{name: raw.get(name) for name in TAG_FIELDS if raw.get(name) is not None}}
