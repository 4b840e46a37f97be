"""Runs the command as a user does, in this process: arguments in; exit code, stdout and stderr out."""

import contextvars
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ghostsync.cli.main import run
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve_in_thread

ENVIRONMENT = ("GHOST_URL", "GHOST_ADMIN_API_KEY", "CREDENTIALS_DIRECTORY")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def ghostsync(monkeypatch, capsys, *arguments):
    """`ghostsync ARGUMENTS`, whatever pytest itself was called with."""
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["ghostsync", *map(str, arguments)])
    try:
        contextvars.copy_context().run(run)  # what one run settles, such as --ci, is not the next test's
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    else:
        code = 0
    captured = capsys.readouterr()
    return Ran(code, captured.out, captured.err)


class Blog:
    """A sandbox Ghost that answers on loopback, and a configured folder beside it."""

    def __init__(self, ghost, clock, url, root, monkeypatch, capsys):
        self.ghost = ghost
        self.clock = clock
        self.url = url
        self.root: Path = root
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments):
        """Run a command in the folder, some time after whatever happened in Ghost last."""
        self.clock.advance(5)
        return ghostsync(self._monkeypatch, self._capsys, "-C", self.root, *arguments)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def configure(self, text=""):
        self.write("ghostsync.toml", f'[site]\nurl = "{self.url}"\n{text}')

    @property
    def uploaded(self):
        """Path on the site -> bytes of all that was uploaded; of a picture both what was sent and what Ghost made of it."""
        return self.ghost.store.files

    @property
    def writes(self):
        """How many requests that write have reached Ghost."""
        return sum(self.ghost.count(method) for method in ("POST", "PUT", "DELETE"))


@contextmanager
def sandbox_blog(tmp_path, monkeypatch, capsys, *, configured=True) -> Iterator[Blog]:
    """A blog to run commands on; the key is in the environment when it is configured, else nowhere."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    clock = ShiftedClock()
    ghost = SandboxGhost(clock=clock)
    root = tmp_path / "site"
    with serve_in_thread(ghost) as url:
        blog = Blog(ghost, clock, url, root, monkeypatch, capsys)
        if configured:
            blog.configure()
            monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.admin_api_key)
        yield blog
