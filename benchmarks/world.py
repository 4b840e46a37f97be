"""What the benchmarks share: a real Ghost to measure against, a folder, and a table to print."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

PARAGRAPH = (
    "The first swarm came on a warm day in May, an hour before noon, and hung in the old pear tree like a beard. "
    "We had read that one should wait, *and so we did*, with a [book about bees](https://example.com/bees) on our "
    "knees. By four it had gone, over the hedge and the railway, and nobody has seen it since. "
)


def markdown(number: int) -> str:
    """About 2 KB of prose, as a typical post has."""
    paragraphs = "\n\n".join(f"{PARAGRAPH}Number {number}, {part}." for part in range(5))
    return f"## Part {number}\n\n{paragraphs}\n\n- one\n- two\n\n> Quoted.\n"


@contextmanager
def real_ghost(version: str = "6.65.0") -> Iterator[object]:
    from realghost.server import launch

    with tempfile.TemporaryDirectory() as folder, launch(version, Path(folder)) as ghost:
        yield ghost


@contextmanager
def folder(url: str, settings: str = "") -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "ghostsync.toml").write_text(f'[site]\nurl = "{url}"\n{settings}', encoding="utf-8")
        (root / "posts").mkdir()
        yield root


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(times: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each, taken in turns so that a noisy moment hits all of them."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for into, work in zip(taken, works, strict=True):
            into.append(seconds(work))
    return [statistics.median(each) for each in taken]


def say(what: str, figure: str, budget: str = "") -> None:
    print(f"{what:<58} {figure:>16}   {budget}")


def lexical(text: str) -> str:
    from ghostsync.content.markdown import read_markdown

    return json.dumps(read_markdown(text))
