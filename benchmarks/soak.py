"""Half an hour of bad weather on a real Ghost: random edits on both sides, while Ghost is restarted, the network cut and the
daemon killed, five times each. In the end both sides must be in step, with every edit in both. Draws docs/soak.svg.

    python benchmarks/soak.py [minutes] [times of each] [picture] [only this kind]
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from daemon import Daemon, Wire
from picture import picture
from world import folder, lexical, real_ghost, say

from realghost.cache import RealGhostError  # isort: skip - world says where it is

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
TIMES = int(sys.argv[2]) if len(sys.argv) > 2 else 5
PICTURE = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).parent.parent / "docs" / "soak.svg"
ONLY = sys.argv[4] if len(sys.argv) > 4 else ""
POSTS = 40
TEXT = "## Here\n\nWhat is written in the folder.\n\n## There\n\nWhat is written in Ghost.\n"


@dataclass
class Story:
    """What happened: marks that were made on each side, what was measured, and when what was disturbed."""

    start: float
    marks: dict[str, set[str]] = field(default_factory=dict)
    samples: list[tuple[float, float, int, float]] = field(default_factory=list)
    processes: list[int] = field(default_factory=list)  # of which process each sample is
    events: list[tuple[float, str]] = field(default_factory=list)
    edits: dict[str, int] = field(default_factory=lambda: {"folder": 0, "Ghost": 0})

    def at(self) -> float:
        return time.monotonic() - self.start

    def longest(self) -> tuple[tuple[float, float, int, float], tuple[float, float, int, float]]:
        """Of the process that was measured longest the sample at the end of its first third, and the last one."""
        pid = Counter(self.processes).most_common(1)[0][0]
        own = [sample for sample, of in zip(self.samples, self.processes, strict=True) if of == pid]
        return own[len(own) // 3], own[-1]

    def mark(self, slug: str, side: str) -> str:
        self.edits[side] += 1
        mark = f"Mark {sum(self.edits.values())} of {side}."
        self.marks.setdefault(slug, set()).add(mark)
        return mark


def edit_file(root: Path, story: Story) -> None:
    """As an editor that looks whether the file changed before it writes."""
    slug = f"post-{random.randrange(POSTS)}"
    file = root / "posts" / f"{slug}.md"
    mark = story.mark(slug, "folder")
    while True:
        text = file.read_text(encoding="utf-8")
        new = text.replace("## Here\n", f"## Here\n\n{mark}\n", 1)
        assert new != text, text
        draft = file.with_suffix(".tmp")
        draft.write_text(new, encoding="utf-8")
        if file.read_text(encoding="utf-8") == text:
            draft.replace(file)
            return


def edit_in_ghost(ghost: object, story: Story) -> None:
    """As Ghost's editor; while Ghost is away nobody edits there."""
    slug = f"post-{random.randrange(POSTS)}"
    for _ in range(10):
        try:
            post = ghost.api("GET", f"posts/slug/{slug}/?formats=lexical")["posts"][0]
            tree = json.loads(post["lexical"])
            blocks = tree["root"]["children"]
            place = next(
                number
                for number, block in enumerate(blocks)
                if "There" in json.dumps(block.get("children", ""))
            )
            mark = f"Mark {sum(story.edits.values()) + 1} of Ghost."
            blocks.insert(place + 1, json.loads(lexical(mark))["root"]["children"][0])
            body = {"posts": [{"lexical": json.dumps(tree), "updated_at": post["updated_at"]}]}
            answer = ghost.raw("PUT", f"posts/{post['id']}/", body)
        except (httpx.TransportError, RealGhostError):
            return
        if answer.is_success:
            assert story.mark(slug, "Ghost") == mark
            return


def disturb(kind: str, ghost: object, wire: Wire, running: Daemon, story: Story) -> None:
    story.events.append((story.at(), kind))
    print(f"  {story.at():6.0f} s  {kind}", flush=True)
    match kind:
        case "Ghost restarted":
            ghost.stop()
            time.sleep(random.uniform(1, 10))  # how long it is away
            ghost.start()
        case "network cut":
            wire.sever()
            time.sleep(random.uniform(5, 20))  # long enough to be noticed and to fail a retry
            wire.mend()
        case "daemon killed":
            running.stop(signal.SIGKILL)
            time.sleep(random.uniform(0, 5))  # until somebody, or systemd, starts it again
            running.start()


def live(minutes: float, ghost: object, wire: Wire, running: Daemon, root: Path, story: Story) -> None:
    end = minutes * 60
    kinds = [kind for kind in ("Ghost restarted", "network cut", "daemon killed") if ONLY in kind]
    plan = [kind for kind in kinds for _ in range(TIMES)]
    random.shuffle(plan)
    due = [(number + 0.5) * end / len(plan) for number in range(len(plan))]
    measured = -10.0
    while story.at() < end:
        random.choice([lambda: edit_file(root, story), lambda: edit_in_ghost(ghost, story)])()
        if plan and story.at() >= due[0]:
            due.pop(0)
            disturb(plan.pop(), ghost, wire, running, story)
        if story.at() - measured >= 5:
            measured = story.at()
            story.samples.append((measured, running.memory(), running.descriptors(), running.database()))
            story.processes.append(running.pid)
        time.sleep(random.expovariate(1 / 1.5))  # people's pace: an edit each 1.5 s


def lost(ghost: object, root: Path, story: Story) -> list[str]:
    """Marks that one side lacks or has twice."""
    found = []
    for slug, marks in sorted(story.marks.items()):
        text = (root / "posts" / f"{slug}.md").read_text(encoding="utf-8")
        stored = ghost.api("GET", f"posts/slug/{slug}/?formats=lexical")["posts"][0]["lexical"]
        for mark in sorted(marks):
            times = text.count(mark), stored.count(mark)
            if times != (1, 1):
                found.append(f"{slug}: {mark} {times[0]} times in the folder, {times[1]} times in Ghost")
    return found


def main() -> int:
    with real_ghost() as ghost:
        wire = Wire(ghost.port)
        settings = '[sync]\ninterval = "10s"\nsettle = 0\n[http]\ntimeout = "10s"\n'
        with folder(wire.url, settings) as root:
            for number in range(POSTS):
                file = root / "posts" / f"post-{number}.md"
                file.write_text(f"---\ntitle: Post {number}\n---\n\n{TEXT}", encoding="utf-8")
            running = Daemon(root, ghost.key, root.parent / f"{root.name}.log")
            running.start()
            try:
                running.ready()
                story = Story(time.monotonic())
                live(MINUTES, ghost, wire, running, root, story)
                running.ready(after=running.looks())  # what came last may not have been noticed yet
                told = running.ready(after=running.looks())  # one more look, that must find nothing
                missing = lost(ghost, root, story)
                if missing:
                    kept = root.with_name(f"{root.name}-kept")
                    shutil.copytree(root, kept)
                    print(f"  kept: {kept}")
                conflicts = sorted((root / "posts").glob("*.conflict.md"))
                posts = ghost.api("GET", "posts/?limit=1")["meta"]["pagination"]["total"]
            finally:
                running.stop()
                print(f"  the log: {running.log}")
        wire.close()
    early, last = story.longest()
    say(
        f"soak of {MINUTES:g} min: edits",
        f"{story.edits['folder']} + {story.edits['Ghost']}",
        "folder + Ghost",
    )
    say("disturbances", str(len(story.events)), f"{TIMES} of each kind")
    say("edits lost or doubled", str(len(missing)), "none")
    say("conflicts", str(len(conflicts)), "none: the edits were in different places")
    say("posts", f"{posts} of {POSTS}", "no duplicate")
    say("state in the end", str(told["state"]), "in step")
    say("the process that lived longest, last two thirds", f"{last[0] - early[0]:.0f} s", "one process")
    say("its memory", f"{early[1]:.1f} -> {last[1]:.1f} MB", "flat")
    say("its descriptors", f"{early[2]} -> {last[2]}", "flat")
    print("\n".join(f"  LOST {line}" for line in missing))
    picture(story.samples, story.events, PICTURE)
    return 1 if missing or conflicts or posts != POSTS else 0


if __name__ == "__main__":
    os.environ.pop("GHOST_URL", None)
    sys.exit(main())
