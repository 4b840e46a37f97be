"""Carries files between folder and Ghost: up before the posts that show them, down before the files that do.

A file goes up once for its bytes. The journal knows of each transfer while it lasts: one whose answer was lost is looked
for in Ghost, by its bytes, before it is sent once more.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote

from ghostsync.content.drawings import LARGEST
from ghostsync.content.fields import PICTURES
from ghostsync.content.linking import Asset
from ghostsync.content.media_names import kind_of, mime_of
from ghostsync.errors import (
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
    FolderError,
    GhostError,
    GhostsyncError,
    NotFound,
    RedirectRefused,
    Unavailable,
    Unreachable,
)
from ghostsync.model import Kind, MediaKind, RemotePost
from ghostsync.sync.media_missed import Missed
from ghostsync.sync.media_shelf import Shelf
from ghostsync.sync.model import UPLOAD, Action, Intent, MediaFacts, MediaFile, MediaRow, Outcome, Verb
from ghostsync.sync.ports import Folder, Got, Media, Progress, State

_LATE = timedelta(days=1)
"""How long an upload that brought no answer is looked for. Ghost finishes what arrived whole within seconds."""

_FORBIDDEN = 403
_LOST_IN_A_ROW = 3
"""After so many answers that never came Ghost counts as away."""


class Courier:
    """One cycle's transfers. stop: asked before each; the rest waits for the next cycle. refused: by content, why a file
    did not arrive. notes: for people, what was left where it was. fatal: why nothing more can be sent in this cycle.
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
        self._pattern = pattern
        self._slots = asyncio.Semaphore(max_in_flight)
        self._clock = clock
        self._stop = stop
        self._progress = progress
        self._coming: dict[str, asyncio.Task[None]] = {}
        site = re.escape(site_url.rstrip("/"))
        self._addresses = re.compile(
            rf"""(?:{site})?/content/(images|media|files)/(?!size/)[^"'\\\s()<>&?\#]+"""
        )
        self.refused: dict[str, GhostsyncError] = {}
        self.notes: list[str] = []
        self.fatal: GhostError | None = None
        self._lost = 0
        self.missed = Missed(state)
        self._shown_by: dict[str, set[str]] = {}

    # Up

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
                with self._watched(file.path) as pieces:
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
        with self._watched(note["path"]) as pieces:
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
            for address in self._shown(post):
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
            with self._watched(file.path) as pieces:
                same = await self._media.holds(source, file.size, content, got=pieces)
            if same:
                self._record(file, address)
                del missing[content]
                return True
        return False

    def _record(self, file: MediaFile, address: str) -> None:
        url = self._shelf.canonical(address)
        kind = MediaKind(url.split("/content/")[1].split("/")[0])
        self._shelf.landed(MediaRow(file.sha, url, kind, _name(file.path), file.size, file.facts))

    # Down

    async def fetch(self, posts: Iterable[RemotePost]) -> None:
        """Bring what these posts show into the folder, where it is not there yet. What cannot be fetched stays a link."""
        wanted: dict[str, None] = {}
        for post in posts:
            for address in self._shown(post):
                self._shown_by.setdefault(self._shelf.canonical(address), set()).add(post.id)
                wanted[address] = None
        await self._bring_all(wanted)

    async def fetch_missed(self) -> dict[str, frozenset[str]]:
        """Try again what did not come in earlier cycles. What is here by now, from wherever: by address, the ids of the
        posts that show it.
        """
        await self._bring_all(self.missed.due(self._clock()))
        here = [address for address in self.missed.all() if self._shelf.knows(address)]
        return {address: self.missed.over(address) for address in here}

    async def _bring_all(self, addresses: Iterable[str]) -> None:
        tasks = [self._task(address) for address in addresses if not self._shelf.knows(address)]
        await asyncio.gather(*tasks)

    def _task(self, address: str) -> asyncio.Task[None]:
        """The same picture in two posts comes once."""
        key = self._shelf.canonical(address)
        if key not in self._coming:
            self._coming[key] = asyncio.ensure_future(self._download(address))
        return self._coming[key]

    def _shown(self, post: RemotePost) -> list[str]:
        """Addresses of the site's own files in a post."""
        texts = [str(post.data.get(key) or "") for key in ("lexical", "mobiledoc", *PICTURES)]
        found = [match[0] for text in texts for match in self._addresses.finditer(text)]
        return list(dict.fromkeys(found))

    async def _download(self, address: str) -> None:
        async with self._slots:
            if self._stop():
                return
            key = self._shelf.canonical(address)
            try:
                await self._bring(address)
            except NotFound:
                self.missed.over(key)
                self.notes.append(f"{address} is not on the site any more; it stays a link")
            except RedirectRefused as error:
                self.missed.over(key)
                self.notes.append(f"{address} stays a link: {error}")
            except (GhostError, FolderError) as error:
                again = self.missed.failed(key, self._shown_by.get(key, ()), self._clock())
                how_long = "for now, and is tried again" if again else "until its post changes"
                self.notes.append(f"{address} stays a link {how_long}: {error}")

    async def _bring(self, address: str) -> None:
        """The file as it was once sent to Ghost, under the name that it has there."""
        source = await self._media.original(self._shelf.whole(address))
        with self._folder.incoming(source) as incoming:
            with self._watched(_name(source)) as pieces:
                got = await self._media.download(
                    source,
                    incoming.file,
                    have=incoming.have,
                    validator=incoming.validator,
                    begun=incoming.begun,
                    got=pieces,
                )
            here = self._shelf.holding(got.sha256) or self._shelf.lying(got.sha256, got.size)
            if here is None:
                place = self._folder.free_media_names().claim(self._place(address))
                self._shelf.made(incoming.keep(place, sha=got.sha256))
                here = self._shelf.at(place)
            else:
                incoming.drop()
        if here is not None and here.fault is None:
            self._record(self._shelf.file(here), address)

    @contextmanager
    def _watched(self, name: str) -> Iterator[Got]:
        """What is to be told of each piece of a file, while it is under way."""
        progress = self._progress
        if progress is None:
            yield lambda _done, _total: None
            return
        try:
            yield lambda done, total: progress.transfer(name, done, total)
        finally:
            progress.transferred(name)

    def _place(self, address: str) -> str:
        """Where the file goes, by the configured pattern."""
        kind, *dated, name = self._shelf.canonical(address).removeprefix("/content/").split("/")
        year, month = dated if len(dated) == 2 else ("", "")
        made = self._pattern.format(kind=kind, year=year, month=month, name=unquote(name))
        return "/".join(part for part in made.split("/") if part not in {"", ".", ".."})


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
