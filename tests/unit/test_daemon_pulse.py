"""The pulse, what it tells the service manager, and how things stand in words."""

import math
import re
import socket
from pathlib import Path

import pytest

from ghostsync.daemon.health import Condition, Health, Open, ago, span
from ghostsync.daemon.notify import Notifier
from ghostsync.daemon.pulse import SLEPT, STUCK, Pulse
from ghostsync.daemon.service import Beat
from ghostsync.sync.model import Halt


class World:
    def __init__(self, env=None):
        self.now, self.slept, self.wall = 100.0, 5.0, 1_000_000.0
        self.health = Health("/srv/blog", wall=lambda: self.wall, monotonic=lambda: self.now)
        self.awake = []
        self.pulse = Pulse(
            Notifier(env or {}),
            lambda: [self.health],
            awake=self.awake.append,
            asleep=lambda: self.slept,
            monotonic=lambda: self.now,
        )


@pytest.fixture
def ear(tmp_path):
    """A service manager's end of the notify socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(str(tmp_path / "notify"))
        door.setblocking(False)

        def heard():
            told = []
            try:
                while True:
                    told += door.recv(65536).decode().split("\n")
            except BlockingIOError:
                return told

        heard.env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "120000000"}
        yield heard


def test_a_loop_that_waits_is_alive_however_long(ear):
    world = World(ear.env)
    world.health.wait_until(world.now + 10 * STUCK)
    world.now += 9 * STUCK
    world.pulse.beat()
    assert "WATCHDOG=1" in ear()


def test_a_loop_that_did_not_wake_when_it_should_have_is_stuck(ear):
    world = World(ear.env)
    world.health.wait_until(world.now + 60)
    world.now += 60 + STUCK
    world.pulse.beat()
    assert "WATCHDOG=1" not in ear()


@pytest.mark.parametrize(
    "sign",
    [
        lambda beat: beat.phase("uploading", 1),
        lambda beat: beat.advance(),
        lambda beat: beat.transfer("film.mp4", 5, 500),
        lambda beat: beat.transferred("film.mp4"),
    ],
)
def test_each_document_and_each_piece_of_a_large_file_is_a_sign_of_life(ear, sign):
    world = World(ear.env)
    world.health.working = True
    world.now += STUCK - 1
    sign(Beat(world.health))
    world.now += STUCK - 1
    world.pulse.beat()
    assert "WATCHDOG=1" in ear()


def test_a_long_cycle_is_alive_while_it_gets_on_and_stuck_when_it_does_not(ear):
    world = World(ear.env)
    world.health.working = True
    for _ in range(5):
        world.now += STUCK - 1
        world.health.progress()
    world.pulse.beat()
    assert "WATCHDOG=1" in ear()
    world.now += STUCK
    world.pulse.beat()
    assert "WATCHDOG=1" not in ear()


def test_the_same_status_is_not_told_twice_and_is_one_line(ear):
    notifier = Notifier(ear.env)
    notifier.status("two\nlines")
    notifier.status("two\nlines")
    assert ear() == ["STATUS=two lines"]


def test_reloading_tells_the_time_of_its_beginning(ear):
    Notifier(ear.env).reloading()
    first, second = ear()
    assert first == "RELOADING=1"
    assert second.removeprefix("MONOTONIC_USEC=").isdecimal()


def test_an_abstract_socket_works_too():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind("\0ghostsync-test-notify")
        Notifier({"NOTIFY_SOCKET": "@ghostsync-test-notify"}).ready("up")
        assert door.recv(100) == b"READY=1\nSTATUS=up"


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/at/all"])
def test_without_somebody_who_listens_nothing_happens(address):
    Notifier({"NOTIFY_SOCKET": address}).ready("up")


def test_a_machine_that_slept_is_noticed_once():
    world = World()
    world.pulse.beat()
    world.slept += 3600
    world.pulse.beat()
    world.pulse.beat()
    assert world.awake == [3600]


def test_a_little_drift_of_the_clocks_is_no_sleep():
    world = World()
    world.slept += SLEPT / 2
    world.pulse.beat()
    assert world.awake == []


def words(world, **fields):
    for name, value in fields.items():
        setattr(world.health, name, value)
    return world.health.words()


def test_in_step_in_words():
    world = World()
    world.health.synced(214)
    world.wall += 12
    assert words(world, condition=Condition.IN_STEP) == "in step, 214 documents, last sync 12 s ago"


def test_waiting_for_a_person_in_words():
    world = World()
    world.health.synced(1)
    entries = (Open("conflict", "a", "x"), Open("conflict", "b", "x"), Open("update post", "c", "500"))
    assert words(world, condition=Condition.OPEN, open=entries) == (
        "waiting for a person: 2 conflicts, 1 not done (update post), 1 document, last sync 0 s ago"
    )


def test_ghost_away_in_words():
    world = World()
    world.health.wait_until(world.now + 40)
    told = words(world, condition=Condition.AWAY, reason="the connection was refused")
    assert told == "Ghost is away: the connection was refused, next try in 40 s"


def test_documents_that_wait_for_quiet_are_counted():
    world = World()
    world.health.synced(3)
    assert "1 waiting for quiet" in words(world, condition=Condition.IN_STEP, held=1)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 days")]
)
def test_times_are_told_as_people_do(seconds, text):
    assert span(seconds) == text
    assert ago(seconds) == f"{text} ago"


def test_the_document_tells_of_a_halt_as_every_other_one_does():
    world = World()
    assert world.health.document()["halt"] is None
    world.health.halt = Halt("h-1", "folder", "the folder is empty", "Look at it.", "2026-01-31T08:15:00Z")
    assert world.health.document()["halt"] == {
        "id": "h-1",
        "reason": "folder",
        "what": "the folder is empty",
        "remedy": "Look at it.",
        "since": "2026-01-31T08:15:00Z",
    }


def test_every_key_of_the_document_is_documented():
    text = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf-8")
    told = text.partition("`status` also has `daemon`")[2].partition("\n\n")[0]
    assert sorted(set(re.findall(r"`(\w+)`", told)) - {"null", "changes", "waiting_for_quiet"}) == sorted(
        World().health.document()
    )


def test_the_document_says_when_the_next_look_is():
    world = World()
    assert world.health.document()["next_sync_in"] is None
    assert world.health.due == math.inf
    world.health.wait_until(world.now + 7)
    assert world.health.document()["next_sync_in"] == pytest.approx(7)
