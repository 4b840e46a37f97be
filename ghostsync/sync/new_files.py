"""Files for posts that have none: rendered, written and recorded a page at a time, each step while the next page is
in the one before it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ghostsync.content.types import PostView
from ghostsync.errors import GhostsyncError
from ghostsync.model import RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import Action, LocalFile, Outcome, Verb
from ghostsync.sync.ports import Progress
from ghostsync.sync.write_files import FileWriter

_TURN = 0.0005  # seconds of rendering between two looks at the network: a page comes in many small pieces


@dataclass(frozen=True, slots=True)
class Missing:
    """A post without a file. sha: the hash of its JSON in the mirror. path: where its file was once, or ""."""

    post: RemotePost
    sha: str
    path: str = ""


_BATCH = 100
_Placed = list[tuple[Missing, PostView, str]]
_Rendered = list[tuple[Missing, str, bytes]]


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
        self._held: list[tuple[str, str]] = []  # ids and paths: all of them in memory would be too much

    async def feed(self, posts: Sequence[Missing]) -> None:
        """Returns when they are rendered; they may still be written."""
        async with self._turn:  # posts and pages come at the same time
            await self._desk.fetch([new.post for new in posts])
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

    async def make(
        self,
        actions: Sequence[Action],
        progress: Progress | None = None,
        *,
        stop: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        """The files of a plan, a batch at a time. stop: asked before each batch; the rest is left."""
        begun: list[Action] = []
        for start in range(0, len(actions), _BATCH):
            if stop():
                break
            batch = actions[start : start + _BATCH]
            posts = [(action, self._desk.remote_post(action.id)) for action in batch]
            await self.feed(
                [
                    Missing(post, self._desk.mirror[post.id].post_sha, action.path)
                    for action, post in posts
                    if post is not None
                ]
            )
            begun += batch
            if progress is not None:
                progress.advance(len(batch))
        made = await self.finish()
        done = [made.done.get(action.id, action) for action in begun]
        return [
            *(
                Outcome(replace(action, path=one.path), made.failed.get(action.id))
                for action, one in zip(begun, done, strict=True)
            ),
            *(Outcome(left(action)) for action in actions[len(begun) :]),
        ]

    async def abandon(self) -> None:
        """The walk broke off: wait for what is being written, and say nothing of it."""
        with suppress(GhostsyncError):
            await self._written()

    async def _written(self) -> None:
        task, self._writing = self._writing, None
        if task is not None:
            await task

    async def _write(self, batch: _Rendered) -> None:
        files, failed = await self._files.create([(path, data) for _, path, data in batch])
        self._made.files += files.values()
        self._files.record_new(
            [(new.post, new.sha, path, data) for new, path, data in batch if path in files], files
        )
        for post, path in ((new.post, path) for new, path, _ in batch):
            if path in files:
                title = str(post.data.get("title") or "")
                self._made.done[post.id] = Action(
                    Verb.CREATE_FILE, post.kind, post.id, path, title, reason="new in Ghost"
                )
            else:
                self._made.failed[post.id] = failed[path]

    def _place(self, posts: Sequence[Missing]) -> _Placed:
        """Posts and where their files go, all of them before the first is rendered: they may link to each other."""
        placed: _Placed = []
        for new in posts:
            try:
                view = self._desk.view(new.post)
                path = self._files.place(view, new.path)
            except GhostsyncError as error:
                self._made.failed[new.post.id] = error
                continue
            self._files.links.placed(new.post, path)
            placed.append((new, view, path))
        return placed

    def _loaded(self, held: Sequence[tuple[str, str]]) -> _Placed:
        posts = [(self._desk.remote_post(id), path) for id, path in held]
        return [
            (Missing(post, self._desk.mirror[post.id].post_sha, path), self._desk.view(post), path)
            for post, path in posts
            if post is not None
        ]

    async def _render(self, posts: _Placed, *, last: bool = False) -> _Rendered:
        """Half a millisecond a post, and then the loop's turn. In a thread of its own it would hold Python's lock for 5 ms at
        a time, and each piece of the next page would wait for it that long.

        A file that links to what may be a post to come is held back until all have their places, unless these are the last.
        """
        turn = time.monotonic() + _TURN
        rendered: _Rendered = []
        for new, view, path in posts:
            try:
                data = self._files.fresh(view, path)
            except GhostsyncError as error:
                self._made.failed[new.post.id] = error
                continue
            if not last and self._files.links.leads_on(data):
                self._held.append((new.post.id, path))
            else:
                rendered.append((new, path, data))
            if time.monotonic() >= turn:
                await asyncio.sleep(0)
                turn = time.monotonic() + _TURN
        return rendered


def left(action: Action) -> Action:
    """What an action is told as that a stop came before."""
    return replace(action, verb=Verb.LEAVE, reason="left for the next sync: asked to stop")
