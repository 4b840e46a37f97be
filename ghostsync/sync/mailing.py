"""Whether a write that makes a post public also sends it by e-mail, and how that is told. Pure.

in Ghost now                    | file asks            | what happens
--------------------------------+----------------------+---------------------------------------------------
no post yet                     | yes                  | a draft first; then one PUT publishes and sends it
a draft, never public           | yes                  | one PUT publishes and sends it
a draft that was public once    | yes                  | published, no e-mail
published or sent               | yes                  | nothing
scheduled with this newsletter  | yes, published now   | published; Ghost sends it as it was scheduled to
any, and a conflict was settled | yes                  | published, no e-mail: nobody has said yes to this text
scheduled with a newsletter     | no, published now    | problem: Ghost would send it
a draft whose e-mail failed     | any                  | problem: Ghost would send it again
a draft marked email_only       | not email_only       | problem: it would be `sent`, and never on the site
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ghostsync.content.dates import epoch
from ghostsync.content.newsletters import NEWSLETTERS_SINCE, segment_words
from ghostsync.content.types import FieldValue
from ghostsync.errors import ContentError
from ghostsync.model import EmailRequest, Kind, Mailing, RemotePost
from ghostsync.sync.case import Case
from ghostsync.sync.merge import Reconciled

PUBLIC = ("published", "sent")
LETS_OUT = ("published", "scheduled")


@dataclass(frozen=True, slots=True)
class Postage:
    """What a write does about e-mail. email: ask Ghost for it. words: what to tell, "" for nothing. error: why the
    write must not be made at all.
    """

    email: EmailRequest | None = None
    words: str = ""
    error: ContentError | None = None


_NONE = Postage()


def needs_look(case: Case, content: Reconciled | None, major: int) -> bool:
    """Whether Ghost has to be asked for the post's `Mailing` before this write can be decided."""
    if case.kind is not Kind.POST or case.mailing is not None or case.remote is None or content is None:
        return False
    status = content.to_post.get("status")
    return (
        status in LETS_OUT and case.remote.fields.get("status") not in PUBLIC and major >= NEWSLETTERS_SINCE
    )


def for_new_post(case: Case) -> Postage:
    """A file that has no post yet."""
    local = case.local
    if local is None or local.email is None or local.fields.get("status") not in LETS_OUT:
        return _NONE
    return Postage(local.email, told(local.email, local.fields["status"]))


def for_update(case: Case, content: Reconciled, *, plain: bool) -> Postage:
    """A post that exists. plain: what is written is what the author wrote, with nothing settled by a choice.

    Without a `Mailing` the answer is preliminary: see `needs_look`.
    """
    local, remote, mailing, status = case.local, case.remote, case.mailing, content.to_post.get("status")
    if local is None or remote is None or mailing is None or status not in LETS_OUT:
        return _NONE
    email = local.email
    waits = mailing.status == "scheduled" and status == "published"
    if waits and email is not None and email.newsletter == mailing.newsletter:
        return Postage(words=f"publishes it; Ghost sends it as it was scheduled to: {_newsletter(email)}")
    if error := refusal(case, mailing, status, only=email is not None and email.only):
        return Postage(error=error)
    if email is None:
        return _NONE
    if mailing.email or mailing.public_once or case.mailed:
        return _NONE
    if not plain:
        return Postage(words="published without an e-mail, because a conflict was settled here")
    return Postage(email, told(email, status))


def refusal(case: Case, mailing: Mailing, status: object, *, only: bool = False) -> ContentError | None:
    """Why a write that gives this status, and asks for no e-mail, would all the same make Ghost send one, or keep the
    post from the site as if it had. only: that is what is asked for.
    """
    if status not in LETS_OUT or mailing.status in PUBLIC:
        return None
    if mailing.only and not only:
        return _only_by_email(case)
    if mailing.status == "scheduled" and mailing.newsletter and status == "published":
        return _would_send(case, mailing.newsletter)
    return _would_retry(case) if mailing.email == "failed" else None


def told(email: EmailRequest, status: FieldValue) -> str:
    """The e-mail in words, for a plan."""
    does = "schedules it, to go out" if status == "scheduled" else "publishes it, and sends it"
    if email.only:
        does = "schedules it, to go out" if status == "scheduled" else "sends it"
    how = "by e-mail only, never on the site" if email.only else "by e-mail"
    return f"{does} {how}: {_newsletter(email)}, to {segment_words(email.segment) or email.segment}"


def _newsletter(email: EmailRequest) -> str:
    return f"newsletter {email.name or email.newsletter}"


def _would_send(case: Case, newsletter: str) -> ContentError:
    return ContentError(
        f"is scheduled in Ghost with the newsletter {newsletter!r}, which the file does not name: published now, it would "
        "be sent by e-mail",
        subject=case.path,
        key="status",
        remedy=f"To send it: add newsletter: {newsletter} (allowed in ghostsync.toml), or publish it in Ghost Admin. Not to "
        "send it: make it a draft first (status: draft, then sync), then publish it.",
    )


def _would_retry(case: Case) -> ContentError:
    return ContentError(
        "its e-mail failed when it was published before, and published again, Ghost would try to send it once more",
        subject=case.path,
        key="status",
        remedy="Publish it in Ghost Admin, where you see to whom it goes.",
    )


def _only_by_email(case: Case) -> ContentError:
    return ContentError(
        "is marked in Ghost to go out by e-mail only, which the file does not say: it would not appear on the site",
        subject=case.path,
        key="email_only",
        remedy="If that is meant, write email_only: true and a newsletter; else publish it in Ghost Admin.",
    )


def mark_key(id: str) -> str:
    """Where the state remembers that a post's e-mail was asked for."""
    return f"e-mail:{id}"


def mark_for(email: EmailRequest, post: RemotePost) -> str:
    """What it remembers, JSON. due: when a scheduled post goes out."""
    return json.dumps(
        {
            "newsletter": email.newsletter,
            "segment": email.segment,
            "status": post.data.get("status"),
            "due": post.data.get("published_at"),
            "at": post.updated_at,
        }
    )


def is_over(mark: str | None, now: int) -> bool:
    """Whether the e-mail of a mark has gone out, or must be taken to have. now: the site's clock."""
    if mark is None:
        return False
    told = json.loads(mark)
    return told["status"] != "scheduled" or not told["due"] or epoch(told["due"]) <= now
