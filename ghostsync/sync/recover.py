"""Settle what an interrupted cycle left open in the journal.

Three steps need care. A create: its post may exist although no answer came, or come to exist yet. It is looked for by
slug and title; when it is there, it is taken as the file's post, never made again; else the intent stays open for a while
(see `uncertain`). The retiring of a post: its change of status would
look like an edit of Ghost's, and bring the deleted file back. A publishing: so would the date that Ghost gives.
Every other step may simply be decided anew, since each side is compared with the base, and what was applied
already then counts as done.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from ghostsync.content.document import add_ghost_id, post_json, read_document
from ghostsync.content.types import Context, Document
from ghostsync.errors import FolderError, StateError, TargetChanged
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.mail_journal import is_version, record_sent, settle_email
from ghostsync.sync.mailing import PUBLIC
from ghostsync.sync.model import ABSENT, EMAIL, UPLOAD, Intent, LocalFile, Stat, Verb
from ghostsync.sync.ports import Folder, Site, State
from ghostsync.sync.records import record_agreement
from ghostsync.sync.uncertain import age, found_again, give_up, sent_document


async def recover(
    site: Site, folder: Folder, state: State, context: Context, *, wait: float, now: float
) -> list[str]:
    """Go through the open intents. A post that is found gets its ghost_id into the file that made it. wait: seconds for
    which one that is not found is looked for; now: local epoch seconds. Returns what a person must hear of.
    """
    told: list[str] = []
    for intent in state.open_intents():
        if intent.step == UPLOAD:
            continue  # the courier's
        if intent.step == Verb.CREATE_POST.value:
            found = await _find_created(site, folder, state, context, intent)
            if not found and age(intent, now) < wait:
                continue
            with state.batch():
                if found:
                    found_again(state, intent, found)
                else:
                    give_up(state, intent, context, now)
                state.settle(intent.id)
            continue
        if intent.step == EMAIL:
            if error := await settle_email(site, state, intent):
                told.append(str(error))
            await _take_publishing_date(site, state, intent)
        elif intent.step == Verb.RETIRE_POST.value and intent.payload == "draft":
            await _bury_retired(site, folder, state, intent)
        elif intent.step == Verb.UPDATE_POST.value:
            await _take_publishing_date(site, state, intent)
        state.settle(intent.id)
    return told


async def _find_created(site: Site, folder: Folder, state: State, context: Context, intent: Intent) -> str:
    """The id of the post; "" if it was not found."""
    note = json.loads(intent.payload)
    kind = Kind(note["kind"])
    post = await site.find(kind, note["slug"])
    if post is None or post.data.get("title") != note["title"]:
        return ""
    if post.id in {row.id for row in state.documents()}:
        return post.id
    file = _mark(folder, context, intent, kind, post)
    if file is None:
        # A file under another name now is matched by the plan.
        return post.id if _is_there(folder, intent.path) else ""
    sent = sent_document(state, intent, context)
    if sent is not None and not sent.problems:
        _record_created(folder, state, context, sent, file, post, note=note)
    return post.id


def _record_created(
    folder: Folder,
    state: State,
    context: Context,
    sent: Document,
    file: LocalFile,
    post: RemotePost,
    *,
    note: dict[str, Any],
) -> None:
    """What was sent is the base, so that what was written into the file since is an edit like any other. But a draft that
    is to be published, and e-mailed, by a second write must be known to say what its file says.
    """
    held = bool(note.get("held"))
    if held:
        try:
            data = folder.read(file.path)
        except FolderError:
            return
        if hashlib.sha256(data).hexdigest() != file.sha or not is_version(data, note["file"]):
            return
    record_sent(state, sent, file, post, context, links=note["links"], held=held)


def _mark(folder: Folder, context: Context, intent: Intent, kind: Kind, post: RemotePost) -> LocalFile | None:
    """Write the ghost_id into the file; if it is gone or has another id by now, the next plan decides, and there is
    no file of this post's to return.
    """
    try:
        data = folder.read(intent.path)
        document = read_document(data, intent.path, kind, context)
        sha = hashlib.sha256(data).hexdigest()
        if document.ghost_id == post.id:
            return LocalFile(intent.path, kind, Stat(0, 0, 0), sha, settled=False)
        if not document.ghost_id and not document.problems:
            return folder.write(intent.path, add_ghost_id(data, post.id), expected_sha=sha)
    except FolderError:
        pass
    return None


async def _take_publishing_date(site: Site, state: State, intent: Intent) -> None:
    """Put the date that Ghost gave a post when we published it into the base: nobody has edited it."""
    # The rewriting of a file carries no note under the same name.
    keys = json.loads(intent.payload or "{}").get("keys", [])
    row = next((row for row in state.documents() if row.id == intent.ghost_id), None)
    if row is None or "status" not in keys or "published_at" in keys:
        return
    post = await site.get(row.kind, row.id)
    if post is None or post.data.get("status") not in PUBLIC:
        return
    try:
        base = json.loads(state.blob(row.base_post_sha))
    except StateError:
        return
    if base.get("status") != "published" and base.get("published_at") is None:
        dated = post_json({**base, "published_at": post.data.get("published_at")})
        with state.batch():
            state.record(replace(row, base_post_sha=state.put_blob(dated)))


async def _bury_retired(site: Site, folder: Folder, state: State, intent: Intent) -> None:
    """Note the tombstone of a post that was made a draft, if that is all that happened to it since the base."""
    row = next((row for row in state.documents() if row.id == intent.ghost_id and not row.tombstone), None)
    if row is None or _is_there(folder, row.path):
        return
    post = await site.get(row.kind, row.id)
    if post is None or post.data.get("status") != "draft":
        return
    try:
        base_file, base_post = state.blob(row.base_sha), json.loads(state.blob(row.base_post_sha))
    except StateError:
        return
    retired = {"status": "draft", "url": post.data.get("url")}  # a draft has another address
    if post_json({**base_post, **retired}) == post_json(post.data):
        gone = LocalFile(row.path, row.kind, row.stat, ABSENT)
        with state.batch():
            record_agreement(state, post, gone, base_file, written=True, tombstone=True)


def _is_there(folder: Folder, path: str) -> bool:
    try:
        folder.read(path)
    except TargetChanged:
        return False
    except FolderError:
        return True  # unreadable, which the plan tells of
    return True
