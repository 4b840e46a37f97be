"""posts/ and pages/ of the Admin API: browse, read, add, edit, delete."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request

from ghostsync.model import Kind
from ghostsync.sandbox import listing
from ghostsync.sandbox.fields import payload
from ghostsync.sandbox.ghost import SandboxGhost
from ghostsync.sandbox.problems import ApiError, invalid, malformed_id, missing, no_route
from ghostsync.sandbox.store import Document
from ghostsync.sandbox.views import Shape

Handler = Callable[[Request, str], Awaitable[tuple[int, Any]]]
"""Takes the request and what its path names; gives status and JSON body (None for none)."""

ID = re.compile(r"[0-9a-f]{24}")
KINDS = {kind.plural: kind for kind in Kind}
_SLUG = re.compile(r"[a-z0-9_-]+")


class Documents:
    """Handlers take "posts/" or "posts/<id>" or "posts/slug/<slug>" as what the path names."""

    def __init__(self, ghost: SandboxGhost) -> None:
        self._ghost = ghost
        self._store = ghost.store

    def route(self, method: str, name: str, argument: str) -> tuple[Handler, str]:
        collection = {"GET": self.browse, "POST": self.add, "DELETE": self.bulk_delete}
        single = {"GET": self.read, "PUT": self.edit, "DELETE": self.delete}
        handler = (single if argument else collection).get(method)
        if handler is None or argument.count("/") > (1 if argument.startswith("slug/") else 0):
            raise no_route()
        return handler, f"{name}/{argument}"

    async def browse(self, request: Request, target: str) -> tuple[int, Any]:
        kind, query = _kind(target), dict(request.query_params)
        shape = Shape(kind, query, "browse")
        found, meta = listing.documents(self._store, kind, query)
        return 200, {kind.plural: [self._ghost.views.document(d, shape) for d in found], "meta": meta}

    async def read(self, request: Request, target: str) -> tuple[int, Any]:
        kind = _kind(target)
        document = self._document(target, "read")
        shape = Shape(kind, dict(request.query_params), "read")
        return 200, {kind.plural: [self._ghost.views.document(document, shape)]}

    async def add(self, request: Request, target: str) -> tuple[int, Any]:
        kind = _kind(target)
        body = await read_json(request)
        query = dict(request.query_params)
        html = _source_html(query, kind, "add")
        shape = Shape(kind, query, "add")
        document = self._ghost.rules.add(kind, payload(body, kind, "add"), source_html=html)
        return 201, {kind.plural: [self._ghost.views.document(document, shape)]}

    async def edit(self, request: Request, target: str) -> tuple[int, Any]:
        kind = _kind(target)
        body = await read_json(request)
        query = dict(request.query_params)
        html = _source_html(query, kind, "edit")
        item = payload(body, kind, "edit")
        document = self._document(target, "edit")
        shape = Shape(kind, query, "edit")
        self._ghost.rules.edit(
            document,
            item,
            source_html=html,
            save_revision=bool(query.get("save_revision")),
            newsletter=query.get("newsletter", ""),
            segment=query.get("email_segment", ""),
            email_in_view="email" in shape.include,
        )
        return 200, {kind.plural: [self._ghost.views.document(document, shape)]}

    async def delete(self, _request: Request, target: str) -> tuple[int, Any]:
        document = self._document(target, "destroy")
        self._ghost.remove(document.id)
        return 204, None

    async def bulk_delete(self, request: Request, target: str) -> tuple[int, Any]:
        """`DELETE posts/?filter=...`. Without a filter a real Ghost deletes every post; the sandbox refuses,
        because no caller can ever mean it.
        """
        kind = _kind(target)
        filter = request.query_params.get("filter", "")
        if not filter.strip():
            raise invalid("destroy", kind.plural, "The sandbox deletes in bulk with a filter only.")
        chosen = listing.matching(self._store, kind, filter)
        for document in chosen:
            self._ghost.remove(document.id)
        stats = {"successful": len(chosen), "unsuccessful": 0}
        return 200, {"bulk": {"meta": {"stats": stats, "errors": []}}}

    def _document(self, target: str, method: str) -> Document:
        kind = _kind(target)
        _, _, key = target.partition("/")
        if key.startswith("slug/"):
            slug = key.removeprefix("slug/")
            if not _SLUG.fullmatch(slug):
                raise invalid(method, kind.plural, "Validation (isSlug) failed for slug undefined.slug")
            found = next((d for d in self._store.of_kind(kind) if d.own["slug"] == slug), None)
        else:
            if not ID.fullmatch(key):
                raise malformed_id(method, kind.plural)
            found = self._store.documents.get(key)
        if found is None or found.kind is not kind:
            raise missing(method, kind.plural)
        return found


def _kind(target: str) -> Kind:
    return KINDS[target.partition("/")[0]]


async def read_json(request: Request) -> Any:
    """The request's JSON; what is not sent as JSON is an empty object to Ghost."""
    data = await request.body()
    if not data or "json" not in request.headers.get("content-type", ""):
        return {}
    try:
        return json.loads(data)
    except ValueError as error:
        words = "An unexpected error occurred, please try again."
        raise ApiError(
            400, "InternalServerError", words, context=str(error), code="UNEXPECTED_ERROR"
        ) from None


def _source_html(query: dict[str, str], kind: Kind, method: str) -> bool:
    source = query.get("source", "")
    if source and source != "html":
        raise invalid(method, kind.plural, "Validation (AllowedValues) failed for source")
    return source == "html"
