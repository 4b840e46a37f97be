"""Bringing a version back: into its file, or into Ghost.

A file comes back with what is there now kept in history first, and with the ghost_id of the post that is its own
today. Where that post is gone, it comes back as that of a new draft: what was taken down is never public again
unless the author says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ghostsync.content.body import body_payload, read_stored_body
from ghostsync.content.document import add_ghost_id, payload_fields, post_from_json, read_document, view_post
from ghostsync.content.fields import FIELDS
from ghostsync.content.lexical import same
from ghostsync.content.mobiledoc import lexical_to_mobiledoc
from ghostsync.content.types import Context, Document, FieldValue, PostView
from ghostsync.errors import StateError, TargetChanged, UsageError
from ghostsync.model import Kind, RemotePost, Storage
from ghostsync.sync.desk import as_spelled
from ghostsync.sync.history import REMOTE, ids_at, is_id
from ghostsync.sync.link_cards import fold, with_cards
from ghostsync.sync.merge import impose_local, impose_remote
from ghostsync.sync.model import ABSENT, RESTORE, Version
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.write_files import FileWriter, as_draft

_STAYS = ("status", "published_at")
"""What no write changes once a post was sent by e-mail."""


@dataclass(frozen=True, slots=True)
class FileRestore:
    """What restoring into a file would do. before: None when there is no file. ghost_id: "" for a new post.

    shelved: the status that the version had, where it comes back as a draft because its post is gone.
    """

    path: str
    version: Version
    before: bytes | None
    after: bytes
    ghost_id: str
    shelved: str = ""


@dataclass(frozen=True, slots=True)
class PostRestore:
    """What restoring into Ghost would do: the PUT's payload, and the fields that change, then "body".

    status: (now, then) where it changes.
    """

    version: Version
    case: Case
    payload: Mapping[str, Any] = field(repr=False)
    keys: tuple[str, ...]
    status: tuple[str, str] | None = None
    source_html: bool = False


class Restorer:
    """Plans restores; carries out those into files. context: the site's, as far as it is known."""

    def __init__(self, folder: Folder, state: State, context: Context) -> None:
        self._folder = folder
        self._state = state
        self._context = context
        self._files = FileWriter(folder, state, context)

    def kind(self, path: str, version: Version) -> Kind:
        """Raises UsageError for a path where the folder keeps no documents."""
        ids = {version.ghost_id, *ids_at(self._folder, self._state, path, self._context)} - {""}
        known = [row.kind for row in self._state.documents() if row.id in ids]
        kind = known[0] if known else self._folder.kind_of(version.path) or self._folder.kind_of(path)
        if kind is None and version.side == REMOTE and not version.path:
            # Of the two, Ghost gives this to pages alone.
            told = json.loads(self._state.blob(version.sha))
            return Kind.PAGE if "show_title_and_feature_image" in told else Kind.POST
        if kind is None:
            raise UsageError(
                "is no place for a document",
                subject=path,
                remedy="Its versions can be seen: ghostsync diff PATH --version N",
            )
        return kind

    def post_of(self, path: str, version: Version) -> str:
        """The id of the post that is this document's now, as far as the last sync knows; "" when it is gone."""
        mirror = self._state.mirror()
        ids = (*ids_at(self._folder, self._state, path, self._context), version.ghost_id)
        owners = {row.id: row.path for row in self._state.documents() if not row.tombstone}
        for id in ids:
            elsewhere = owners.get(id, path) != path and self.read(owners[id]) is not None
            if id in mirror and not elsewhere:
                return id
        return ""

    def home(self, path: str, version: Version) -> str:
        """Where the document is now, or was: its new path when it was moved since, a fresh one if it never had one."""
        if self.read(path) is None:
            for row in self._state.documents():
                if row.id == version.ghost_id and not row.tombstone and self.read(row.path) is not None:
                    return row.path
        if not is_id(path):
            return path
        kind = self.kind(path, version)
        return version.path or self._files.place(self._then(version, kind), "")

    def file(self, path: str, version: Version, *, gone: bool = False) -> FileRestore:
        """Plan a restore into the file. gone: Ghost says that the post does not exist any more.

        Raises ContentError where the present file cannot be edited to hold the version.
        """
        path = self.home(path, version)
        kind = self.kind(path, version)
        before = self.read(path)
        id = "" if gone else self.post_of(path, version)
        data = self.as_file(path, version, before)
        shelved = ""
        if id:
            data = add_ghost_id(data, id)
        else:
            status = str(read_document(data, path, kind, self._context).fields.get("status") or "draft")
            data, shelved = as_draft(data, path, kind, self._context), "" if status == "draft" else status
        return FileRestore(path, version, before, data, id, shelved)

    def as_file(self, path: str, version: Version, now: bytes | None) -> bytes:
        """The version as a file. A post is told in the spelling of the file that is there (now), else of the
        last one that was.
        """
        if version.side != REMOTE:
            return self._state.blob(version.sha)
        kind = self.kind(path, version)
        view = self._then(version, kind)
        template = now if now is not None else self._last_file(path, version)
        document = self._read(template, path, kind) if template is not None else None
        if document is None or document.problems:
            return self._files.fresh(view, path)
        return self._told(document, view, self._held(self.post_of(path, version)))

    def write(self, plan: FileRestore) -> None:
        """Carry out a restore into a file. Raises TargetChanged when the file was saved meanwhile."""
        if plan.before == plan.after:
            return
        intent = self._state.intend(RESTORE, ghost_id=plan.ghost_id, path=plan.path, payload="")
        expected = ABSENT
        if plan.before is not None:
            expected = hashlib.sha256(plan.before).hexdigest()
            self._state.keep(
                ghost_id=plan.ghost_id or plan.version.ghost_id,
                path=plan.path,
                side="local",
                why=RESTORE,
                data=plan.before,
            )
        try:
            self._folder.write(plan.path, plan.after, expected_sha=expected)
        finally:
            self._state.settle(intent)

    def post(self, path: str, version: Version, post: RemotePost) -> PostRestore:
        """Plan a restore into a post that exists. post: as Ghost holds it now."""
        now = self._view(post)
        data = self._state.blob(version.sha)
        source_html = False
        if version.side == REMOTE:
            fields, payload = self._as_it_was(now, self._then(version, post.kind), data)
        else:
            document = self._read(data, path, post.kind)
            fields, payload, source_html = self._as_the_file_says(now, document)
        for name in _STAYS if "sent" in (now.fields.get("status"), fields.get("status")) else ():
            fields.pop(name, None)
        keys = (*fields, *(["body"] if payload else []))
        payload = {**payload_fields(fields, self._context, self._context.site.major, post.kind), **payload}
        status = None
        if "status" in fields:
            status = (str(now.fields.get("status")), str(fields["status"]))
        case = Case(post.kind, post.id, path, None, None, now)
        return PostRestore(version, case, payload, keys, status, source_html)

    def _as_it_was(
        self, now: PostView, then: PostView, data: bytes
    ) -> tuple[dict[str, FieldValue], dict[str, Any]]:
        """All fields, and the stored body to the letter."""
        fields = {name: value for name, value in then.fields.items() if now.fields.get(name) != value}
        if same(now.body, then.body, site_url=self._context.site.url):
            return fields, {}
        raw = json.loads(data)
        key = "mobiledoc" if now.storage is Storage.MOBILEDOC else "lexical"
        body = raw.get(key)
        if not body:
            body = (
                lexical_to_mobiledoc(
                    then.body,
                    old=now.body,
                    major=self._context.site.major,
                    site_url=self._context.site.url,
                )
                if now.storage is Storage.MOBILEDOC
                else json.dumps({"root": then.body["root"]}, ensure_ascii=False)
            )
        return fields, {key: body}

    def _as_the_file_says(
        self, now: PostView, document: Document
    ) -> tuple[dict[str, FieldValue], dict[str, Any], bool]:
        """What the file stated; an absent key is no opinion. The last value: whether the body goes as HTML."""
        if document.problems:
            raise document.problems[0]
        context = self._context
        seen = fold(self._state, document.body, document.mode, None, now, context.site.url)
        now = seen.remote
        content = impose_local(
            document, now, site_url=context.site.url, html_extensions=context.html_extensions
        )
        if content.post_body is None:
            return dict(content.to_post), {}, False
        body = body_payload(
            content.post_body,
            document.mode,
            now.storage,
            old=now.body,
            html_extensions=context.html_extensions,
            site_url=context.site.url,
            major=context.site.major,
        )
        return (
            dict(content.to_post),
            with_cards(body.payload, document.mode, seen.cards),
            body.source_html,
        )

    def _told(self, document: Document, view: PostView, held: PostView | None) -> bytes:
        """A file, changed to say what the view does. What it left to Ghost is stated where Ghost holds another
        value now (held), or nothing any more.
        """
        context = self._context
        view = fold(self._state, document.body, document.mode, None, view, context.site.url).remote
        content = impose_remote(
            document,
            view,
            as_spelled(document, view),
            site_url=context.site.url,
            html_extensions=context.html_extensions,
        )
        fields = dict(content.to_file)
        for name, spec in FIELDS.items():
            value = view.fields.get(name, spec.default)
            left = held.fields.get(name) if held else document.slug if name == "slug" else spec.default
            if name not in document.fields and name in view.fields and value != left:
                fields[name] = value
        return self._files.edited(document, fields, content.file_body, ghost_id=view.id, mode=content.mode)

    def _read(self, data: bytes, path: str, kind: Kind) -> Document:
        """A file with its links to other files understood, as they lead today."""
        return self._files.links.read(read_document(data, path, kind, self._context), {})

    def _view(self, post: RemotePost) -> PostView:
        body, storage = read_stored_body(post.data)
        return view_post(post, self._context, self._files.links.dressed(body), storage)

    def _then(self, version: Version, kind: Kind) -> PostView:
        """The post of a version."""
        data = self._state.blob(version.sha)
        return self._view(post_from_json(data, version.ghost_id, kind, version.at))

    def _held(self, id: str) -> PostView | None:
        """The post as Ghost was last seen to hold it."""
        seen = self._state.mirrored(id)
        if seen is None:
            return None
        data = self._state.blob(seen.post_sha)
        return self._view(post_from_json(data, id, seen.kind, seen.updated_at))

    def _last_file(self, path: str, version: Version) -> bytes | None:
        """The newest text that the document's file had, from history or from the base."""
        ids = {version.ghost_id, *ids_at(self._folder, self._state, path, self._context)}
        found = [v.sha for v in self._state.versions(path=path) if v.side != REMOTE]
        found += [row.base_sha for row in self._state.documents() if row.id in ids]
        for sha in found:
            try:
                return self._state.blob(sha)
            except StateError:
                continue
        return None

    def read(self, path: str) -> bytes | None:
        """The file's bytes, None where there is no file."""
        try:
            return self._folder.read(path)
        except TargetChanged:
            return None
