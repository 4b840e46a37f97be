"""Files for posts that have none: rendered, written and recorded a page at a time, each step while the next page is
in the one before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ghostsync.content.types import PostView
from ghostsync.errors import GhostsyncError
from ghostsync.model import RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import Action, Verb
from ghostsync.sync.write_files import FileWriter

_BATCH = 100
_Placed = list[tuple[RemotePost, PostView, str]]
_Rendered = list[tuple[RemotePost, str, bytes]]


@dataclass(slots=True)
class Made:
    """done: id -> what was written, told. failed: id -> why not."""

    done: dict[str, Action] = field(default_factory=dict)
    failed: dict[str, GhostsyncError] = field(default_factory=dict)


class NewFiles:
    """`feed` takes pages, `finish` waits for the last of them. The disk is written in a thread, one page at a time."""

    def __init__(self, files: FileWriter, desk: Desk) -> None:
        self._files = files
        self._desk = desk
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._made = Made()
        self._held: list[tuple[str, str]] = []  # ids and paths: all of them in memory would be too much

    async def feed(self, posts: Sequence[tuple[RemotePost, str]]) -> None:
        """Posts, each with its earlier path or "". Returns when they are rendered; they may still be written."""
        async with self._turn:  # posts and pages come at the same time
            rendered = await self._render(self._place(posts))
            await self._written()
            self._writing = asyncio.ensure_future(self._write(rendered))

    async def finish(self) -> Made:
        """Everything that was fed since the last time, written and recorded."""
        await self._written()
        if self._held:
            # Now all files have their places, and those that link to a later one can say so.
            held, self._held = self._held, []
            self._desk.look_at_mirror()
            for start in range(0, len(held), _BATCH):
                batch = self._loaded(held[start : start + _BATCH])
                await self._write(await self._render(batch, last=True))
        made, self._made = self._made, Made()
        return made

    async def abandon(self) -> None:
        """The walk broke off: wait for what is being written, and say nothing of it."""
        with suppress(GhostsyncError):
            await self._written()

    async def _written(self) -> None:
        task, self._writing = self._writing, None
        if task is not None:
            await task

    async def _write(self, batch: _Rendered) -> None:
        files, failed = self._files.create([(path, data) for _, path, data in batch])
        self._files.record_new([entry for entry in batch if entry[1] in files], files)
        for post, path, _ in batch:
            if path in files:
                title = str(post.data.get("title") or "")
                self._made.done[post.id] = Action(
                    Verb.CREATE_FILE, post.kind, post.id, path, title, reason="new in Ghost"
                )
            else:
                self._made.failed[post.id] = failed[path]

    def _place(self, posts: Sequence[tuple[RemotePost, str]]) -> _Placed:
        """Posts and where their files go, all of them before the first is rendered: they may link to each other."""
        placed: _Placed = []
        for post, earlier in posts:
            try:
                view = self._desk.view(post)
                path = self._files.place(view, earlier)
            except GhostsyncError as error:
                self._made.failed[post.id] = error
                continue
            self._files.links.placed(post, path)
            placed.append((post, view, path))
        return placed

    def _loaded(self, held: Sequence[tuple[str, str]]) -> _Placed:
        posts = [(self._desk.remote_post(id), path) for id, path in held]
        return [(post, self._desk.view(post), path) for post, path in posts if post is not None]

    async def _render(self, posts: _Placed, *, last: bool = False) -> _Rendered:
        """Half a millisecond a post, and the loop's turn after each. In a thread of its own it would hold Python's lock for
        5 ms at a time, and the next page, which comes in many small pieces, would wait for each of them that long.

        A file that links to what may be a post to come is held back until all have their places, unless these are the last.
        """
        rendered: _Rendered = []
        for post, view, path in posts:
            try:
                data = self._files.fresh(view, path)
            except GhostsyncError as error:
                self._made.failed[post.id] = error
                continue
            if not last and self._files.links.leads_on(data):
                self._held.append((post.id, path))
            else:
                rendered.append((post, path, data))
            await asyncio.sleep(0)
        return rendered
