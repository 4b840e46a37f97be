"""What a POST or PUT does to a document: Ghost's model layer, as far as a client can see it."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox import relations, render
from ghostsync.sandbox.clock import parse_iso
from ghostsync.sandbox.incoming import bad_lexical, understand
from ghostsync.sandbox.problems import collision, internal, invalid, unclear, unsent
from ghostsync.sandbox.store import BLANK_LEXICAL, Document, Store, empty_columns

MIN_LEAD = 120
"""Seconds. Ghost subtracts them where it says it adds them: a new time of a scheduled post may be this far gone."""

_REVISIONS_KEPT = 25
_PUBLIC = frozenset({"published", "sent"})
_SEGMENT = re.compile(r"all|(?:(?:status|label):-?[a-z0-9-]+)(?:,(?:status|label):-?[a-z0-9-]+)*")
_VISIBILITIES = frozenset({"", "public", "members", "paid", "tiers"})


class Rules:
    """Adds and edits documents of one store. `url` is the site's address with the trailing slash."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self.url = url

    def add(self, kind: Kind, item: dict[str, Any], *, source_html: bool) -> Document:
        """A new document from a checked item. An `updated_at` in it is honoured, an id or uuid is not."""
        store, resource = self._store, kind.plural
        incoming = understand(kind, item, self.url, "add", source_html=source_html)
        own, meta = empty_columns(kind)
        own.update(incoming.own)
        meta.update(incoming.meta)
        document = Document(
            id=store.new_id(),
            uuid=str(uuid.uuid4()),
            kind=kind,
            created_at=store.now(),
            own=own,
            meta=meta,
        )
        own["updated_at"] = own["updated_at"] or store.now()
        own["lexical"] = own["lexical"] or BLANK_LEXICAL
        self._settle_status(document, {}, "add")
        self._check_visibility(document, "add")
        own["slug"] = store.slug_for(own["slug"] or own["title"])
        document.html = self._rendered(document, "add")
        wanted = item.get("authors")
        document.authors = (
            [relations.owner(store)] if wanted is None else relations.authors(store, wanted, "add", resource)
        )
        document.tiers = relations.tiers(store, item.get("tiers") or [], "add", resource)
        document.tags = relations.tags(store, item.get("tags") or [], "add", resource)
        self._revise(document, "initial_revision")
        store.documents[document.id] = document
        store.log("added", document.id, kind, own["title"])
        return document

    def edit(
        self,
        document: Document,
        item: dict[str, Any],
        *,
        source_html: bool,
        save_revision: bool,
        newsletter: str = "",
        segment: str = "",
        email_in_view: bool = True,
    ) -> None:
        """Apply a PUT as one step: it is done whole, or an ApiError is raised and nothing has changed.

        newsletter, segment: as in the query (`?newsletter=`, `email_segment=`). email_in_view: it has `include=email`.
        """
        before = document.own
        draft = self._drafted(document, item, source_html=source_html)
        self._settle_newsletter(draft, before["status"], newsletter, segment)
        changed = [
            name for name, value in draft.own.items() if value != before[name] and name != "updated_at"
        ]
        linked = [name for name in ("tags", "authors") if getattr(draft, name) != getattr(document, name)]
        if (changed or linked) and not _same_moment(item["updated_at"], before["updated_at"]):
            raise collision(changed + linked)
        if "lexical" in changed:
            draft.html = self._rendered(draft, "edit")
        if changed:
            # Only a change of the posts table moves it: not one of tags, authors, tiers or meta columns.
            draft.own["updated_at"] = self._store.now() if item["updated_at"] is not None else None
        if changed or linked or (draft.meta, draft.tiers) != (document.meta, document.tiers):
            self._store.log("edited", document.id, document.kind, draft.own["title"])
        for name in ("own", "meta", "html", "tags", "authors", "tiers", "newsletter", "segment"):
            setattr(document, name, getattr(draft, name))
        publishes = (
            "status" in changed and document.own["status"] in _PUBLIC and before["status"] not in _PUBLIC
        )
        again = document.newsletter and document.email is not None
        if publishes and not again:
            self._store.send(document)
        if save_revision or "status" in changed:
            self._revise(document, "explicit_save")
        if publishes and again and not email_in_view:
            # The post is stored by then; Ghost knows of the first e-mail only where the request includes it.
            raise internal("edit", document.kind.plural, "UNIQUE constraint failed: emails.post_id")

    def _drafted(self, document: Document, item: dict[str, Any], *, source_html: bool) -> Document:
        """The document as it would be after the request."""
        store, kind, before = self._store, document.kind, document.own
        incoming = understand(kind, item, self.url, "edit", source_html=source_html)
        draft = Document(
            id=document.id,
            uuid=document.uuid,
            kind=kind,
            created_at=document.created_at,
            own={**before, **incoming.own, "updated_at": before["updated_at"]},
            meta={**document.meta, **incoming.meta},
            tags=document.tags,
            authors=document.authors,
            tiers=document.tiers,
            html=document.html,
            newsletter=document.newsletter,
            segment=document.segment,
            email=document.email,
        )
        draft.own["lexical"] = draft.own["lexical"] or BLANK_LEXICAL
        self._settle_status(draft, before, "edit")
        self._check_visibility(draft, "edit")
        self._settle_slug(draft, before)
        if "authors" in item:
            draft.authors = relations.authors(store, item["authors"], "edit", kind.plural)
        if "tiers" in item:
            draft.tiers = relations.tiers(store, item["tiers"], "edit", kind.plural)
        if "tags" in item:
            draft.tags = relations.tags(store, item["tags"], "edit", kind.plural)
        return draft

    def _rendered(self, document: Document, method: str) -> str | None:
        try:
            return render.to_html(json.loads(document.own["lexical"]))
        except (ValueError, TypeError):
            raise bad_lexical(method, document.kind) from None

    def _settle_status(self, document: Document, before: dict[str, Any], method: str) -> None:
        own, resource = document.own, document.kind.plural
        status, old = own["status"], before.get("status")
        if status == "scheduled":
            if old == "published":
                raise invalid(method, resource, "Your post is already published, please reload your page.")
            if not own["published_at"]:
                raise invalid(method, resource, "Value in published_at cannot be blank.")
            lead = parse_iso(own["published_at"]).timestamp() - self._store.clock()
            if own["published_at"] != before.get("published_at") and lead < -MIN_LEAD:
                raise invalid(method, resource, "Date must be at least -2 minutes in the future.")
        if status in {"published", "sent"} and not own["published_at"]:
            own["published_at"] = self._store.now()
        email_only = bool(document.meta.get("email_only"))
        if status == "published" and email_only and old != status:
            own["status"] = "sent"
        elif status == "sent" and not email_only and old != status:
            own["status"] = "published"

    def _settle_newsletter(self, draft: Document, old: str, slug: str, segment: str) -> None:
        """The newsletter is taken only by the request that publishes or schedules, and only where none was before."""
        status = draft.own["status"]
        if status == old:
            return
        if status == "draft":
            if draft.email is None:
                draft.newsletter, draft.segment = "", "all"
            return
        if not slug or draft.newsletter:
            return
        found = next((row for row in self._store.newsletters.values() if row["slug"] == slug), None)
        resource = draft.kind.plural
        if status == "scheduled":
            if found is None or found["status"] != "active":
                raise unclear(
                    "edit", resource, "The newsletter parameter doesn't match any active newsletter."
                )
        elif segment and not _SEGMENT.fullmatch(segment):
            raise unclear("edit", resource, "The email segment parameter doesn't contain a valid filter")
        elif found is None:
            raise unsent("The post does not have a newsletter relation")
        elif found["status"] != "active":
            raise unclear("edit", resource, "Cannot send email to archived newsletters")
        draft.newsletter, draft.segment = str(found["id"]), segment or "all"

    def _settle_slug(self, draft: Document, before: dict[str, Any]) -> None:
        own = draft.own
        if own["slug"] == before["slug"]:
            return
        retitled = own["title"] != before["title"] and own["status"] == "draft" and not own["published_at"]
        if not retitled:
            own["slug"] = self._store.slug_for(own["slug"] or own["title"], but=draft.id)
        elif any(d.own["slug"] == own["slug"] and d.id != draft.id for d in self._store.documents.values()):
            # For a draft that gets a new title in the same request Ghost skips its slug generator: the slug is
            # stored raw, and one that is taken hits the database's unique index.
            raise internal("edit", draft.kind.plural, "UNIQUE constraint failed: posts.slug, posts.type")

    def _check_visibility(self, document: Document, method: str) -> None:
        visibility = document.own["visibility"]
        if visibility is None:
            raise internal(method, document.kind.plural, "NOT NULL constraint failed: posts.visibility")
        if ":" in visibility:
            document.own["visibility"] = "tiers"
        elif visibility not in _VISIBILITIES:
            context = f"Query Error: unexpected character in filter at char 1\n{visibility}\n^"
            raise internal(method, document.kind.plural, context)

    def _revise(self, document: Document, reason: str) -> None:
        own = document.own
        document.revisions.append(
            {
                "id": self._store.new_id(),
                "post_id": document.id,
                "lexical": own["lexical"],
                "created_at_ts": int(self._store.clock() * 1000),
                "created_at": self._store.now(),
                "title": own["title"],
                "post_status": own["status"],
                "reason": reason,
                "feature_image": own["feature_image"],
                "custom_excerpt": own["custom_excerpt"],
            }
        )
        del document.revisions[:-_REVISIONS_KEPT]


def _same_moment(seen: str | None, known: str | None) -> bool:
    return seen is None or known is None or parse_iso(seen) == parse_iso(known)
