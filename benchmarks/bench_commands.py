"""Start-up, `status` on many unchanged files, and memory at 10,000 posts; needs no Ghost."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from world import folder, lexical, markdown, medians, say

from ghostsync.model import Kind
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve_in_thread


def filled(posts: int) -> tuple[SandboxGhost, ShiftedClock]:
    clock = ShiftedClock()
    ghost = SandboxGhost(clock=clock)
    for number in range(posts):
        ghost.create(
            Kind.POST, title=f"Post {number}", slug=f"post-{number}", lexical=lexical(markdown(number))
        )
    clock.advance(60)
    return ghost, clock


_WRAPPED = """
import sys
from ghostsync.cli.main import run
try:
    run()
finally:
    # Not getrusage: its peak begins with what this process held when it was forked.
    print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


def command(root: object, key: str, *arguments: str) -> tuple[dict[str, object], int]:
    """Run it in a process of its own; its JSON, and its peak memory in KiB."""
    env = {**os.environ, "GHOST_ADMIN_API_KEY": key}
    ghostsync = [sys.executable, "-c", _WRAPPED, "-C", str(root), *arguments, "--json"]
    ran = subprocess.run(ghostsync, env=env, capture_output=True, text=True, check=False)
    return json.loads(ran.stdout), int(ran.stderr.split()[-1])


def start_up() -> None:
    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    ours, typer = medians(15, lambda: run("-m", "ghostsync", "--version"), lambda: run("-c", "import typer"))
    say("`ghostsync --version` over `import typer`", f"{ours / typer:.2f} times", "at most 1.5")


def unchanged(posts: int) -> None:
    ghost, _ = filled(posts)
    with serve_in_thread(ghost) as url, folder(url) as root:
        command(root, ghost.admin_api_key, "sync")
        report, _ = command(root, ghost.admin_api_key, "status")
        say(
            f"`status` on {posts} unchanged files: requests",
            str(sum(report["requests"].values())),
            "at most 3",
        )
        say(
            f"`status` on {posts} unchanged files: one cycle",
            f"{report['seconds']:.2f} s",
            "under 0.5 s + requests",
        )


def memory(posts: int) -> None:
    ghost, _ = filled(posts)
    with serve_in_thread(ghost) as url, folder(url) as root:
        report, peak = command(root, ghost.admin_api_key, "sync")
        say(f"first pull of {posts} posts: peak memory", f"{peak / 1024:.0f} MB", "under 120 MB")
        say(f"first pull of {posts} posts", f"{posts / report['seconds']:.0f} posts/s")
        report, peak = command(root, ghost.admin_api_key, "sync")
        say(f"unchanged sync of {posts} posts: requests", str(sum(report["requests"].values())), "at most 3")


if __name__ == "__main__":
    start_up()
    unchanged(10)
    unchanged(2000)
    memory(10_000)
