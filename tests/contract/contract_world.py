"""What a contract test has in its hands: one Ghost, ghostsync's client for it, and plain HTTP beside it."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import jwt
import pytest
from realghost.park import chosen_versions

from ghostsync.ghost.site import GhostSite
from ghostsync.model import Kind, RemotePost
from ghostsync.sandbox import ManualClock

SANDBOX = "sandbox"
LONG_PAST = "2021-02-03T04:05:06.000Z"


@dataclass
class World:
    """One Ghost under test. site: ghostsync's own client. raw: plain HTTP with a token of the test's making."""

    name: str
    version: str
    url: str
    key: str
    api_path: str
    audience: str
    site: GhostSite
    http: httpx.AsyncClient
    pass_a_second: Callable[[], None]
    counter: itertools.count[int] = field(default_factory=itertools.count)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    @property
    def kid(self) -> str:
        return self.key.split(":")[0]

    def unique(self, word: str = "title") -> str:
        """A text that no other test uses and that is its own slug."""
        return f"{word}-{self.mark}-{next(self.counter)}"

    async def server_time(self) -> int:
        answer = await self.raw("GET", "site/")
        return _epoch(answer)

    def token(
        self, *, claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None, key: bytes = b""
    ) -> str:
        """A token that Ghost accepts, but for what is given; a claim or header of None is left out."""
        now = int(time.time()) if self.name != SANDBOX else int(ManualClock().now)
        body = {"iat": now, "exp": now + 240, "aud": self.audience, **(claims or {})}
        head = {"kid": self.kid, **(headers or {})}
        return jwt.encode(
            {name: value for name, value in body.items() if value is not None},
            key or bytes.fromhex(self.key.split(":")[1]),
            algorithm=head.pop("alg", "HS256"),
            headers={name: value for name, value in head.items() if value is not None},
        )

    async def raw(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One request; path is what comes after /admin/. Never follows a redirect."""
        headers = {"Authorization": f"Ghost {self.token()}", **more.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        return await self.http.request(method, self.api_path + path, json=body, headers=headers, **more)

    async def create(self, kind: str = "posts", query: str = "", **fields: Any) -> httpx.Response:
        """The answer to a POST of one document; a title is given where none is."""
        return await self.raw("POST", f"{kind}/{query}", {kind: [{"title": self.unique(), **fields}]})

    async def rows(self, path: str) -> list[dict[str, Any]]:
        answer = await self.raw("GET", path)
        assert answer.status_code == httpx.codes.OK, answer.text
        return list(answer.json()[path.split("/", maxsplit=1)[0]])

    async def post(self, **fields: Any) -> RemotePost:
        """A new post through ghostsync's client."""
        source_html = "html" in fields
        return await self.site.create(Kind.POST, {"title": self.unique(), **fields}, source_html=source_html)

    async def old_post(self, kind: Kind = Kind.POST, **fields: Any) -> RemotePost:
        """A new document whose `updated_at` is long past, so that the lock is sound at once."""
        payload = {"title": self.unique(), "updated_at": LONG_PAST, **fields}
        return await self.site.create(kind, payload, source_html=False)

    async def settled(self, post: RemotePost) -> RemotePost:
        """The post, read when the server's clock is past the second of its `updated_at`, so that locks are sound."""
        again = await self.site.get(post.kind, post.id)
        assert again is not None
        while again.server_time <= _seconds(again.updated_at):
            self.pass_a_second()
            again = await self.site.get(post.kind, post.id)
            assert again is not None
        return again

    def body(self, text: str) -> dict[str, str]:
        """A one-paragraph body in the format that this Ghost stores."""
        if self.major >= 5:
            return {"lexical": lexical(paragraph(text))}
        document = {"version": "0.3.1", "markups": [], "atoms": [], "cards": [], "sections": []}
        document["sections"] = [[1, "p", [[0, [], 0, text]]]]
        return {"mobiledoc": json.dumps(document)}


def only(answer: httpx.Response) -> dict[str, Any]:
    """The one document of an answer that must be a success."""
    assert answer.is_success, answer.text
    ((_, (row,)),) = answer.json().items()
    return dict(row)


def worlds(*majors: int) -> list[Any]:
    """Parameters for the fixture `world`: the sandbox and the chosen Ghosts, of the named majors if any are named."""
    params = [pytest.param(SANDBOX, id=SANDBOX)] if not majors or 6 in majors else []
    for version in chosen_versions():
        major = int(version.split(".")[0])
        if not majors or major in majors:
            params.append(pytest.param(version, id=version, marks=pytest.mark.ghost))
    return params


def on_ghost(*majors: int) -> pytest.MarkDecorator:
    """Run a test on these majors only (the sandbox is a 6)."""
    return pytest.mark.parametrize("world", worlds(*majors), indirect=True)


def paragraph(text: str) -> dict[str, Any]:
    node = {"detail": 0, "format": 0, "mode": "normal", "style": "", "text": text}
    return {
        "children": [{**node, "type": "extended-text", "version": 1}],
        "direction": "ltr",
        "format": "",
        "indent": 0,
        "type": "paragraph",
        "version": 1,
    }


def lexical(*nodes: dict[str, Any], **root: Any) -> str:
    shell = {"direction": "ltr", "format": "", "indent": 0, "type": "root", "version": 1}
    return json.dumps({"root": {"children": list(nodes), **shell, **root}}, separators=(",", ":"))


def _epoch(answer: httpx.Response) -> int:
    return int(parsedate_to_datetime(answer.headers["Date"]).timestamp())


def _seconds(updated_at: str) -> int:
    return int(datetime.fromisoformat(updated_at).timestamp())
