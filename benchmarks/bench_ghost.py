"""Bulk push and first pull on a real Ghost, each as a ratio to the plainest loop that does the same requests."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from world import folder, lexical, markdown, real_ghost, say, seconds

from ghostsync.compose import open_session
from ghostsync.config import AdminKey, load_config
from ghostsync.sync.model import CycleReport, Direction

POSTS = int(sys.argv[1]) if len(sys.argv) > 1 else 300


def cycle(root: Path, key: str, direction: Direction = Direction.BOTH) -> CycleReport:
    async def run() -> CycleReport:
        admin = AdminKey.parse(key, source="benchmark")
        async with open_session(root, load_config(root, {}), admin) as session:
            return await session.engine.cycle(direction=direction)

    return asyncio.run(run())


def plain_posts(ghost: object, prefix: str) -> None:
    """POST one after the other over one connection."""
    for number in range(POSTS):
        body = {
            "title": f"{prefix} {number}",
            "slug": f"{prefix}-{number}",
            "lexical": lexical(markdown(number)),
        }
        ghost.api("POST", "posts/?include=tags,authors,tiers", {"posts": [body]})


def plain_pages(ghost: object) -> None:
    """GET the same pages and throw them away."""
    total, page = 1, 1
    while (page - 1) * 100 < total:
        query = (
            f"posts/?limit=100&page={page}&formats=lexical,mobiledoc&include=tags,authors,tiers,newsletter"
        )
        total = ghost.api("GET", query)["meta"]["pagination"]["total"]
        page += 1


def push(ghost: object) -> None:
    ghost.wipe()
    with folder(ghost.url) as root:
        for number in range(POSTS):
            text = f"---\ntitle: Ours {number}\n---\n\n{markdown(number)}"
            (root / "posts" / f"ours-{number}.md").write_text(text, encoding="utf-8")
        plain_posts(ghost, "warm-up")
        ghost.wipe()
        plain = seconds(lambda: plain_posts(ghost, "plain"))
        ghost.wipe()  # Ghost gets slower with each post that it has
        ours = seconds(lambda: cycle(root, ghost.key, Direction.PUSH))
        say(f"bulk push of {POSTS}: plain loop", f"{POSTS / plain:.1f} posts/s")
        say(f"bulk push of {POSTS}: ghostsync", f"{POSTS / ours:.1f} posts/s")
        say("bulk push, rate over the plain loop", f"{plain / ours:.2f}", "at least 0.9")
        report = cycle(root, ghost.key, Direction.PUSH)
        say("a push right after: requests", str(dict(report.requests)))


def pull(ghost: object) -> None:
    total = ghost.api("GET", "posts/?limit=1&fields=id")["meta"]["pagination"]["total"]
    plain_pages(ghost)
    plains, ours = [], []
    # All folders stay until the end: some file systems create files many times slower right after deleting others.
    with ExitStack() as kept:
        for _ in range(5):
            plains.append(seconds(lambda: plain_pages(ghost)))
            root = kept.enter_context(folder(ghost.url))
            ours.append(seconds(lambda root=root: cycle(root, ghost.key, Direction.PULL)))
            files = len(list((root / "posts").iterdir()))
            assert files == total, (files, total)
    plain, own = sorted(plains)[2], sorted(ours)[2]
    say(f"first pull of {total}: plain loop of pages", f"{total / plain:.0f} posts/s")
    say(f"first pull of {total}: ghostsync", f"{total / own:.0f} posts/s")
    say("first pull, rate over the plain loop", f"{plain / own:.2f}", "at least 0.8")


if __name__ == "__main__":
    os.environ.pop("GHOST_URL", None)
    with real_ghost() as running:
        push(running)
        pull(running)
