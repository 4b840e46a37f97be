"""`SandboxGhost`: a whole Ghost publication in memory, with an editor's side for tests and the demo."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox.clock import Clock
from ghostsync.sandbox.faults import Fault
from ghostsync.sandbox.fields import META, OWN, PAGE_OWN, POST_META
from ghostsync.sandbox.rules import Rules
from ghostsync.sandbox.store import Document, Store
from ghostsync.sandbox.views import Shape, Views

VERSION = "6.65.0"
ROUTES = (
    "routes:\n\ncollections:\n  /:\n    permalink: /{slug}/\n    template: index\n\n"
    "taxonomies:\n  tag: /tag/{slug}/\n  author: /author/{slug}/\n"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached the sandbox."""

    method: str
    path: str
    query: str
    status: int


class SandboxGhost:
    """State and behaviour; `ghostsync.sandbox.app` gives it HTTP.

    clock: seconds since the epoch, injectable. url: the address the site believes it has, with the trailing
    slash; `serve` sets it to the real one. seed: makes ids and keys of two sandboxes alike or different.
    """

    def __init__(
        self,
        *,
        title: str = "Sandbox",
        url: str = "http://127.0.0.1/",
        clock: Clock = time.time,
        timezone: str = "Etc/UTC",
        seed: str = "ghostsync",
    ) -> None:
        self.title = title
        self.timezone = timezone
        self.store = Store(clock)
        digest = hashlib.sha256(seed.encode()).hexdigest()
        self.key_id = digest[:24]
        self.secret = bytes.fromhex(hashlib.sha256(digest.encode()).hexdigest())
        self.site_uuid = str(uuid.UUID(digest[24:56]))
        self.rules = Rules(self.store, url)
        self.views = Views(self.store, url)
        self.requests: list[Seen] = []
        self.faults: list[Fault] = []
        # What an integration is told as well, and no repository should hold, is among them as in a real Ghost.
        self.settings: dict[str, Any] = {
            "accent_color": "#FF1A75",
            "navigation": '[{"label":"Home","url":"/"},{"label":"About","url":"/about/"}]',
            "is_private": False,
            "password": "",
            "public_hash": digest[:30],
            "stripe_secret_key": None,
            "mailgun_api_key": None,
            "indexnow_api_key": "••••••••",
        }
        self.embeds: dict[str, dict[str, Any]] = {}  # what oembed/ answers, by address
        self.staff_key_id = hashlib.sha256(f"staff {seed}".encode()).hexdigest()[:24]
        self.themes: dict[str, dict[str, str]] = {
            "source": {"package.json": '{"name": "source", "version": "1.0.0"}'}
        }
        self.routes = ROUTES
        self.redirects = "# See https://docs.ghost.org/themes/routing/#redirects\n301: {}\n302: {}\n"
        self.refuses: set[str] = set()  # resources that the key may not use
        self.booting = False
        self.max_upload: int | None = None  # bytes of a request: what a proxy in front of Ghost lets through
        self.editor: str = self.store.add_user("Owner", "owner@example.com", role="Owner")["id"]
        """The id of the person who writes in the editor: see `create`, `edit` and `delete`."""
        self.store.add_tier("Free", type="free")
        self.store.add_tier(title, slug="default-product")
        self.store.add_newsletter(title, "default-newsletter")

    @property
    def url(self) -> str:
        return self.rules.url

    @url.setter
    def url(self, value: str) -> None:
        self.rules.url = self.views.url = value

    @property
    def permalinks(self) -> str:
        """Where posts are, as in Ghost's routes.yaml: "/{year}/{slug}/"."""
        return self.views.permalinks

    @permalinks.setter
    def permalinks(self, value: str) -> None:
        self.views.permalinks = value

    @property
    def admin_api_key(self) -> str:
        """The key as Ghost shows it: id:secret."""
        return f"{self.key_id}:{self.secret.hex()}"

    @property
    def staff_access_token(self) -> str:
        """The owner's, as Ghost shows it on the profile: what may do more than an integration's key."""
        return f"{self.staff_key_id}:{self.secret.hex()}"

    @property
    def posts(self) -> list[Document]:
        return list(self.store.of_kind(Kind.POST))

    @property
    def pages(self) -> list[Document]:
        return list(self.store.of_kind(Kind.PAGE))

    def create(self, kind: Kind = Kind.POST, /, *, source_html: bool = False, **fields: Any) -> Document:
        """Write a document as an editor would. fields: as in the Admin API; `title` is needed."""
        with self.store.acting(self.editor):
            return self.rules.add(kind, {"title": "(Untitled)", **fields}, source_html=source_html)

    def edit(self, id: str, /, **fields: Any) -> Document:
        """Change a document as an editor would: its `updated_at` is the current second if a column changed."""
        document = self.store.documents[id]
        unknown = fields.keys() - {*OWN, *META, *PAGE_OWN, *POST_META, "tags", "authors", "tiers", "html"}
        if unknown:
            raise TypeError(f"not a field of a {document.kind}: {', '.join(sorted(unknown))}")
        item = {"updated_at": document.own["updated_at"], **fields}
        with self.store.acting(self.editor):
            self.rules.edit(document, item, source_html="html" in fields, save_revision=False)
        return document

    def delete(self, id: str, /) -> None:
        """Delete a document as an editor would."""
        with self.store.acting(self.editor):
            self.remove(id)

    def remove(self, id: str, /) -> None:
        """Delete a document, whoever does it."""
        document = self.store.documents.pop(id)
        self.store.log("deleted", id, document.kind, str(document.own["title"]))

    def find(self, slug: str, /) -> Document:
        """The post or page with this slug. KeyError when there is none."""
        for document in self.store.documents.values():
            if document.own["slug"] == slug:
                return document
        raise KeyError(slug)

    def answer(self, document: Document) -> dict[str, Any]:
        """A document as the API would give it, with every format."""
        shape = Shape(document.kind, {"formats": "lexical,html,plaintext"}, "read")
        return self.views.document(document, shape)

    def add_tier(self, name: str) -> dict[str, Any]:
        return self.store.add_tier(name)

    def count(self, method: str = "", path: str = "") -> int:
        """How many requests with this method and this part of the path have arrived."""
        return sum(1 for seen in self.requests if method in {"", seen.method} and path in seen.path)
