"""File-system events as hints."""

import asyncio

import pytest
from watchfiles import Change

from ghostsync.config import FolderSection
from ghostsync.daemon.watcher import DocumentPaths, watch
from ghostsync.folder.layout import Layout

PLACES = Layout(FolderSection())


class Log:
    def __init__(self):
        self.events = []

    def debug(self, event, **fields): ...

    def info(self, event, **fields):
        self.events.append(event)

    def warning(self, event, **fields):
        self.events.append(event)

    def error(self, event, **fields):
        self.events.append(event)


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("posts/a.md", True),
        ("posts/2026/a.md", True),
        ("pages/about.md", True),
        ("posts/folder-moved-in", True),
        ("posts", True),
        ("", True),
        ("posts/.a.md.swp", False),
        ("posts/.ghostsync-tmp-1", False),
        ("posts/a.md~", False),
        ("posts/a.conflict.md", False),
        ("posts/photo.jpg", False),
        ("posts/node_modules/x/readme.md", False),
        ("posts/a.md.tmp", False),
        ("posts/.obsidian/workspace.json", False),
        (".ghostsync/state.db", False),
        (".git/index", False),
        ("notes/a.md", False),
    ],
)
def test_only_what_may_belong_to_a_document_counts(tmp_path, path, counts):
    paths = DocumentPaths(tmp_path, PLACES)
    assert paths(Change.modified, str(tmp_path / path)) is counts


def test_a_directory_counts_whatever_its_name(tmp_path):
    (tmp_path / "posts/vol.2").mkdir(parents=True)
    assert DocumentPaths(tmp_path, PLACES)(Change.added, str(tmp_path / "posts/vol.2"))


def test_the_configured_places_are_the_ones_that_count(tmp_path):
    paths = DocumentPaths(
        tmp_path, Layout(FolderSection(posts="content/blog/{slug}.md", pages="site/{slug}.md"))
    )
    assert paths(Change.added, str(tmp_path / "content/blog/a.md"))
    assert not paths(Change.added, str(tmp_path / "posts/a.md"))


def test_a_path_outside_the_folder_never_counts(tmp_path):
    assert not DocumentPaths(tmp_path / "site", PLACES)(Change.added, str(tmp_path / "posts/a.md"))


async def watched(tmp_path, rounds):
    """Run `watch` over scripted rounds of events; each round is a list of bursts or an OSError."""
    stop, hints, log, pauses = asyncio.Event(), [], Log(), []
    script = iter(rounds)

    async def events(root, paths, stop):
        step = next(script, None)
        if step is None:
            stop.set()
            return
        if isinstance(step, OSError):
            raise step
        for burst in step:
            yield burst

    async def pause(stop, seconds):
        pauses.append(seconds)

    await watch(tmp_path, PLACES, lambda: hints.append(1), log, stop, events=events, pause=pause)
    return len(hints), log.events, len(pauses)


async def test_each_burst_is_one_hint(tmp_path):
    hints, _, _ = await watched(tmp_path, [[{1, 2, 3}, {4}]])
    assert hints == 2 + 1  # and one on watching again after the watcher ended by itself


async def test_a_watcher_that_fails_is_told_once_and_started_again(tmp_path):
    hints, events, pauses = await watched(
        tmp_path, [OSError("no watches left"), OSError("no watches left"), [{1}]]
    )
    assert events[:2] == ["not watching", "watching again"]
    assert pauses == 3
    assert hints >= 1


async def test_while_the_folder_is_gone_it_is_not_said_to_be_watched(tmp_path):
    gone = tmp_path / "gone"
    _, events, _ = await watched(
        gone, [FileNotFoundError(2, "No such file"), FileNotFoundError(2, "No such file")]
    )
    assert events == ["not watching"]


async def test_real_changes_arrive_and_the_stop_ends_it(tmp_path):
    posts = tmp_path / "posts"
    posts.mkdir()
    stop, arrived, log = asyncio.Event(), asyncio.Event(), Log()
    watching = asyncio.create_task(watch(tmp_path, PLACES, arrived.set, log, stop))
    number = 0
    # The watcher gives no sign of being ready: write until one write is seen.
    while not arrived.is_set():
        number += 1
        (posts / f"{number}.md").write_text("x")
        try:
            async with asyncio.timeout(0.2):
                await arrived.wait()
        except TimeoutError:
            assert number < 300, "no event in a minute"
    stop.set()
    await watching
    assert log.events == []
