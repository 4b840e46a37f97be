"""The progress bar."""

import pytest

from ghostsync.cli import progress as progress_module
from ghostsync.cli.output import Output
from ghostsync.cli.progress import PATIENCE, DelayedBar, progress_for


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Bar:
    def __init__(self):
        self.tasks = []
        self.running = False

    def start(self):
        self.running = True

    def stop(self):
        self.running = False

    def add_task(self, description, *, total, completed):
        self.tasks.append({"name": description, "total": total, "completed": completed})
        return len(self.tasks) - 1

    def update(self, task_id, *, completed, total):
        self.tasks[task_id] |= {"total": total, "completed": completed}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bars():
    return []


@pytest.fixture
def bar(clock, bars):
    def make():
        bars.append(Bar())
        return bars[-1]

    return DelayedBar(make, clock)


def test_short_work_never_draws_a_bar(bar, bars):
    bar.phase("posts", 10)
    for _ in range(10):
        bar.advance()
    bar.close()
    assert bars == []


def test_long_work_draws_one_that_knows_what_was_done_before(bar, bars, clock):
    bar.phase("posts", 10)
    bar.advance(3)
    clock.now = PATIENCE
    bar.advance()
    assert bars[0].running
    assert bars[0].tasks == [{"name": "posts", "total": 10, "completed": 4}]


def test_a_total_may_grow(bar, bars, clock):
    clock.now = PATIENCE
    bar.phase("posts", None)
    bar.advance(100)
    bar.phase("posts", 250)
    assert bars[0].tasks == [{"name": "posts", "total": 250, "completed": 100}]


def test_the_next_phase_counts_from_nothing(bar, bars, clock):
    clock.now = PATIENCE
    bar.phase("posts", 10)
    bar.advance(10)
    bar.phase("pages", 2)
    assert bars[0].tasks[1] == {"name": "pages", "total": 2, "completed": 0}


def test_closing_leaves_the_terminal_free(bar, bars, clock):
    clock.now = PATIENCE
    bar.phase("posts", 10)
    bar.close()
    assert not bars[0].running


def test_the_real_bar_understands_the_same_words(capsys):
    real = DelayedBar(clock=Clock())
    real._began = -PATIENCE
    real.phase("posts", None)
    real.advance(2)
    real.phase("posts", 10)
    real.close()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("output", [Output(json=True), Output(quiet=True)])
def test_there_is_none_for_programs_or_when_quiet_was_asked_for(monkeypatch, output):
    monkeypatch.setattr(progress_module, "watched", lambda: True)
    with progress_for(output) as shown:
        assert shown is None


def test_there_is_none_when_nobody_watches(monkeypatch):
    monkeypatch.setattr(progress_module, "watched", lambda: False)
    with progress_for(Output()) as shown:
        assert shown is None


def test_a_watcher_gets_one(monkeypatch):
    monkeypatch.setattr(progress_module, "watched", lambda: True)
    with progress_for(Output()) as shown:
        assert isinstance(shown, DelayedBar)
