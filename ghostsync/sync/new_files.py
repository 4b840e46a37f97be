"""Files for posts that have none: rendered, written and recorded a page at a time, each step while the next page is
in the one before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ghostsync.content.types import PostView
from ghostsync.errors import GhostsyncError
from ghostsync.model import RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import Action, Outcome, Verb
from ghostsync.sync.ports import Progress
from ghostsync.sync.write_files import FileWriter

_Rendered = list[tuple[RemotePost, PostView, bytes, str]]


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

    async def feed(self, posts: Sequence[tuple[RemotePost, str]]) -> None:
        """Posts, each with its earlier path or "". Returns when they are rendered; they may still be written."""
        async with self._turn:  # posts and pages come at the same time
            rendered = await self._render(posts)
            await self._written()
            self._writing = asyncio.ensure_future(self._write(rendered))

    async def finish(self) -> Made:
        """Everything that was fed since the last time, written and recorded."""
        await self._written()
        made, self._made = self._made, Made()
        return made

    async def make(self, actions: Iterable[Action], progress: Progress | None) -> list[Outcome]:
        """The files of a plan, a batch at a time."""
        outcomes: list[Outcome] = []
        posts: list[tuple[RemotePost, str]] = []
        by_id: dict[str, Action] = {}
        for action in actions:
            post = self._desk.remote_post(action.id)
            if post is None:
                outcomes.append(Outcome(action))
            else:
                by_id[action.id] = action
                posts.append((post, action.path))
        await self.feed(posts)
        made = await self.finish()
        for id, action in by_id.items():
            path = made.done[id].path if id in made.done else action.path
            outcomes.append(Outcome(replace(action, path=path), made.failed.get(id)))
        if progress is not None:
            progress.advance(len(by_id))
        return outcomes

    async def abandon(self) -> None:
        """The walk broke off: wait for what is being written, and say nothing of it."""
        with suppress(GhostsyncError):
            await self._written()

    async def _written(self) -> None:
        task, self._writing = self._writing, None
        if task is not None:
            await task

    async def _write(self, rendered: _Rendered) -> None:
        batch = [(post, self._files.place(view, earlier), data) for post, view, data, earlier in rendered]
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

    async def _render(self, posts: Sequence[tuple[RemotePost, str]]) -> _Rendered:
        """Half a millisecond a post, and the loop's turn after each. In a thread of its own it would hold Python's lock for
        5 ms at a time, and the next page, which comes in many small pieces, would wait for each of them that long.
        """
        rendered: _Rendered = []
        for post, earlier in posts:
            try:
                view = self._desk.view(post)
                rendered.append((post, view, self._files.fresh(view), earlier))
            except GhostsyncError as error:
                self._made.failed[post.id] = error
            await asyncio.sleep(0)
        return rendered
