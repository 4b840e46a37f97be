"""Taking previews away: those whose document the site shows by now, and those that a person gives up.

Only ever a draft that has the tag and our mark at this moment, by its id. An editor who took the tag away made an ordinary post of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from ghostsync.content.post import post_json
from ghostsync.content.preview import Mark, is_preview, mark_for, mark_of
from ghostsync.errors import FolderError, GhostsyncError, NotFound
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import KnownDocument
from ghostsync.sync.ports import Folder, Site, State
from ghostsync.sync.records import remember_post

PREVIEW = "preview"
"""Why a version of a preview is in history."""


@dataclass(frozen=True, slots=True)
class Known:
    """A preview as Ghost was last seen to hold it."""

    post: RemotePost
    mark: Mark

    def shows(self, kind: Kind, id: str, path: str) -> bool:
        """Whether it is of this document: known by its post, or by its file while it had none."""
        return self.post.kind is kind and self.mark.of in {id, path} - {""}


def previews(desk: Desk) -> list[Known]:
    """All of the site, the oldest first."""
    found = []
    for id in sorted(desk.previews.keys() - desk.found.keys()):
        post = desk.remote_post(id)
        mark = mark_of(post.data) if post is not None else None
        if post is not None and mark is not None:
            found.append(Known(post, mark))
    return found


async def remove(site: Site, state: State, known: Known) -> bool:
    """Delete it, if it is a preview still. Returns whether it is gone.

    RACE: DELETE has no lock in Ghost. Somebody who takes the tag away in the few milliseconds after this look loses a draft that
    shows what a file says; what it held is in history.
    """
    id, kind = known.post.id, known.post.kind
    post = await site.get(kind, id)
    if post is not None and not (is_preview(post.data) and post.data.get("status") == "draft"):
        remember_post(state, post)
        return False
    if post is not None:
        state.keep(ghost_id=id, path="", side="remote", why=PREVIEW, data=post_json(post.data))
        with suppress(NotFound):
            await site.delete(kind, id)
    state.unmirror([id])
    return True


async def remove_shown(site: Site, folder: Folder, state: State, desk: Desk) -> list[str]:
    """After a sync: remove the previews whose documents are in step and say what was previewed. Returns what to tell."""
    desk.refresh()
    told: list[str] = []
    for known, row in _in_step(desk):
        if not _says(folder, desk, row, known.mark):
            continue
        try:
            gone = await remove(site, state, known)
        except GhostsyncError as error:
            told.append(
                f"{row.path}: its preview could not be removed, the next sync tries again: {error.what}"
            )
            continue
        if gone:
            told.append(f"{row.path}: its preview was removed, the {row.kind} itself shows it now")
    return told


def _in_step(desk: Desk) -> Iterator[tuple[Known, KnownDocument]]:
    rows = {row.id: row for row in desk.rows.values() if not row.tombstone and row.id in desk.mirror}
    by_path = {row.path: row for row in rows.values()}
    for known in previews(desk):
        row = rows.get(known.mark.of) or by_path.get(known.mark.of)
        if row is None or not known.shows(row.kind, row.id, row.path):
            continue
        if row.disk_sha == row.base_sha and desk.mirror[row.id].post_sha == row.base_post_sha:
            yield known, row


def _says(folder: Folder, desk: Desk, row: KnownDocument, mark: Mark) -> bool:
    """Whether the file is what was previewed."""
    try:
        document = desk.document(folder.read(row.path), row.path, row.kind, desk.links.recorded(row))
    except FolderError:
        return False
    return not document.problems and mark_for(document, {}, mark.of, desk.context).file == mark.file
