"""One folder and one sandbox Ghost in one process, without sockets: what the state machine plays with.

Everything people write is made of tokens, t1, t2 ..., each written once. So a text that is lost is a token that
can be found nowhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import httpx

from ghostsync.config import AdminKey, HttpSection, parse_config
from ghostsync.errors import GhostsyncError
from ghostsync.folder import LocalFolder
from ghostsync.ghost.site import GhostSite
from ghostsync.model import Kind
from ghostsync.sandbox import ManualClock, SandboxApp, SandboxGhost
from ghostsync.state import open_state
from ghostsync.sync.engine import Engine
from ghostsync.sync.halts import lift
from ghostsync.sync.model import Direction

URL = "http://ghost.invalid"
MEMORY = Path("/dev/shm")  # noqa: S108  # a place in memory, where the machine has one; the names in it are random
TOKEN = re.compile(r"\bt\d+\b")
MARK = re.compile(r"\bm\d+\b")
COLLISION = {
    "errors": [{"message": "Saving failed!", "type": "UpdateCollisionError", "code": "UPDATE_COLLISION"}]
}


@dataclass
class Trouble:
    """What happens to one request: `at` counts down the matching requests that pass unharmed before. path: a part of
    the path that it has.

    kind: "unsent", "lost" (carried out, but the answer is lost), "late" (the client gives up; it is carried out
    at the next tick), "busy" (503), "html" (502), "truncated" (carried out, half an answer), "collision" (409), or
    "meanwhile": `act` happens just before the request is carried out, which then goes through.
    """

    kind: str
    at: int = 0
    method: str = ""
    act: object = None
    path: str = ""


class Wire(httpx.AsyncBaseTransport):
    """The way to the sandbox, with the trouble that was ordered."""

    def __init__(self, app):
        self._inner = httpx.ASGITransport(app=app)
        self.troubles: deque[Trouble] = deque()
        self.late: list[httpx.Request] = []

    async def handle_async_request(self, request):
        trouble = self._next(request)
        kind = trouble.kind if trouble else ""
        if kind == "meanwhile":
            trouble.act()
        if kind == "unsent":
            raise httpx.ConnectError("ordered", request=request)
        if kind == "busy":
            return httpx.Response(503, headers={"content-type": "text/html"}, text="<html>503</html>")
        if kind == "html":
            return httpx.Response(502, headers={"content-type": "text/html"}, text="<html>502</html>")
        if kind == "collision" and request.method == "PUT":
            return httpx.Response(409, json=COLLISION)
        if kind == "late":
            self.late.append(request)
            raise httpx.ReadTimeout("ordered", request=request)
        response = await self._inner.handle_async_request(request)
        if kind == "lost":
            raise httpx.ReadError("ordered", request=request)
        if kind == "truncated":
            data = await response.aread()
            headers = {k: v for k, v in response.headers.items() if k.lower() != "content-length"}
            return httpx.Response(response.status_code, headers=headers, content=data[: len(data) // 2])
        return response

    def _next(self, request):
        for trouble in self.troubles:
            if trouble.method in {"", request.method} and trouble.path in request.url.path:
                if trouble.at > 0:
                    trouble.at -= 1
                    return None
                self.troubles.remove(trouble)
                return trouble
        return None

    async def deliver(self):
        """What was still on its way arrives; nobody waits for the answer."""
        while self.late:
            await self._inner.handle_async_request(self.late.pop(0))


class MachineWorld:
    """Both sides, and what a person on each can do to them. Names of documents are their marks: m1, m2 ..."""

    def __init__(self):
        self._place = tempfile.TemporaryDirectory(
            prefix="ghostsync-test-", dir=MEMORY if MEMORY.is_dir() else None
        )
        self.root = Path(self._place.name)
        (self.root / "posts").mkdir()
        self.clock = ManualClock()
        self.ghost = SandboxGhost(url=f"{URL}/", clock=self.clock)
        self.wire = Wire(SandboxApp(self.ghost))
        self._runner = asyncio.Runner()
        key = AdminKey.parse(self.ghost.admin_api_key, source="test")
        http = HttpSection(retries=0)
        self._site = GhostSite(URL, key, http, transport=self.wire)

    def close(self):
        self._runner.run(self._site.aclose())
        self._runner.close()
        self._place.cleanup()

    # ghostsync

    def cycle(self, direction=Direction.BOTH, winner=None):
        """One cycle; None when it could not be made. A halt is lifted by a person at once. winner: the side that
        wins where both differ.
        """
        prefer = winner.value if winner else "none"
        config = parse_config(f'[site]\nurl = "{URL}"\n[sync]\nprefer = "{prefer}"\n', source="test", env={})
        folder = LocalFolder(self.root, config.folder)
        folder.remove_leftovers()
        with open_state(self.root, config, clock=self.clock) as state:
            engine = Engine(self._site, folder, state, config, sleep=self._pass, clock=self.clock)
            try:
                report = self._runner.run(engine.cycle(direction=direction, adopt=winner))
            except GhostsyncError:
                return None
            if report.halt is not None:
                lift(state, report.halt)
            return report

    async def _pass(self, seconds):
        self.clock.advance(seconds)

    def deliver(self):
        self._runner.run(self.wire.deliver())

    def lose_state(self):
        for file in (self.root / ".ghostsync").glob("state.db*"):
            file.unlink()

    # What is there

    def files(self):
        """mark -> path, of the documents a scan finds."""
        found = {}
        for path in sorted((self.root / "posts").rglob("*.md")):
            if not path.name.endswith(".conflict.md"):
                mark = MARK.search(path.read_text(encoding="utf-8"))
                assert mark, path
                assert mark[0] not in found, f"two files for one document: {path}, {found[mark[0]]}"
                found[mark[0]] = path
        return found

    def posts(self):
        """mark -> document in Ghost."""
        found = {}
        for document in self.ghost.posts:
            mark = MARK.search(document.own["lexical"])
            assert mark, document.own
            assert mark[0] not in found, f"two posts for one document: {mark[0]}"
            found[mark[0]] = document
        return found

    def everything(self):
        """All tokens that can be found anywhere."""
        texts = [
            path.read_text(encoding="utf-8")
            for path in self.root.rglob("*.md")
            # What shows a conflict is ghostsync's own, and goes with the conflict.
            if not path.name.endswith(".conflict.md")
        ]
        texts += [json.dumps([d.own, d.meta]) for d in self.ghost.posts]
        path = self.root / ".ghostsync/state.db"
        if path.exists():
            with open_state(
                self.root, parse_config(f'[site]\nurl = "{URL}"\n', source="test", env={})
            ) as state:
                texts += [state.blob(version.sha).decode() for version in state.versions()]
        return set(TOKEN.findall("\n".join(texts)))

    def writes(self):
        return sum(self.ghost.count(method) for method in ("POST", "PUT", "DELETE"))

    def stats(self):
        return {
            path: (path.stat().st_mtime_ns, path.stat().st_ino)
            for path in self.root.rglob("*")
            if path.is_file() and ".ghostsync" not in path.parts
        }

    # People

    def save_file(self, path, text):
        """As an editor saves: beside it, then in its place."""
        aside = path.with_suffix(".swp")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)

    def edit_post(self, mark, **fields):
        with contextlib.suppress(KeyError):
            self.ghost.edit(self.posts()[mark].id, **fields)

    def create_post(self, title, paragraphs):
        html = "".join(f"<p>{text}</p>" for text in paragraphs)
        return self.ghost.create(Kind.POST, title=title, html=html, source_html=True)
