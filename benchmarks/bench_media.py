"""Uploads on a real Ghost: many small pictures over a plain loop of the same requests, and the memory that one large film takes.

python benchmarks/bench_media.py [pairs] [megabytes]
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from world import folder, lexical, real_ghost, say, seconds

PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
MEGABYTES = int(sys.argv[2]) if len(sys.argv) > 2 else 500
POSTS, EACH, SIDE = 20, 10, 316  # 316 x 316 grey dots of noise are 100 kB
FILM = Path(__file__).parent.parent / "sample_site/media/film/truing a wheel.mp4"

_SYNC = """
import sys
from ghostsync.cli.main import run
sys.argv = ["ghostsync", "-C", sys.argv[1], "-q", "sync"]
try:
    run()
finally:
    with open("/proc/self/status") as status:
        print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


def noise() -> bytes:
    """A picture that no compression makes smaller."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    dots = b"".join(b"\0" + random.randbytes(SIDE) for _ in range(SIDE))
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(dots, 1)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def sync(root: Path, key: str) -> float:
    """`ghostsync sync` in a process of its own; its peak memory in MB."""
    ran = subprocess.run(
        [sys.executable, "-c", _SYNC, str(root)],
        env=os.environ | {"GHOST_ADMIN_API_KEY": key},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(ran.stdout.split()[-1]) * 1024 / 1e6  # what /proc calls kB is KiB


def fill(root: Path, name: str) -> None:
    (root / "media").mkdir()
    for post in range(POSTS):
        shown = []
        for number in range(EACH):
            picture = f"{name}_{post}_{number}.png"
            (root / "media" / picture).write_bytes(noise())
            shown.append(f"![](../media/{picture})\n\nWords.\n")
        text = f"---\ntitle: {name} {post}\n---\n\n" + "\n".join(shown)
        (root / "posts" / f"{name}-{post}.md").write_text(text, encoding="utf-8")


def plain(ghost: object, root: Path) -> list[str]:
    """One upload after the other over one connection, and nothing else. Returns their addresses."""
    addresses = []
    for file in sorted((root / "media").iterdir()):
        picture = (f"plain_{file.name}", file.read_bytes(), "image/png")
        answer = ghost.raw("POST", "images/upload/", files={"file": picture})
        assert answer.status_code == 201, answer.text
        addresses.append(answer.json()["images"][0]["url"])
    return addresses


def plain_posts(ghost: object, addresses: list[str]) -> None:
    """The posts that show them, one after the other."""
    for number in range(POSTS):
        shown = addresses[number * EACH : (number + 1) * EACH]
        text = "\n".join(f"![]({address})<!--width={SIDE} height={SIDE}-->\n\nWords.\n" for address in shown)
        ghost.add("posts", title=f"Plain {number}", lexical=lexical(text))


def many(ghost: object) -> None:
    loops, withs, syncs, idles = [], [], [], []
    for pair in range(PAIRS + 1):
        with folder(ghost.url) as root:
            fill(root, f"pair_{pair}")
            addresses: list[str] = []
            loop = seconds(lambda root=root, found=addresses: found.extend(plain(ghost, root)))
            both = loop + seconds(lambda found=addresses: plain_posts(ghost, found))
            ghost.wipe()
            ours = seconds(lambda root=root: sync(root, ghost.key))
            posts = ghost.api("GET", "posts/?limit=100&formats=lexical")["posts"]
            assert sum(post["lexical"].count("/content/images/") for post in posts) == POSTS * EACH
            idle = seconds(lambda root=root: sync(root, ghost.key))
        ghost.wipe()
        print(
            f"  pair {pair}: loop {loop:.2f} s, with posts {both:.2f} s, sync {ours:.2f} s, again {idle:.2f} s",
            flush=True,
        )
        if pair:  # the first pair warms Ghost up
            for into, taken in zip((loops, withs, syncs, idles), (loop, both, ours, idle), strict=True):
                into.append(taken)
    files = POSTS * EACH
    loop, both, ours, idle = (statistics.median(taken) for taken in (loops, withs, syncs, idles))
    say(f"{files} pictures of 100 kB, a plain loop of uploads", f"{files / loop:.1f} uploads/s")
    say(f"the same and {POSTS} posts that show them, a plain loop", f"{files / both:.1f} uploads/s")
    say("the same, one ghostsync sync", f"{files / ours:.1f} uploads/s")
    say("its rate over the loop of uploads", f"{loop / ours:.2f}")
    say("its rate over the loop of uploads and posts", f"{both / ours:.2f}")
    say("a sync right after, the start of the process included", f"{idle:.2f} s")


def large(ghost: object) -> None:
    with folder(ghost.url) as root:
        film = root / "posts/film.mp4"
        shutil.copy(FILM, film)
        os.truncate(film, MEGABYTES * 1_000_000)
        (root / "posts/film.md").write_text("---\ntitle: Film\n---\n\n![[film.mp4]]\n", encoding="utf-8")
        memory = 0.0

        def send() -> None:
            nonlocal memory
            memory = sync(root, ghost.key)

        taken = seconds(send)
        [post] = ghost.api("GET", "posts/?formats=lexical")["posts"]
        assert "/content/media/" in post["lexical"]
        say(f"a film of {MEGABYTES} MB: peak memory", f"{memory:.1f} MB", "under 60 MB")
        say("the same: time", f"{taken:.1f} s")
        (root / "posts/film.md").unlink()
        film.unlink()
    with folder(ghost.url) as root:
        ghost.wipe()
        say("a sync of nothing: peak memory", f"{sync(root, ghost.key):.1f} MB")


if __name__ == "__main__":
    os.environ.pop("GHOST_URL", None)
    with real_ghost() as running:
        large(running)
        many(running)
