"""What is written into the state once both sides agree again. One place, so that a row is never half new."""

from __future__ import annotations

from collections.abc import Iterable

from ghostsync.content.post import post_json
from ghostsync.model import RemotePost
from ghostsync.sync.model import KnownDocument, LocalFile
from ghostsync.sync.observe import is_settled
from ghostsync.sync.ports import State


def record_agreement(
    state: State,
    post: RemotePost,
    file: LocalFile,
    base_file: bytes,
    *,
    written: bool,
    tombstone: bool = False,
    agreed: RemotePost | None = None,
    links: str = "",
    post_sha: str = "",
) -> None:
    """Both sides agree: base_file is the file's half of the base (what is on disk, unless only one
    direction was carried out), post the other one. written: the post is the answer to a write of ours, which
    the mirror has not seen yet. agreed: the post's half of the base, where the answer holds more than was agreed on.
    links: where the links of base_file lead (`Links.note`). post_sha: the hash of the post's half, where it is in the
    state already.
    Joins the caller's transaction.
    """
    row = KnownDocument(
        id=post.id,
        kind=post.kind,
        path=file.path,
        disk_sha=file.sha,
        stat=file.stat,
        disk_settled=file.settled,
        base_sha=state.put_blob(base_file),
        base_post_sha=post_sha or state.put_blob(post_json((agreed or post).data)),
        updated_at=post.updated_at,
        tombstone=tombstone,
        links=links,
    )
    state.record(row)
    if written:
        remember_post(state, post)


def record_settled(state: State, files: Iterable[LocalFile], rows: Iterable[KnownDocument]) -> None:
    """Files that had to be read, and hold what they did: as young as their record then, or touched since. The next scan
    need not read them.
    """
    known = {row.path: row for row in rows if not row.tombstone}
    proven = [
        (row.id, file)
        for file in files
        if file.settled and (row := known.get(file.path)) is not None and row.disk_sha == file.sha
        if not (row.disk_settled and row.stat == file.stat)
    ]
    if proven:
        state.settle_files(proven)


def remember_post(state: State, post: RemotePost) -> None:
    state.mirror_posts([(post, post_json(post.data), is_settled(post.updated_at, post.server_time))])
