"""See what Ghost holds, with as few requests as prove it, and remember it in the mirror.

An unchanged site costs one small request a kind. That proof rests on four things: the newest updated_at and
the number of documents are those of the mirror, a look at Ghost has seen that date (a write of our own may be newer than
edits that nobody has looked at), and every mirrored version was read at least 2 s (of Ghost's own clock) after it was
written. `updated_at` has whole seconds, so a version read sooner may be followed by another one in the same second that
looks the same from outside.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ghostsync.content.post import post_json
from ghostsync.errors import StateError
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.model import GONE, Mirrored, Page
from ghostsync.sync.ports import Progress, Site, State

SETTLED_AFTER = 2
"""Seconds of the server's clock between a write and a read that no write of the same second can escape."""

PAGE = 100
"""Documents that Ghost gives in one answer."""

AHEAD = 1
"""Pages that may wait here while another one comes."""

OnPage = Callable[[Sequence[tuple[RemotePost, str]]], Awaitable[None]]
"""Takes posts, each with the hash of its JSON in the mirror."""


@dataclass(slots=True)
class Observation:
    """What this look at Ghost brought. server_time: the newest `Date` seen, epoch seconds.
    whole: everything was read, not only what a date gave away. gone: ids that Ghost confirmed (404) not to exist any more. went_back: ids older than before.
    """

    server_time: int = 0
    whole: bool = True
    gone: set[str] = field(default_factory=set)
    went_back: list[str] = field(default_factory=list)


def looked_until(kind: Kind) -> str:
    """Under which name the state keeps the newest date of the mirror as it was after the last look. What ghostsync itself
    writes later has a newer date, which says nothing of what others wrote between the two.
    """
    return f"looked_until.{kind.value}"


def seconds_of(updated_at: str) -> int:
    """Ghost's time string in epoch seconds; 0 for an empty one."""
    return int(datetime.fromisoformat(updated_at).timestamp()) if updated_at else 0


def is_settled(updated_at: str, server_time: int) -> bool:
    return server_time - seconds_of(updated_at) >= SETTLED_AFTER


def is_ahead(updated_at: str, server_time: int) -> bool:
    """Ghost takes an imported post's date as it comes, and it may lie years ahead. Whoever writes to that post gives it
    another one, so that it hides nothing of its own; but as the newest of all it would hide what happens to the others.
    """
    return seconds_of(updated_at) - server_time > SETTLED_AFTER


def _earlier(updated_at: str) -> str:
    """The overlap: from 2 s before, in Ghost's own form."""
    moment = datetime.fromisoformat(updated_at).astimezone(UTC) - timedelta(seconds=SETTLED_AFTER)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def remember(state: State, posts: tuple[RemotePost, ...]) -> Sequence[str]:
    """Put whole documents into the mirror; returns the hashes of their JSON."""
    return state.mirror_posts(
        (post, post_json(post.data), is_settled(post.updated_at, post.server_time)) for post in posts
    )


async def observe(
    site: Site,
    state: State,
    *,
    full: bool,
    thorough: bool = False,
    on_page: OnPage | None = None,
    progress: Progress | None = None,
) -> Observation:
    """Bring the mirror up to date. full: read everything (an edit of tags or meta fields alone, or of a tag's or an
    author's name, moves no post's date). thorough: do so for kinds of up to 100 documents, where it is one request, too.
    on_page: called with each page while the next one is on its way.
    """
    seen = Observation()
    mirror = state.mirror()
    looks = [
        asyncio.ensure_future(
            _observe_kind(
                site,
                state,
                kind,
                {id: post for id, post in mirror.items() if post.kind is kind},
                seen,
                full=full or (thorough and sum(post.kind is kind for post in mirror.values()) <= PAGE),
                on_page=on_page,
                progress=progress,
            )
        )
        for kind in Kind
    ]
    try:
        await asyncio.gather(*looks)
    finally:
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
    return seen


async def _observe_kind(
    site: Site,
    state: State,
    kind: Kind,
    known: dict[str, Mirrored],
    seen: Observation,
    *,
    full: bool,
    on_page: OnPage | None,
    progress: Progress | None,
) -> None:
    newest_known = max((post.updated_at for post in known.values()), default="")
    looked = state.meta(looked_until(kind)) or ""
    unsettled = [post.updated_at for post in known.values() if not post.settled]
    if known and not full:
        probe = await site.probe(kind)
        seen.server_time = max(seen.server_time, probe.server_time)
        ahead = is_ahead(probe.newest, probe.server_time)
        settled = not unsettled and not ahead and looked == newest_known
        if probe.newest == newest_known and probe.total == len(known) and settled:
            seen.whole = False
            return
        total = probe.total
        # A newest change older than the one we know: Ghost was set back. Only a whole look tells how far.
        full = probe.newest < newest_known
        dates = (p.updated_at for p in known.values() if not is_ahead(p.updated_at, probe.server_time))
        cursor = min(max(dates, default=""), looked)
        full = full or not cursor
    else:
        full, total, cursor = True, -1, ""
    seen.whole = seen.whole and full
    since = None if full else _earlier(min([cursor, *unsettled]))
    fetched: set[str] = set()
    await _fetch(site, state, kind, since, known, seen, fetched, on_page, progress)
    if full:
        missing = set(known) - fetched
    elif len(set(known) | fetched) != total or _passed_over(known, fetched, since):
        missing = await _sweep(site, state, kind, known, seen, fetched)
    else:
        missing = set()
    paths = {row.id: row.path for row in state.documents()} if missing else {}
    for id in sorted(missing):
        post = await site.get(kind, id)
        if post is None:
            seen.gone.add(id)
            if id in known:
                # What Ghost held last is the only whole copy left of a post that somebody deleted there.
                with suppress(StateError):  # lost already: then nothing can be kept
                    last = state.blob(known[id].post_sha)
                    state.keep(ghost_id=id, path=paths.get(id, ""), side="remote", why=GONE, data=last)
            state.unmirror([id])
        else:
            _note(known, seen, post)
            remember(state, (post,))
    held = (post.updated_at for post in state.mirror().values() if post.kind is kind)
    newest = max((date for date in held if not is_ahead(date, seen.server_time)), default="")
    state.set_meta(looked_until(kind), newest)


async def _fetch(
    site: Site,
    state: State,
    kind: Kind,
    since: str | None,
    known: dict[str, Mirrored],
    seen: Observation,
    fetched: set[str],
    on_page: OnPage | None,
    progress: Progress | None,
) -> None:
    """Read the pages since; the next ones are asked for while one is being worked on."""
    told = False
    async with aclosing(_ahead(site.changed(kind, since))) as pages:
        async for page in pages:
            if progress is not None and not told:
                progress.phase(f"reading {kind.plural}", page.total)
                told = True
            seen.server_time = max(seen.server_time, page.server_time)
            for post in page.posts:
                _note(known, seen, post)
                fetched.add(post.id)
            shas = remember(state, page.posts)
            if on_page is not None:
                await on_page(list(zip(page.posts, shas, strict=True)))
            if progress is not None:
                progress.advance(len(page.posts))


async def _ahead(pages: AsyncIterator[Page]) -> AsyncGenerator[Page, None]:
    """The same pages, fetched by a task of their own, which asks for the next one the moment one has come: Ghost and this
    process work at the same time.
    """
    arrived: asyncio.Queue[Page | None] = asyncio.Queue()
    room = asyncio.Semaphore(AHEAD)

    async def bring() -> None:
        try:
            async for page in pages:
                arrived.put_nowait(page)
                await room.acquire()
        finally:
            arrived.put_nowait(None)

    bringing = asyncio.ensure_future(bring())
    try:
        while (page := await arrived.get()) is not None:
            room.release()
            yield page
        await bringing  # raises what broke the walk off
    finally:
        bringing.cancel()
        await asyncio.gather(bringing, return_exceptions=True)


def _note(known: dict[str, Mirrored], seen: Observation, post: RemotePost) -> None:
    before = known.get(post.id)
    if before is not None and post.updated_at < before.updated_at and not before.preview:
        seen.went_back.append(post.id)


def _passed_over(known: dict[str, Mirrored], fetched: set[str], since: str | None) -> bool:
    """Whether a post is older in Ghost than it was: Ghost was set back, which a write of our own since then may hide from
    the probe.
    """
    return any(post.updated_at >= (since or "") and id not in fetched for id, post in known.items())


async def _sweep(
    site: Site,
    state: State,
    kind: Kind,
    known: dict[str, Mirrored],
    seen: Observation,
    fetched: set[str],
) -> set[str]:
    """The numbers do not add up: list all ids, fetch what was overlooked, return what was not listed."""
    listed: dict[str, str] = {}
    async for ids in site.ids(kind):
        listed.update(ids)
    for id, updated_at in listed.items():
        overlooked = id not in known or known[id].updated_at != updated_at
        if overlooked and id not in fetched and (post := await site.get(kind, id)) is not None:
            _note(known, seen, post)
            remember(state, (post,))
    return set(known) - set(listed)
