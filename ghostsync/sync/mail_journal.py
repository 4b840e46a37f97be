"""What the state remembers of e-mails: so that none is ever asked for twice, and a post that waits as a draft for its
one publishing write is known as such after a crash.
"""

from __future__ import annotations

import hashlib
import json

from ghostsync.content.body import body_equals, read_stored_body
from ghostsync.content.document import add_ghost_id, drop_ghost_id, edit_file, stated_differences, view_post
from ghostsync.content.types import Context, Document
from ghostsync.errors import ContentError
from ghostsync.model import EmailRequest, Kind, RemotePost
from ghostsync.sync.link_cards import fold
from ghostsync.sync.mailing import LETS_OUT, PUBLIC, mark_for, mark_key
from ghostsync.sync.model import Intent, LocalFile
from ghostsync.sync.ports import Site, State
from ghostsync.sync.records import record_agreement


def note_for(email: EmailRequest, updated_at: str, keys: list[str]) -> str:
    """The payload of an `EMAIL` intent."""
    return json.dumps(
        {
            "newsletter": email.newsletter,
            "segment": email.segment,
            "only": email.only,
            "updated_at": updated_at,
            "keys": keys,
        }
    )


def remember_email(state: State, email: EmailRequest, post: RemotePost) -> None:
    """Ghost was asked for the e-mail, and said yes. Joins the caller's transaction."""
    state.set_meta(mark_key(post.id), mark_for(email, post))


def without_email(path: str, email: EmailRequest) -> ContentError:
    """Ghost publishes first and makes the e-mail then, and the second may fail. It is not asked for again by itself:
    Ghost has no way to send a post that is public already.
    """
    return ContentError(
        f"was published, but Ghost made no e-mail of it: newsletter {email.name or email.newsletter} did not go out",
        subject=path,
        key="newsletter",
        remedy="Look at Ghost's log for the reason. To send it all the same, unpublish it in Ghost Admin and publish it "
        "there with the newsletter.",
    )


def lacks_email(post: RemotePost) -> bool:
    """Whether a post that was to be sent is public, and its answer, which would hold the e-mail, has none."""
    return post.data.get("status") in PUBLIC and "email" in post.data and not post.data["email"]


async def look_after_email(site: Site, state: State, id: str, email: EmailRequest) -> bool:
    """Whether a publishing write whose answer is not known was applied; if it was, remember it. Returns False if it was,
    and Ghost made no e-mail. Raises GhostError.

    Where the post is still a draft, the write may be made again even if the first one is on its way: both carry the same
    `updated_at`, so that Ghost applies one of them.
    """
    mailing = await site.mailing(id)
    if mailing is None or not (mailing.status in LETS_OUT or mailing.status in PUBLIC or mailing.email):
        return True
    post = await site.get(Kind.POST, id)
    if post is not None:
        remember_email(state, email, post)
    return bool(mailing.email) or mailing.status not in PUBLIC


async def settle_email(site: Site, state: State, intent: Intent) -> ContentError | None:
    """The same for an intent that an interrupted run left open; returns what a person must hear of."""
    note = json.loads(intent.payload)
    email = EmailRequest(note["newsletter"], note["segment"], note["only"])
    made = await look_after_email(site, state, intent.ghost_id, email)
    return None if made else without_email(intent.path, email)


def base_while_held(document: Document, context: Context, id: str) -> bytes:
    """The file's half of the base for a post that is a draft until its publishing write: the file, saying draft, so that
    its own status still counts as an edit to send.
    """
    data = edit_file(document.data, document.path, document.kind, context, {"status": "draft"}, None)
    return add_ghost_id(data, id)


def is_version(data: bytes, sha: str) -> bool:
    """Whether a file is the one with this hash, but for a ghost_id that was added since."""
    return sha in {hashlib.sha256(bytes).hexdigest() for bytes in (data, drop_ghost_id(data))}


def record_sent(
    state: State,
    document: Document,
    file: LocalFile,
    post: RemotePost,
    context: Context,
    *,
    links: str,
    held: bool,
) -> None:
    """After a crash or a lost answer: the post that was made of this document is found. links: where its links led. held:
    as a draft, which waits for its publishing write. Recorded only where the post is what was sent; else file and post meet
    for the first time, which a person has to settle.
    """
    try:
        body, storage = read_stored_body(post.data)
        view = view_post(post, context, body, storage)
        view = fold(state, document.body, document.mode, None, view, context.site.url).remote
        same = body_equals(
            document.body,
            view.body,
            document.mode,
            site_url=context.site.url,
            html_extensions=context.html_extensions,
        )
        base = base_while_held(document, context, post.id) if held else add_ghost_id(document.data, post.id)
    except ContentError:
        return
    differing = set(stated_differences(document, view))
    if held:
        same = same and view.fields.get("status") == "draft"
        differing -= {"status"}
    if same and not differing:
        record_agreement(state, post, file, base, written=True, links=links)
