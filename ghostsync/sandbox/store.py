"""What the sandbox remembers: site, documents, tags, users, tiers, files, webhooks, the action log. In memory."""

from __future__ import annotations

import itertools
import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox.clock import Clock, iso, parse_iso
from ghostsync.sandbox.fields import META, OWN, PAGE_OWN, POST_META
from ghostsync.sandbox.slugs import unique

BLANK_LEXICAL = (
    '{"root":{"children":[{"children":[],"direction":null,"format":"","indent":0,"type":"paragraph","version":1}],'
    '"direction":null,"format":"","indent":0,"type":"root","version":1}}'
)


@dataclass(slots=True)
class Document:
    """A post or page as its tables hold it. own, meta: column -> value; tags, authors, tiers: ids in order.

    newsletter: id of the one it was scheduled or sent with, "" for none; segment: to whom. email: the record of what
    was sent.
    """

    id: str
    uuid: str
    kind: Kind
    created_at: str
    own: dict[str, Any]
    meta: dict[str, Any]
    tags: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    tiers: list[str] = field(default_factory=list)
    html: str | None = None
    revisions: list[dict[str, Any]] = field(default_factory=list)
    newsletter: str = ""
    segment: str = "all"
    email: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        """A column by its API name, whichever table it is in."""
        if name in self.own:
            return self.own[name]
        if name in self.meta:
            return self.meta[name]
        return getattr(self, name)


def empty_columns(kind: Kind) -> tuple[dict[str, Any], dict[str, Any]]:
    """Defaults of a new document: (own, meta)."""
    own: dict[str, Any] = dict.fromkeys(OWN)
    own.update(featured=False, status="draft", visibility="public", lexical=BLANK_LEXICAL)
    meta: dict[str, Any] = dict.fromkeys(META)
    if kind is Kind.PAGE:
        own.update(dict.fromkeys(PAGE_OWN, True))
    else:
        meta.update(dict.fromkeys(POST_META))
        meta["email_only"] = False
    return own, meta


class Store:
    """All tables. `ids` counts up from one start, so that two sandboxes made alike give like ids."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._ids = itertools.count(int("6a00000000000000000000a1", 16))
        self.documents: dict[str, Document] = {}
        self.tags: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.tiers: dict[str, dict[str, Any]] = {}
        self.newsletters: dict[str, dict[str, Any]] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.emails: list[dict[str, Any]] = []
        self.actions: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.integration_id = self.new_id()
        self.actor: tuple[str, str] = ("integration", self.integration_id)
        """Whose work goes on: type and id, for the log."""

    def new_id(self) -> str:
        return f"{next(self._ids):024x}"

    def now(self) -> str:
        return iso(self.clock())

    def of_kind(self, kind: Kind) -> Iterator[Document]:
        return (document for document in self.documents.values() if document.kind is kind)

    def slug_for(self, text: str, *, but: str = "") -> str:
        """A slug no other post or page has; `but` is the id of the document it is for."""

        def taken(slug: str) -> bool:
            return any(d.own["slug"] == slug and d.id != but for d in self.documents.values())

        return unique(text, noun="post", taken=taken)

    def log(self, event: str, document_id: str, kind: Kind, title: str) -> None:
        """An entry of Ghost's audit log."""
        self._note(event, document_id, kind.value, f'{{"type":"{kind.value}","primary_name":"{title}"}}')

    def _note(self, event: str, id: str, type: str, context: str) -> None:
        self.actions.append(
            {
                "id": self.new_id(),
                "resource_id": id,
                "resource_type": type,
                "actor_id": self.actor[1],
                "actor_type": self.actor[0],
                "event": event,
                "context": context,
                "created_at": self.now(),
            }
        )

    def log_tag(self, event: str, tag: dict[str, Any]) -> None:
        self._note(event, tag["id"], "tag", json.dumps({"primary_name": tag["name"]}))

    @contextmanager
    def acting(self, user_id: str) -> Iterator[None]:
        """What is done meanwhile, this person does in the editor."""
        before, self.actor = self.actor, ("user", user_id)
        try:
            yield
        finally:
            self.actor = before

    def actor_of(self, action: dict[str, Any]) -> dict[str, Any]:
        """Who did it, as `include=actor` shows it; nothing of a person who is not on the staff any more."""
        if action["actor_type"] == "integration":
            return {"id": self.integration_id, "name": "ghostsync", "slug": "ghostsync", "image": None}
        user = self.users.get(action["actor_id"])
        return {"id": user["id"], "name": user["name"], "slug": user["slug"], "image": None} if user else {}

    def resource_of(self, action: dict[str, Any]) -> dict[str, Any]:
        """What it was done to, as `include=resource` shows it; nothing of what was deleted."""
        document = self.documents.get(action["resource_id"])
        if document is None:
            return {}
        own = document.own
        return {"id": document.id, "title": own["title"], "slug": own["slug"], "image": own["feature_image"]}

    def publish_due(self) -> None:
        """What Ghost's scheduler does when a scheduled post's time has come."""
        now = self.clock()
        for document in self.documents.values():
            own = document.own
            if own["status"] == "scheduled" and parse_iso(own["published_at"]).timestamp() <= now:
                own["status"] = "sent" if document.meta.get("email_only") else "published"
                own["updated_at"] = own["published_at"]
                self.send(document)

    def send(self, document: Document) -> None:
        """Make the e-mail of a post that has just become public, if it has a newsletter and none was made before."""
        if not document.newsletter or document.email is not None:
            return
        document.email = {
            "id": self.new_id(),
            "uuid": str(uuid.uuid4()),
            "status": "submitted",
            "recipient_filter": document.segment,
            "error": None,
            "email_count": 0,
            "subject": document.meta.get("email_subject") or document.own["title"],
            "submitted_at": self.now(),
            "newsletter_id": document.newsletter,
            "created_at": self.now(),
            "updated_at": self.now(),
        }
        self.emails.append(document.email)

    def add_tag(self, fields: dict[str, Any]) -> dict[str, Any]:
        """A new tag from at least a name; its slug is made unique."""
        name = str(fields["name"])
        slugs = {tag["slug"] for tag in self.tags.values()}
        slug = unique(str(fields.get("slug") or name), noun="tag", taken=slugs.__contains__)
        now = self.now()
        tag: dict[str, Any] = {
            "id": self.new_id(),
            "name": name,
            "slug": slug,
            "description": fields.get("description"),
            "feature_image": fields.get("feature_image"),
            "visibility": fields.get("visibility") or ("internal" if name.startswith("#") else "public"),
            **{text: fields.get(text) for text in TAG_TEXTS},
            "created_at": now,
            "updated_at": now,
        }
        self.tags[tag["id"]] = tag
        return tag

    def add_user(self, name: str, email: str, *, role: str = "Author") -> dict[str, Any]:
        slugs = {user["slug"] for user in self.users.values()}
        now = self.now()
        user: dict[str, Any] = {
            "id": self.new_id(),
            "name": name,
            "slug": unique(name, noun="user", taken=slugs.__contains__),
            "email": email,
            **dict.fromkeys(("profile_image", "cover_image", "bio", "website", "location")),
            "status": "active",
            "created_at": now,
            "updated_at": now,
            "roles": [{"id": self.new_id(), "name": role}],
        }
        self.users[user["id"]] = user
        return user

    def add_tier(self, name: str, *, type: str = "paid", slug: str = "") -> dict[str, Any]:
        slugs = {tier["slug"] for tier in self.tiers.values()}
        now = self.now()
        tier: dict[str, Any] = {
            "id": self.new_id(),
            "name": name,
            "description": None,
            "slug": slug or unique(name, noun="tier", taken=slugs.__contains__),
            "active": True,
            "type": type,
            "welcome_page_url": None,
            "created_at": now,
            "updated_at": now,
            "visibility": "public",
            "benefits": [],
            "trial_days": 0,
        }
        self.tiers[tier["id"]] = tier
        return tier

    def add_newsletter(self, name: str, slug: str) -> None:
        newsletter = {
            "id": self.new_id(),
            "uuid": str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)),
            "name": name,
            "slug": slug,
            "status": "active",
            "visibility": "members",
            "subscribe_on_signup": True,
            "sort_order": 0,
            "created_at": self.now(),
            "updated_at": self.now(),
        }
        self.newsletters[str(newsletter["id"])] = newsletter


TAG_TEXTS = (
    "og_image", "og_title", "og_description", "twitter_image", "twitter_title", "twitter_description",
    "meta_title", "meta_description", "codeinjection_head", "codeinjection_foot", "canonical_url", "accent_color",
)  # fmt: skip
