"""What the daemon's HTTP port answers: Ghost's webhooks, /healthz, /readyz and /metrics.

A hook is only a hint, so that a forged, repeated or lost one does no harm.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ghostsync.compose import Session
from ghostsync.config import listen_address
from ghostsync.daemon.health import Condition, Health
from ghostsync.daemon.hooks import PATH, SIGNATURE, Hooks, Signature, hooks_file, load_hooks, told
from ghostsync.daemon.http_port import Asked, HttpPort, Page
from ghostsync.daemon.inbox import Hook, Inbox
from ghostsync.daemon.log import Log
from ghostsync.daemon.pulse import STUCK
from ghostsync.errors import ConfigError, StateError

READ_INTO = 2_000_000  # bytes of a body that are looked into; of a longer one only the signature is checked
_NOTHING = 404, "text/plain", b"nothing here\n"


class Desk:
    """Makes the pages of one folder's port.

    hooks: what is installed in Ghost now. hint: told of each genuine hook. server_now: Ghost's clock, seconds.
    metrics: the whole page of numbers.
    """

    def __init__(
        self,
        health: Health,
        *,
        hooks: Callable[[], Hooks],
        hint: Callable[[Hook], None],
        server_now: Callable[[], float],
        metrics: Callable[[], bytes],
    ) -> None:
        self._health = health
        self._hooks = hooks
        self._hint = hint
        self._server_now = server_now
        self._metrics = metrics

    async def __call__(self, asked: Asked) -> Page:
        # The user's proxy may have put a path of its own in front.
        _, found, token = asked.path.rpartition(PATH)
        if found and "/" not in token:
            return await self._hook(asked, token) if asked.method == "POST" else _not_allowed("POST")
        pages = {"/healthz": self._alive, "/readyz": self._ready, "/metrics": self._numbers}
        page = pages.get(asked.path)
        if page is None:
            return _NOTHING
        return page() if asked.method in {"GET", "HEAD"} else _not_allowed("GET")

    async def _hook(self, asked: Asked, token: str) -> Page:
        try:
            hooks = self._hooks()
        except StateError as error:
            return 503, "text/plain", f"{error.what}\n".encode()
        if not hooks.token or not hmac.compare_digest(hooks.token.encode(), token.encode()):
            self._health.counts["hooks_refused"] += 1
            # Ghost drops a webhook that is answered with 410: nobody here waits for this one any more.
            return 410, "text/plain", b"this webhook is not installed any more\n"
        signature = Signature(hooks.secret, asked.headers.get(SIGNATURE, ""), now=self._server_now())
        body = bytearray()
        async for chunk in asked.body:
            signature.feed(chunk)
            if len(body) < READ_INTO:
                body += chunk
        if hooks.signed and not signature.valid():
            self._health.counts["hooks_refused"] += 1
            return 401, "text/plain", b"the signature is missing, wrong or too old\n"
        self._health.counts["hooks"] += 1
        self._hint(told(bytes(body)))
        return 204, "text/plain", b""

    def _alive(self) -> Page:
        if self._health.stuck_for(self._health.monotonic()) < STUCK:
            return 200, "text/plain", b"ok\n"
        return 503, "text/plain", b"the loop is stuck\n"

    def _ready(self) -> Page:
        good = self._health.condition in {Condition.IN_STEP, Condition.OPEN}
        return 200 if good else 503, "text/plain", f"{self._health.words()}\n".encode()

    def _numbers(self) -> Page:
        return 200, "text/plain; version=0.0.4", self._metrics()


def _not_allowed(method: str) -> Page:
    return 405, "text/plain", f"only {method} here\n".encode()


class InstalledHooks:
    """`webhook.json` as it is now; read again only when it changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stamp = -1
        self._found = Hooks()

    def __call__(self) -> Hooks:
        try:
            stamp = hooks_file(self._root).stat().st_mtime_ns
        except OSError:
            stamp = 0
        if stamp != self._stamp:
            self._found = load_hooks(self._root)
            self._stamp = stamp
        return self._found


@asynccontextmanager
async def hearing(session: Session, inbox: Inbox, health: Health, log: Log) -> AsyncIterator[None]:
    """Listen while the block runs, if `[webhook] listen` says where. Raises ConfigError when that is not possible."""
    where = session.config.webhook.listen
    if where is None:
        health.webhook = ""
        yield
        return
    from ghostsync.daemon.metrics import Metrics  # noqa: PLC0415 - who does not listen needs no library for numbers

    client = session.site.client
    metrics = Metrics(health, client)
    desk = Desk(
        health,
        hooks=InstalledHooks(session.root),
        hint=inbox.remote_hint,
        server_now=lambda: client.clock.now() if client.clock.known else time.time(),
        metrics=metrics.page,
    )
    host, port = listen_address(where)
    try:
        server = await asyncio.start_server(HttpPort(desk), host, port, limit=65_536)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {where}: {error.strerror}",
            subject="[webhook] listen",
            remedy="Choose a port that no other program uses, at an address of this machine.",
        ) from error
    health.webhook = "{}:{}".format(*server.sockets[0].getsockname()[:2])
    log.info("listening", address=health.webhook)
    try:
        yield
    finally:
        server.close()
