"""The progress bar."""

import io
import re

import pytest
from rich.console import Console

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
        self.files = []
        self.removed = []
        self.running = False

    def start(self):
        self.running = True

    def stop(self):
        self.running = False

    def add_task(self, description, *, total, completed, in_bytes):
        (self.files if in_bytes else self.tasks).append(
            {"name": description, "total": total, "completed": completed}
        )
        return (in_bytes, len(self.files if in_bytes else self.tasks) - 1)

    def update(self, task_id, *, completed, total):
        in_bytes, number = task_id
        (self.files if in_bytes else self.tasks)[number] |= {"total": total, "completed": completed}

    def remove_task(self, task_id):
        in_bytes, number = task_id
        assert in_bytes
        self.removed.append(self.files[number]["name"])


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


def test_a_file_that_takes_a_while_is_told_in_bytes_beside_the_count(bar, bars, clock):
    bar.phase("uploading", 2)
    bar.transfer("film.mp4", 0, 500)
    bar.transfer("still.jpg", 0, 10)
    bar.transferred("still.jpg")
    bar.advance()
    clock.now = PATIENCE
    bar.transfer("film.mp4", 200, 500)
    bar.transfer("film.mp4", 300, 500)
    [drawn] = bars
    assert drawn.running
    assert drawn.tasks == [{"name": "uploading", "total": 2, "completed": 1}]
    assert drawn.files == [{"name": "film.mp4", "total": 500, "completed": 300}]
    assert drawn.removed == []
    bar.transferred("film.mp4")
    assert drawn.removed == ["film.mp4"]


def test_a_short_file_is_not_drawn_however_long_the_run_has_taken(bar, bars, clock):
    clock.now = PATIENCE
    bar.phase("uploading", 1)
    bar.transfer("still.jpg", 0, 10)
    bar.transfer("still.jpg", 10, 10)
    bar.transferred("still.jpg")
    assert bars[0].files == []
    assert bars[0].removed == []


def test_a_file_that_begins_again_is_told_from_its_beginning(bar, bars, clock):
    bar.transfer("film.mp4", 0, None)
    clock.now = PATIENCE
    bar.transfer("film.mp4", 400, 500)
    bar.transfer("film.mp4", 100, 500)
    assert bars[0].files == [{"name": "film.mp4", "total": 500, "completed": 100}]
    assert bars[0].tasks == []


def test_a_name_cannot_command_the_terminal(bar, bars, clock):
    bar.transfer("\x1b[2Jfilm.mp4", 0, 5)
    clock.now = PATIENCE
    bar.transfer("\x1b[2Jfilm.mp4", 1, 5)
    assert bars[0].files[0]["name"] == r"\x1b[2Jfilm.mp4"


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
    real.transfer("[bold]film.mp4", 0, None)
    real._transfers["[bold]film.mp4"].began = -PATIENCE
    real.transfer("[bold]film.mp4", 120_500_000, 500_000_000)
    drawn = Console(file=io.StringIO(), width=120)
    drawn.print(real._bar.get_renderable())
    shown = drawn.file.getvalue()
    assert re.search(r"posts .* 2/10 ", shown)
    assert re.search(r"\[bold\]film\.mp4 .* 120\.5/500\.0 MB ", shown)
    real.transferred("[bold]film.mp4")
    assert "film" not in str(real._bar.tasks)
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
