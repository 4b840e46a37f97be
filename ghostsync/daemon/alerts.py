"""`[notify]`: a program or an address that hears of what a person should know, each thing once.

The program gets words in its environment and JSON on its standard input, never a shell, and never the Admin API key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import httpx

from ghostsync.config import NotifySection
from ghostsync.daemon.health import Condition, Health, span
from ghostsync.daemon.log import Log

PATIENCE = 30.0  # seconds for one message
_SECRET = ("GHOST_ADMIN_API_KEY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


@dataclass(frozen=True, slots=True)
class Alert:
    """event: "conflict", "halt", "stale" or "recovered". path: of a conflict."""

    event: str
    message: str
    remedy: str = ""
    path: str = ""
    folder: str = ""
    site: str = ""


Send = Callable[[Alert], Awaitable[None]]


class Alerts:
    """Compares what holds now with what was told. `check` costs nothing; messages go out beside the loop."""

    def __init__(
        self, section: NotifySection, health: Health, log: Log, *, sends: tuple[Send, ...] | None = None
    ) -> None:
        self._after = section.after
        self._health = health
        self._log = log
        if sends is None:
            sends = (Program(section.command),) if section.command else ()
            sends += (Address(section.url),) if section.url else ()
        self._sends = sends
        self._told: dict[tuple[str, str], Alert] = {}
        self._blocked_since: float | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def take_over(self, before: Alerts) -> None:
        """After a reload: what was told stays told."""
        self._told, self._blocked_since = before._told, before._blocked_since

    def check(self) -> None:
        if not self._sends:
            return
        now = self._holding()
        for key, alert in now.items():
            if key not in self._told:
                self._out(alert)
        lasting = [key for key in self._told if key not in now and key[0] in {"halt", "stale"}]
        if lasting and not any(key[0] in {"halt", "stale"} for key in now):
            self._out(self._alert("recovered", f"in step again: {self._health.words()}"))
        self._told = now

    async def close(self) -> None:
        """Let the messages under way arrive, for a moment."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=1.0)
            for task in late:
                task.cancel()

    def _holding(self) -> dict[tuple[str, str], Alert]:
        health = self._health
        found: dict[tuple[str, str], Alert] = {}
        if health.halt is not None:
            halt = health.halt
            lift = f"{halt.remedy}\nghostsync resume --confirm {halt.id}".strip()
            found["halt", halt.id] = self._alert("halt", f"halted ({halt.reason}): {halt.what}", lift)
        for entry in health.conflicts:
            found["conflict", entry.path] = self._alert(
                "conflict",
                f"conflict in {entry.path}: {entry.reason}",
                entry.remedy or f"ghostsync diff {entry.path}",
                entry.path,
            )
        if self._blocked() >= self._after:
            since = health.wall() - (health.started_at if health.synced_at is None else health.synced_at)
            found["stale", ""] = self._alert(
                "stale", f"not synced for {span(since)}: {health.words()}", health.remedy
            )
        return found

    def _blocked(self) -> float:
        """Seconds for which something has kept it from syncing. A long interval does not, nor does a machine asleep."""
        now = self._health.wall()
        if self._health.condition in {Condition.IN_STEP, Condition.OPEN}:
            self._blocked_since = None
        elif self._blocked_since is None:
            self._blocked_since = now
        return 0.0 if self._blocked_since is None else now - self._blocked_since

    def _alert(self, event: str, message: str, remedy: str = "", path: str = "") -> Alert:
        return Alert(event, message, remedy, path, self._health.folder, self._health.site)

    def _out(self, alert: Alert) -> None:
        for send in self._sends:
            task = asyncio.ensure_future(self._deliver(send, alert))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _deliver(self, send: Send, alert: Alert) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await send(alert)
        except (OSError, TimeoutError) as error:
            self._log.warning(
                "a message was not delivered",
                about=alert.event,
                reason=str(error) or "time-out",
                remedy="Check [notify] in ghostsync.toml.",
            )


class Program:
    """Runs `[notify] command`."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command

    async def __call__(self, alert: Alert) -> None:
        env = {name: value for name, value in os.environ.items() if name not in _SECRET}
        env |= {f"GHOSTSYNC_{name.upper()}": value for name, value in asdict(alert).items()}
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=env,
        )
        try:
            await process.communicate(json.dumps(asdict(alert), ensure_ascii=False).encode() + b"\n")
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            raise OSError(f"{self._command[0]} ended with {process.returncode}")


class Address:
    """POSTs JSON to `[notify] url`."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, alert: Alert) -> None:
        # The address may be a secret by itself, so httpx's own words, which repeat it, go nowhere.
        try:
            async with httpx.AsyncClient(timeout=PATIENCE) as client:
                answer = await client.post(self._url, json=asdict(alert))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"the address of [notify] url cannot be reached ({type(error).__name__})"
        else:
            reason = "" if answer.is_success else f"the address of [notify] url answers {answer.status_code}"
        if reason:
            raise OSError(reason)
