"""From a save to the request on its way to Ghost, and from an edit in Ghost to the file: 200 of each, on a real Ghost.

A draft is saved; the clock stops when the PUT leaves for Ghost, so that debounce, scan and plan are in it and Ghost's own
work is not. The other way a webhook tells; the clock stops when the file holds the words.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from daemon import Daemon, Wire, daemon, free_port, quantiles
from world import folder, lexical, markdown, real_ghost, say

SAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 200


def wait(done: object, patience: float = 30.0) -> None:
    end = time.monotonic() + patience
    while not done():
        assert time.monotonic() < end, "it did not arrive"
        time.sleep(0.001)  # the resolution of what is measured


def saves(running: Daemon, wire: Wire, root: Path) -> list[float]:
    taken = []
    for file in random.sample(sorted((root / "posts").iterdir()), SAMPLES):
        running.ready()
        time.sleep(random.uniform(0.1, 0.5))  # people save at any moment, not in step with the daemon
        wire.writes.clear()
        text = file.read_text(encoding="utf-8").replace("prose", "words")
        start = time.monotonic()
        file.write_text(text + f"\nSaved at {start}.\n", encoding="utf-8")
        wait(lambda: wire.writes)
        taken.append(wire.writes[0] - start)
    return taken


def edits(running: Daemon, ghost: object, root: Path) -> tuple[list[float], list[float]]:
    """From the beginning of the editor's request, and from Ghost's answer to it."""
    asked, answered = [], []
    posts = ghost.api("GET", "posts/?limit=100&fields=id,slug")["posts"]
    posts += ghost.api("GET", "posts/?limit=100&page=2&fields=id,slug")["posts"]
    for number, post in enumerate(random.sample(posts, SAMPLES)):
        running.ready()
        time.sleep(random.uniform(0.1, 0.5))  # people save at any moment, not in step with the daemon
        words = f"Edited in Ghost, number {number}."
        file = root / "posts" / f"{post['slug']}.md"
        start = time.monotonic()
        ghost.edit("posts", post["id"], lexical=lexical(f"{words}\n\n{markdown(number)}"))
        middle = time.monotonic()
        wait(lambda words=words, file=file: words in file.read_text(encoding="utf-8"))
        asked.append(time.monotonic() - start)
        answered.append(time.monotonic() - middle)
    return asked, answered


def main() -> None:
    with real_ghost() as ghost:
        wire = Wire(ghost.port)
        port = free_port()
        settings = (
            f'[sync]\nsettle = 0\n[webhook]\nlisten = "127.0.0.1:{port}"\nurl = "http://127.0.0.1:{port}"\n'
        )
        with folder(wire.url, settings) as root:
            for number in range(SAMPLES):
                (root / "posts" / f"post-{number}.md").write_text(
                    f"---\ntitle: Post {number}\n---\n\n{markdown(number)}", encoding="utf-8"
                )
            with daemon(root, ghost.key) as running:
                running.ready()
                taken = saves(running, wire, root)
                say(f"save to request, {len(taken)} drafts", quantiles(taken), "95 % under 200 ms")
                os.environ["GHOST_ADMIN_API_KEY"] = ghost.key
                import subprocess

                subprocess.run(
                    [sys.executable, "-m", "ghostsync", "-C", str(root), "webhook", "install"],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                running.ready(after=running.looks())  # the look that follows what was saved last
                asked, answered = edits(running, ghost, root)
                say(f"edit in Ghost to file, {len(asked)} posts", quantiles(asked), "under 1 s")
                say("the same, from Ghost's answer on", quantiles(answered))
        wire.close()


if __name__ == "__main__":
    os.environ.pop("GHOST_URL", None)
    main()
