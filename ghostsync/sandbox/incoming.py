"""A request's fields as the tables will hold them: dates cut to seconds, addresses absolute, bodies converted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox import render
from ghostsync.sandbox.addresses import absolute, absolute_body
from ghostsync.sandbox.clock import stored
from ghostsync.sandbox.convert import from_html, from_mobiledoc
from ghostsync.sandbox.fields import DATES, URLS
from ghostsync.sandbox.problems import ApiError, invalid
from ghostsync.sandbox.store import empty_columns


@dataclass(slots=True)
class Incoming:
    """Only the columns that the request states: own (posts table) and meta (its side table)."""

    own: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)


def understand(kind: Kind, item: dict[str, Any], site: str, method: str, *, source_html: bool) -> Incoming:
    """item: checked against the schema already. Raises the 422s of Ghost's model layer."""
    own, meta = empty_columns(kind)
    incoming = Incoming(
        own={name: item[name] for name in own if name in item},
        meta={name: item[name] for name in meta if name in item},
    )
    for columns in (incoming.own, incoming.meta):
        for name in columns.keys() & DATES:
            columns[name] = stored(columns[name]) if columns[name] else None
        for name in columns.keys() & URLS:
            columns[name] = absolute(columns[name], site)
    if "title" in item:
        incoming.own["title"] = _title(item["title"], kind, method)
    _understand_body(incoming.own, item, kind, site, method, source_html=source_html)
    return incoming


def _title(title: str, kind: Kind, method: str) -> str:
    stripped = (title or "(Untitled)").strip()
    if not stripped:
        raise invalid(method, kind.plural, "Value in [posts.title] cannot be blank. posts.title")
    if len(stripped) > 255:
        context = "Value in [posts.title] exceeds maximum length of 255 characters. posts.title"
        raise invalid(method, kind.plural, context)
    return stripped


def _understand_body(
    own: dict[str, Any], item: dict[str, Any], kind: Kind, site: str, method: str, *, source_html: bool
) -> None:
    mobiledoc = own.pop("mobiledoc", None)  # Ghost 6 stores none: it is converted
    try:
        if source_html and item.get("html"):
            own["lexical"] = from_html(item["html"])
        elif mobiledoc:
            own["lexical"] = from_mobiledoc(mobiledoc)
        if own.get("lexical"):
            document = json.loads(own["lexical"])
            render.check(document)
            absolute_body(document["root"], site)
            own["lexical"] = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, KeyError, IndexError, TypeError):
        raise bad_lexical(method, kind) from None


def bad_lexical(method: str, kind: Kind) -> ApiError:
    return invalid(
        method,
        kind.plural,
        "Invalid lexical structure. Minified Lexical error #38; visit https://lexical.dev/docs/error?code=38 for the "
        "full message or use the non-minified dev environment for full errors and additional helpful warnings.",
        property="lexical",
        help="https://docs.ghost.org/publishing/",
    )
