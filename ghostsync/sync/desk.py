"""Everything known about one document, fetched from state and folder and laid out for a decision."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ghostsync.content.body import body_payload, read_stored_body
from ghostsync.content.document import read_document
from ghostsync.content.fields import ASKS_FOR_EMAIL
from ghostsync.content.post import post_from_json, view_post
from ghostsync.content.types import Context, Document, PostView
from ghostsync.errors import FolderError, StateError
from ghostsync.model import Kind, Mailing, Mode, RemotePost, Storage
from ghostsync.sync.conflict import Companion, companion_path, conflict_note, dividers, leftover
from ghostsync.sync.inventory import Found, without
from ghostsync.sync.link_cards import fold
from ghostsync.sync.links import Links
from ghostsync.sync.mailing import PUBLIC, is_over, mark_key
from ghostsync.sync.media_shelf import shelf_of
from ghostsync.sync.merge import Base
from ghostsync.sync.model import ABSENT, KnownDocument, LocalFile, Mirrored
from ghostsync.sync.new_addresses import Uses, aliases, in_today, is_stale
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.versioning.earlier import Earlier
from ghostsync.sync.versioning.ports import Past

Fetch = Callable[[Iterable[RemotePost]], Awaitable[None]]


async def _nothing(posts: Iterable[RemotePost]) -> None:
    """Where pictures stay links."""


class Desk:
    """Loads cases. Keeps only light rows in memory; contents are read when a document is looked at. fetch: brings what
    posts show into the folder, before their files are written. previews: drafts that show a document, and are none.
    """

    def __init__(self, folder: Folder, state: State, context: Context, past: Past | None = None) -> None:
        self.context = context
        self.earlier = Earlier(past, state, context)
        self._folder = folder
        self._state = state
        self._known: Sequence[KnownDocument] = ()
        self._mirrored: Mapping[str, Mirrored] = {}
        self.rows: dict[str, KnownDocument] = {}
        self.mirror: dict[str, Mirrored] = {}
        self.previews: dict[str, Mirrored] = {}
        self.found: dict[str, Found] = {}
        self.new: dict[str, Found] = {}
        self.mailings: dict[str, Mailing] = {}
        self.fetch: Fetch = _nothing
        self.links = Links(state, context, shelf_of(folder, state, context))

    def refresh(self) -> None:
        """Read the light rows again."""
        # Rows that did not change are given out once more while somebody holds the list of them.
        self._known = self._state.documents()
        self.rows = {row.id: row for row in self._known}
        self.look_at_mirror()
        self.links.see(self.rows, self.mirror, self.found, self.new)

    def placed(self, found: Mapping[str, Found], new: Mapping[str, Found]) -> None:
        """The inventory: by id, and by path for files without a post."""
        self.found, self.new = dict(found), dict(new)
        self.links.see(self.rows, self.mirror, self.found, self.new)

    def view(self, post: RemotePost) -> PostView:
        """Raises ContentError for a body that is neither Lexical nor Mobiledoc."""
        body, storage = read_stored_body(post.data)
        return view_post(post, self.context, self.links.dressed(body), storage)

    def remote_post(self, id: str) -> RemotePost | None:
        seen = self.mirror.get(id) or self.previews.get(id)
        if seen is None:
            return None
        return post_from_json(self._state.blob(seen.post_sha), seen.id, seen.kind, seen.updated_at)

    def settled_down(self) -> None:
        """After the writing: files as they were recorded, the new ones with their posts."""
        self.refresh()
        paths = {row.path for row in self.rows.values() if not row.tombstone}
        files = {
            id: Found(
                LocalFile(row.path, row.kind, row.stat, row.disk_sha, row.disk_settled), id, changed=False
            )
            for id, row in self.rows.items()
            if not row.tombstone
        }
        self.placed(files, {path: found for path, found in self.new.items() if path not in paths})

    def look_at_mirror(self) -> None:
        """Read what Ghost was seen to hold, while files for it are being made: their places stay as they are."""
        seen = self._mirrored = self._state.mirror()
        # What has a file is a document, whatever an editor made it look like since.
        self.previews = {id: post for id, post in seen.items() if post.preview and id not in self.rows}
        self.mirror = dict(seen)
        for id in self.previews:
            del self.mirror[id]

    def document(self, data: bytes, path: str, kind: Kind, before: Uses | None = None) -> Document:
        """A file, understood, its links to other files too. before: where they led."""
        return self.links.read(read_document(data, path, kind, self.context), before or {})

    def base(self, row: KnownDocument, now: RemotePost | None = None) -> Base | None:
        """None when the state has lost a half of it: then it is as if the two had never agreed. now: the post as it is."""
        try:
            data, raw = self._state.blob(row.base_sha), self._state.blob(row.base_post_sha)
        except StateError:
            return None
        post = post_from_json(raw, row.id, row.kind, row.updated_at)
        before = self.links.recorded(row)
        document = read_document(data, row.path, row.kind, self.context)
        renamed = renamed_tags(post, now)
        return Base(self.links.read(document, before, recorded=True), self.view(post), renamed)

    def excused(self, id: str) -> frozenset[tuple[str, str]]:
        """See `inventory.Excused`. A problem without a key (conflict markers, broken YAML) is never excused."""
        row = self.rows.get(id)
        base = self.base(row) if row is not None and not row.tombstone else None
        return _excused(base)

    def case(self, id: str) -> Case:
        """Load one document that has an id. Raises FolderError, ContentError, StateError."""
        row, found, post = self.rows.get(id), self.found.get(id), self.remote_post(id)
        kind = row.kind if row else post.kind if post else found.file.kind if found else None
        if kind is None:
            raise StateError(f"nothing is known of {id}", remedy="Run the sync again.")
        before = self.links.recorded(row)
        local = None
        if found is not None:
            local = self.document(
                self._folder.read(found.file.path), found.file.path, found.file.kind, before
            )
        remote = self.view(post) if post else None
        tombstone = row.updated_at if row is not None and row.tombstone else ""
        base = self.base(row, post) if row is not None and not tombstone else None
        if local is not None:
            local = replace(local, problems=without(local.problems, _excused(base)))
        moved_on = aliases([version for version in (local, base and base.document) if version], before)
        if moved_on:
            base = base and replace(base, view=in_today(base.view, moved_on))
            remote = remote and in_today(remote, moved_on)
        stale = local is not None and is_stale(local, before)
        if base is None and local is not None and remote is not None:
            guessed = in_today(remote, self.links.guesses(local))
            stale, remote = stale or guessed is not remote, guessed
        seen = None
        if local is not None and remote is not None:
            base = self.earlier.base(local, base, remote, _Reader(self, local, remote, before))
            seen = fold(self._state, local.body, local.mode, base, remote, self.context.site.url)
            base, remote = seen.base, seen.remote
        spelled = None
        if base is None and local is not None and remote is not None and not local.problems:
            spelled = as_spelled(local, remote)
        return Case(
            kind,
            id,
            path=found.file.path if found else row.path if row else "",
            base=base,
            local=local,
            remote=remote,
            sha=found.file.sha if found else ABSENT,
            moved=found is not None and row is not None and found.file.path != row.path,
            tombstone=tombstone,
            spelled=spelled,
            companion=self._companion(found, row) if found and base and remote else None,
            stale=stale,
            cards=seen.cards if seen else {},
            new_links=seen.new if seen else (),
            mailing=self.mailings.get(id),
            mailed=bool(local and local.email) and is_over(self._state.meta(mark_key(id)), self.context.now),
        )

    def compared(
        self, data: bytes, local: Document, remote: PostView, before: Uses
    ) -> tuple[Document, PostView]:
        """An earlier version of a file, and the post as that version's bare links let it look."""
        version = self.document(data, local.path, local.kind, before)
        return version, fold(
            self._state, version.body, version.mode, None, remote, self.context.site.url
        ).remote

    def forget_mailing(self, id: str) -> None:
        """The post has changed: what was known of its e-mail may be over."""
        self.mailings.pop(id, None)

    def born(self, id: str, file: LocalFile) -> None:
        """A new file has got its post."""
        self.new.pop(file.path, None)
        self.found[id] = Found(file, id, changed=True)
        self.refresh()

    def at(self, path: str) -> Case | None:
        """The case of the document whose file is, or was, at this path."""
        if path in self.new:
            return self.new_case(path)
        ids = [id for id, found in self.found.items() if found.file.path == path]
        ids += [row.id for row in self.rows.values() if row.path == path and row.id not in self.found]
        return self.case(ids[0]) if ids else None

    def _companion(self, found: Found, row: KnownDocument | None) -> Companion | None:
        """The .conflict.md beside a file, if it is ours and a person has edited it."""
        note = self._state.meta(conflict_note(found.file.path))
        if note is None or row is None:
            return None
        written, path = json.loads(note), companion_path(found.file.path)
        try:
            data = self._folder.read(path)
        except FolderError:
            return None
        if hashlib.sha256(data).hexdigest() == written["sha"]:
            return None
        current = written["file"] == found.file.sha and written["post"] == self.mirror[row.id].post_sha
        document = self.document(data, path, found.file.kind, self.links.recorded(row))
        # A companion that an earlier version wrote has no number with it.
        left = leftover(path, data, written.get("own_dividers", len(dividers(data))))
        if left is not None:
            document = replace(document, problems=(*document.problems, left))
        return Companion(document, current)

    def new_case(self, path: str) -> Case:
        """Load a file that has no post yet."""
        found = self.new[path]
        document = self.document(self._folder.read(path), path, found.file.kind)
        return Case(found.file.kind, "", path, None, document, None, sha=found.file.sha)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Understands earlier versions of one document."""

    desk: Desk
    local: Document
    remote: PostView
    before: Uses

    def file(self, data: bytes) -> tuple[Document, PostView]:
        return self.desk.compared(data, self.local, self.remote, self.before)

    def post(self, post: RemotePost) -> PostView:
        return self.desk.view(post)


def renamed_tags(before: RemotePost, now: RemotePost | None) -> dict[str, str]:
    """Names that tags of a post had and names they have: a tag keeps its slug when it gets another name."""
    if now is None or before.data.get("tags") == now.data.get("tags"):
        return {}
    names = {tag.get("slug"): str(tag.get("name") or "").strip() for tag in now.data.get("tags") or ()}
    pairs = [
        (str(tag.get("name") or "").strip(), names.get(tag.get("slug")))
        for tag in before.data.get("tags") or ()
    ]
    return {old: new for old, new in pairs if new and new != old}


def as_spelled(local: Document, remote: PostView) -> PostView:
    """The post as the file's own text would make it, so that what is equal can keep the file's spelling."""
    mode = Mode.LEXICAL if local.mode is Mode.HTML else local.mode
    payload = body_payload(local.body, mode, Storage.LEXICAL, old=None, html_extensions=())
    return replace(remote, body=json.loads(payload.payload["lexical"]))


def _excused(base: Base | None) -> frozenset[tuple[str, str]]:
    if base is None:
        return frozenset()
    named = [(problem.key, problem.what) for problem in base.document.problems if problem.key]
    if base.view.fields.get("status") in PUBLIC:
        # Words about an e-mail that is out mean nothing any more, whatever has become of its newsletter.
        named += [(key, "") for key, _ in named if key in ASKS_FOR_EMAIL]
    else:
        # They were no problem once, while they were allowed; but what they ask for is still to come.
        named = [(key, what) for key, what in named if key not in ASKS_FOR_EMAIL]
    return frozenset(named)
