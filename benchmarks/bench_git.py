"""A repository of 2,000 posts and 10,000 commits: what a sync in a fresh clone costs, with and without an agreement kept in
the repository; needs no Ghost.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

from bench_commands import command
from world import lexical, markdown, say, seconds

from ghostsync.git.command import Git
from ghostsync.git.history import FileHistory
from ghostsync.model import Kind
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve_in_thread

POSTS, COMMITS, BEHIND = 2_000, 10_000, 200
"""BEHIND: how many posts were edited since their post was sent."""


def _file(number: int, version: int) -> str:
    return f"---\ntitle: Post {number}\nslug: post-{number}\n---\n{markdown(number)}\nVersion {version}.\n"


def _history(root: Path, url: str) -> list[list[int]]:
    """Make the repository; of each post the numbers of its versions, in order."""
    chance = random.Random(1)
    versions: list[list[int]] = [[] for _ in range(POSTS)]
    stream = ["feature done\n"]
    for commit in range(COMMITS):
        number = commit if commit < POSTS else chance.randrange(POSTS)
        versions[number].append(commit)
        text = _file(number, commit)
        stream.append(
            f"commit refs/heads/main\ncommitter A <a@example.com> {1_700_000_000 + commit} +0000\ndata 1\nx\n"
            f"M 100644 inline posts/post-{number}.md\ndata {len(text.encode())}\n{text}\n"
        )
    settings = f'[site]\nurl = "{url}"\n[content]\nlink_cards = "never"\n'
    stream.append(
        f"commit refs/heads/main\ncommitter A <a@example.com> 1800000000 +0000\ndata 1\ny\n"
        f"M 100644 inline ghostsync.toml\ndata {len(settings)}\n{settings}\ndone\n"
    )
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, check=True, input="".join(stream).encode())
    subprocess.run(["git", "config", "user.name", "A"], cwd=root, check=True)
    subprocess.run(["git", "config", "user.email", "a@example.com"], cwd=root, check=True)
    return versions


def _clone(source: Path, root: Path, *options: str) -> Path:
    subprocess.run(["git", "clone", "-q", *options, f"file://{source}", str(root)], check=True)
    return root


def main() -> None:
    clock = ShiftedClock()
    ghost = SandboxGhost(clock=clock)
    with serve_in_thread(ghost) as url, tempfile.TemporaryDirectory() as name:
        place = Path(name)
        origin = place / "origin"
        origin.mkdir()
        versions = _history(origin, url)
        for number, known in enumerate(versions):
            sent = known[-2] if number < BEHIND and len(known) > 1 else known[-1]
            body = f"{markdown(number)}\nVersion {sent}.\n"
            ghost.create(Kind.POST, title=f"Post {number}", slug=f"post-{number}", lexical=lexical(body))
        clock.advance(60)
        history = FileHistory(Git(origin), "")
        history.renew()
        say(
            "one pass over the history", f"{seconds(lambda: next(history.versions('posts/post-1.md'))):.1f} s"
        )
        history.close()
        first = _clone(origin, place / "first")
        _measure("from the commits alone", first, ghost.admin_api_key)
        for arguments in (
            ("push", "-q", "origin", "refs/ghostsync/*:refs/ghostsync/*"),
            ("add", "-A"),
            ("commit", "-q", "-m", "ghost_id"),
            ("push", "-q", "origin", "HEAD:refs/heads/next"),
        ):
            subprocess.run(["git", *arguments], cwd=first, check=True)
        clock.advance(60)
        second = _clone(origin, place / "second", "--branch", "next")
        _measure("with an agreement", second, ghost.admin_api_key)


def _measure(label: str, root: Path, key: str) -> None:
    report, peak = command(root, key, "sync")
    left = sum(report["counts"].get(verb, 0) for verb in ("conflict", "problem"))
    counts = (report["counts"].get("update post", 0), left, sum(report["requests"].values()))
    say(f"sync in a fresh clone, {label}", f"{report['seconds']:.1f} s", f"{peak / 1024:.0f} MB")
    say("  posts sent, left open, requests", ", ".join(map(str, counts)))


if __name__ == "__main__":
    main()
