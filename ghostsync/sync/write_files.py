"""Writes to the folder: history first, the target checked again, whole files only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ghostsync.content.body import fresh_body, mode_of_pulled
from ghostsync.content.document import (
    add_ghost_id,
    drop_ghost_id,
    edit_file,
    new_file,
    read_document,
    set_format,
)
from ghostsync.content.types import Context, Document, FieldValue, PostView
from ghostsync.errors import FolderError, StateError, TargetChanged
from ghostsync.model import Kind, Mode, RemotePost
from ghostsync.sync.conflict import companion_path, conflict_note, own_dividers
from ghostsync.sync.links import Links
from ghostsync.sync.media_shelf import shelf_of
from ghostsync.sync.merge import Base, Reconciled, reconcile
from ghostsync.sync.model import ABSENT, SETTLED, KnownDocument, LocalFile, Stat, Verb
from ghostsync.sync.new_addresses import Uses
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Folder, Names, State
from ghostsync.sync.records import record_agreement


class FileWriter:
    """Creates, changes and trashes document files. links: those of the cycle; else what the state knows."""

    def __init__(self, folder: Folder, state: State, context: Context, links: Links | None = None) -> None:
        self.links = links or Links(state, context, shelf_of(folder, state, context))
        self._folder = folder
        self._state = state
        self._context = context
        self._names: Names | None = None

    def fresh(self, view: PostView, path: str) -> bytes:
        """The file of a post that has none, to lie at this path."""
        default = self._context.mode
        mode = mode_of_pulled(view.body, default, html_extensions=self._context.html_extensions)
        body = self.links.in_file(fresh_body(view.body, mode), path, mode=mode)
        view = replace(view, fields=self.links.fields_in_file(view.fields, path))
        return new_file(view, body, mode, default, self._context.site.timezone)

    def place(self, view: PostView, wanted: str) -> str:
        """Where that file goes: its old path if it had one and that is free, else by the name pattern."""
        if not wanted:
            moment = datetime.fromisoformat(str(view.fields.get("published_at") or view.updated_at))
            wanted = self._folder.name_for(
                view.kind,
                slug=str(view.fields.get("slug") or ""),
                title=str(view.fields.get("title") or ""),
                date=moment.astimezone(ZoneInfo(self._context.site.timezone)).date().isoformat(),
            )
        if self._names is None:
            self._names = self._folder.free_names()
        return self._names.claim(wanted)

    async def create(
        self, wanted: Sequence[tuple[str, bytes]]
    ) -> tuple[dict[str, LocalFile], dict[str, FolderError]]:
        """Write new files (path, bytes) with one round of fsyncs: by path, what was made, and why not the rest.

        No intent is written: a new file overwrites nothing, and one that was written without its record is
        recognised by its ghost_id.
        """
        files = {file.path: file for file in await self._folder.write_many(wanted)}
        failed: dict[str, FolderError] = {}
        for path, data in wanted:
            if path not in files:
                try:
                    files[path] = self._folder.write(path, data, expected_sha=ABSENT)
                except FolderError as error:
                    failed[path] = error
        return files, failed

    def record_new(
        self, made: Sequence[tuple[RemotePost, str, str, bytes]], files: Mapping[str, LocalFile]
    ) -> None:
        """Record what `create` wrote (post, the hash of its JSON in the mirror, path, bytes), in one transaction."""
        with self._state.batch():
            for post, sha, path, data in made:
                links = self.noted(data, files[path], {}, sent=True)
                record_agreement(
                    self._state, post, files[path], data, written=False, links=links, post_sha=sha
                )

    def edited(
        self,
        document: Document,
        fields: dict[str, FieldValue],
        body: str | None,
        *,
        ghost_id: str,
        mode: Mode | None = None,
    ) -> bytes:
        """The file's new bytes: these fields, this body, its content mode if it is another one now, and its
        ghost_id; all else stays.
        """
        data = document.data if mode is None else set_format(document.data, mode)
        if body is not None:
            body = self.links.in_file(body, document.path, document.linked)
        if fields or body is not None:
            fields = self.links.fields_in_file(fields, document.path)
            data = edit_file(data, document.path, document.kind, self._context, fields, body)
        return add_ghost_id(data, ghost_id)

    def noted(self, base: bytes, file: LocalFile, before: Uses, *, sent: bool) -> str:
        """Where the links of the file's half of the base lead: see `Links.note`."""
        return self.links.note(base, file.path, file.kind, before, sent=sent)

    def content(self, case: Case, document: Document, content: Reconciled) -> bytes:
        return self.edited(
            document, dict(content.to_file), content.file_body, ghost_id=case.id, mode=content.mode
        )

    def replace(self, case: Case, data: bytes, file: LocalFile, why: Verb) -> LocalFile:
        """Put the new bytes in the place of exactly the version the plan was made for."""
        if case.local is None:
            raise FolderError("there is no file to change", subject=case.path, remedy="Run the sync again.")
        if data == case.local.data:
            return file
        intent = self._state.intend(why.value, ghost_id=case.id, path=case.path, payload="")
        self._state.keep(ghost_id=case.id, path=case.path, side="local", why=why.value, data=case.local.data)
        written = self._folder.write(case.path, data, expected_sha=case.sha)
        self._state.settle(intent)
        return written

    def base_after_pull(self, base: Base, remote: PostView) -> bytes:
        """The file's half of the base when only Ghost's edits were taken: the old base with these edits,
        so that what was edited here and not sent yet still counts as edited.
        """
        follow = reconcile(
            base,
            base.document,
            remote,
            site_url=self._context.site.url,
            html_extensions=self._context.html_extensions,
        )
        return self.edited(
            base.document, dict(follow.to_file), follow.file_body, ghost_id=remote.id, mode=follow.mode
        )

    def trash(self, case: Case) -> str:
        """Move the file of a post that is gone into .ghostsync/trash/. Returns where it lies now."""
        if case.local is None:
            raise FolderError("there is no file to remove", subject=case.path, remedy="Run the sync again.")
        intent = self._state.intend(Verb.TRASH_FILE.value, ghost_id=case.id, path=case.path, payload="")
        self._state.keep(
            ghost_id=case.id, path=case.path, side="local", why=Verb.TRASH_FILE.value, data=case.local.data
        )
        where = self._folder.trash(case.path, expected_sha=case.sha)
        with self._state.batch():
            self._state.forget(case.id)
            self._state.settle(intent)
        return where

    def detach(self, case: Case) -> tuple[Case, LocalFile]:
        """Turn the file of a post that is gone into that of a new draft: no ghost_id, nothing public.

        From here on it is a new file like any other: whatever interrupts the making of its post, the next cycle
        knows how to go on.
        """
        if case.local is None:
            raise FolderError("there is no file", subject=case.path, remedy="Run the sync again.")
        data = as_draft(case.local.data, case.path, case.kind, self._context)
        unchanged = LocalFile(case.path, case.kind, Stat(0, 0, 0), case.sha, settled=False)
        file = self.replace(case, data, unchanged, Verb.CREATE_POST)
        self._state.forget(case.id)
        document = self.links.read(read_document(data, case.path, case.kind, self._context), {})
        return Case(case.kind, "", case.path, None, document, None, sha=file.sha), file

    def keep_base(self, row: KnownDocument, why: Verb) -> None:
        """Keep the file as both sides last agreed on it, before its row goes: it is on no disk any more."""
        with suppress(StateError):  # lost already: then nothing can be kept
            data = self._state.blob(row.base_sha)
            self._state.keep(ghost_id=row.id, path=row.path, side="local", why=why.value, data=data)

    def show_conflict(self, case: Case, text: bytes, post_sha: str) -> None:
        """Write NAME.conflict.md, unless a person is at work in it, and note what it was made from."""
        if case.companion is not None:
            return
        path = companion_path(case.path)
        sha = hashlib.sha256(text).hexdigest()
        self._keep_companion(case.path, sha)
        self._folder.write_beside(path, text)
        note = {"sha": sha, "file": case.sha, "post": post_sha, "own_dividers": own_dividers(text)}
        self._state.set_meta(conflict_note(case.path), json.dumps(note))

    def conflict_over(self, path: str) -> None:
        """Remove NAME.conflict.md, if it is ours. What a person wrote into it is kept in history."""
        if self._state.meta(conflict_note(path)) is not None:
            self._keep_companion(path, "")
            self._folder.remove_beside(companion_path(path))
            self._state.set_meta(conflict_note(path), None)

    def _keep_companion(self, path: str, replaced_by: str) -> None:
        """Keep what stands in NAME.conflict.md, unless it is as we wrote it, or are about to."""
        note = self._state.meta(conflict_note(path))
        ours = {replaced_by, json.loads(note)["sha"] if note else ""}
        try:
            data = self._folder.read(companion_path(path))
        except TargetChanged:
            return
        if hashlib.sha256(data).hexdigest() not in ours:
            self._state.keep(ghost_id="", path=companion_path(path), side="local", why=SETTLED, data=data)


def as_draft(data: bytes, path: str, kind: Kind, context: Context) -> bytes:
    """A file as that of a post that is still to be made, and is not public whatever it said before."""
    data = drop_ghost_id(data)
    status = read_document(data, path, kind, context).fields.get("status", "draft")
    return data if status == "draft" else edit_file(data, path, kind, context, {"status": "draft"}, None)
