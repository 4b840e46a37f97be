"""systemd's notify protocol (sd_notify(3)): the daemon says that it is up, what it does, and that it still lives.

A handful of datagrams, so it is written out here. Without `NOTIFY_SOCKET` every call does nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping

LONGEST_STATUS = 300  # characters; `systemctl status` shows one line


class Notifier:
    """Tells the service manager that started this process. env: as `os.environ`."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        env = os.environ if env is None else env
        self._address = _address(env.get("NOTIFY_SOCKET", ""))
        self._status = ""
        self.watchdog_seconds = _watchdog(env) if self._address else 0.0
        """After this long without `alive` the service manager starts the service anew; 0: it does not watch."""

    def ready(self, status: str = "") -> None:
        self._send("READY=1", *self._changed(status))

    def status(self, status: str) -> None:
        self._send(*self._changed(status))

    def alive(self) -> None:
        if self.watchdog_seconds:
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it. The time tells systemd which READY that will be."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        if told := self._changed("stopping"):
            self._send("STOPPING=1", *told)

    def _changed(self, status: str) -> list[str]:
        line = " ".join(status.split())[:LONGEST_STATUS]
        if not line or line == self._status:
            return []
        self._status = line
        return [f"STATUS={line}"]

    def _send(self, *assignments: str) -> None:
        if not self._address or not assignments:
            return
        # A service manager that does not listen is no reason to stop working.
        with (
            contextlib.suppress(OSError),
            socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
            ) as door,
        ):
            door.sendto("\n".join(assignments).encode(), self._address)


def _address(told: str) -> str:
    """A leading @ is the null byte of abstract sockets. Other kinds (vsock) are not for services like this."""
    if told.startswith("@"):
        return "\0" + told[1:]
    return told if told.startswith("/") else ""


def _watchdog(env: Mapping[str, str]) -> float:
    """Seconds from WATCHDOG_USEC, if it is meant for this process."""
    if env.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    told = env.get("WATCHDOG_USEC", "")
    return int(told) / 1e6 if told.isdecimal() else 0.0
