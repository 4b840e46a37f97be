"""One ghostsync at a time may change a folder: a kernel lock on `.ghostsync/lock`.

The lock belongs to the open file, so the kernel drops it when the process dies, however it dies. The file's
text only tells people who holds it and is never taken for the lock itself; the file is never removed, because a
waiting process may have it open.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ghostsync.errors import FolderLocked, StateError
from ghostsync.state.private import PRIVATE, private_directory

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a folder: process id, host name, since when (UTC, ISO)."""

    pid: int
    host: str
    since: str


class FolderLock:
    """A context manager. Entering raises FolderLocked when another process holds the folder after `wait` seconds."""

    def __init__(
        self, folder_root: Path, *, wait: float = 0.5, clock: Callable[[], float] = time.time
    ) -> None:
        self._root = folder_root
        self._wait = wait
        self._clock = clock
        self._descriptor = -1

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def held(self) -> bool:
        return self._descriptor >= 0

    def acquire(self) -> None:
        if self.held:
            return
        descriptor = _open(private_directory(self._root) / "lock")
        try:
            self._claim(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _claim(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._wait
        while not _try(descriptor, fcntl.LOCK_EX, self._root):
            # `holder` of another process takes a shared lock for an instant; a short wait outlasts it.
            if time.monotonic() >= deadline:
                raise _locked(self._root, _read(descriptor))
            time.sleep(_POLL)
        since = dt.datetime.fromtimestamp(self._clock(), dt.UTC).isoformat(timespec="seconds")
        text = json.dumps(asdict(Holder(os.getpid(), socket.gethostname(), since))) + "\n"
        # Information only: a full disk must not keep anybody from locking.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, text.encode(), 0)

    def release(self) -> None:
        """Idempotent. Closing the descriptor is what releases the lock."""
        if self.held:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def holder(folder_root: Path) -> Holder | None:
    """Who holds the folder now, or None. Changes nothing. For `status` and `doctor`."""
    try:
        descriptor = os.open(folder_root / PRIVATE / "lock", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if _try(descriptor, fcntl.LOCK_SH, folder_root):
            return None
        return _read(descriptor) or Holder(0, "", "")
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(
            f"the lock cannot be opened: {error.strerror}",
            subject=str(path),
            remedy="Give the user that runs ghostsync access to it; ghostsync makes the file itself.",
        ) from error


def _try(descriptor: int, kind: int, root: Path) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return False
        raise StateError(
            f"the file system gives no locks: {error.strerror}",
            subject=str(root),
            remedy="Keep the folder on a local disk, or on a network file system that supports flock.",
        ) from error
    return True


def _read(descriptor: int) -> Holder | None:
    try:
        told = json.loads(os.pread(descriptor, 4096, 0))
        return Holder(int(told["pid"]), str(told["host"]), str(told["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _locked(root: Path, who: Holder | None) -> FolderLocked:
    if who is None:
        told, remedy = "another ghostsync", "Wait until it has finished."
    else:
        told = f"another ghostsync (process {who.pid} on {who.host}, since {who.since})"
        remedy = (
            "If it is the daemon, it syncs by itself: ghostsync status. Else wait until it has finished. To stop it there: "
            f"kill {who.pid}"
        )
    return FolderLocked(f"{told} is working in this folder", subject=str(root), remedy=remedy)
