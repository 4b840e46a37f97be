"""The daemon's loop, with a scripted engine and a clock that only the test moves."""

import asyncio
from collections.abc import Callable

import pytest

from ghostsync.daemon.inbox import Inbox, Wake
from ghostsync.daemon.runner import FOLLOW_UP, FULL_AT, FULL_EVERY, Daemon
from ghostsync.daemon.schedule import CEILING, FIRST_RETRY, Schedule
from ghostsync.errors import (
    ContentError,
    FolderUnusable,
    SecretWrong,
    ServerFault,
    StateError,
    Unavailable,
    Unreachable,
)
from ghostsync.model import Kind
from ghostsync.sync.model import Action, CycleReport, Direction, Halt, Outcome, Verb

INTERVAL = 60.0


class ScriptedInbox(Inbox):
    """Wakes at once for the scripted reasons, then stops; remembers how long the loop wanted to wait."""

    def __init__(self, wakes=()):
        super().__init__()
        self._wakes = iter(wakes)
        self.waits = []
        self.deaf = []

    async def wait(self, seconds, deaf=0.0):
        self.waits.append(seconds)
        self.deaf.append(deaf)
        if self.stop_asked:
            return Wake.STOP
        return next(self._wakes, Wake.STOP)


class Log:
    def __init__(self):
        self.lines = []

    def debug(self, event, **fields):
        pass

    def info(self, event, **fields):
        self.lines.append(("info", event, fields))

    def warning(self, event, **fields):
        self.lines.append(("warning", event, fields))

    def error(self, event, **fields):
        self.lines.append(("error", event, fields))

    def events(self, level=None):
        return [event for found, event, _ in self.lines if level in (None, found)]


class Memory(dict):
    def meta(self, key):
        return self.get(key)

    def set_meta(self, key, value):
        self[key] = value


class Clock:
    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


def report(*outcomes, halt=None, next_due=None, warnings=(), failure=None):
    return CycleReport(
        direction=Direction.BOTH,
        dry_run=False,
        outcomes=tuple(outcomes),
        documents=7,
        halt=halt,
        warnings=warnings,
        next_due=next_due,
        failure=failure,
    )


def outcome(verb, path="posts/a.md", error=None, **fields):
    return Outcome(Action(verb=verb, kind=Kind.POST, path=path, **fields), error)


class Run:
    """One run of the loop over a script of reports and errors, one per wake."""

    def __init__(self, script, wakes=None, clock=None, memory=None):
        self.calls = []
        self.log = Log()
        self.memory = Memory() if memory is None else memory
        self.clock = clock or Clock()
        self.inbox = ScriptedInbox([Wake.TIMER] * len(script) if wakes is None else wakes)
        self._script = iter(script)

    async def cycle(self, *, full, settle, quick):
        self.calls.append({"full": full, "settle": settle, "quick": quick})
        step = next(self._script)
        if isinstance(step, Callable):
            step = step()
        if isinstance(step, Exception):
            raise step
        return step

    async def go(self):
        daemon = Daemon(
            self.cycle,
            inbox=self.inbox,
            schedule=Schedule(INTERVAL, uniform=lambda low, high: (low + high) / 2),
            memory=self.memory,
            log=self.log,
            settle=10.0,
            now=self.clock,
        )
        await daemon.run()
        return self


async def test_the_first_cycle_is_at_once_and_the_next_after_the_interval():
    run = await Run([report()]).go()
    assert run.inbox.waits == pytest.approx([0.0, INTERVAL])


async def test_the_configured_settle_is_handed_to_each_cycle():
    run = await Run([report(), report()]).go()
    assert [call["settle"] for call in run.calls] == [10.0, 10.0]


async def test_a_held_back_document_wakes_it_when_it_is_due():
    run = await Run([report(next_due=4.5)]).go()
    assert run.inbox.waits[-1] == pytest.approx(4.5)


async def test_a_document_due_long_after_the_interval_does_not_delay_the_schedule():
    run = await Run([report(next_due=500.0)]).go()
    assert run.inbox.waits[-1] == pytest.approx(INTERVAL)


async def test_a_burst_that_had_work_in_it_is_followed_by_another_look():
    run = await Run([report(outcome(Verb.UPDATE_POST))], wakes=[Wake.HINT]).go()
    assert run.inbox.waits[-1] == pytest.approx(FOLLOW_UP)


async def test_a_hint_without_work_leaves_the_schedule_alone():
    run = await Run([report()], wakes=[Wake.HINT]).go()
    assert run.inbox.waits[-1] == pytest.approx(INTERVAL)


async def test_it_outlives_an_unreachable_ghost_and_comes_back_to_the_interval():
    gone = Unreachable("no answer")
    run = await Run([gone, gone, report()]).go()
    assert run.inbox.waits == pytest.approx([0.0, FIRST_RETRY, 2 * FIRST_RETRY, INTERVAL])


async def test_ghost_being_away_is_told_once_and_so_is_its_return():
    gone = Unreachable("no answer")
    run = await Run([report(), gone, gone, gone, report(), report()]).go()
    assert run.log.events() == [
        "in touch with Ghost",
        "Ghost is not reachable",
        "in touch with Ghost",
        "stopped",
    ]


async def test_another_kind_of_trouble_is_another_line():
    run = await Run([Unreachable("no answer"), Unavailable("503"), Unavailable("503")]).go()
    assert run.log.events("warning") == ["Ghost is not reachable", "Ghost is not available"]


async def test_ghost_is_not_asked_before_the_time_it_named():
    busy = Unavailable("429")
    busy.retry_after = 90.0
    run = await Run([busy]).go()
    assert run.inbox.waits[-1] == pytest.approx(90.0)


async def test_a_refused_key_is_told_with_its_remedy_and_tried_at_the_slow_pace():
    wrong = SecretWrong("the secret is wrong", remedy="Copy the key again.")
    run = await Run([wrong, wrong]).go()
    assert run.inbox.waits[1:] == pytest.approx([CEILING, CEILING])
    assert run.log.lines[0] == (
        "warning",
        "Ghost refuses",
        {"reason": "the secret is wrong", "remedy": "Copy the key again."},
    )
    assert run.log.events("warning") == ["Ghost refuses"]


@pytest.mark.parametrize(
    "error", [ServerFault("500"), FolderUnusable("gone"), Unavailable("502"), Unreachable("dns")]
)
async def test_trouble_that_may_pass_never_ends_it(error):
    run = await Run([error, report()]).go()
    assert run.log.events("info") == ["in touch with Ghost", "stopped"]


async def test_a_broken_state_database_ends_it():
    with pytest.raises(StateError):
        await Run([StateError("not a database")]).go()


async def test_what_was_written_is_told_by_path_and_keys_and_bookkeeping_is_not():
    run = await Run(
        [report(outcome(Verb.UPDATE_POST, keys=("title",)), outcome(Verb.ADVANCE, path="posts/b.md"))]
    ).go()
    assert ("info", "update post", {"path": "posts/a.md", "keys": ["title"]}) in run.log.lines
    assert "advance" not in run.log.events()


async def test_a_problem_is_told_when_it_appears_and_when_it_is_gone():
    broken = outcome(Verb.PROBLEM, errors=(ContentError("not YAML", line=3, remedy="Close the quote."),))
    run = await Run([report(broken), report(broken), report(), report()]).go()
    told = [line for line in run.log.lines if line[1] in {"problem", "settled"}]
    assert told == [
        ("warning", "problem", {"path": "posts/a.md", "reason": "not YAML", "remedy": "Close the quote."}),
        ("info", "settled", {"path": "posts/a.md"}),
    ]


async def test_a_problem_that_changes_is_told_again_and_not_called_settled():
    first = outcome(Verb.PROBLEM, errors=(ContentError("not YAML"),))
    second = outcome(Verb.PROBLEM, errors=(ContentError("unknown author"),))
    run = await Run([report(first), report(second)]).go()
    assert [line[2]["reason"] for line in run.log.lines if line[1] == "problem"] == [
        "not YAML",
        "unknown author",
    ]
    assert "settled" not in run.log.events()


async def test_a_failed_action_is_told_as_a_warning():
    run = await Run([report(outcome(Verb.UPDATE_POST, error=ServerFault("Ghost said 500")))]).go()
    assert ("warning", "update post", {"path": "posts/a.md", "reason": "Ghost said 500"}) in run.log.lines
    assert "update post" not in run.log.events("info")


async def test_a_cycle_that_ghost_cut_short_is_told_once_and_not_for_each_document():
    gone = Unreachable("connection lost")
    cut = report(
        outcome(Verb.UPDATE_POST, path="posts/a.md"),
        *(outcome(Verb.UPDATE_POST, path=f"posts/{n}.md", error=gone) for n in range(5)),
        failure=gone,
    )
    run = await Run([cut, cut, report()]).go()
    assert run.log.events("warning") == ["Ghost is not reachable"]
    assert run.inbox.waits[1:3] == pytest.approx([FIRST_RETRY, 2 * FIRST_RETRY])
    assert run.log.events("info") == ["update post", "update post", "in touch with Ghost", "stopped"]
    assert [call["full"] for call in run.calls] == [True, True, True]


async def test_a_halt_is_told_once_with_the_way_to_lift_it_and_the_watching_goes_on():
    halt = Halt(
        id="h-7", reason="deletions", what="212 files vanished", remedy="Look.", since="2026-01-01T00:00:00Z"
    )
    run = await Run([report(halt=halt), report(halt=halt), report()]).go()
    [(_, _, fields)] = [line for line in run.log.lines if line[0] == "error"]
    assert fields["lift"] == "ghostsync resume --confirm h-7"
    assert len(run.calls) == 3
    assert run.log.events("info") == ["in touch with Ghost", "stopped"]


async def test_what_a_halt_kept_from_being_done_is_not_told_as_done():
    halt = Halt(
        id="h", reason="deletions", what="212 files vanished", remedy="", since="2026-01-01T00:00:00Z"
    )
    run = await Run([report(outcome(Verb.RETIRE_POST), halt=halt)]).go()
    assert "retire post" not in run.log.events()


async def test_a_warning_of_the_engine_is_told_once():
    run = await Run([report(warnings=("the site moved",)), report(warnings=("the site moved",))]).go()
    assert run.log.events("warning") == ["the site moved"]


async def test_the_look_at_every_post_is_due_again_after_five_minutes_and_no_sooner():
    clock = Clock()

    def during(seconds):
        def cycle():
            clock.now += seconds
            return report()

        return cycle

    run = await Run([report(), during(FULL_EVERY - 1), during(1), report(), report()], clock=clock).go()
    assert FULL_EVERY == 300
    assert [call["full"] for call in run.calls] == [True, False, False, True, False]


async def test_a_restart_does_not_look_at_every_post_again():
    memory = Memory()
    await Run([report()], memory=memory).go()
    again = await Run([report()], memory=memory).go()
    assert again.calls[0]["full"] is False


async def test_a_full_look_that_failed_or_was_halted_is_still_due():
    halt = Halt(id="h", reason="identity", what="another site", remedy="", since="2026-01-01T00:00:00Z")
    run = await Run([Unreachable("no answer"), report(halt=halt), report(), report()]).go()
    assert [call["full"] for call in run.calls] == [True, True, True, False]


async def test_a_clock_that_was_set_back_makes_the_full_look_due():
    clock = Clock()
    memory = Memory({FULL_AT: str(clock.now + 10_000)})
    run = await Run([report()], clock=clock, memory=memory).go()
    assert run.calls[0]["full"] is True


async def stoppable(cycle, *, grace, finish=lambda: None):
    """A daemon on a real inbox, its log, and the task it runs in."""
    inbox, log = Inbox(), Log()
    daemon = Daemon(
        cycle,
        inbox=inbox,
        schedule=Schedule(INTERVAL),
        memory=Memory(),
        log=log,
        settle=0.0,
        now=Clock(),
        finish=finish,
        grace=grace,
    )
    return inbox, log, asyncio.create_task(daemon.run())


async def test_a_stop_lets_the_cycle_in_hand_finish():
    started, may_end = asyncio.Event(), asyncio.Event()
    finished = []

    async def cycle(*, full, settle, quick):
        started.set()
        await may_end.wait()
        finished.append(True)
        return report()

    # The engine is asked to end after its step; this one does so at once.
    inbox, log, task = await stoppable(cycle, grace=60.0, finish=may_end.set)
    await started.wait()
    inbox.stop()
    await task
    assert finished == [True]
    assert log.events()[-1] == "stopped"


async def test_a_cycle_that_does_not_finish_in_time_is_cancelled_and_may_clean_up():
    started = asyncio.Event()
    cleaned = []

    async def cycle(*, full, settle, quick):
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    inbox, _, task = await stoppable(cycle, grace=0.0)
    await started.wait()
    inbox.stop()
    await task
    assert cleaned == [True]


async def test_cancelling_the_loop_cancels_the_cycle_in_hand():
    started = asyncio.Event()
    cancelled = asyncio.Event()

    async def cycle(*, full, settle, quick):
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    _, _, task = await stoppable(cycle, grace=60.0)
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await cancelled.wait()


async def test_files_saved_soon_after_a_look_at_ghost_are_sent_without_another_one():
    run = await Run([report(), report(), report()], wakes=[Wake.TIMER, Wake.HINT, Wake.TIMER]).go()
    assert [call["quick"] for call in run.calls] == [False, True, False]
    assert run.inbox.waits[2] == pytest.approx(FOLLOW_UP)  # the look is made up for


async def test_after_trouble_a_saved_file_is_no_reason_to_be_quick():
    run = await Run([report(), Unreachable("gone"), report()], wakes=[Wake.TIMER, Wake.TIMER, Wake.HINT]).go()
    assert [call["quick"] for call in run.calls] == [False, False, False]


async def test_hints_have_to_wait_a_moment_when_ghost_is_away_and_longer_when_it_says_so():
    busy = Unavailable("429")
    busy.retry_after = 90.0
    run = await Run([Unreachable("gone"), busy, SecretWrong("wrong"), report()]).go()
    assert run.inbox.deaf == pytest.approx([0.0, FIRST_RETRY, 90.0, CEILING, 0.0])


async def test_a_wish_forgets_the_failures_before_it():
    gone = Unreachable("gone")
    run = await Run([gone, gone, gone, gone], wakes=[Wake.TIMER, Wake.TIMER, Wake.NOW, Wake.TIMER]).go()
    assert run.inbox.waits == pytest.approx([0.0, FIRST_RETRY, 2 * FIRST_RETRY, FIRST_RETRY, 2 * FIRST_RETRY])


@pytest.mark.parametrize("wake", [Wake.HINT, Wake.REMOTE])
async def test_a_look_at_every_post_waits_until_nobody_waits_for_an_edit(wake):
    run = await Run([report(), report()], wakes=[wake, Wake.TIMER]).go()
    assert [call["full"] for call in run.calls] == [False, True]
