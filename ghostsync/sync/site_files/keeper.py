"""`SiteFiles`: the site files of one folder, as the engine uses them. What is not configured costs nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ghostsync.config import Config
from ghostsync.content.site_files.mirrors import authors_text, settings_text
from ghostsync.errors import FolderError, GhostError, GhostsyncError, PermissionDenied
from ghostsync.model import SiteInfo
from ghostsync.sync.brakes import check_tags
from ghostsync.sync.model import Direction, Halt, Outcome, Use
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.site_files.mirrors import Mirror, recall, text_on_disk
from ghostsync.sync.site_files.model import Parts
from ghostsync.sync.site_files.tag_plan import TagRules
from ghostsync.sync.site_files.tags import NAME, TagsKeeper, made_tags
from ghostsync.sync.versioning.ports import Past

Rows = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
Text = Callable[[Sequence[Mapping[str, Any]], str], str]


class SiteFiles:
    """Made once for a session; `begin` starts a cycle's work. clock: this machine's, epoch seconds. past: of the folder's
    repository, if it lies in one.
    """

    def __init__(
        self,
        parts: Parts,
        folder: Folder,
        state: State,
        config: Config,
        clock: Callable[[], float],
        past: Past | None = None,
    ) -> None:
        self._past = past
        section = config.site_files
        self._parts = parts
        self._folder = folder
        self._state = state
        self._clock = clock
        self._told_of_tags = False
        self._prefer = config.sync.prefer
        self._tags = section.tags
        self._paths = {
            NAME: section.tags,
            "authors": section.authors,
            "settings": section.settings,
        }
        sources: tuple[tuple[str, str, Rows, Text], ...] = (
            ("authors", section.authors, parts.people, authors_text),
            ("settings", section.settings, parts.settings, settings_text),
        )
        self._mirrors = [
            (Mirror(name, path, folder, state, clock), rows, text)
            for name, path, rows, text in sources
            if path
        ]

    def look_at_tags(self) -> None:
        """Ghost told of a change that may be one of a tag: the next cycle asks."""
        self._told_of_tags = True

    def due(self) -> bool:
        """Whether a cycle would ask Ghost for a copy although nothing told of a change."""
        return any(mirror.due() for mirror, _, _ in self._mirrors)

    def unchanged(self, path: str) -> bool:
        """Whether a file is as the last cycle left it."""
        for name, known in self._paths.items():
            if known and known == path:
                try:
                    data = text_on_disk(self._folder, path)
                except FolderError:
                    return False
                sha = "" if data is None else hashlib.sha256(data).hexdigest()
                return sha == recall(self._state, name, path).sha
        return False

    def begin(
        self, site: SiteInfo, direction: Direction, use: Mapping[str, Use], *, only: str | None
    ) -> SiteFilesRun:
        """One cycle's work. use: path -> how a person settled what is in conflict there. only: the one path that may be
        touched, None for all.
        """
        tags = None
        if self._tags and only in {None, self._tags}:
            rules = TagRules(self._tags, direction, use.get(self._tags), self._prefer)
            tags = TagsKeeper(
                self._parts,
                self._folder,
                self._state,
                site,
                rules,
                self._clock,
                told=self._told_of_tags,
                past=self._past,
            )
            self._told_of_tags = False
        mirrors = self._mirrors if only is None and direction is not Direction.PUSH else []
        return SiteFilesRun(tags, mirrors, site)


class SiteFilesRun:
    """What one cycle does with them. notes: what a person shall be told. fatal: what ended the sending."""

    def __init__(
        self, tags: TagsKeeper | None, mirrors: Sequence[tuple[Mirror, Rows, Text]], site: SiteInfo
    ) -> None:
        self._tags = tags
        self._mirrors = mirrors
        self._site = site
        self._texts: list[tuple[Mirror, str, Outcome | None]] = []
        self._standing: list[Outcome] = []
        self._first: list[Outcome] = []
        self._failed: GhostError | None = None
        self.notes: list[str] = []

    @property
    def renamed(self) -> bool:
        """Whether posts that are remembered have a tag under a new name now."""
        return self._tags is not None and self._tags.renamed

    @property
    def fatal(self) -> GhostsyncError | None:
        return self._failed or (self._tags.fatal if self._tags is not None else None)

    async def plan(self, *, fresh: bool, dry_run: bool) -> None:
        """See what there is to do. fresh: ask Ghost for all of it. Raises GhostError."""
        if self._tags is not None:
            await self._tags.plan(fresh=fresh, dry_run=dry_run)
        for mirror, rows, text in self._mirrors:
            if not (fresh or mirror.due()):
                if (standing := mirror.standing()) is not None:
                    self._standing.append(standing)
                continue
            try:
                told = text(await rows(), self._site.url)
            except PermissionDenied as error:
                self._standing.append(mirror.refused(error, note=not dry_run))
                continue
            self._texts.append((mirror, told, mirror.plan(told)))

    def brake(self, limit: Callable[[int], int], now: str) -> Halt | None:
        """Too many tags would be deleted. limit: of deletions, by how many there are."""
        if self._tags is None:
            return None
        return check_tags(self._tags.doomed, limit(self._tags.total), now)

    def preview(self) -> list[Outcome]:
        """What would be done."""
        tags = self._tags.preview() if self._tags is not None else []
        return [*tags, *self._standing, *(planned for _, _, planned in self._texts if planned is not None)]

    async def first(self) -> None:
        """What comes before the documents."""
        self._first = await self._tags.first() if self._tags is not None else []
        for mirror, text, planned in self._texts:
            done, note = mirror.write(text, planned)
            self._standing += [done] if done is not None else []
            self.notes += [note] if note else []

    async def last(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """What comes after them, with what came of it all. outcomes: of the documents."""
        again = None
        try:
            again = await self._tags.last(made_tags(outcomes)) if self._tags is not None else None
        except GhostError as error:
            self._failed = error
        if again is not None:
            # What was open at first is told as it is now.
            done = [
                outcome for outcome in self._first if outcome.error is None and not outcome.action.verb.open
            ]
            return [*done, *again, *self._standing]
        return [*self._first, *self._standing]
