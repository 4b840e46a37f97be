import os
import signal
import socket
import subprocess
import sys

import pytest

from ghostsync.errors import FolderLocked, StateError
from ghostsync.state import FolderLock, Holder, holder

HOLD = """
import sys
from pathlib import Path
from ghostsync.state import FolderLock
with FolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_the_loser_is_told_who_holds_the_folder(tmp_path, other):
    with pytest.raises(FolderLocked) as caught:
        FolderLock(tmp_path, wait=0).acquire()
    assert f"process {other.pid} on {socket.gethostname()}" in caught.value.what
    assert f"kill {other.pid}" in caught.value.remedy
    assert holder(tmp_path).pid == other.pid


def test_the_lock_dies_with_its_process(tmp_path, other):
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert holder(tmp_path) is None
    with FolderLock(tmp_path, wait=0) as lock:
        assert lock.held


def test_a_lock_is_released_and_may_be_taken_again(tmp_path):
    lock = FolderLock(tmp_path, wait=0, clock=lambda: 1_769_847_300.0)
    with lock:
        lock.acquire()
        assert holder(tmp_path) == Holder(os.getpid(), socket.gethostname(), "2026-01-31T08:15:00+00:00")
        with pytest.raises(FolderLocked):
            FolderLock(tmp_path, wait=0).acquire()
    assert not lock.held
    lock.release()
    with FolderLock(tmp_path, wait=0):
        pass


def test_asking_who_holds_it_makes_nothing(tmp_path):
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_note_does_not_hide_the_lock(tmp_path):
    with FolderLock(tmp_path, wait=0):
        (tmp_path / ".ghostsync/lock").write_text("nonsense")
        assert holder(tmp_path) is not None
        with pytest.raises(FolderLocked, match="another ghostsync is working"):
            FolderLock(tmp_path, wait=0).acquire()


def test_a_linked_lock_is_refused(tmp_path):
    (tmp_path / ".ghostsync").mkdir()
    (tmp_path / ".ghostsync/lock").symlink_to(tmp_path / "victim")
    with pytest.raises(StateError):
        FolderLock(tmp_path, wait=0).acquire()
    assert not (tmp_path / "victim").exists()


def test_a_file_system_without_locks_is_named(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(StateError, match="gives no locks"):
        FolderLock(tmp_path, wait=0).acquire()
