"""The gate before a cycle: when it may be spared, and when never. On a real state database and a scripted Ghost."""

import os
from dataclasses import replace

import pytest

from ghostsync.config import Config
from ghostsync.daemon.idle import RESCAN_EVERY, SETTLING, WHOLE_EVERY, IdleGate
from ghostsync.daemon.inbox import Hook, Inbox, Wake
from ghostsync.model import Kind, RemotePost
from ghostsync.state import open_state
from ghostsync.sync.left_choices import leave_choice
from ghostsync.sync.model import (
    Action,
    CycleReport,
    Direction,
    Halt,
    KnownDocument,
    Outcome,
    Probe,
    Stat,
    Use,
    Verb,
)
from ghostsync.sync.observe import looked_until, remember, seconds_of

OLD, NEW = "2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z"
ID = "a" * 24


def post(updated_at=OLD, id=ID, *, age=60, title="A"):
    data = {"id": id, "slug": "a", "title": title, "updated_at": updated_at}
    return RemotePost(id, Kind.POST, updated_at, data, seconds_of(updated_at) + age)


def report(*outcomes, **more):
    return CycleReport(Direction.BOTH, False, tuple(outcomes), documents=1, **more)


def did(verb, path="posts/a.md", id=ID, error=None):
    return Outcome(Action(verb, Kind.POST, id=id, path=path), error)


class World:
    def __init__(self, root):
        self.root = root
        (root / "posts").mkdir()
        self.file = root / "posts/a.md"
        self.file.write_text("Hello.\n")
        self.state = open_state(root, Config.model_validate({"site": {"url": "https://x.example"}}))
        remember(self.state, (post(),))
        self.state.set_meta(looked_until(Kind.POST), OLD)
        self.inbox, self.probes, self.gets, self.missed = Inbox(), 0, [], 0
        self.newest, self.total, self.action, self.look = OLD, 1, "action-1", 7
        self.wall, self.now, self.watching, self.answer = 1_000_000.0, 0.0, True, post()
        self.shown = {}
        self.as_left, self.due, self.told = set(), False, 0
        self.gate = IdleGate(
            self,
            self.state,
            root,
            glance=lambda: self.look,
            newest_action=self._newest_action,
            watching=lambda: self.watching,
            missed=self._miss,
            late=self._late,
            shown=self.shown.get,
            unchanged=self.as_left.__contains__,
            due=lambda: self.due,
            no_document=self._tell,
            wall=lambda: self.wall,
            monotonic=lambda: self.now,
        )

    async def probe(self, kind):
        self.probes += 1
        if kind is Kind.PAGE:
            return Probe("", 0, seconds_of(NEW) + 60)
        return Probe(self.newest, self.total, seconds_of(NEW) + 60)

    async def get(self, kind, id):
        self.gets.append(id)
        return self.answer

    async def _newest_action(self):
        return self.action

    def _tell(self):
        self.told += 1

    def _miss(self):
        self.missed += 1

    async def _late(self):
        pass

    def record(self):
        seen = os.lstat(self.file)
        stat = Stat(seen.st_size, seen.st_mtime_ns, seen.st_ino)
        sha = self.state.put_blob(b"x")
        self.state.record(KnownDocument(ID, Kind.POST, "posts/a.md", sha, stat, True, sha, sha, OLD))

    async def timer(self):
        return await self.gate.spared(Wake.TIMER, self.inbox)

    async def hint(self, *paths):
        self.inbox.hint(paths or None)
        return await self.gate.spared(await self.inbox.wait(0), self.inbox)

    async def hook(self, *hooks):
        for hook in hooks:
            self.inbox.remote_hint(hook)
        return await self.gate.spared(await self.inbox.wait(0), self.inbox)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    with world.state:
        yield world


async def idle(world):
    """After a clean cycle and the rescan that learns how the folder looks."""
    world.gate.ran(report(), full=False)
    await world.timer()
    world.gate.ran(report(), full=False)


async def test_when_nothing_changed_two_requests_are_all(world):
    await idle(world)
    world.probes = 0
    assert await world.timer()
    assert world.probes == len(Kind) == 2


async def test_before_the_first_cycle_nothing_is_spared(world):
    assert not await world.timer()


@pytest.mark.parametrize(("newest", "total"), [(NEW, 1), (OLD, 2), (OLD, 0), ("", 0)])
async def test_another_date_or_number_in_ghost_asks_for_a_cycle(world, newest, total):
    await idle(world)
    world.newest, world.total = newest, total
    assert not await world.timer()


async def test_a_post_that_was_read_a_moment_after_its_edit_is_looked_at_again_soon(world):
    remember(world.state, (post(age=1),))
    assert world.gate.ran(report(), full=False) == SETTLING
    assert not await world.timer()


async def test_after_an_own_write_ghost_is_looked_at_before_anything_is_spared(world):
    """An edit of another post between the last look and that write is older than the newest date."""
    remember(world.state, (post(NEW),))
    world.gate.ran(report(), full=False)
    world.newest = NEW
    assert not await world.timer()


async def test_an_imported_date_ahead_of_time_spares_nothing(world):
    ahead = "2099-01-01T00:00:00.000Z"
    remember(world.state, (post(ahead),))
    await idle(world)
    world.newest = ahead
    assert not await world.timer()


@pytest.mark.parametrize(
    "made",
    [
        lambda error: report(failure=error),
        lambda error: report(halt=Halt("h", "deletions", "many", "", "")),
        lambda error: report(did(Verb.UPDATE_POST, error=error)),
        lambda error: report(did(Verb.LEAVE)),
    ],
    ids=["cut short", "halted", "a failed document", "a document that waits for quiet"],
)
async def test_after_a_cycle_that_left_something_undone_the_next_one_is_not_spared(world, made):
    await idle(world)
    world.gate.ran(made(OSError()), full=False)
    assert not await world.timer()


async def test_a_choice_or_a_lifted_halt_that_waits_is_a_reason(world):
    await idle(world)
    leave_choice(world.state, "posts/a.md", Use.LOCAL)
    assert not await world.timer()


async def test_without_events_each_cycle_is_needed(world):
    await idle(world)
    world.watching = False
    assert not await world.timer()


async def test_now_and_then_the_whole_folder_is_looked_at_and_a_missed_change_found(world):
    await idle(world)
    world.now += RESCAN_EVERY
    assert await world.timer()
    world.look = 8
    assert await world.timer()  # not yet
    world.now += RESCAN_EVERY
    assert not await world.timer()
    assert world.missed == 1
    world.gate.ran(report(), full=False)
    world.now += RESCAN_EVERY
    assert await world.timer()


async def test_a_change_that_an_event_told_of_is_none_that_the_watcher_missed(world):
    await idle(world)
    world.now += RESCAN_EVERY
    await world.timer()
    await world.hint("posts/a.md")
    world.look = 8
    world.now += RESCAN_EVERY
    assert not await world.timer()
    assert world.missed == 0


async def test_an_event_that_is_still_on_its_way_is_waited_for(world):
    await idle(world)
    world.now += RESCAN_EVERY
    await world.timer()
    world.look = 8
    world.now += RESCAN_EVERY

    async def late():
        world.inbox.hint()

    world.gate._late = late
    assert not await world.timer()
    assert world.missed == 0


async def test_what_waits_for_a_person_is_looked_at_again_at_each_rescan_only(world):
    await idle(world)
    world.gate.ran(report(did(Verb.CONFLICT)), full=False)
    assert await world.timer()
    world.now += RESCAN_EVERY
    assert not await world.timer()


async def test_the_echo_of_an_own_file_is_spared_and_a_change_after_it_is_not(world):
    world.record()
    assert world.gate.ran(report(did(Verb.UPDATE_FILE)), full=False) == SETTLING
    assert await world.hint("posts/a.md")
    world.file.write_text("Edited.\n")
    assert not await world.hint("posts/a.md")


async def test_a_file_that_is_not_ours_is_no_echo_and_neither_is_an_unknown_place(world):
    world.record()
    world.gate.ran(report(did(Verb.UPDATE_FILE)), full=False)
    assert not await world.hint("posts/a.md", "posts/b.md")
    assert not await world.hint()


async def test_a_picture_that_was_just_looked_at_is_an_echo_until_it_changes(world):
    """One that came down, above all."""
    picture = world.file.with_name("hive.png")
    picture.write_bytes(b"a picture")
    seen = picture.stat()
    world.shown["posts/hive.png"] = Stat(seen.st_size, seen.st_mtime_ns, seen.st_ino)
    assert await world.hint("posts/hive.png")
    picture.write_bytes(b"another picture")
    assert not await world.hint("posts/hive.png")


async def test_an_own_file_that_is_gone_is_no_echo(world):
    world.record()
    world.gate.ran(report(did(Verb.UPDATE_FILE)), full=False)
    world.file.unlink()
    assert not await world.hint("posts/a.md")


async def test_the_hook_of_an_own_write_is_spared_and_a_later_one_is_not(world):
    world.record()
    world.gate.ran(report(did(Verb.UPDATE_POST)), full=False)
    assert await world.hook(Hook("post", ID, OLD))
    assert not await world.hook(Hook("post", ID, NEW))
    assert not await world.hook(Hook("post", ID, OLD), Hook("post", "b" * 24, OLD))


async def test_a_hook_that_names_nothing_asks_for_a_cycle(world):
    await idle(world)
    assert not await world.hook(Hook())


async def test_an_edit_that_moved_no_date_is_read_at_once(world):
    """Tags alone: the date in the hook is the one that is known."""
    await idle(world)
    world.answer = post(title="Other tags")
    before = world.state.mirror()[ID].post_sha
    assert not await world.hook(Hook("post", ID, OLD))
    assert world.gets == [ID]
    assert world.state.mirror()[ID].post_sha != before


async def test_a_forged_hook_of_an_unknown_post_makes_no_request(world):
    await idle(world)
    assert not await world.hook(Hook("post", "f" * 24, OLD))
    assert world.gets == []


async def test_nothing_older_than_what_is_known_is_remembered(world):
    remember(world.state, (post(NEW),))
    await idle(world)
    world.answer = post(OLD)
    await world.hook(Hook("post", ID, NEW))
    assert world.state.mirror()[ID].updated_at == NEW


async def test_looking_at_every_post_is_spared_while_nobody_did_anything_in_ghost(world):
    assert not await world.gate.full_spared()
    world.gate.ran(report(), full=True)
    assert await world.gate.full_spared()
    world.action = "action-2"
    assert not await world.gate.full_spared()


async def test_an_action_during_the_look_is_not_taken_for_seen(world):
    await world.gate.full_spared()
    world.action = "action-2"
    world.gate.ran(report(), full=True)
    assert not await world.gate.full_spared()


async def test_every_post_is_looked_at_once_a_day_all_the_same(world):
    await world.gate.full_spared()
    world.gate.ran(report(), full=True)
    world.wall += WHOLE_EVERY - 1
    assert await world.gate.full_spared()
    world.wall += 1
    assert not await world.gate.full_spared()


async def test_a_ghost_without_a_log_of_actions_spares_nothing(world):
    world.action = None
    await world.gate.full_spared()
    world.gate.ran(report(), full=True)
    assert not await world.gate.full_spared()


async def test_a_cycle_that_failed_has_not_looked_at_everything(world):
    await world.gate.full_spared()
    world.gate.ran(replace(report(), failure=OSError()), full=True)
    assert not await world.gate.full_spared()


async def test_what_waits_in_the_state_gets_its_cycle_when_its_time_has_come(world):
    """A download that failed, say: neither side has changed, and there is something to do."""
    await idle(world)
    world.gate.ran(report(next_due=300.0), full=False)
    world.now += 299
    assert await world.timer()
    world.now += 2
    assert not await world.timer()
    world.gate.ran(report(), full=False)
    assert await world.timer()


async def test_a_site_file_that_is_as_the_last_cycle_left_it_is_an_echo(world):
    world.gate.ran(report(), full=False)
    world.as_left.add("tags.yaml")
    assert await world.hint("tags.yaml")
    assert not await world.hint("tags.yaml", "authors.yaml")


async def test_what_leaves_no_trace_in_ghost_is_asked_for_when_it_is_due(world):
    world.gate.ran(report(), full=False)
    await world.timer()
    assert await world.timer()
    world.due = True
    assert not await world.timer()


async def test_a_hook_about_no_document_may_be_about_a_tag(world):
    world.gate.ran(report(), full=False)
    assert not await world.hook(Hook())
    assert world.told == 1
    await world.hook(Hook("post", ID, NEW))
    assert world.told == 1
