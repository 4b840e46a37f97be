"""File-system events as hints: which paths count, and what becomes of a watcher that fails or goes silent."""

import asyncio

import pytest

from ghostsync.config import FolderSection
from ghostsync.daemon.watcher import RETRY_SECONDS, DocumentPaths, Watcher
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
    assert DocumentPaths(tmp_path, PLACES)(path) is counts


def test_a_directory_counts_whatever_its_name(tmp_path):
    (tmp_path / "posts/vol.2").mkdir(parents=True)
    assert DocumentPaths(tmp_path, PLACES)("posts/vol.2")


def test_the_configured_places_are_the_ones_that_count(tmp_path):
    paths = DocumentPaths(
        tmp_path, Layout(FolderSection(posts="content/blog/{slug}.md", pages="site/{slug}.md"))
    )
    assert paths("content/blog/a.md")
    assert not paths("posts/a.md")


class Watched:
    """A watcher over scripted rounds of events; each round is a list of bursts or an OSError, and the last stops it.
    Without rounds it is stopped by the last of the looks at the folder, after which nothing changes. No time passes but
    that of its rests.
    """

    def __init__(self, root, rounds=(), looks=(), **more):
        self.hints, self.log, self.stop, self.pauses = [], Log(), asyncio.Event(), []
        self._rounds = list(rounds)
        self._looks = list(looks) or [0]
        self._forever = not rounds
        self._now = 0.0
        self.watcher = Watcher(
            root,
            PLACES,
            self.hints.append,
            self.log,
            self.stop,
            events=self._events,
            look=self._look,
            rest=self._rest,
            **{"system": lambda _: "ext4", "monotonic": lambda: self._now, **more},
        )

    async def _events(self, root, layout, stop, touched):
        step = self._rounds.pop(0) if self._rounds else []
        if isinstance(step, OSError):
            raise step
        for burst in step:
            yield burst
        if not self._rounds:
            self.stop.set()

    def _look(self, root, layout):
        if len(self._looks) > 1:
            return self._looks.pop(0)
        if self._forever:
            self.stop.set()
        return self._looks[0]

    async def _rest(self, stop, seconds):
        self.pauses.append(seconds)
        self._now += seconds

    async def run(self):
        async with asyncio.timeout(30):
            await self.watcher.run()
        return self


BURST = frozenset({"posts/a.md"})


async def test_each_burst_is_one_hint_that_names_the_documents(tmp_path):
    both = frozenset({"posts/a.md", "posts/b.md", "posts/.b.md.swp"})
    watched = await Watched(tmp_path, [[both, BURST]]).run()
    assert watched.hints == [frozenset({"posts/a.md", "posts/b.md"}), BURST]


async def test_a_burst_without_documents_is_no_hint(tmp_path):
    watched = await Watched(tmp_path, [[frozenset({"posts/.a.md.swp"}), BURST]]).run()
    assert watched.hints == [BURST]


async def test_lost_events_are_a_hint_that_names_nothing(tmp_path):
    watched = await Watched(tmp_path, [[None]]).run()
    assert watched.hints == [None]


async def test_a_watcher_that_fails_is_told_once_and_the_folder_is_looked_at_until_it_works_again(tmp_path):
    refusal = OSError("no watches left")
    watched = await Watched(tmp_path, [refusal, refusal, [BURST]], looks=[1, 1, 2, 2]).run()
    assert watched.log.events == ["not watching", "watching again"]
    # The third look saw a change; what may have changed between the last one and the first event; the event.
    assert watched.hints == [None, None, BURST]
    assert sum(watched.pauses) == pytest.approx(2 * RETRY_SECONDS, abs=0.1)


async def test_a_folder_that_looks_the_same_is_no_hint_however_often_it_is_looked_at(tmp_path):
    watched = await Watched(tmp_path, [OSError("no watches left"), [BURST]], looks=[1]).run()
    assert len(watched.pauses) > 10
    assert watched.hints == [None, BURST]


@pytest.mark.parametrize("system", ["nfs4", "cifs", "9p", "fuse.sshfs", "vboxsf"])
async def test_a_file_system_without_events_is_looked_at_instead(tmp_path, system):
    watched = await Watched(tmp_path, [], looks=[1, 2, 2, 3], system=lambda _: system).run()
    assert watched.hints == [None, None]
    assert watched.log.events == ["polling"]
    assert watched.watcher.state == "polling"


async def test_polling_can_be_asked_for(tmp_path):
    watched = await Watched(tmp_path, [], looks=[1, 1, 2], mode="poll").run()
    assert watched.watcher.state == "polling"
    assert watched.hints == [None]
    assert watched.log.events == []


async def test_without_being_asked_a_folder_with_events_is_not_looked_at(tmp_path):
    watched = await Watched(tmp_path, [[BURST]], looks=[1, 2, 3]).run()
    assert (watched.watcher.state, watched.hints, watched.pauses) == ("events", [BURST], [])


async def test_a_look_that_takes_long_is_taken_more_rarely(tmp_path):
    times = iter(range(0, 1000, 2))
    watched = await Watched(tmp_path, [], looks=[1], mode="poll", monotonic=lambda: next(times)).run()
    assert watched.pauses[0] == pytest.approx(100.0)  # 50 times the 2 s that it took


async def test_a_watcher_that_has_gone_silent_is_started_again(tmp_path):
    """Nobody hears the touch of a directory that is watched."""
    (tmp_path / "posts").mkdir()
    rounds = []

    class Deaf:
        heard = 0

    async def events(root, layout, stop, touched):
        rounds.append(1)
        touched(Deaf())
        await stop.wait()
        yield frozenset()

    restarts = []
    watched = Watched(tmp_path, restarted=lambda: restarts.append(1))
    watched.watcher._events = events
    running = asyncio.create_task(watched.watcher.run())
    async with asyncio.timeout(30):
        while watched.watcher.state != "events":
            await asyncio.sleep(0)
        before = (tmp_path / "posts").stat().st_mtime_ns
        await watched.watcher.test()
        while len(rounds) < 2:
            await asyncio.sleep(0)
        watched.stop.set()
        await running
    assert watched.log.events == ["watching anew"]
    assert restarts == [1]
    assert watched.hints == [None]  # whatever was missed
    assert (tmp_path / "posts").stat().st_mtime_ns == before
