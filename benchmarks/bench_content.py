"""Markdown and Lexical there and back, against the bare parse of the same text; needs no Ghost, and looks at the
converters of one that the tests have installed.

    python benchmarks/bench_content.py [FOLDER]

FOLDER: Markdown files of any blog, to see its posts' ratios instead.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from world import say

from ghostsync.content.lexical import same
from ghostsync.content.markdown import read_markdown, write_markdown
from ghostsync.content.markdown.parser import events, render
from ghostsync.content.source import split

VERSION = "6.65.0"

PART = """\
## What we learned from bees

The first swarm came on a warm day in May, an hour before noon, and hung in the old pear tree
like a beard. We had read that one should wait, *and so we did*, with a [book about bees](https://example.com/bees)
on our knees. By four it had gone, over the hedge and the railway.

> It is not the bees that sting, but the hurry.

What you need, before you begin:

- a **hive**, two are better,
- a smoker and a `bee.suit`,
- somebody who has done it before:
  1. ask in the village,
  2. ask again.

![The hive](/content/images/hive.jpg "In May")

```python
def swarm(day):
    return day.warm and day.month == "May"
```

Nobody has seen it since --- *nobody*, that is, who would **tell** us about it. We planted lime trees, and clover in
the meadow, and waited; it's a long wait, from one May to the next.

"""


TABLE = """\
| Month | Honey |
|-------|------:|
| June  |  4 kg |
| July  | 11 kg |

"""


def seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor's time: what else the machine does is not counted."""
    start = time.process_time()
    work()
    return time.process_time() - start


def medians(times: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each, taken in turns."""
    taken = [[seconds(work) for work in works] for _ in range(times)]
    return [statistics.median(each) for each in zip(*taken, strict=True)]


def grows(size: int) -> str:
    """A text of about this many characters, no two parts of it alike; every fourth has a table, which becomes a card."""
    count = max(1, round(size / (len(PART) + len(TABLE) / 4)))
    return "".join(
        PART.replace("May", f"May {number}") + TABLE * (number % 4 == 1) for number in range(count)
    )


def measured(text: str, times: int) -> tuple[float, float, float]:
    """Seconds for the bare parse, for Markdown to Lexical, and for Lexical to Markdown with its check."""
    document = read_markdown(text)
    assert same(read_markdown(write_markdown(document)), document)
    bare, read, write = medians(
        times,
        lambda: deque(events(text), maxlen=0),
        lambda: read_markdown(text),
        lambda: write_markdown(document),
    )
    return bare, read, write


def ratios(name: str, size: int, times: int) -> None:
    bare, read, write = measured(grows(size), times)
    say(f"a post of {name}: bare parse", f"{bare * 1e3:.2f} ms")
    say(
        f"a post of {name}: Markdown to Lexical",
        f"{read * 1e3:.2f} ms, {read / bare:.1f} times",
        "at most 5 times",
    )
    say(
        f"a post of {name}: Lexical to Markdown, read back",
        f"{write * 1e3:.2f} ms, {write / bare:.1f} times",
        "at most 15 times",
    )


def of_a_blog(folder: Path) -> None:
    """The posts of a folder, each by itself."""
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in (".md", ".markdown"))
    texts = [split(path.read_bytes()).body for path in paths]
    figures = [measured(text, 5) for text in texts if text.strip()]
    for name, place in (("Markdown to Lexical", 1), ("Lexical to Markdown, read back", 2)):
        times = sorted(figure[place] / figure[0] for figure in figures)
        say(
            f"{len(times)} posts: {name}",
            f"{statistics.median(times):.1f} times, 90 % under {times[len(times) * 9 // 10]:.1f}",
        )


def against_ghosts_own(text: str, times: int = 50) -> None:
    """The converters of an installed Ghost on the same text: from HTML to Lexical and back, the only ways it has."""
    from realghost import Cache, recipe
    from realghost.tools import node

    cache = Cache()
    home = cache.path("ghosts", VERSION)
    if not home.exists():
        say(f"Ghost's own converters: no Ghost {VERSION} in {cache.path('ghosts').name}/", "not measured")
        return
    document = read_markdown(text)
    ran = subprocess.run(
        [node(cache, recipe(VERSION).node) / "bin/node", Path(__file__).parent / "ghost_converters.js", home],
        input=json.dumps({"html": render(text), "lexical": json.dumps(document)}),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(ran.stdout)
    read, write = medians(times, lambda: read_markdown(text), lambda: write_markdown(document))
    for name, ours, ghosts in (
        ("Markdown to Lexical over Ghost's HTML to Lexical", read, theirs["toLexical"]),
        ("Lexical to Markdown over Ghost's Lexical to HTML", write, theirs["toHtml"]),
    ):
        say(name, f"{ghosts:.1f} ms, {ghosts / 1e3 / ours:.0f} times", "at least 5 times as fast")


def growth() -> None:
    """Whether five times the text takes five times as long."""
    one, five = grows(1_000_000), grows(5_000_000)
    documents = read_markdown(one), read_markdown(five)
    for name, work, small, large in (
        ("Markdown to Lexical", read_markdown, one, five),
        ("Lexical to Markdown", write_markdown, *documents),
    ):
        first, second = medians(3, partial(work, small), partial(work, large))
        say(f"{name}: 5 MB over 1 MB", f"{second:.2f} s, {second / first:.1f} times", "about 5 times")


def hostile(size: int = 1_000_000) -> None:
    """A megabyte of each kind of input made to hurt."""
    from hostile import LEXICAL, MARKDOWN

    slowest: list[tuple[float, str]] = []
    for name, text in MARKDOWN.items():
        given = text(size)
        start = time.process_time()
        document = read_markdown(given)
        slowest.append((time.process_time() - start, f"to Lexical: {name}"))
        slowest.append((seconds(partial(write_markdown, document)), f"and back: {name}"))
    for name, make in LEXICAL.items():
        slowest.append((seconds(partial(write_markdown, make(size))), f"to Markdown: {name}"))
    for taken, name in sorted(slowest, reverse=True)[:5]:
        say(f"hostile megabyte {name}", f"{taken:.2f} s", "under 5 s")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        of_a_blog(Path(sys.argv[1]))
        sys.exit()
    for name, size, times in (
        ("1 KB", 1_000, 300),
        ("8 KB", 8_000, 100),
        ("100 KB", 100_000, 15),
        ("1 MB", 1_000_000, 5),
    ):
        ratios(name, size, times)
    against_ghosts_own(grows(8_000))
    growth()
    hostile()
