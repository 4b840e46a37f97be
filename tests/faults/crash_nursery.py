"""Runs one cycle in a process of its own that kills itself at a given step. Also the program of that process.

A fork server: it imports ghostsync once, and each cycle is a fork of it, which takes milliseconds instead of the
second that a new interpreter takes. It has no threads, so forking it is safe.

A step is one thing that the world outside the process can see: a request before it is sent and after its answer came,
a part of a file on its way up, a system call that changes the folder, half of a write, a commit before and after. What is not there when the process
is killed *before* step n is what was there *after* step n - 1, so that each point in time is met once.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from shared_clock import SharedClock


@dataclass(frozen=True)
class Ran:
    """One run. killed: at the wanted step; else the cycle ended by itself, with its exit code."""

    killed: bool
    steps: list[str] = field(default_factory=list)
    code: int = -1


class Nursery:
    """The fork server, seen from the tests."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, world, *, direction="sync", kill_at=0):
        """A cycle in the world's folder; kill_at: the number of the step, from 1; 0 lets it end."""
        job = {
            "root": str(world.root),
            "key": world.ghost.admin_api_key,
            "clock": str(world.clock.path),
            "direction": direction,
            "kill_at": kill_at,
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return Ran(**answer)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Steps:
    """Counts the steps of this process and kills it at one of them."""

    def __init__(self, kill_at):
        self.names = []
        self._kill_at = kill_at
        self._lock = threading.Lock()

    def reach(self, name):
        with self._lock:
            self.names.append(name)
            if len(self.names) == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def install(self):
        for name in ("rename", "replace", "link", "unlink", "mkdir", "fsync", "fchmod", "ftruncate"):
            setattr(os, name, self._before(name, getattr(os, name)))
        os.write = self._halved(os.write)
        self._install_renameat2()
        self._install_requests()
        self._install_commits()
        self._install_uploads()
        self._install_downloads()

    def _before(self, name, real):
        def call(*args, **kwargs):
            self.reach(name)
            return real(*args, **kwargs)

        return call

    def _halved(self, real):
        """A write is two steps: nothing of it, and half of it."""

        def write(descriptor, data):
            self.reach("write")
            half = real(descriptor, data[: len(data) // 2]) if len(data) > 1 else 0
            self.reach("half a write")
            return half + real(descriptor, data[half:])

        return write

    def _install_renameat2(self):
        from ghostsync.folder import durable

        if durable._renameat2 is not None:
            durable._renameat2 = self._before("renameat2", durable._renameat2)

    def _install_requests(self):
        import httpx

        real = httpx.AsyncHTTPTransport.handle_async_request

        async def send(transport, request):
            self.reach(f"{request.method} not sent")
            response = await real(transport, request)
            self.reach(f"{request.method} answered")
            return response

        httpx.AsyncHTTPTransport.handle_async_request = send

    def _install_commits(self):
        steps = self

        class Connection(sqlite3.Connection):
            def execute(self, sql, *values):
                if sql != "COMMIT":
                    return super().execute(sql, *values)
                steps.reach("commit")
                done = super().execute(sql, *values)
                steps.reach("committed")
                return done

        real = sqlite3.connect
        sqlite3.connect = lambda *args, **kwargs: real(*args, factory=Connection, **kwargs)

    def _install_uploads(self):
        """The form, piece by piece: what was given before is on its way to Ghost."""
        from ghostsync.ghost.multipart import Form

        real = Form.chunks

        async def chunks(form):
            async for chunk in real(form):
                yield chunk
                self.reach("a part sent")

        Form.chunks = chunks

    def _install_downloads(self):
        """Their files are no descriptors that `os.write` is called with."""
        from ghostsync.folder.incoming import Incoming

        steps, real = self, Incoming.__init__

        class Halved:
            def __init__(self, file):
                self._file = file
                self.write = steps._halved(lambda _, data: file.write(data)).__get__(file)

            def __getattr__(self, name):
                return getattr(self._file, name)

        def begin(incoming, *args):
            real(incoming, *args)
            incoming.file = Halved(incoming.file)

        Incoming.__init__ = begin
        Incoming.begun = self._before("begun", Incoming.begun)


async def _cycle(job):
    from ghostsync.compose import open_session
    from ghostsync.config import AdminKey, load_config
    from ghostsync.sync.model import Direction

    root, clock = Path(job["root"]), SharedClock(Path(job["clock"]))
    config, key = load_config(root, {}), AdminKey.parse(job["key"], source="test")
    async with open_session(root, config, key, clock=clock, sleep=clock.sleep) as session:
        return await session.engine.cycle(direction=Direction(job["direction"]))


def _child(job, pipe):
    """Never returns."""
    steps = Steps(job["kill_at"])
    try:
        steps.install()
        report = asyncio.run(_cycle(job))
        told = {"killed": False, "steps": steps.names, "code": report.exit_code}
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
        told = {"error": repr(error)}
    with os.fdopen(pipe, "w", encoding="utf-8") as out:
        json.dump(told, out)
    os._exit(0)


def _serve():
    """Read a job a line, fork, and answer with what came of it, a line each."""
    # Warm: these imports are what each fork saves. The first two would come with the first request otherwise.
    for name in ("anyio._backends._asyncio", "httpcore", "ghostsync.compose"):
        importlib.import_module(name)

    for line in sys.stdin:
        job = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _child(job, writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as told:
            text = told.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        answer = {"killed": True} if killed else json.loads(text)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
