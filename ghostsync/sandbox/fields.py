"""What a post has: columns of its own, columns of its side table, and what Ghost's schema says of each.

The split matters: Ghost's collision check and `updated_at` look at the posts table only, so a change of
`META` alone neither bumps `updated_at` nor is refused when `updated_at` is stale.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox.clock import parse_iso
from ghostsync.sandbox.problems import ApiError, invalid, schema_violation


@dataclass(frozen=True, slots=True)
class Rule:
    """types: JSON types Ghost accepts. longest: characters. format: a JSON schema format."""

    types: tuple[str, ...] = ("string", "null")
    longest: int = 0
    format: str = ""
    words: tuple[str, ...] = ()


_LONG = 65535
_IMAGE = Rule(longest=2000, format="uri-reference")
_FLAG = Rule(types=("boolean",))
_DATE = Rule(format="date-time")

OWN: dict[str, Rule] = {
    "title": Rule(types=("string",), longest=2000),
    "slug": Rule(types=("string",), longest=191),
    "mobiledoc": Rule(format="json-string"),
    "lexical": Rule(format="json-string"),
    "feature_image": _IMAGE,
    "featured": _FLAG,
    "status": Rule(types=("string",), words=("published", "draft", "scheduled", "sent")),
    "visibility": Rule(),
    "published_at": _DATE,
    "updated_at": _DATE,
    "custom_excerpt": Rule(longest=300),
    "codeinjection_head": Rule(longest=_LONG),
    "codeinjection_foot": Rule(longest=_LONG),
    "custom_template": Rule(longest=100),
    "canonical_url": _IMAGE,
}
PAGE_OWN: dict[str, Rule] = {"show_title_and_feature_image": _FLAG}
META: dict[str, Rule] = {
    "og_image": _IMAGE,
    "og_title": Rule(longest=300),
    "og_description": Rule(longest=500),
    "twitter_image": _IMAGE,
    "twitter_title": Rule(longest=300),
    "twitter_description": Rule(longest=500),
    "meta_title": Rule(longest=300),
    "meta_description": Rule(longest=500),
    "feature_image_alt": Rule(longest=_LONG),
    "feature_image_caption": Rule(longest=_LONG),
}
POST_META: dict[str, Rule] = {"email_subject": Rule(longest=300), "email_only": _FLAG}

URLS = frozenset({"feature_image", "canonical_url", "og_image", "twitter_image"})
DATES = frozenset({"created_at", "updated_at", "published_at"})

# The order in which Ghost writes them.
_HEAD = ("id", "uuid", "title", "slug", "mobiledoc", "lexical", "html", "plaintext", "comment_id")
_BODY = (
    "feature_image", "featured", "status", "visibility", "created_at", "updated_at", "published_at",
    "custom_excerpt", "codeinjection_head", "codeinjection_foot", "custom_template", "canonical_url",
)  # fmt: skip
FORMATS = ("mobiledoc", "lexical", "html", "plaintext")


def columns(kind: Kind) -> tuple[str, ...]:
    """The columns of the posts table that the API shows for a kind."""
    return _HEAD + _BODY + (tuple(PAGE_OWN) if kind is Kind.PAGE else ())


def rules(kind: Kind) -> dict[str, Rule]:
    extra = PAGE_OWN if kind is Kind.PAGE else POST_META
    checked = {**OWN, **META, **extra}
    if kind is Kind.PAGE:
        checked["status"] = Rule(types=("string",), words=("published", "draft", "scheduled"))
    return checked


_RELATION_KEYS = {
    "tags": ("id", "name", "slug"),
    "authors": ("id", "slug", "email"),
    "tiers": ("id", "name", "slug"),
}


def payload(body: object, kind: Kind, method: str) -> dict[str, Any]:
    """The one document of a request body, checked against the schema. Raises the 422 that Ghost answers."""
    resource = kind.plural
    if not isinstance(body, dict) or resource not in body:
        raise schema_violation(
            method,
            resource,
            path="",
            keyword="required",
            params={"missingProperty": resource},
            message=f"must have required property '{resource}'",
        )
    items = body[resource]
    if not isinstance(items, list):
        raise _wrong_type(method, resource, f"/{resource}", ("array",))
    if len(items) != 1:
        keyword, words = ("minItems", "fewer") if not items else ("maxItems", "more")
        raise schema_violation(
            method,
            resource,
            path=f"/{resource}",
            keyword=keyword,
            params={"limit": 1},
            message=f"must NOT have {words} than 1 items",
        )
    item = items[0]
    if not isinstance(item, dict):
        raise _wrong_type(method, resource, f"/{resource}/0", ("object",))
    required = "title" if method == "add" else "updated_at"
    if required not in item:
        raise schema_violation(
            method,
            resource,
            path=f"/{resource}/0",
            keyword="required",
            params={"missingProperty": required},
            message=f"must have required property '{required}'",
        )
    for name, rule in rules(kind).items():
        if name in item:
            _check(item[name], rule, f"/{resource}/0/{name}", method, resource)
    for name in _RELATION_KEYS:
        if name in item:
            _check_relation(item[name], name, f"/{resource}/0/{name}", method, resource)
    _check_bodies(item, method, resource)
    return item


def _wrong_type(method: str, resource: str, path: str, types: tuple[str, ...]) -> ApiError:
    wanted: object = types[0] if len(types) == 1 else list(types)
    return schema_violation(
        method,
        resource,
        path=path,
        keyword="type",
        params={"type": wanted},
        message=f"must be {','.join(types)}",
    )


def _check(value: object, rule: Rule, path: str, method: str, resource: str) -> None:
    json_type = {str: "string", bool: "boolean", type(None): "null"}.get(type(value), "other")
    if json_type not in rule.types:
        raise _wrong_type(method, resource, path, rule.types)
    if not isinstance(value, str):
        return
    if rule.longest and len(value) > rule.longest:
        raise schema_violation(
            method,
            resource,
            path=path,
            keyword="maxLength",
            params={"limit": rule.longest},
            message=f"must NOT have more than {rule.longest} characters",
        )
    if rule.words and value not in rule.words:
        raise schema_violation(
            method,
            resource,
            path=path,
            keyword="enum",
            params={"allowedValues": list(rule.words)},
            message="must be equal to one of the allowed values",
        )
    if not _has_format(value, rule.format):
        raise schema_violation(
            method,
            resource,
            path=path,
            keyword="format",
            params={"format": rule.format},
            message=f'must match format "{rule.format}"',
        )


def _has_format(value: str, format: str) -> bool:
    try:
        if format == "date-time":
            parse_iso(value)
        elif format == "json-string":
            json.loads(value)
    except ValueError:
        return False
    return True


def _check_relation(value: object, name: str, path: str, method: str, resource: str) -> None:
    if not isinstance(value, list):
        raise _wrong_type(method, resource, path, ("array",))
    for index, entry in enumerate(value):
        if isinstance(entry, str) and len(entry) <= 191:
            continue
        if not isinstance(entry, dict):
            raise _wrong_type(method, resource, f"{path}/{index}", ("object",))
        keys = _RELATION_KEYS[name]
        if not any(key in entry for key in keys):
            raise schema_violation(
                method,
                resource,
                path=f"{path}/{index}",
                keyword="required",
                params={"missingProperty": keys[0]},
                message=f"must have required property '{keys[0]}'",
            )


def _check_bodies(item: dict[str, Any], method: str, resource: str) -> None:
    if item.get("lexical") and item.get("mobiledoc"):
        raise invalid(
            method,
            resource,
            "Posts can have either a mobiledoc or a lexical property, never both. Both the mobiledoc and lexical "
            "properties are set, one must be null",
            property="lexical",
            help="https://docs.ghost.org/admin-api/#the-post-object",
        )
