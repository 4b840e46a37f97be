"""What was deleted on one side goes on the other: with its content in history first, and only once it is sure."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.errors import TargetChanged
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import ABSENT, Action, LocalFile, Verb
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Folder, Site, State
from ghostsync.sync.records import record_agreement, remember_post
from ghostsync.sync.write_files import FileWriter
from ghostsync.sync.write_posts import PostWriter


class Removals:
    """Carries deletions over."""

    def __init__(
        self, site: Site, folder: Folder, state: State, desk: Desk, files: FileWriter, posts: PostWriter
    ) -> None:
        self._site = site
        self._folder = folder
        self._state = state
        self._desk = desk
        self._files = files
        self._posts = posts

    def forget(self, case: Case) -> None:
        """Gone on both sides."""
        self._files.keep_base(self._desk.rows[case.id], Verb.FORGET)
        self._files.conflict_over(case.path)
        self._state.forget(case.id)

    async def trash(self, case: Case) -> None:
        """A post's absence is believed only when Ghost says 404 for its id, now."""
        post = await self._site.get(case.kind, case.id)
        if post is not None:
            remember_post(self._state, post)
            self._desk.refresh()
            raise TargetChanged(
                "the post is in Ghost after all",
                subject=case.path,
                remedy="The file stays; the next sync decides.",
            )
        self._files.trash(case)
        self._files.conflict_over(case.path)

    def _must_be_gone(self, path: str) -> None:
        """Editors save by moving the old file away first: a file missing from the scan may be back by now."""
        try:
            self._folder.read(path)
        except TargetChanged:
            return
        raise TargetChanged("the file is there again", subject=path, remedy="The next sync takes it up.")

    async def retire(self, case: Case, action: Action) -> None:
        row = self._desk.rows[case.id]
        self._must_be_gone(row.path)
        self._files.keep_base(row, Verb.RETIRE_POST)
        self._files.conflict_over(row.path)
        if action.retire == "leave":
            self._state.record(replace(row, tombstone=True, updated_at=self._desk.mirror[case.id].updated_at))
            return
        post, intent = await self._posts.retire(case, action.retire)
        with self._state.batch():
            if intent is not None:
                self._state.settle(intent)
            if post is None:
                self._state.forget(case.id)
                self._state.unmirror([case.id])
            else:
                gone = LocalFile(row.path, case.kind, row.stat, ABSENT)
                base = self._state.blob(row.base_sha)
                record_agreement(self._state, post, gone, base, written=True, tombstone=True)
