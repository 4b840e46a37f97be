"""Documents, tags, users and tiers as the Admin API writes them into its answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox import render
from ghostsync.sandbox.fields import FORMATS, META, POST_META, columns
from ghostsync.sandbox.problems import ApiError, invalid, unknown_column
from ghostsync.sandbox.store import Document, Store

_DEFAULT_INCLUDES = {
    Kind.POST: ("tags", "authors", "authors.roles", "email", "tiers", "newsletter", "count.clicks"),
    Kind.PAGE: ("tags", "authors", "authors.roles", "tiers", "count.signups", "count.paid_conversions"),
}
_COUNTS = {
    Kind.POST: {"clicks": 0, "positive_feedback": 0, "negative_feedback": 0},
    Kind.PAGE: {"signups": 0, "paid_conversions": 0, "positive_feedback": 0, "negative_feedback": 0},
}
_NOT_SHOWN = frozenset({"roles"})


class Shape:
    """What a request wants of each document: `include`, `formats` and `fields`, understood."""

    def __init__(self, kind: Kind, query: dict[str, str], method: str) -> None:
        self.kind = kind
        self.fields = _words(query.get("fields"))
        formats = _words(query.get("formats"))
        if method in {"browse", "read"} and set(formats) - set(FORMATS):
            raise invalid(method, kind.plural, "Validation (AllowedValues) failed for formats")
        self.formats = formats or ([] if self.fields else ["mobiledoc", "lexical"])
        if query.get("include") == "":
            raise ApiError(
                400,
                "IncorrectUsageError",
                f"Incorrect usage error, cannot list {kind.plural}.",
                context="The model layer expects using `withRelated`.",
            )
        include = _words(query.get("include"))
        self.include = include or ([] if self.fields else list(_DEFAULT_INCLUDES[kind]))
        if set(self.fields) & {*META, *POST_META}:
            # Those live in another table, which `fields` does not join.
            raise unknown_column(kind.plural)


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in (text or "").split(",") if word.strip()]


class Views:
    """Turns rows into answers. `url` is the site's address with the trailing slash. permalinks: where routes.yaml puts
    posts; pages stay at the root.
    """

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self.url = url
        self.permalinks = "/{slug}/"

    def document(self, document: Document, shape: Shape) -> dict[str, Any]:
        whole = self._whole(document, shape)
        if not shape.fields:
            return whole
        related = {name.split(".")[0] for name in shape.include}
        wanted = {*shape.fields, *shape.formats, *related}
        return {name: value for name, value in whole.items() if name in wanted}

    def _whole(self, document: Document, shape: Shape) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name in columns(document.kind):
            if name in FORMATS and name not in shape.formats and name not in shape.fields:
                continue
            out[name] = self._column(document, name)
        out.update(self._relations(document, shape))
        if document.kind is Kind.POST:
            out["email_segment"] = document.segment
        out["url"] = self.address(document)
        plaintext = render.to_plaintext(document.html)
        out["excerpt"] = document.own["custom_excerpt"] or (plaintext[:500] if plaintext else None)
        if "count.clicks" in shape.include:
            out["reading_time"] = len((plaintext or "").split()) // 275
        out.update(document.meta)
        out["frontmatter"] = None
        if "email" in shape.include:
            out["email"] = dict(document.email) if document.email else None
        if "newsletter" in shape.include:
            newsletter = self._store.newsletters.get(document.newsletter)
            out["newsletter"] = dict(newsletter) if newsletter else None
        if "post_revisions" in shape.include:
            out["post_revisions"] = list(document.revisions)
        return out

    def _column(self, document: Document, name: str) -> Any:
        if name == "comment_id":
            return document.id
        if name == "mobiledoc":
            return None
        if name == "plaintext":
            return render.to_plaintext(document.html)
        return document[name]

    def _relations(self, document: Document, shape: Shape) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if "tags" in shape.include:
            out["tags"] = [self.tag(self._store.tags[id]) for id in document.tags]
        if "authors" in shape.include:
            roles = "authors.roles" in shape.include
            out["authors"] = [self.user(self._store.users[id], roles=roles) for id in document.authors]
        if "tiers" in shape.include:
            out["tiers"] = self.access(document)
        if any(name.startswith("count.") for name in shape.include):
            out["count"] = dict(_COUNTS[document.kind])
        if "authors" in out:
            out["primary_author"] = out["authors"][0] if out["authors"] else None
        if "tags" in out:
            first = out["tags"][0] if out["tags"] else None
            out["primary_tag"] = first if first and first["visibility"] == "public" else None
        return out

    def access(self, document: Document) -> list[dict[str, Any]]:
        """The tiers whose members may read a document; Ghost lists them whatever the visibility is."""
        visibility = document.own["visibility"]
        tiers = self._store.tiers.values()
        if visibility in {"public", "members"}:
            chosen: Iterable[dict[str, Any]] = tiers
        elif visibility == "paid":
            chosen = [tier for tier in tiers if tier["type"] == "paid"]
        else:
            chosen = [self._store.tiers[id] for id in document.tiers]
        return [dict(tier) for tier in chosen]

    def address(self, document: Document) -> str:
        if document.own["status"] == "published":
            return self.url + self._route(document)
        if document.own["status"] == "sent":
            return f"{self.url}email/{document.uuid}/"
        return f"{self.url}p/{document.uuid}/"

    def _route(self, document: Document) -> str:
        pattern = self.permalinks if document.kind is Kind.POST else "/{slug}/"
        year, month, day = (str(document.own["published_at"] or "") + "--").split("T", 1)[0].split("-")[:3]
        parts = {"slug": document.own["slug"], "id": document.id, "year": year, "month": month, "day": day}
        return pattern.lstrip("/").format_map(parts)

    def tag(self, tag: dict[str, Any]) -> dict[str, Any]:
        return {**tag, "url": f"{self.url}tag/{tag['slug']}/"}

    def user(self, user: dict[str, Any], *, roles: bool = False) -> dict[str, Any]:
        shown = {name: value for name, value in user.items() if roles or name not in _NOT_SHOWN}
        return {**shown, "url": f"{self.url}author/{user['slug']}/"}
