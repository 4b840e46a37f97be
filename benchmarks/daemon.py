"""What the daemon's benchmarks share: the daemon as a process, what it uses, and a wire that notes the times."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ghostsync.daemon.control import ask


class Daemon:
    """`ghostsync run` in a folder; its log goes to a file."""

    def __init__(self, root: Path, key: str, log: Path, *arguments: str) -> None:
        self.root, self.key, self.log, self.arguments = root, key, log, arguments
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**os.environ, "GHOST_ADMIN_API_KEY": self.key}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "ghostsync",
                    "-C",
                    str(self.root),
                    "run",
                    "--log",
                    "plain",
                    *self.arguments,
                ],
                env=env,
                stdout=log,
                stderr=log,
            )

    def looks(self) -> int:
        """How often it has looked at both sides by now, in cycles and in polls that found nothing."""
        told = ask(self.root, "status")
        return _looks(told) if told else 0

    def ready(self, patience: float = 600.0, *, after: int = 0, polls: int = 0) -> dict[str, object]:
        """Wait until it is in step; what it tells then. after: and has looked more often than this, since what it was in
        step with before something happened says nothing. polls: and has polled so often and found nothing.
        """
        end = time.monotonic() + patience
        while time.monotonic() < end:
            told = ask(self.root, "status")
            if told and _in_step(told) and _looks(told) > after and _polls(told) >= polls:
                return told
            time.sleep(0.05)  # each question costs the daemon a little of what is measured
        raise AssertionError(f"not in step: {ask(self.root, 'status')}\n{self.log.read_text()[-2000:]}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(60)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def cpu(self) -> float:
        """Seconds of CPU so far, its own and the kernel's for it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """MB in memory now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def database(self) -> float:
        """MB of the state database and its log."""
        files = (self.root / ".ghostsync").glob("state.db*")
        return sum(file.stat().st_size for file in files) / 1e6


def _in_step(told: dict[str, object]) -> bool:
    return told["state"] == "in step" and not told["working"] and not told["queue"]["changes"]


def _polls(told: dict[str, object]) -> int:
    return told["counts"].get("spared", 0)


def _looks(told: dict[str, object]) -> int:
    return told["counts"].get("cycles", 0) + _polls(told)


@contextmanager
def daemon(root: Path, key: str, *arguments: str) -> Iterator[Daemon]:
    running = Daemon(root, key, root.parent / f"{root.name}.log", *arguments)
    running.start()
    try:
        yield running
    finally:
        if running.process is not None and running.process.poll() is None:
            running.stop()


class Wire:
    """A TCP relay to Ghost: notes when each request that writes arrived, and can be cut."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.writes: list[float] = []
        self.cut = False
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        if self.cut:
            near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            near.close()
            return
        pair = (near, far)
        self._pairs.add(pair)
        for each in pair:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):
            while True:
                for ready in select.select(pair, (), ())[0]:
                    data = ready.recv(65536)
                    if not data:
                        raise OSError
                    if ready is near and data.startswith((b"PUT ", b"POST ")):
                        self.writes.append(time.monotonic())
                    (far if ready is near else near).sendall(data)
        self._pairs.discard(pair)
        for each in pair:
            each.close()

    def sever(self) -> None:
        """No connection any more, neither those that are open nor new ones."""
        self.cut = True
        for pair in list(self._pairs):
            for each in pair:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.cut = False

    def close(self) -> None:
        self.sever()
        self._server.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quantiles(values: list[float]) -> str:
    """p50, p95 and the worst, in ms."""
    ranked = sorted(values)
    return "p50 {:.0f}  p95 {:.0f}  max {:.0f} ms".format(
        *(1000 * ranked[min(len(ranked) - 1, int(len(ranked) * share))] for share in (0.5, 0.95, 1.0))
    )
