"""Carries files from the folder to Ghost, before the posts that show them.

A file goes up once for its bytes. The journal knows of each transfer while it lasts: one whose answer was lost is looked
for in Ghost, by its bytes, before it is sent once more.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from ghostsync.content.drawings import LARGEST
from ghostsync.content.linking import Asset
from ghostsync.content.media_names import kind_of, mime_of
from ghostsync.errors import (
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
    FolderError,
    GhostError,
    GhostsyncError,
    Unavailable,
    Unreachable,
)
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.media_fetcher import Fetcher, watched
from ghostsync.sync.media_shelf import Shelf
from ghostsync.sync.model import UPLOAD, Action, Intent, MediaFacts, MediaRow, Outcome, Verb
from ghostsync.sync.ports import Folder, Media, Progress, State

_LATE = timedelta(days=1)
"""How long an upload that brought no answer is looked for. Ghost finishes what arrived whole within seconds."""

_FORBIDDEN = 403
_LOST_IN_A_ROW = 3
"""After so many answers that never came Ghost counts as away."""


class Courier:
    """One cycle's transfers, down: those that come from Ghost. stop: asked before each; the rest waits for the next cycle.
    refused: by content, why a file did not arrive. fatal: why nothing more can be sent in this cycle.
    """

    def __init__(
        self,
        media: Media,
        folder: Folder,
        state: State,
        shelf: Shelf,
        *,
        site_url: str,
        pattern: str,
        max_in_flight: int,
        clock: Callable[[], float],
        stop: Callable[[], bool] = lambda: False,
        progress: Progress | None = None,
    ) -> None:
        self._media = media
        self._folder = folder
        self._state = state
        self._shelf = shelf
        self._slots = asyncio.Semaphore(max_in_flight)
        self._clock = clock
        self._stop = stop
        self._progress = progress
        self.down = Fetcher(
            media,
            folder,
            state,
            shelf,
            site_url=site_url,
            pattern=pattern,
            slots=self._slots,
            clock=clock,
            stop=stop,
            progress=progress,
        )
        self.refused: dict[str, GhostsyncError] = {}
        self.fatal: GhostError | None = None
        self._lost = 0

    async def recover(self) -> None:
        """Look for the uploads whose answer never came. One that the site does not let us look for is not sent again, for
        as long as it might still be found.
        """
        for intent in self._state.open_intents():
            if intent.step != UPLOAD:
                continue
            try:
                await self._find(intent)
            except (Unreachable, Unavailable):
                raise
            except GhostError as error:
                if not self._given_up(intent):
                    self.refused[json.loads(intent.payload)["sha"]] = error

    async def send(self, assets: Sequence[Asset]) -> list[Outcome]:
        """Upload each; those that fail are in `refused`."""
        if self._progress is not None:
            self._progress.phase("uploading", len(assets))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._send(asset)) for asset in assets]
        return [outcome for task in tasks if (outcome := task.result()) is not None]

    async def _send(self, asset: Asset) -> Outcome | None:
        async with self._slots:
            if self._stop() or asset.content in self.refused:
                return None
            action = sending(asset)
            try:
                if self.fatal is not None:
                    raise self.fatal
                await self._upload(asset)
            except GhostsyncError as error:
                self.refused[asset.content] = error
                self._judge(error)
                return Outcome(action, error)
            finally:
                if self._progress is not None:
                    self._progress.advance()
        self._lost = 0
        return Outcome(action)

    def _judge(self, error: GhostsyncError) -> None:
        """Whether the next file would fare better. A single one that is cut off may be too large for some proxy, and one that
        is forbidden be disliked by a firewall.
        """
        if isinstance(error, Unreachable) and error.stage == "answer":
            self._lost += 1
            if self._lost < _LOST_IN_A_ROW:
                return
        if (
            isinstance(error, GhostError)
            and error.exit_code in {EXIT_REFUSED, EXIT_UNREACHABLE}
            and error.status != _FORBIDDEN
        ):
            self.fatal = error

    def failure(self, outcomes: Iterable[Outcome]) -> GhostsyncError | None:
        """Why nothing at all got through to Ghost, although there were files to send. outcomes: of the whole cycle."""
        if any(
            o.error is None and (o.action.verb.writes_post or o.action.verb is Verb.UPLOAD) for o in outcomes
        ):
            return None
        ends = {EXIT_REFUSED, EXIT_UNREACHABLE}
        return next((error for error in self.refused.values() if error.exit_code in ends), None)

    async def _upload(self, asset: Asset) -> None:
        file = self._shelf.file(asset)
        kind = kind_of(file.path)
        with self._folder.open_media(file) as opened:
            note = json.dumps({"sha": file.sha, "path": file.path, "size": file.size})
            intent = self._state.intend(UPLOAD, ghost_id="", path=file.path, payload=note)
            try:
                with watched(self._progress, file.path) as pieces:
                    url = await self._media.upload(
                        kind,
                        _name(file.path),
                        mime_of(file.path, kind),
                        opened,
                        file.size,
                        ref=file.path,
                        sent=lambda done: pieces(done, file.size),
                    )
            except GhostError as error:
                if error.definite or not error.sent:
                    self._state.settle(intent)
                raise
            except FolderError:  # it changed: the last bytes were never sent
                self._state.settle(intent)
                raise
        self._arrived(
            intent,
            MediaRow(file.sha, self._shelf.canonical(url), kind, _name(file.path), file.size, file.facts),
        )

    def _arrived(self, intent: int, row: MediaRow) -> None:
        with self._state.batch():
            self._shelf.landed(row)
            self._state.settle(intent)

    async def _find(self, intent: Intent) -> None:
        note = json.loads(intent.payload)
        begun, kind, name = datetime.fromisoformat(intent.at), kind_of(note["path"]), _name(note["path"])
        with watched(self._progress, note["path"]) as pieces:
            url = await self._media.find(
                kind,
                name,
                size=note["size"],
                sha256=note["sha"],
                since=begun.date(),
                until=self._now().date(),
                drawing=self._drawing(note["path"], note["sha"]),
                got=pieces,
            )
        if url is not None:
            facts = self._state.media_files().get(note["path"])
            known = facts.facts if facts is not None and facts.sha == note["sha"] else MediaFacts()
            self._arrived(
                intent.id,
                MediaRow(note["sha"], self._shelf.canonical(url), kind, name, note["size"], known),
            )
        elif self._shelf.row(note["sha"]) is not None:
            self._state.settle(intent.id)
        else:
            self._given_up(intent)

    def _drawing(self, path: str, sha: str) -> bytes:
        """The bytes that were sent, where Ghost may have written them anew, and they are still here."""
        if not path.lower().endswith(".svg"):
            return b""
        file = self._folder.look((path,), {})[path]
        if isinstance(file, FolderError) or file.sha != sha or file.size > LARGEST:
            return b""
        try:
            with self._folder.open_media(file) as opened:
                return opened.read(file.size)
        except FolderError:  # it has changed since
            return b""

    def _given_up(self, intent: Intent) -> bool:
        return give_up_upload(self._state, intent, self._clock())

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    async def learn(self, unknown: Iterable[tuple[Sequence[Asset], RemotePost]]) -> bool:
        """Files that may be in Ghost already, since a post that belongs to their document shows something: compared by their
        bytes. After a lost state database. Returns whether anything was found.
        """
        found = False
        for assets, post in unknown:
            missing = {asset.content: asset for asset in assets if self._shelf.row(asset.content) is None}
            for address in self.down.shown(post):
                if not missing:
                    break
                if not self._shelf.knows(address):
                    found |= await self._compare(missing, address)
        return found

    async def _compare(self, missing: dict[str, Asset], address: str) -> bool:
        source = await self._media.original(address)
        seen = await self._media.head(source)
        if seen is None:
            return False
        for content, asset in list(missing.items()):
            file = self._shelf.file(asset)
            if seen.size not in (None, file.size):
                continue
            with watched(self._progress, file.path) as pieces:
                same = await self._media.holds(source, file.size, content, got=pieces)
            if same:
                self._shelf.at_address(file, address)
                del missing[content]
                return True
        return False


def _name(path: str) -> str:
    return PurePosixPath(path).name


def give_up_uploads(state: State, now: float) -> None:
    """Where the configuration sends no files any more, so that nobody looks for those that were under way."""
    for intent in state.open_intents():
        if intent.step == UPLOAD:
            give_up_upload(state, intent, now)


def give_up_upload(state: State, intent: Intent, now: float) -> bool:
    """Whether an upload has been looked for long enough; then its intent is settled. now: local epoch seconds."""
    late = datetime.fromtimestamp(now, UTC) - datetime.fromisoformat(intent.at) > _LATE
    if late:
        state.settle(intent.id)
    return late


def sending(asset: Asset) -> Action:
    """The upload of a file, as a step of a plan."""
    size = asset.facts.get("fileSize")
    return Action(
        Verb.UPLOAD, Kind.POST, path=asset.path, reason=f"{size:,} bytes" if isinstance(size, int) else ""
    )
