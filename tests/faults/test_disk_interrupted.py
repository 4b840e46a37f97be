"""A write that is interrupted at any of its system calls leaves the old file or the new one, and nothing else."""

import asyncio
import contextlib
import errno
import os
from hashlib import sha256

import pytest

from ghostsync.config import FolderSection
from ghostsync.errors import FolderError
from ghostsync.folder import durable
from ghostsync.folder.local import LocalFolder
from ghostsync.sync.model import ABSENT

CALLS = [
    "open",
    "write",
    "fsync",
    "fstat",
    "close",
    "rename",
    "link",
    "mkdir",
    "fchmod",
    "read",
    "stat",
    "dup",
]
REAL_CLOSE, REAL_OPENING = os.close, (os.open, os.dup)
OLD, NEW = b"the old text", b"the new text, which is longer"


def full():
    return OSError(errno.ENOSPC, "No space left on device")


class Saboteur:
    """Counts the system calls of an operation, and makes the n-th of them fail, before or after it is carried out."""

    def __init__(self, monkeypatch):
        self.count = 0
        self.at = 0
        self.after = False
        self.fault = None
        # Power cuts are not the subject here, and hundreds of real flushes would take most of the time.
        monkeypatch.setattr(os, "fsync", lambda _: None)
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrapped(getattr(os, name)))
        if durable._renameat2 is not None:
            monkeypatch.setattr(durable, "_renameat2", self._wrapped(durable._renameat2))

    def arm(self, at, fault, *, after):
        self.count, self.at, self.fault, self.after = 0, at, fault, after

    def disarm(self):
        self.at = 0

    def _wrapped(self, real):
        def call(*args, **kwargs):
            if not self.at:
                return real(*args, **kwargs)
            self.count += 1
            if self.count != self.at:
                return real(*args, **kwargs)
            # A close that fails has closed all the same, and a descriptor must not leak into the other tests.
            if self.after or real is REAL_CLOSE:
                result = real(*args, **kwargs)
                if real in REAL_OPENING:
                    REAL_CLOSE(result)
            raise self.fault()

        return call


@pytest.fixture
def saboteur(monkeypatch):
    saboteur = Saboteur(monkeypatch)
    yield saboteur
    saboteur.disarm()


def sha(data):
    return sha256(data).hexdigest()


def operations(name, folder, root):
    """(what to do, the states of the folder that may be seen afterwards: path -> content)."""
    if name == "replace":
        folder.write("posts/a.md", OLD, expected_sha=ABSENT)
        return (
            lambda: folder.write("posts/a.md", NEW, expected_sha=sha(OLD)),
            [{"posts/a.md": OLD}, {"posts/a.md": NEW}],
        )
    if name == "create":
        return (lambda: folder.write("posts/x/a.md", NEW, expected_sha=ABSENT), [{}, {"posts/x/a.md": NEW}])
    if name == "create many":
        files = [("posts/a.md", OLD), ("posts/b.md", NEW)]
        return (
            lambda: asyncio.run(folder.write_many(files)),
            [{}, {"posts/a.md": OLD}, {"posts/b.md": NEW}, dict(files)],
        )
    if name == "companion":
        (root / "posts").mkdir()
        folder.write_beside("posts/a.conflict.md", OLD)
        return (
            lambda: folder.write_beside("posts/a.conflict.md", NEW),
            [{"posts/a.conflict.md": OLD}, {"posts/a.conflict.md": NEW}],
        )
    folder.write("posts/a.md", OLD, expected_sha=ABSENT)
    return (
        lambda: folder.trash("posts/a.md", expected_sha=sha(OLD)),
        [{"posts/a.md": OLD}, {".ghostsync/trash/posts/a.md": OLD}],
    )


def contents(root):
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("rename", ["renameat2", "plain"])
@pytest.mark.parametrize(
    ("fault", "after"),
    [(full, False), (KeyboardInterrupt, False), (KeyboardInterrupt, True)],
    ids=["full", "interrupted before", "interrupted after"],
)
@pytest.mark.parametrize("name", ["replace", "create", "create many", "companion", "trash"])
def test_at_every_step_the_file_is_old_or_new_and_nothing_is_left_behind(
    tmp_path, monkeypatch, saboteur, name, fault, after, rename
):
    if rename == "plain":
        monkeypatch.setattr(durable, "_renameat2", None)
    steps = 0
    while True:
        steps += 1
        root = tmp_path / str(steps)
        root.mkdir()
        folder = LocalFolder(root, FolderSection())
        act, allowed = operations(name, folder, root)
        if (name, rename) == ("trash", "plain"):
            # Two steps there, a link and an unlink: in between the text is in both places, which loses nothing.
            allowed.append({key: OLD for state in allowed for key in state})
        saboteur.arm(steps, fault, after=after)
        with contextlib.suppress(FolderError, KeyboardInterrupt):
            act()
        reached = saboteur.count >= steps
        saboteur.disarm()
        assert contents(root) in allowed, f"step {steps}"
        if not reached:
            break
    assert steps > 8


def test_a_short_write_is_carried_on(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data)[:3]))
    LocalFolder(tmp_path, FolderSection()).write("posts/a.md", NEW, expected_sha=ABSENT)
    assert (tmp_path / "posts/a.md").read_bytes() == NEW


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission"),
        (errno.EIO, "I/O"),
    ],
)
def test_a_fault_of_the_disk_says_what_to_which_file_and_what_to_do(tmp_path, monkeypatch, number, word):
    folder = LocalFolder(tmp_path, FolderSection())

    def fsync(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    for act in (
        lambda: folder.write("posts/a.md", NEW, expected_sha=ABSENT),
        lambda: asyncio.run(folder.write_many([("posts/a.md", NEW)])),
    ):
        with pytest.raises(FolderError, match=word) as caught:
            act()
        assert caught.value.subject.startswith("posts")
        assert caught.value.remedy


def test_what_was_durable_before_the_disk_filled_up_is_reported(tmp_path, monkeypatch):
    real, count = os.write, 0

    def write(descriptor, data):
        nonlocal count
        count += 1
        if count > 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    folder = LocalFolder(tmp_path, FolderSection())
    done = asyncio.run(folder.write_many((f"posts/{n}.md", NEW) for n in range(300)))
    assert 0 < len(done) < 300
    assert sorted(contents(tmp_path)) == sorted(file.path for file in done)
