"""Real file systems that are full, read-only or closed to us, where this machine lets a test make one."""

import asyncio
import contextlib
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from ghostsync.config import FolderSection, HistorySection
from ghostsync.errors import FolderError, StateError
from ghostsync.folder.local import LocalFolder
from ghostsync.state import FolderLock, SqliteState
from ghostsync.sync.model import ABSENT

NOBODY = 65534
MEGABYTE = 1024 * 1024


def sha(data):
    return sha256(data).hexdigest()


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    if not (sys.platform.startswith("linux") and mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place))):
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(place):
    with (place / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(b"x" * 4096):
            pass


def files(place):
    return sorted(path.name for path in place.rglob("*") if path.is_file() and path.name != "ballast")


def test_a_full_disk_changes_no_file_and_the_next_run_goes_on(small_disk):
    folder = LocalFolder(small_disk, FolderSection())
    old, new = b"old" * 1000, b"new" * 20_000
    folder.write("posts/a.md", old, expected_sha=ABSENT)
    fill(small_disk)
    for act in (
        lambda: folder.write("posts/a.md", new, expected_sha=sha(old)),
        lambda: folder.write("posts/b.md", new, expected_sha=ABSENT),
        lambda: asyncio.run(folder.write_many([("posts/b.md", new), ("posts/c.md", new)])),
    ):
        with pytest.raises(FolderError, match="disk is full"):
            act()
    assert files(small_disk) == ["a.md"]
    assert folder.read("posts/a.md") == old
    (small_disk / "ballast").unlink()
    folder.write("posts/a.md", new, expected_sha=sha(old))
    assert folder.read("posts/a.md") == new


def test_a_full_disk_takes_nothing_from_the_state(small_disk):
    path = small_disk / "state.db"
    with SqliteState(path, HistorySection(), lambda: 0.0) as state:
        state.set_meta("a", "kept")
        fill(small_disk)
        with pytest.raises(StateError, match=r"full|I/O"):
            state.put_blob(os.urandom(300_000))
        assert state.meta("a") == "kept"
        (small_disk / "ballast").unlink()
        assert state.blob(state.put_blob(b"goes on")) == b"goes on"


def test_a_read_only_file_system_is_named(small_disk):
    folder = LocalFolder(small_disk, FolderSection())
    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    if not mount("-o", "remount,ro", str(small_disk)):
        pytest.skip("needs the right to remount")
    assert folder.read("posts/a.md") == b"old"
    assert folder.scan({}).complete
    with pytest.raises(FolderError, match="read-only"):
        folder.write("posts/b.md", b"new", expected_sha=ABSENT)
    with pytest.raises(FolderError, match="read-only"):
        folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    with pytest.raises(StateError):
        FolderLock(small_disk, wait=0).acquire()


def test_posts_on_a_disk_of_their_own_are_trashed_all_the_same(small_disk):
    root = small_disk.parent / "root"
    (root / "posts").mkdir(parents=True)
    if not mount("--bind", str(small_disk), str(root / "posts")):
        pytest.skip("needs the right to mount")
    try:
        folder = LocalFolder(root, FolderSection())
        folder.write("posts/a.md", b"text", expected_sha=ABSENT)
        where = folder.trash("posts/a.md", expected_sha=sha(b"text"))
        assert (root / where).read_bytes() == b"text"
        assert folder.scan({}).files == ()
    finally:
        subprocess.run(["umount", str(root / "posts")], check=True)


def test_a_read_only_file_is_left_as_its_owner_wants_it(tmp_path):
    folder = LocalFolder(tmp_path, FolderSection())
    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    (tmp_path / "posts/a.md").chmod(0o444)
    with pytest.raises(FolderError, match="is read-only") as caught:
        folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    assert "chmod" in caught.value.remedy
    assert (tmp_path / "posts/a.md").read_bytes() == b"old"


@contextlib.contextmanager
def as_nobody():
    """The rights of a user who owns nothing, for the root user that a test machine may run as."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """A folder that everybody may use, by the one path that does not lead through pytest's private directories."""
    tmp_path.chmod(0o777)
    monkeypatch.chdir(tmp_path)
    return Path()


def test_an_unreadable_file_is_a_problem_and_not_a_deletion(shared):
    with as_nobody():
        folder = LocalFolder(shared, FolderSection())
        folder.write("posts/a.md", b"a", expected_sha=ABSENT)
        folder.write("posts/b.md", b"b", expected_sha=ABSENT)
        known = {file.path: (file.stat, file.sha, False) for file in folder.scan({}).files}
        (shared / "posts/a.md").chmod(0)
        scan = folder.scan(known)
        assert [file.path for file in scan.files] == ["posts/a.md", "posts/b.md"]
        assert "permission denied" in str(scan.files[0].error)
        assert scan.files[0].sha == ""
        assert scan.files[1].error is None
        assert scan.complete


def test_an_unreadable_directory_means_that_nothing_counts_as_deleted(shared):
    with as_nobody():
        folder = LocalFolder(shared, FolderSection())
        folder.write("posts/private/a.md", b"a", expected_sha=ABSENT)
        folder.write("posts/b.md", b"b", expected_sha=ABSENT)
        known = {file.path: (file.stat, file.sha, False) for file in folder.scan({}).files}
        (shared / "posts/private").chmod(0)
        try:
            scan = folder.scan(known)
            assert [file.path for file in scan.files] == ["posts/b.md"]
            assert not scan.complete
            assert "posts/private" in {error.subject.rstrip("/") for error in scan.errors}
        finally:
            (shared / "posts/private").chmod(0o700)


def test_a_directory_that_may_not_be_written_is_named(shared):
    with as_nobody():
        folder = LocalFolder(shared, FolderSection())
        folder.write("posts/a.md", b"a", expected_sha=ABSENT)
        (shared / "posts").chmod(0o500)
        try:
            for act in (
                lambda: folder.write("posts/b.md", b"b", expected_sha=ABSENT),
                lambda: folder.write("posts/a.md", b"b", expected_sha=sha(b"a")),
                lambda: folder.trash("posts/a.md", expected_sha=sha(b"a")),
            ):
                with pytest.raises(FolderError, match="permission denied"):
                    act()
            assert asyncio.run(folder.write_many([("posts/b.md", b"b")])) == []
        finally:
            (shared / "posts").chmod(0o700)
        assert files(shared) == ["a.md"]
