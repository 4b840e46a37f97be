"""What the daemon costs: idle CPU and memory with 10,000 documents, and flatness over 50,000 events. Needs no Ghost.

python benchmarks/bench_footprint.py [idle minutes] [events]
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path
from statistics import median

from daemon import daemon
from world import folder, lexical, markdown, say

from ghostsync.model import Kind
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve_in_thread

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
EVENTS = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
DOCUMENTS = 10_000


def filled(posts: int) -> SandboxGhost:
    clock = ShiftedClock()
    ghost = SandboxGhost(clock=clock)
    for number in range(posts):
        ghost.create(
            Kind.POST, title=f"Post {number}", slug=f"post-{number}", lexical=lexical(markdown(number))
        )
    clock.advance(60)
    return ghost


def idle(minutes: float) -> None:
    ghost = filled(DOCUMENTS)
    with serve_in_thread(ghost) as url, folder(url) as root:
        with daemon(root, ghost.admin_api_key) as running:
            running.ready(1800)
            running.ready(
                after=running.looks()
            )  # what a first pull needs for a moment only is given back by then
            say(f"after a first pull of {DOCUMENTS}: memory", f"{running.memory():.0f} MB")
        with daemon(root, ghost.admin_api_key) as running:
            running.ready(1800, polls=1)  # the first rescan and poll learn how things look
            say(
                f"{DOCUMENTS} documents, after a restart: memory",
                f"{running.memory():.0f} MB",
                "under 100 MB",
            )
            requests, cpu, start = len(ghost.requests), running.cpu(), time.monotonic()
            time.sleep(minutes * 60)  # what is measured is the time in which nothing happens
            hours = (time.monotonic() - start) / 3600
            used = running.cpu() - cpu
            say(f"{DOCUMENTS} files, idle {minutes:g} min: CPU", f"{used / hours:.2f} s/h", "under 1 s/h")
            polls = (len(ghost.requests) - requests) / hours
            say("the same: requests", f"{polls:.0f} /h", "2 a poll, and 1 each 5 to 35 min")


def soak(events: int) -> None:
    """Files that are saved, made, renamed and deleted, in bursts; what the daemon holds must not grow with them."""
    ghost = filled(200)
    settings = '[sync]\ninterval = "10s"\nsettle = 0\n[safety]\nmax_deletes = "100%"\n'
    with (
        serve_in_thread(ghost) as url,
        folder(url, settings) as root,
        daemon(root, ghost.admin_api_key) as running,
    ):
        running.ready()
        done, seen = 0, []
        while done < events:
            before = running.looks()
            done += burst(root, 100)
            running.ready(after=before)
            if done % max(1, events // 10) < 100:
                seen.append((done, running.memory(), running.descriptors(), running.database()))
                print(
                    "  {:>6} events: {:.1f} MB, {} descriptors, database {:.1f} MB".format(*seen[-1]),
                    flush=True,
                )
        third = max(1, len(seen) // 3)
        middle, last = seen[third : 2 * third] or seen, seen[-third:]
        for what, column, unit in (("memory", 1, " MB"), ("descriptors", 2, "")):
            grown = median(sample[column] for sample in last) - median(sample[column] for sample in middle)
            say(
                f"{done} events: growth of {what}, last third over middle third",
                f"{grown:+.1f}{unit}",
                "none",
            )
        say("the same: database", f"{seen[-1][3]:.0f} MB", "history and its bounds")


def burst(root: Path, number: int) -> int:
    """So many changes: mostly saves; files are also made, renamed and removed, about as many as are made."""
    posts = root / "posts"
    files = sorted(posts.glob("*.md"))
    for _ in range(number):
        what = random.choices(("save", "rename", "make", "remove"), weights=(7, 1, 1, 1))[0]
        file = random.choice(files)
        name = f"made-{random.getrandbits(64):x}"
        match what:
            case "save":
                text = file.read_text(encoding="utf-8").partition("\nSaved ")[0]
                file.write_text(f"{text}\nSaved {random.random()}.\n", encoding="utf-8")
            case "rename":
                files[files.index(file)] = file.rename(posts / f"{name}.md")
            case "make":
                made = posts / f"{name}.md"
                made.write_text(f"---\ntitle: {name}\n---\n\n{markdown(0)}", encoding="utf-8")
                files.append(made)
            case "remove":
                file.unlink()
                files.remove(file)
    return number


if __name__ == "__main__":
    os.environ.pop("GHOST_URL", None)
    if MINUTES:
        idle(MINUTES)
    if EVENTS:
        soak(EVENTS)
