"""Brings files of the site into the folder, before the documents are written that show them.

The file comes down as it was once sent to Ghost, once for all posts that show it, and not at all where its bytes are in the folder
already.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from urllib.parse import unquote

from ghostsync.content.fields import PICTURES
from ghostsync.content.media_names import name_before
from ghostsync.errors import FolderError, GhostError, NotFound, RedirectRefused
from ghostsync.model import MediaKind, RemotePost
from ghostsync.sync.media_missed import Missed
from ghostsync.sync.media_shelf import Shelf
from ghostsync.sync.ports import Folder, Got, Media, Progress, State


class Fetcher:
    """One cycle's downloads. pattern: where they go. slots: how many transfers may be under way. stop: asked before each.
    notes: for people, what was left where it was. missed: what did not come, of earlier cycles too.
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
        slots: asyncio.Semaphore,
        clock: Callable[[], float],
        stop: Callable[[], bool],
        progress: Progress | None,
    ) -> None:
        self._media = media
        self._folder = folder
        self._shelf = shelf
        self._pattern = pattern
        self._slots = slots
        self._clock = clock
        self._stop = stop
        self._progress = progress
        self._coming: dict[str, asyncio.Task[None]] = {}
        self._shown_by: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}
        site = re.escape(site_url.rstrip("/"))
        self._addresses = re.compile(
            rf"""(?:{site})?/content/(images|media|files)/(?!size/)[^"'\\\s()<>&?\#]+"""
        )
        self.missed = Missed(state)
        self.notes: list[str] = []

    async def fetch(self, posts: Iterable[RemotePost]) -> None:
        """Bring what these posts show into the folder, where it is not there yet. What cannot be fetched stays a link."""
        wanted: dict[str, None] = {}
        for post in posts:
            self.hear(post)
            for address in self.shown(post):
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

    def hear(self, post: RemotePost) -> None:
        """Note what the post's cards say of their files' names."""
        for key in ("lexical", "mobiledoc"):
            text = str(post.data.get(key) or "")
            if '"fileName"' not in text:
                continue
            with suppress(ValueError):  # a body that is no JSON is told of elsewhere
                for src, name in _named(json.loads(text)):
                    self._names[self._shelf.canonical(src)] = name

    def shown(self, post: RemotePost) -> list[str]:
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
            with watched(self._progress, PurePosixPath(source).name) as pieces:
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
            self._shelf.at_address(self._shelf.file(here), address)

    def _place(self, address: str) -> str:
        """Where the file goes, by the configured pattern."""
        url = self._shelf.canonical(address)
        kind, *dated, stored = url.removeprefix("/content/").split("/")
        year, month = dated if len(dated) == 2 else ("", "")
        name = name_before(MediaKind(kind), unquote(stored), self._names.get(url, ""))
        made = self._pattern.format(kind=kind, year=year, month=month, name=name)
        return "/".join(part for part in made.split("/") if part not in {"", ".", ".."})


@contextmanager
def watched(progress: Progress | None, name: str) -> Iterator[Got]:
    """What is to be told of each piece of a file, while it is under way."""
    if progress is None:
        yield lambda _done, _total: None
        return
    try:
        yield lambda done, total: progress.transfer(name, done, total)
    finally:
        progress.transferred(name)


def _named(value: object) -> Iterator[tuple[str, str]]:
    """(address, file name) wherever a card, or a picture of a gallery, has both."""
    pending = [value]
    for item in pending:
        if isinstance(item, dict):
            src, name = item.get("src"), item.get("fileName")
            if isinstance(src, str) and isinstance(name, str) and src and name:
                yield src, name
            pending += item.values()
        elif isinstance(item, list):
            pending += item
