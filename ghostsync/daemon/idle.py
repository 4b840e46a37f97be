"""The gate before a cycle: two small requests and a look at some files show that there is nothing to do.

A cycle over 10,000 documents costs a good part of a second of CPU even when nothing changed. Its own proof that Ghost
did not change (newest `updated_at` and total of each kind, all of it settled) can be had without it, and so can the
proof that the folder did not: no event, and now and then a glance at all files, since events get lost.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from ghostsync.daemon.inbox import Hook, Inbox, Wake
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.halts import CONFIRMED
from ghostsync.sync.left_choices import CHOSEN
from ghostsync.sync.model import CycleReport, Mirrored, Probe, Stat, Verb
from ghostsync.sync.observe import is_ahead, looked_until, remember
from ghostsync.sync.ports import State

RESCAN_EVERY = 300.0  # seconds between glances at the whole folder;
RESCAN_SHARE = 0.06  # for large ones, this many seconds for each document
SETTLING = 2.5  # seconds until a version that was written a moment ago can be told from a later one
WHOLE_EVERY = 86_400.0  # seconds: a look at every post whatever Ghost's log of actions says
SEEN_ACTION = "daemon.seen_action"
WHOLE_AT = "daemon.whole_at"
OWN_MAX = 5_000  # files and posts of our own remembered, to know their echo


class Looks(Protocol):
    """The part of `sync.ports.Site` that the gate uses."""

    async def probe(self, kind: Kind) -> Probe: ...

    async def get(self, kind: Kind, id: str) -> RemotePost | None: ...


class IdleGate:
    """The gate of one session.

    glance: a number that changes when any document's stat does; it may take long, so it runs in a thread.
    newest_action: the newest entry in Ghost's log, and how many there are; None where there is none. watching: whether events
    would tell of a change; else each cycle is needed to see. missed: called when the folder changed and nothing had told. shown: as what a file that is no document was last looked at. unchanged:
    whether a site file is as the last cycle left it. due: whether a cycle has something to ask Ghost that leaves no trace.
    no_document: called when a hook told of something else than a document, which may be a tag.
    """

    def __init__(
        self,
        site: Looks,
        state: State,
        root: Path,
        *,
        glance: Callable[[], int],
        newest_action: Callable[[], Awaitable[str | None]],
        watching: Callable[[], bool],
        missed: Callable[[], None] = lambda: None,
        shown: Callable[[str], Stat | None] = lambda _: None,
        unchanged: Callable[[str], bool] = lambda _: False,
        due: Callable[[], bool] = lambda: False,
        no_document: Callable[[], None] = lambda: None,
        late: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(1.0),
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._site = site
        self._state = state
        self._root = root
        self._glance = glance
        self._newest_action = newest_action
        self._watching = watching
        self._missed = missed
        self._shown = shown
        self._unchanged = unchanged
        self._due = due
        self._no_document = no_document
        self._late = late
        self._wall = wall
        self._monotonic = monotonic
        self._expected: dict[Kind, tuple[str, int]] | None = None
        self._own_files: dict[str, Stat] = {}
        self._own_posts: dict[str, str] = {}
        self._seen_folder: int | None = None
        self._rescan_at = -1.0
        self._open = False
        self._documents = 0
        self._action: str | None = None
        self._touched = True  # something explains why the folder may look different
        self._ripe_at: float | None = None  # by the monotonic clock, when something that waits can be done

    async def spared(self, wake: Wake, inbox: Inbox) -> bool:
        if self._left_by_others() or (self._ripe_at is not None and self._monotonic() >= self._ripe_at):
            return False
        if wake is Wake.HINT:
            self._touched = True
            return self._echo_of_files(inbox.paths) and not inbox.hooks
        if wake is Wake.REMOTE:
            return await self._heard(inbox.hooks)
        if self._due():
            return False
        return await self._folder_unchanged(inbox) and await self._ghost_unchanged()

    async def full_spared(self) -> bool:
        self._action = await self._newest_action()
        looked = float(self._state.meta(WHOLE_AT) or 0)
        lately = 0 <= self._wall() - looked < WHOLE_EVERY
        return lately and self._action is not None and self._action == self._state.meta(SEEN_ACTION)

    def ran(self, report: CycleReport, *, full: bool) -> float | None:
        self._expected = None
        self._ripe_at = None if report.next_due is None else self._monotonic() + report.next_due
        self._documents = report.documents
        self._open = any(not outcome.action.verb.silent for outcome in report.outcomes)
        sound = report.failure is None and report.halt is None
        if not sound:
            return None
        if full:
            self._state.set_meta(SEEN_ACTION, self._action)
            self._state.set_meta(WHOLE_AT, str(int(self._wall())))
        mirror = self._state.mirror()
        wrote = self._note_own(report, mirror)
        if wrote or not all(post.settled for post in mirror.values()):
            return SETTLING  # an equal stat or date proves nothing yet
        if any(outcome.error is not None or outcome.action.verb is Verb.LEAVE for outcome in report.outcomes):
            return None
        newest: dict[Kind, tuple[str, int]] = {}
        for kind in Kind:
            dates = [post.updated_at for post in mirror.values() if post.kind is kind]
            newest[kind] = (max(dates, default=""), len(dates))
            if newest[kind][0] != (self._state.meta(looked_until(kind)) or ""):
                return None  # what came before our own last write has not been looked at, or a date is ahead of time
        self._expected = newest
        return None

    def _left_by_others(self) -> bool:
        """Whether `resolve` or `resume` left something for the next cycle."""
        return self._state.meta(CHOSEN) is not None or self._state.meta(CONFIRMED) is not None

    def _note_own(self, report: CycleReport, mirror: Mapping[str, Mirrored]) -> bool:
        """Remember what we wrote ourselves, and how it looks now. Whether there was anything."""
        done = [o.action for o in report.outcomes if o.error is None]
        own_lines = {Verb.CREATE_POST, Verb.ADOPT}  # these add ghost_id
        files = {action.path for action in done if action.verb.writes_file or action.verb in own_lines}
        posts = {action.id for action in done if action.verb.writes_post} - {""}
        created = {action.path for action in done if action.verb is Verb.CREATE_POST}
        if not files and not posts:
            return False
        self._touched = True
        if len(files) > OWN_MAX or len(self._own_files) > OWN_MAX:
            self._own_files.clear()
        if len(posts) > OWN_MAX or len(self._own_posts) > OWN_MAX:
            self._own_posts.clear()
        for row in self._state.documents():
            if row.path in files:
                self._own_files[row.path] = row.stat
            if (row.id in posts or row.path in created) and row.id in mirror:
                self._own_posts[row.id] = mirror[row.id].updated_at
        return True

    def _echo_of_files(self, paths: frozenset[str] | None) -> bool:
        """Whether the events tell of nothing but what the last cycles wrote themselves."""
        if not paths:
            return False
        for path in paths:
            own = self._own_files.get(path) or self._shown(path)
            if own is None:
                if self._unchanged(path):
                    continue
                return False
            try:
                seen = os.lstat(self._root / path)
            except OSError:
                return False
            if Stat(seen.st_size, seen.st_mtime_ns, seen.st_ino) != own:
                return False
        return True

    async def _heard(self, hooks: frozenset[Hook] | None) -> bool:
        """Whether the hooks tell of our own writes only. A post that is new here is read at once: an edit of its tags
        alone moves no date, and a cycle would not look at it.
        """
        if hooks is None:
            return False
        spared = True
        for hook in hooks:
            if hook.id and self._own_posts.get(hook.id) == hook.updated_at:
                continue
            spared = False
            if not hook.id:
                self._no_document()
            await self._read(hook)
        return spared

    async def _read(self, hook: Hook) -> None:
        known = self._state.mirrored(hook.id) if self._expected is not None else None
        if known is None or known.updated_at != hook.updated_at:
            return  # a cycle finds it by its date
        post = await self._site.get(known.kind, hook.id)
        if post is not None and post.updated_at >= known.updated_at:
            remember(self._state, (post,))

    async def _folder_unchanged(self, inbox: Inbox) -> bool:
        if not self._watching():
            return False
        if self._monotonic() < self._rescan_at:
            return True
        self._rescan_at = self._monotonic() + max(RESCAN_EVERY, RESCAN_SHARE * self._documents)
        seen = await asyncio.to_thread(self._glance)
        before, self._seen_folder = self._seen_folder, seen
        touched, self._touched = self._touched, False
        if before not in {None, seen} and not touched:
            await self._late()  # an event may be on its way
            if not inbox.waiting:
                self._missed()
        # What waits for a person is looked at again, should the cause be gone.
        return before == seen and not self._open

    async def _ghost_unchanged(self) -> bool:
        if self._expected is None:
            return False
        for probe, kind in zip(await asyncio.gather(*map(self._site.probe, Kind)), Kind, strict=True):
            if is_ahead(probe.newest, probe.server_time):
                return False
            if (probe.newest, probe.total) != self._expected[kind]:
                return False
        return True
