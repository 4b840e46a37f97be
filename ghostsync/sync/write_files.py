"""Writes to the folder: history first, the target checked again, whole files only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ghostsync.content.body import fresh_body, mode_of_pulled
from ghostsync.content.document import add_ghost_id, edit_file, new_file
from ghostsync.content.types import Context, Document, FieldValue, PostView
from ghostsync.errors import FolderError
from ghostsync.model import RemotePost
from ghostsync.sync.conflict import companion_path
from ghostsync.sync.merge import Base, Reconciled, reconcile
from ghostsync.sync.model import ABSENT, LocalFile, Verb
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Folder, Names, State
from ghostsync.sync.records import record_agreement


class FileWriter:
    """Creates, changes and trashes document files."""

    def __init__(self, folder: Folder, state: State, context: Context) -> None:
        self._folder = folder
        self._state = state
        self._context = context
        self._names: Names | None = None

    def fresh(self, view: PostView) -> bytes:
        """The file of a post that has none."""
        default = self._context.mode
        mode = mode_of_pulled(view.body, default)
        body = fresh_body(view.body, mode)
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

    def create(self, posts: Sequence[tuple[RemotePost, str, bytes]]) -> dict[str, FolderError | None]:
        """Write new files (post, path, bytes) with one round of fsyncs and one transaction.

        Returns id -> None for what was made, the reason for what was not.
        No intent is written: a new file overwrites nothing, and one that was written without its record is
        recognised by its ghost_id.
        """
        files = {file.path: file for file in self._folder.write_many((path, data) for _, path, data in posts)}
        told: dict[str, FolderError | None] = {}
        for post, path, data in posts:
            told[post.id] = None
            if path not in files:
                try:
                    files[path] = self._folder.write(path, data, expected_sha=ABSENT)
                except FolderError as error:
                    told[post.id] = error
        with self._state.batch():
            for post, path, data in posts:
                if told[post.id] is None:
                    record_agreement(self._state, post, files[path], data, written=False)
        return told

    def edited(
        self,
        document: Document,
        fields: dict[str, FieldValue],
        body: str | None,
        *,
        ghost_id: str,
    ) -> bytes:
        """The file's new bytes: these fields, this body, and its ghost_id; all else stays."""
        data = document.data
        if fields or body is not None:
            data = edit_file(data, document.path, document.kind, self._context, fields, body)
        return add_ghost_id(data, ghost_id)

    def content(self, case: Case, document: Document, content: Reconciled) -> bytes:
        fields = dict(content.to_file)
        if content.mode is not None:
            fields["format"] = content.mode.value
        return self.edited(document, fields, content.file_body, ghost_id=case.id)

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
        follow = reconcile(base, base.document, remote, site_url=self._context.site.url)
        fields = dict(follow.to_file)
        if follow.mode is not None:
            fields["format"] = follow.mode.value
        return self.edited(base.document, fields, follow.file_body, ghost_id=remote.id)

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

    def companion(self, path: str, text: bytes | None) -> None:
        """Write NAME.conflict.md, or remove it when the conflict is over."""
        if text is None:
            self._folder.remove_beside(companion_path(path))
        else:
            self._folder.write_beside(companion_path(path), text)
