"""Files for posts that have none: rendered, written and recorded a page at a time, each step while the next page is
in the one before it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ghostsync.content.types import PostView
from ghostsync.errors import GhostsyncError
from ghostsync.model import RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import Action, LocalFile, Verb
from ghostsync.sync.write_files import FileWriter

_TURN = 0.002  # seconds of rendering between two looks at the network


@dataclass(frozen=True, slots=True)
class Missing:
    """A post without a file. sha: the hash of its JSON in the mirror. path: where its file was once, or ""."""

    post: RemotePost
    sha: str
    path: str = ""


_Rendered = list[tuple[Missing, PostView, bytes]]


@dataclass(slots=True)
class Made:
    """done: id -> what was written, told. failed: id -> why not. files: what was written, as it is on the disk."""

    done: dict[str, Action] = field(default_factory=dict)
    failed: dict[str, GhostsyncError] = field(default_factory=dict)
    files: list[LocalFile] = field(default_factory=list)


class NewFiles:
    """`feed` takes pages, `finish` waits for the last of them. One page at a time goes to the disk."""

    def __init__(self, files: FileWriter, desk: Desk) -> None:
        self._files = files
        self._desk = desk
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._made = Made()

    async def feed(self, posts: Sequence[Missing]) -> None:
        """Returns when they are rendered; they may still be written."""
        async with self._turn:  # posts and pages come at the same time
            rendered = await self._render(posts)
            await self._written()
            self._writing = asyncio.ensure_future(self._write(rendered))

    async def finish(self) -> Made:
        """Everything that was fed since the last time, written and recorded."""
        await self._written()
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

    async def _write(self, rendered: _Rendered) -> None:
        batch = [(new.post, new.sha, self._files.place(view, new.path), data) for new, view, data in rendered]
        files, failed = await self._files.create([(path, data) for *_, path, data in batch])
        self._made.files += files.values()
        self._files.record_new([entry for entry in batch if entry[2] in files], files)
        for post, _, path, _ in batch:
            if path in files:
                title = str(post.data.get("title") or "")
                self._made.done[post.id] = Action(
                    Verb.CREATE_FILE, post.kind, post.id, path, title, reason="new in Ghost"
                )
            else:
                self._made.failed[post.id] = failed[path]

    async def _render(self, posts: Sequence[Missing]) -> _Rendered:
        """Half a millisecond a post, and the loop's turn every few. In a thread of its own it would hold Python's lock for
        5 ms at a time, and the next page, which comes in many small pieces, would wait for each of them that long.
        """
        turn = time.monotonic() + _TURN
        rendered: _Rendered = []
        for new in posts:
            try:
                view = self._desk.view(new.post)
                rendered.append((new, view, self._files.fresh(view)))
            except GhostsyncError as error:
                self._made.failed[new.post.id] = error
            if time.monotonic() >= turn:
                await asyncio.sleep(0)
                turn = time.monotonic() + _TURN
        return rendered
