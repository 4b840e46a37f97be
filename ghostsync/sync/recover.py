"""Settle what an interrupted cycle left open in the journal.

Only a create needs care: its post may exist although no answer came. It is looked for by slug and title; when
it is there, it is taken as the file's post, never made again. Every other step may simply be decided anew, since
each side is compared with the base, and what was applied already then counts as done.
"""

from __future__ import annotations

import hashlib
import json

from ghostsync.content.document import add_ghost_id, read_document
from ghostsync.content.types import Context
from ghostsync.errors import FolderError
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.model import Intent, Verb
from ghostsync.sync.ports import Folder, Site, State


async def recover(site: Site, folder: Folder, state: State, context: Context) -> None:
    """Go through the open intents. A post that is found gets its ghost_id into the file that made it."""
    for intent in state.open_intents():
        if intent.step == Verb.CREATE_POST.value:
            await _find_created(site, folder, state, context, intent)
        state.settle(intent.id)


async def _find_created(site: Site, folder: Folder, state: State, context: Context, intent: Intent) -> None:
    note = json.loads(intent.payload)
    kind = Kind(note["kind"])
    post = await site.find(kind, note["slug"])
    if (
        post is None
        or post.data.get("title") != note["title"]
        or post.id in {r.id for r in state.documents()}
    ):
        return
    _mark(folder, context, intent, kind, post)


def _mark(folder: Folder, context: Context, intent: Intent, kind: Kind, post: RemotePost) -> None:
    """Write the ghost_id into the file; if it is gone or has another id by now, the next plan decides."""
    try:
        data = folder.read(intent.path)
        document = read_document(data, intent.path, kind, context)
        if not document.ghost_id and not document.problems:
            sha = hashlib.sha256(data).hexdigest()
            folder.write(intent.path, add_ghost_id(data, post.id), expected_sha=sha)
    except FolderError:
        return
