"""What ghostsync wrote into the work tree becomes commits: one a cycle or one a document, by the editors who wrote it in Ghost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ghostsync.config import Config
from ghostsync.errors import GhostError, GitError
from ghostsync.model import Author
from ghostsync.sync.model import CycleReport, Verb
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.versioning.message import Told, message, tell
from ghostsync.sync.versioning.model import AuditEntry, Person, Staged
from ghostsync.sync.versioning.ports import Committer
from ghostsync.sync.versioning.write_log import WriteLog
from ghostsync.sync.write_posts import Sleep

_NAMED = 40
"""More documents at once than that are a first pull or a restored site, and nobody's edit."""

_LATE = 1.0
"""Seconds after which Ghost's log surely has what was done before."""

_AGAIN = 600.0
"""Seconds after which a commit that a hook refused is tried again though nothing changed since."""

_TOLD = "git.told"
"""In the state: files that were said to be left to the user (JSON list), so that it is said once."""

_SEEN = "git.seen."
"""In the state, with a post's id: the newest entry of Ghost's log that was named in a commit, where it is newer than the
post's date: an edit of tags alone moves none, and would be named a second time.
"""

LogOf = Callable[[Mapping[str, str]], Awaitable[Sequence[AuditEntry] | None]]
Staff = Callable[[], Awaitable[Sequence[Author]]]


@dataclass(slots=True)
class Committed:
    """What came of it. open: something is still to be committed."""

    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    commits: int = 0
    open: bool = False


class Commits:
    """Takes what the log holds to git. log_of: Ghost's log of
    posts (id -> date from which on); staff: people with their addresses.
    """

    def __init__(
        self,
        log: WriteLog,
        committer: Committer,
        folder: Folder,
        state: State,
        config: Config,
        *,
        log_of: LogOf,
        staff: Staff,
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = log
        self._committer = committer
        self._folder = folder
        self._state = state
        self._config = config
        self._log_of = log_of
        self._staff = staff
        self._sleep = sleep
        self._monotonic = monotonic
        self._refused: tuple[frozenset[int], float, str] | None = None

    def clear_up(self) -> None:
        self._committer.clear_up()

    def pending(self) -> bool:
        """Whether something waits to be committed, and may be tried now. Asks the state only."""
        numbers = frozenset(row.number for row in self._state.written())
        return bool(numbers) and not self._waits(Committed(), numbers)

    async def commit(self, report: CycleReport | None) -> Committed:
        """Commit what was written and can be; forget what is left to the user. report: of the cycle that wrote it, None
        before a cycle, for what an earlier one left.
        """
        result = Committed()
        edits = self._log.edits(self._folder)
        if not edits or self._waits(result, frozenset(n for each in edits for n in each.numbers)):
            return result
        try:
            staged = await asyncio.to_thread(self._committer.stage, edits)
        except GitError as error:
            return Committed([f"nothing could be committed: {error}"], open=True)
        ready = [one for one in staged if not one.reason and not one.unchanged]
        with self._state.batch():
            for one in staged:
                if one.reason or one.unchanged:
                    self._log.settled(one.edits)
            result.notes += self._left([one for one in staged if one.reason])
        if not ready:
            return result
        told = self._told(ready, report)
        try:
            log = await self._audit(told)
        except GhostError:
            if report is None:
                return replace(result, open=True)  # the cycle will find Ghost away, too
            log = ()  # whoever runs ghostsync commits it; what was edited is said all the same
        groups = [told] if self._config.git.commit == "cycle" else [[one] for one in told]
        for group in groups:
            await self._commit(group, log, result)
        if result.commits and self._committer.nameless:
            result.notes.append(
                "git knows no name to commit with, so ghostsync's own was taken; to set one: git config user.name and user.email"
            )
        return result

    async def _commit(self, group: Sequence[Told], log: Sequence[AuditEntry], result: Committed) -> None:
        mine = self._entries(group, log)
        people = await self._people(mine)
        author, others = (people[-1], people[-2::-1]) if people else (None, [])
        text = message(group, self._config.site.url, others)
        paths = [one.staged.edits.path for one in group]
        try:
            await asyncio.to_thread(self._committer.commit, paths, text, author)
        except GitError as error:
            numbers = frozenset(number for one in group for number in one.staged.edits.numbers)
            self._refused = (numbers, self._monotonic() + _AGAIN, str(error))
            result.warnings.append(str(error))
            result.open = True
            return
        result.commits += 1
        with self._state.batch():
            for one in group:
                self._log.settled(one.staged.edits)
            self._note_seen(mine)
            self._forget_told(paths)

    def _waits(self, result: Committed, numbers: frozenset[int]) -> bool:
        """Whether a hook has refused exactly this a moment ago."""
        if self._refused is None:
            return False
        refused, until, said = self._refused
        if numbers != refused or self._monotonic() >= until:
            self._refused = None
            return False
        result.warnings.append(said)
        result.open = True
        return True

    def _told(self, ready: Sequence[Staged], report: CycleReport | None) -> list[Told]:
        done = report.outcomes if report is not None else ()
        merged = {o.action.path for o in done if o.action.verb is Verb.MERGE and o.error is None}
        keys = self._config.content.keys
        return [tell(one, merged=one.edits.path in merged, keys=keys) for one in ready]

    def _left(self, left: Sequence[Staged]) -> list[str]:
        """What is said of files that are not committed: once, until they are."""
        told = json.loads(self._state.meta(_TOLD) or "[]")
        new = [one for one in left if one.edits.path not in told]
        if new:
            self._state.set_meta(_TOLD, json.dumps([*told, *(one.edits.path for one in new)]))
        return [f"{one.edits.path} {one.reason}" for one in new]

    def _forget_told(self, paths: Sequence[str]) -> None:
        told = json.loads(self._state.meta(_TOLD) or "[]")
        if set(told) & set(paths):
            kept = [path for path in told if path not in paths]
            self._state.set_meta(_TOLD, json.dumps(kept) if kept else None)

    async def _audit(self, told: Sequence[Told]) -> Sequence[AuditEntry]:
        """The log's entries for all that came from Ghost: one request, none where nothing did."""
        pulled = [one for one in told if one.ghost_id and one.from_ghost]
        if not pulled or len(pulled) > _NAMED or self._config.git.authors == "off":
            return ()
        since = {one.ghost_id: self._since(one) for one in pulled}
        log = await self._log_of(since)
        if log is not None and any(not self._news(one, log) for one in pulled):
            # Ghost writes the entry after it has answered, so that whoever was told of the edit by a webhook comes first.
            await self._sleep(_LATE)
            log = await self._log_of(since)
        return log or ()

    def _since(self, told: Told) -> str:
        return max(told.staged.edits.since, self._seen(told)[0])

    def _seen(self, told: Told) -> tuple[str, str]:
        """Date and id of the last entry that named somebody for this post."""
        at, _, id = (self._state.meta(f"{_SEEN}{told.ghost_id}") or "").partition(" ")
        return at, id

    def _news(self, told: Told, log: Sequence[AuditEntry]) -> list[AuditEntry]:
        """What the log tells of a post since. Dates have whole seconds; within one, Ghost's ids grow."""
        since, (at, id) = self._since(told), self._seen(told)
        of_post = (entry for entry in log if entry.post == told.ghost_id)
        return [entry for entry in of_post if entry.at > since or (entry.at == since == at and entry.id > id)]

    def _entries(self, group: Sequence[Told], log: Sequence[AuditEntry]) -> list[AuditEntry]:
        """Those that are news for these documents, oldest first."""
        found = [entry for one in group if one.from_ghost for entry in self._news(one, log) if entry.slug]
        return sorted(found, key=lambda entry: (entry.at, entry.id))

    async def _people(self, entries: Sequence[AuditEntry]) -> list[Person]:
        """Each editor once, by the last edit, the last one last."""
        last: dict[str, AuditEntry] = {}
        for entry in entries:
            last.pop(entry.slug, None)
            last[entry.slug] = entry
        addresses: dict[str, str] = {}
        if last and self._config.git.authors == "email":
            try:
                addresses = {author.slug: author.email for author in await self._staff()}
            except GhostError:
                addresses = {}
        host = urlsplit(self._config.site.url).hostname or "ghost.invalid"
        return [
            Person(entry.name, addresses.get(entry.slug) or f"{entry.slug}@users.noreply.{host}", entry.at)
            for entry in last.values()
        ]

    def _note_seen(self, entries: Sequence[AuditEntry]) -> None:
        if not entries:
            return
        for post in {entry.post for entry in entries}:
            newest = max((entry.at, entry.id) for entry in entries if entry.post == post)
            known = self._state.mirrored(post)
            news = " ".join(newest) if known is not None and newest[0] >= known.updated_at else None
            if news != self._state.meta(f"{_SEEN}{post}"):
                self._state.set_meta(f"{_SEEN}{post}", news)


def merge_into(report: CycleReport, *parts: Committed) -> CycleReport:
    """The report with what is to be said of commits."""
    return replace(
        report,
        warnings=(*report.warnings, *(warning for part in parts for warning in part.warnings)),
        notes=(*report.notes, *(note for part in parts for note in part.notes)),
    )
