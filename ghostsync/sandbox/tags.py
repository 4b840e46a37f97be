"""tags/: listing, reading, making, changing and deleting them, as a Ghost 6.65 does for an integration."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from ghostsync.sandbox import listing
from ghostsync.sandbox.addresses import absolute, absolute_html
from ghostsync.sandbox.documents import ID, Handler, read_json
from ghostsync.sandbox.ghost import SandboxGhost
from ghostsync.sandbox.problems import ApiError, malformed_id, missing, schema_violation
from ghostsync.sandbox.slugs import unique
from ghostsync.sandbox.store import TAG_TEXTS

_LIMITS = {
    "name": 191, "slug": 191, "description": 500, "feature_image": 2000, "og_image": 2000, "og_title": 300,
    "og_description": 500, "twitter_image": 2000, "twitter_title": 300, "twitter_description": 500, "meta_title": 300,
    "meta_description": 500, "codeinjection_head": 65535, "codeinjection_foot": 65535, "canonical_url": 2000,
    "accent_color": 50,
}  # fmt: skip
_WRITABLE = ("name", "slug", "description", "feature_image", "visibility", *TAG_TEXTS)
_ADDRESSES = ("feature_image", "og_image", "twitter_image", "canonical_url")
_REFERENCE = re.compile(r"(?:[!#$&-;=?-Z_a-z~\[\]]|%[0-9A-Fa-f]{2})*")


class Tags:
    def __init__(self, ghost: SandboxGhost) -> None:
        self._ghost = ghost
        self._store = ghost.store

    def route(self, method: str, argument: str) -> Handler | None:
        if not argument:
            return {"GET": self.browse, "POST": self.add}.get(method)
        return {"GET": self.read, "PUT": self.edit, "DELETE": self.destroy}.get(method)

    async def browse(self, request: Request, _argument: str) -> tuple[int, Any]:
        tags = [self._shown(tag, request) for tag in self._store.tags.values()]
        page, meta = listing.rows(tags, dict(request.query_params), "tags")
        return 200, {"tags": page, "meta": meta}

    async def read(self, request: Request, argument: str) -> tuple[int, Any]:
        column, _, slug = argument.rpartition("/")
        key, value = ("slug", slug) if column == "slug" else ("id", argument)
        if key == "id" and not ID.fullmatch(value):
            raise malformed_id("read", "tags")
        tag = next((tag for tag in self._store.tags.values() if tag[key] == value), None)
        if tag is None:
            raise missing("read", "tags")
        return 200, {"tags": [self._shown(tag, request)]}

    async def add(self, request: Request, _argument: str) -> tuple[int, Any]:
        item = self._item(await read_json(request), "add")
        if "name" not in item:
            raise _violation("add", "", "required", "must have required property 'name'")
        tag = self._store.add_tag(item)
        self._store.log_tag("added", tag)
        return 201, {"tags": [self._shown(tag, request)]}

    async def edit(self, request: Request, argument: str) -> tuple[int, Any]:
        item = self._item(await read_json(request), "edit")
        tag = self._found(argument, "edit")
        if "slug" in item and item["slug"] != tag["slug"]:
            others = {other["slug"] for other in self._store.tags.values() if other is not tag}
            wanted = item["slug"] or item.get("name") or tag["name"]
            item["slug"] = unique(wanted, noun="tag", taken=others.__contains__)
        if any(tag[name] != value for name, value in item.items()):
            tag.update(item)
            tag["updated_at"] = self._store.now()
            self._store.log_tag("edited", tag)
        return 200, {"tags": [self._shown(tag, request)]}

    async def destroy(self, _request: Request, argument: str) -> tuple[int, Any]:
        """Takes the tag off its posts, too, and moves none of their dates."""
        tag = self._found(argument, "destroy")
        del self._store.tags[argument]
        for document in self._store.documents.values():
            document.tags = [id for id in document.tags if id != argument]
        self._store.log_tag("deleted", tag)
        return 204, None

    def _found(self, id: str, method: str) -> dict[str, Any]:
        if id not in self._store.tags:
            error = missing(method, "tags")
            error.context = "Resource could not be found."
            raise error
        return self._store.tags[id]

    def _shown(self, tag: dict[str, Any], request: Request) -> dict[str, Any]:
        shown = self._ghost.views.tag(tag)
        if "count.posts" in request.query_params.get("include", ""):
            shown["count"] = {"posts": sum(tag["id"] in d.tags for d in self._store.documents.values())}
        return shown

    def _item(self, body: Any, method: str) -> dict[str, Any]:
        """The fields of a request, checked as Ghost's schema does, and as its tables keep them."""
        rows = body.get("tags") if isinstance(body, dict) else None
        first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        item = {name: first[name] for name in _WRITABLE if name in first}
        for name, value in item.items():
            _check(method, name, value)
        site = self._ghost.url
        for name in _ADDRESSES:
            if name in item:
                item[name] = absolute(item[name], site)
        for name in ("codeinjection_head", "codeinjection_foot"):
            if item.get(name):
                item[name] = absolute_html(item[name], site)
        if str(item.get("name") or "").startswith("#"):
            item["visibility"] = "internal"
        return {name: value if name == "slug" else value or None for name, value in item.items()}


def _check(method: str, name: str, value: Any) -> None:
    if value is None and name not in {"name", "visibility"}:
        return
    if not isinstance(value, str):
        raise _violation(method, name, "type", "must be string")
    if name == "visibility":
        if value not in {"public", "internal"}:
            raise _violation(method, name, "enum", "must be equal to one of the allowed values")
        return
    if name == "name" and not value:
        raise _violation(method, name, "minLength", "must NOT have fewer than 1 characters")
    if name == "name" and value.startswith(","):
        raise _violation(method, name, "pattern", 'must match pattern "^([^,]|$)"')
    if len(value) > _LIMITS[name]:
        raise _violation(method, name, "maxLength", f"must NOT have more than {_LIMITS[name]} characters")
    if name in _ADDRESSES and not _REFERENCE.fullmatch(value):
        raise _violation(method, name, "format", 'must match format "uri-reference"')


def _violation(method: str, name: str, keyword: str, message: str) -> ApiError:
    path = f"/tags/0/{name}" if name else "/tags/0"
    return schema_violation(method, "tags", path=path, keyword=keyword, params={}, message=message)
