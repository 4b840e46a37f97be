"""`ghostsync run` as a process of its own, and what it tells: its log, and a service manager's ear."""

import contextlib
import os
import signal
import socket
import threading
import time

from forked import Forked

PATIENCE = 60.0  # seconds until a test gives up; nothing waits this long when all is well


class Daemon:
    """The process, and its log as it comes."""

    def __init__(self, blog, *arguments, env=None):
        folder = ["-C", str(blog.root)] if blog is not None else []
        self.process = Forked(
            [*folder, "run", "--log", "plain", *arguments], os.environ | {"NO_COLOR": "1"} | (env or {})
        )
        self.lines = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line.rstrip())
                self._news.notify_all()

    def until(self, words, count=1):
        """Wait for the log to hold this many lines with these words."""

        def enough():
            return sum(words in line for line in self.lines) >= count

        with self._news:
            assert self._news.wait_for(enough, PATIENCE), "\n".join([f"no {words!r} in:", *self.lines])

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        self.send(number)
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stderr.close()


class Manager:
    """A service manager's notify socket: collects what the daemon tells."""

    def __init__(self, path):
        self.path = path
        self.told = []
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._door.bind(str(path))
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with contextlib.suppress(OSError):
            while data := self._door.recv(65536):
                with self._news:
                    self.told += data.decode().split("\n")
                    self._news.notify_all()

    def until(self, start, count=1):
        """Wait until so many assignments that begin with this have come; the last of them."""

        def enough():
            return sum(line.startswith(start) for line in self.told) >= count

        with self._news:
            assert self._news.wait_for(enough, PATIENCE), self.told
            return [line for line in self.told if line.startswith(start)][-1]

    def close(self):
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


def eventually(check, patience=PATIENCE):
    """The first true value of check(), looked for again and again for a while."""
    end = time.monotonic() + patience
    while not (found := check()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)
    return found
