"""`ghostsync` as a process of its own that starts in milliseconds. Also the program that these processes are forks of.

A new interpreter takes most of a second to import all that a daemon needs. This one does so once, has no threads, and
each command is a fork of it, with arguments, environment, directory and stderr of its own. What happens before
`ghostsync.cli.main.run` is all that differs from `python -m ghostsync`; the tests with systemd start that.
"""

from __future__ import annotations

import array
import atexit
import functools
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path


class Forked:
    """What `subprocess.Popen` gives, as far as tests want it. stderr: a text stream."""

    def __init__(self, arguments, env):
        ours, theirs = os.pipe()
        self._told, telling = os.pipe()
        job = {"arguments": arguments, "env": env, "directory": str(Path.cwd())}
        try:
            socket.send_fds(_nursery(), [json.dumps(job).encode()], [theirs, telling])
        finally:
            os.close(theirs)
            os.close(telling)
        self.stderr = os.fdopen(ours, encoding="utf-8")
        self._code = None
        self.pid = self._read()

    def _read(self):
        data = os.read(self._told, 4)
        assert len(data) == 4, "the process could not be started"
        return array.array("i", data)[0]

    def wait(self, timeout=None):
        """The exit code; the negative number of the signal that killed it. TimeoutExpired."""
        if self._code is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            self._code = self._read()
            os.close(self._told)
        return self._code

    def send_signal(self, number):
        """Nothing happens once it has been waited for."""
        if self._code is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


@functools.cache
def _nursery():
    """The socket to the one process that all are forks of. It ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen([sys.executable, __file__], stdin=theirs)
    theirs.close()

    def end():
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve():
    """Fork for each job. Returns in the fork, with what it is to run."""
    # Warm: these imports are what each fork saves. The first two would come with the first request otherwise.
    for name in (
        "anyio._backends._asyncio",
        "httpcore",
        "ghostsync.cli.cycles",
        "ghostsync.cli.service",
        "ghostsync.compose",
        "ghostsync.daemon.process",
    ):
        importlib.import_module(name)

    jobs = socket.socket(fileno=0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        data, descriptors, _, _ = socket.recv_fds(jobs, 1 << 20, 2)
        if not data:
            os._exit(0)
        stderr, telling = descriptors
        if os.fork() == 0:
            jobs.detach()
            return _wait_or_go(json.loads(data), stderr, telling)
        os.close(stderr)
        os.close(telling)


def _wait_or_go(job, stderr, telling):
    """A process waits for the command and tells its pid and its exit code; another one goes on to run it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child != 0:
        os.close(stderr)
        os.write(telling, array.array("i", [child]).tobytes())
        _, status = os.waitpid(child, 0)
        os.write(telling, array.array("i", [os.waitstatus_to_exitcode(status)]).tobytes())
        os._exit(0)
    os.close(telling)
    os.dup2(stderr, 2)
    os.close(stderr)
    # What it was before may have been a file, which remembers that it can be sought in.
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", buffering=1, encoding="utf-8", closefd=False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.chdir(job["directory"])
    os.environ.clear()
    os.environ.update(job["env"])
    sys.argv = ["ghostsync", *job["arguments"]]


if __name__ == "__main__":
    _serve()
    from ghostsync.cli.main import run

    run()
