"""The Admin API's endpoints apart from posts and pages, and the table that finds them all."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from ghostsync.sandbox import forms, listing, uploads
from ghostsync.sandbox.documents import KINDS, Documents, Handler, read_json
from ghostsync.sandbox.ghost import VERSION, SandboxGhost
from ghostsync.sandbox.problems import (
    ApiError,
    Intercepted,
    forbidden,
    invalid,
    missing,
    no_route,
    schema_violation,
)
from ghostsync.sandbox.publishing import Publishing
from ghostsync.sandbox.tags import Tags

_FORBIDDEN = frozenset(
    {"integrations", "themes", "redirects", "notifications", "snippets", "invites", "db", "session"}
)


class Resources:
    def __init__(self, ghost: SandboxGhost) -> None:
        self._ghost = ghost
        self._store = ghost.store
        self._documents = Documents(ghost)
        self._tags = Tags(ghost)
        self._publishing = Publishing(ghost)

    def route(self, method: str, rest: str) -> tuple[Handler, str, bool]:
        """(handler, what it is about, whether it needs no key). Raises ApiError 404 or 403."""
        name, *more = rest.rstrip("/").split("/")
        argument = "/".join(more)
        if name == "site" and method == "GET" and not argument:
            return self.site, argument, True
        if name in KINDS:
            return *self._documents.route(method, name, argument), False
        beside = self._tags.route(method, argument) if name == "tags" else None
        if found := beside or self._publishing.route(method, name, argument):
            return found, argument, False
        if name == "webhooks":
            hooks = {"POST": self.webhook_add, "PUT": self.webhook_edit, "DELETE": self.webhook_delete}
            if (handler := hooks.get(method)) and bool(argument) is (method != "POST"):
                return handler, argument, False
        if method == "POST" and name in {"images", "media", "files"} and argument == "upload":
            return self.upload, name, False
        reads = {
            "config": self.config,
            "settings": self.settings,
            "users": self.users,
            "tiers": self.tiers,
            "newsletters": self.newsletters,
            "actions": self.actions,
            "oembed": self.oembed,
        }
        if method == "GET" and name in reads.keys() - self._ghost.refuses and not argument:
            return reads[name], argument, False
        if name in _FORBIDDEN | self._ghost.refuses:
            return self.refuse, argument, False
        raise no_route()

    async def site(self, _request: Request, _argument: str) -> tuple[int, Any]:
        ghost = self._ghost
        return 200, {
            "site": {
                "title": ghost.title,
                "description": "Thoughts, stories and ideas.",
                "logo": None,
                "icon": None,
                "cover_image": None,
                "accent_color": "#FF1A75",
                "locale": "en",
                "timezone": ghost.timezone,
                "url": ghost.url,
                "version": ".".join(VERSION.split(".")[:2]),
                "allow_external_signup": True,
                "site_uuid": ghost.site_uuid,
            }
        }

    async def config(self, _request: Request, _argument: str) -> tuple[int, Any]:
        config = {
            "version": VERSION,
            "environment": "sandbox",
            "database": "memory",
            "mail": "stub",
            "useGravatar": False,
            "labs": {"members": True},
        }
        return 200, {"config": config}

    async def settings(self, _request: Request, _argument: str) -> tuple[int, Any]:
        values: dict[str, Any] = {
            "title": self._ghost.title,
            "description": "Thoughts, stories and ideas.",
            "timezone": self._ghost.timezone,
            "locale": "en",
            "default_content_visibility": "public",
            "members_signup_access": "all",
            "active_theme": "source",
            **self._ghost.settings,
        }
        return 200, {"settings": [{"key": key, "value": value} for key, value in values.items()], "meta": {}}

    async def users(self, request: Request, _argument: str) -> tuple[int, Any]:
        roles = "roles" in request.query_params.get("include", "")
        people = [self._ghost.views.user(user, roles=roles) for user in self._store.users.values()]
        page, meta = listing.rows(people, dict(request.query_params), "users")
        return 200, {"users": page, "meta": meta}

    async def tiers(self, request: Request, _argument: str) -> tuple[int, Any]:
        page, meta = listing.rows(self._store.tiers.values(), dict(request.query_params), "tiers")
        return 200, {"tiers": page, "meta": meta}

    async def newsletters(self, request: Request, _argument: str) -> tuple[int, Any]:
        page, meta = listing.rows(self._store.newsletters.values(), dict(request.query_params), "newsletters")
        return 200, {"newsletters": page, "meta": meta}

    async def actions(self, request: Request, _argument: str) -> tuple[int, Any]:
        query, store = dict(request.query_params), self._store
        include = query.get("include", "").split(",")
        newest = sorted(store.actions, key=lambda action: action["created_at"], reverse=True)
        page, meta = listing.rows(newest, query, "actions")
        for name, found in (("actor", store.actor_of), ("resource", store.resource_of)):
            if name in include:
                page = [{**action, name: found(action)} for action in page]
        return 200, {"actions": page, "meta": meta}

    async def oembed(self, request: Request, _argument: str) -> tuple[int, Any]:
        url = request.query_params.get("url")
        if not url:
            words = "Request not understood error, cannot read oembed."
            raise ApiError(400, "BadRequestError", words, context="No url provided.")
        # A real Ghost would fetch the address; the sandbox knows only what it was told.
        answer = self._ghost.embeds.get(url)
        if answer is None:
            words = "Validation error, cannot read oembed."
            raise ApiError(422, "ValidationError", words, context="No provider found for supplied URL.")
        return 200, answer

    async def upload(self, request: Request, resource: str) -> tuple[int, Any]:
        length = request.headers.get("content-length", "")
        limit = self._ghost.max_upload
        if limit is not None and length.isdigit() and int(length) > limit:
            raise Intercepted(413, "<html><head><title>413 Request Entity Too Large</title></head></html>")
        form = forms.parts(
            request.headers.get("content-type", ""), await request.body(), uploads.EXPECTED[resource]
        )
        return 201, uploads.receive(self._store, self._ghost.url, resource, form)

    async def webhook_add(self, request: Request, _argument: str) -> tuple[int, Any]:
        item = _first(await read_json(request), "webhooks", "target_url", "event")
        for hook in self._store.webhooks.values():
            if (hook["event"], hook["target_url"]) == (item["event"], item["target_url"]):
                raise invalid("add", "webhooks", "Target URL has already been used for this event.")
        hook = {
            "id": self._store.new_id(),
            "event": item["event"],
            "target_url": item["target_url"],
            "name": item.get("name"),
            "secret": item.get("secret"),
            "api_version": "v6.65",
            "integration_id": self._store.integration_id,
            "created_at": self._store.now(),
            "updated_at": self._store.now(),
            **dict.fromkeys(("last_triggered_at", "last_triggered_status", "last_triggered_error")),
        }
        self._store.webhooks[hook["id"]] = hook
        return 201, {"webhooks": [hook]}

    async def webhook_edit(self, request: Request, argument: str) -> tuple[int, Any]:
        hook = self._webhook(argument, "edit")
        item = _first(await read_json(request), "webhooks")
        hook.update({key: item[key] for key in ("event", "target_url", "name") if key in item})
        return 200, {"webhooks": [hook]}

    async def webhook_delete(self, _request: Request, argument: str) -> tuple[int, Any]:
        self._webhook(argument, "destroy")
        del self._store.webhooks[argument]
        return 204, None

    def _webhook(self, id: str, method: str) -> dict[str, Any]:
        if id not in self._store.webhooks:
            raise missing(method, "webhooks")
        return self._store.webhooks[id]

    async def refuse(self, _request: Request, _argument: str) -> tuple[int, Any]:
        raise forbidden()


def _first(body: Any, resource: str, *required: str) -> dict[str, Any]:
    items = body.get(resource) if isinstance(body, dict) else None
    item = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    for name in required:
        if not item.get(name):
            raise schema_violation(
                "add",
                resource,
                path=f"/{resource}/0",
                keyword="required",
                params={"missingProperty": name},
                message=f"must have required property '{name}'",
            )
    return item
