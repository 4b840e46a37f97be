"""Creates whose answer never came: whether their post exists, or is still to come, nobody knows.

Ghost may carry a request out after ghostsync has given up waiting for the answer, so that a second POST could make a
second post. So there is no second POST for a while (`PATIENCE`): the intent stays open in the journal, every cycle looks
for the post, and its file waits. Only then is the post made once more, and as a draft, which the next cycle publishes.

Should the first request arrive even later than that, there are two posts. Nothing is deleted for it: the second one
would have to be proven to be ours and untouched, and it may be public by then. It gets no file; the document is a
problem that says which post to delete.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from ghostsync.content.body import body_equals
from ghostsync.content.document import read_document
from ghostsync.content.types import Context, Document, PostView
from ghostsync.errors import ContentError, GhostError, ServerFault, StateError
from ghostsync.model import Kind, Mode
from ghostsync.sync.desk import Desk
from ghostsync.sync.inventory import Found, Inventory
from ghostsync.sync.link_cards import fold
from ghostsync.sync.model import Action, Intent, Mirrored, Verb
from ghostsync.sync.ports import State

PATIENCE = 120.0
"""Seconds, at least, from giving up until the second try. Proxies give up on Ghost after 60, as a rule."""

_REMEMBERED = 86400.0
"""Seconds for which a second post is looked for after the second try."""

UNCERTAIN = "uncertain_creates"
"""Under which name the state keeps the second tries that may have a twin."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent. inode: of the file then, so that it is known again under another name. at: when the answer was
    given up, local epoch seconds. ours: the post of the second try, "" before it.
    """

    kind: Kind
    slug: str
    title: str
    path: str
    inode: int
    body: str
    mode: Mode
    at: float
    ours: str = ""

    def likeness(self, found: Found) -> int:
        """How much speaks for it that this new file is the one that was sent, 0 for nothing. In doubt it is: that costs
        a wait, and the opposite a second post.
        """
        if found.file.kind is not self.kind:
            return 0
        same = (
            found.title == self.title,
            found.slug == self.slug,
            bool(self.inode) and found.file.stat.inode == self.inode,
            found.file.path == self.path,
        )
        return sum(weight for weight, one in enumerate(same, start=1) if one)

    def could_be(self, post: Mirrored) -> bool:
        """By kind and name: Ghost adds a number to a slug that is in use."""
        return (
            post.kind is self.kind and re.fullmatch(rf"{re.escape(self.slug)}(-\d+)?", post.slug) is not None
        )

    def says(self, view: PostView, context: Context) -> bool:
        """Whether a post holds exactly the title and body that were sent."""
        return view.fields.get("title") == self.title and body_equals(
            self.body,
            view.body,
            self.mode,
            site_url=context.site.url,
            html_extensions=context.html_extensions,
        )


def journal_note(document: Document, blob: str, body: str, inode: int, *, links: str, held: bool) -> str:
    """The payload of a create's intent. blob: the hash of the file as it is sent; body: of its body, with addresses for its
    links to other files, since these may be others by the time the post is looked for; links: where they lead
    (`Links.note`); held: whether it is made as a draft that a second write publishes.
    """
    note = {
        "kind": document.kind.value,
        "slug": document.slug,
        "title": document.fields.get("title"),
        "file": blob,
        "body": body,
        "links": links,
        "inode": inode,
        "held": held,
    }
    return json.dumps(note)


def is_over(error: GhostError) -> bool:
    """Whether Ghost itself answered, so that nothing is on its way any more, although it may have been applied."""
    return isinstance(error, ServerFault) and bool(error.type)


def sent_document(state: State, intent: Intent, context: Context) -> Document | None:
    """The file as it was sent, and its body with the addresses of then; None where the journal does not tell."""
    note = json.loads(intent.payload)
    try:
        data, body = state.blob(note["file"]), state.blob(note["body"])
    except (KeyError, StateError):
        return None
    document = read_document(data, intent.path, Kind(note["kind"]), context)
    return replace(document, body=body.decode())


def give_up(state: State, intent: Intent, context: Context, now: float) -> None:
    """Long enough: the next try is the second. Joins the caller's transaction."""
    sent = _sent(state, intent, context, now)
    if sent is not None:
        _write(state, [*_late(state), sent])


def found_again(state: State, intent: Intent, id: str) -> None:
    """The post of this create was found. If it was a second try, one that comes now is a twin. Joins the caller's
    transaction.
    """
    note = json.loads(intent.payload)
    tried = (note["kind"], note["slug"], str(note["title"] or ""), intent.path)
    late = _late(state)
    mine = [
        sent
        if sent.ours or (sent.kind.value, sent.slug, sent.title, sent.path) != tried
        else replace(sent, ours=id)
        for sent in late
    ]
    if mine != late:
        _write(state, mine)


def age(intent: Intent, now: float) -> float:
    """Seconds since it was written; endless where the local clock was set back meanwhile."""
    passed = now - datetime.fromisoformat(intent.at).timestamp()
    return passed if passed >= 0 else float("inf")


class Uncertain:
    """What a cycle must know of them. wait: see `patience`. now: local epoch seconds."""

    def __init__(self, state: State, desk: Desk, *, wait: float, now: float) -> None:
        self._state = state
        self._desk = desk
        self._wait = wait
        self._now = now
        creates = [intent for intent in state.open_intents() if intent.step == Verb.CREATE_POST.value]
        told = [_sent(state, intent, desk.context, now - age(intent, now)) for intent in creates]
        self._waiting = [sent for sent in told if sent is not None]
        self._late = _late(state)
        self._twins: dict[str, Sent] = {}
        self.next_due: float | None = None

    def match(self, inventory: Inventory) -> Inventory:
        """Give a post that came late to its file, also when that was renamed meanwhile; and see which came twice."""
        if not self._waiting and not self._late:
            return inventory
        taken = self._desk.rows.keys() | inventory.by_id.keys() | inventory.blocked
        free = [post for post in self._desk.mirror.values() if post.id not in taken]
        by_id, new = dict(inventory.by_id), list(inventory.new)
        for sent in (*self._waiting, *self._late):
            posts = self._holding(sent, free)
            if not sent.ours and not posts:
                # Somebody has edited it already: that is a conflict to be shown, and no reason for a second post.
                posts = [post for post in free if post.kind is sent.kind and post.slug == sent.slug]
            file = max(new, key=sent.likeness, default=None)
            if sent.ours and sent.ours in self._desk.mirror:
                self._twins |= {post.id: sent for post in posts if post.id != sent.ours}
            elif not sent.ours and posts and file is not None and sent.likeness(file):
                by_id[posts[0].id] = replace(file, id=posts[0].id)
                new.remove(file)
                free.remove(posts[0])
        return replace(inventory, by_id=by_id, new=tuple(new))

    def _holding(self, sent: Sent, posts: Iterable[Mirrored]) -> list[Mirrored]:
        """The one that has the very slug first."""
        found = []
        for post in posts:
            if sent.could_be(post) and (whole := self._desk.remote_post(post.id)) is not None:
                try:
                    view = self._desk.view(whole)
                except ContentError:
                    continue
                site = self._desk.context.site.url
                view = fold(self._state, sent.body, sent.mode, None, view, site).remote
                if sent.says(view, self._desk.context):
                    found.append(post)
        return sorted(found, key=lambda post: (len(post.slug), post.slug))

    def judged(self, action: Action) -> Action:
        """The action, or why it must not be done now."""
        if action.verb is Verb.CREATE_POST and action.path in self._desk.new:
            return self._waits(action, self._desk.new[action.path])
        if action.verb is Verb.CREATE_FILE and action.id in self._twins:
            return _twice(action, self._twins[action.id])
        if (
            action.verb.writes_post
            and action.id
            and action.id in {sent.ours for sent in self._twins.values()}
        ):
            return replace(action, verb=Verb.SKIP, reason="waits: it is in Ghost twice")
        return action

    def _waits(self, action: Action, found: Found) -> Action:
        about = [sent for sent in self._waiting if sent.likeness(found)]
        if not about:
            return action
        due = max(1.0, self._wait - min(self._now - sent.at for sent in about))
        self.next_due = min(due, self.next_due or due)
        return replace(
            action,
            verb=Verb.SKIP,
            reason=f"waits: Ghost did not answer when it was created, and may do so late; tried again in {due:.0f} s",
        )

    def is_second_try(self, found: Found) -> bool:
        """Whether this new file was sent before: then its post is made as a draft."""
        return any(sent.likeness(found) and not sent.ours for sent in self._late)

    def made(self, found: Found, id: str) -> None:
        """The second try's post. Joins the caller's transaction."""
        self._late = [
            replace(sent, ours=id) if sent.likeness(found) and not sent.ours else sent for sent in self._late
        ]
        _write(self._state, self._late)

    def tidy(self) -> None:
        """Forget what is long ago and did not come twice."""
        twice = list(self._twins.values())
        left = [sent for sent in self._late if sent in twice or 0 <= self._now - sent.at < _REMEMBERED]
        if left != self._late:
            _write(self._state, left)


def patience(timeout: float) -> float:
    """Seconds until the second try. timeout: how long the user lets one answer take."""
    return max(PATIENCE, 4 * timeout)


def _twice(action: Action, sent: Sent) -> Action:
    error = ContentError(
        f"is in Ghost twice: Ghost carried out its creation late, when it had been created again. The second {sent.kind} "
        f"has the id {action.id}",
        subject=sent.path,
        remedy=f"Delete the {sent.kind} {action.id} in Ghost Admin; the other one, {sent.ours}, is your file's. To keep "
        "both, change the title of the second one.",
    )
    return replace(action, verb=Verb.PROBLEM, path=sent.path, reason=error.what, errors=(error,))


def _sent(state: State, intent: Intent, context: Context, at: float) -> Sent | None:
    document = sent_document(state, intent, context)
    if document is None:
        return None
    note = json.loads(intent.payload)
    return Sent(
        document.kind,
        note["slug"],
        str(note["title"] or ""),
        intent.path,
        note["inode"],
        document.body,
        document.mode,
        at,
    )


def _late(state: State) -> list[Sent]:
    told: list[dict[str, Any]] = json.loads(state.meta(UNCERTAIN) or "[]")
    return [Sent(**{**note, "kind": Kind(note["kind"]), "mode": Mode(note["mode"])}) for note in told]


def _write(state: State, notes: list[Sent]) -> None:
    state.set_meta(UNCERTAIN, json.dumps([asdict(note) for note in notes]) if notes else None)
