"""The cache folder: finished things under final names, unfinished ones under others, one lock per thing."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ENV = "GHOSTSYNC_TEST_GHOSTS"


class RealGhostError(Exception):
    """A real Ghost cannot be had; the message says why and what to do."""


class Cache:
    """`root` defaults to $GHOSTSYNC_TEST_GHOSTS, else ~/.cache/ghostsync-test-ghosts."""

    def __init__(self, root: Path | None = None) -> None:
        named = os.environ.get(ENV)
        default = Path(named).expanduser() if named else Path.home() / ".cache" / "ghostsync-test-ghosts"
        self.root = (root or default).absolute()

    def path(self, *parts: str) -> Path:
        return self.root.joinpath(*parts)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Held by one process at a time; the kernel drops it when the process dies."""
        path = self.path("locks", name.replace("/", "-"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def once(self, path: Path, make: Callable[[Path], None]) -> Path:
        """`path`, made by `make(folder)` if it is not there: in a folder beside it that is renamed when complete."""
        if path.exists():
            return path
        with self.lock(str(path.relative_to(self.root))):
            if path.exists():
                return path
            path.parent.mkdir(parents=True, exist_ok=True)
            for leftover in path.parent.glob(f".{path.name}.*"):
                shutil.rmtree(leftover, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
            try:
                make(work)
                work.rename(path)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return path
