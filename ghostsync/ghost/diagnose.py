"""What stands between this machine and a working Admin API, checked step by step, each with a remedy.

Nothing is written to Ghost. A step that an earlier failure makes meaningless is reported as not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import (
    AddressWrong,
    GhostError,
    GhostsyncError,
    KeyFormError,
    NotFound,
    RedirectRefused,
    Refused,
    Unreachable,
)
from ghostsync.ghost.address import Address, is_local, parse_address
from ghostsync.ghost.clock import ServerClock, describe_lead
from ghostsync.ghost.site import read_site
from ghostsync.ghost.transport import AdminClient
from ghostsync.wording import counted

STEPS = (
    "address",
    "key",
    "name",
    "connection",
    "tls",
    "redirect",
    "ghost",
    "token",
    "clock",
    "read",
    "write",
)
_NO_POST = "0" * 24
_CLOCK_MATTERS = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Check:
    """One step. ok: None when it was not checked (detail says why). A remedy beside ok=True is a piece of advice.

    data: facts for `--json`; of the token its header and claims, never the secret or the signature. error: what
    failed, whose exit code tells the kind of failure.
    """

    name: str
    ok: bool | None
    detail: str
    remedy: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    error: GhostsyncError | None = None


class _Book:
    """The checks made so far, and which failure stopped them."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def passed(self, name: str, detail: str, remedy: str = "", data: Mapping[str, Any] | None = None) -> None:
        self._checks[name] = Check(name, ok=True, detail=detail, remedy=remedy, data=data or {})

    def skipped(self, name: str, detail: str, remedy: str = "") -> None:
        self._checks[name] = Check(name, ok=None, detail=detail, remedy=remedy)

    def failed(self, name: str, error: GhostsyncError, data: Mapping[str, Any] | None = None) -> None:
        self._checks[name] = Check(
            name, ok=False, detail=error.what, remedy=error.remedy, data=data or {}, error=error
        )

    def closed(self) -> list[Check]:
        """All steps in order; those never reached name the failure that stopped them."""
        failed = [name for name in STEPS if name in self._checks and self._checks[name].ok is False]
        # The key is looked at early, but a bad one stops only what needs it: any other failure goes first.
        blocker = next((name for name in failed if name != "key"), "key")
        return [
            self._checks.get(name) or Check(name, ok=None, detail=f"not checked because of: {blocker}")
            for name in STEPS
        ]


async def diagnose(
    address: str,
    key_text: str | None,
    http: HttpSection,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: ServerClock | None = None,
) -> list[Check]:
    """All steps of STEPS, in order. Never raises a `GhostsyncError`: they become checks. Does not retry."""
    book = _Book()
    key = _key(key_text, book)
    try:
        site = parse_address(address)
    except AddressWrong as error:
        book.failed("address", error)
        return book.closed()
    book.passed("address", "; ".join((site.url, *site.notes)), _set_url(site, address))
    quick = http.model_copy(update={"retries": 0})
    async with AdminClient(site, key, quick, transport=transport, clock=clock) as client:
        if await _reach(client, book) and key is not None:
            await _token(client, book)
    return book.closed()


def _set_url(site: Address, typed: str) -> str:
    return f"Write it as {site.url}" if site.notes and typed.strip() != site.url else ""


def _key(text: str | None, book: _Book) -> AdminKey | None:
    if text is None:
        book.failed(
            "key",
            KeyFormError(
                "no Admin API key was given",
                remedy="Set GHOST_ADMIN_API_KEY, or name a file that holds it in [site] admin_api_key_file.",
            ),
        )
        return None
    try:
        key = AdminKey.parse(text, source="key")
    except KeyFormError as error:
        book.failed("key", error)
        return None
    book.passed("key", f"has the form of an Admin API key (id {key.id})")
    return key


async def _reach(client: AdminClient, book: _Book) -> bool:
    """From the host name to a Ghost that answers."""
    url = urlsplit(client.address.url)
    host = url.hostname or ""
    step = ""
    try:
        answer = await client.site()
        info = read_site(answer.json["site"], address=client.address.url, timezone="")
    except Unreachable as error:
        step = {"name": "name", "tls": "tls"}.get(error.stage, "connection")
        book.failed(step, error)
    except RedirectRefused as error:
        step = "redirect"
        book.failed(step, error)
    except GhostError as error:
        step = "ghost"
        book.failed(step, error)
    if step != "name":
        book.passed("name", f"{host} is known")
    if step not in {"name", "connection"}:
        book.passed(
            "connection", f"{host} answers on port {url.port or (443 if url.scheme == 'https' else 80)}"
        )
    if url.scheme != "https":
        advice = (
            "" if is_local(host) else "Use https, or everybody on the way can read and change what is sent."
        )
        book.skipped("tls", "not used: the address begins with http://", advice)
    elif step not in {"name", "connection", "tls"}:
        book.passed("tls", "the certificate is valid")
    if step not in {"name", "connection", "tls", "redirect"}:
        book.passed("redirect", "none")
    if step:
        return False
    api = client.api.path if client.api else ""
    elsewhere = "" if info.url.rstrip("/") == client.address.url else f"; it calls itself {info.url}"
    book.passed(
        "ghost",
        f'Ghost {info.version}, "{info.title}", API at {api}{elsewhere}',
        data={"version": info.version, "api_path": api, "url": info.url, "title": info.title},
    )
    lead = client.clock.local_lead()
    far = abs(lead) >= _CLOCK_MATTERS
    book.passed(
        "clock",
        describe_lead(lead) + ("; ghostsync goes by the server's" if far else ""),
        "Set the clock that is wrong (NTP does it)." if far else "",
        {"local_lead_seconds": round(lead, 1)},
    )
    return True


async def _token(client: AdminClient, book: _Book) -> None:
    """Whether Ghost takes the token, and what it lets the key do."""
    token = client.token
    shown = {"header": token.header, "claims": token.claims} if token else {}
    one = {"limit": "1", "fields": "id"}
    try:
        posts = await client.call("GET", "posts/", subject="posts", params=one)
    except Refused as error:
        # The token was read and found good before Ghost could find that it lacks a right.
        if error.status == 403 or error.type == "NotImplementedError":
            book.passed("token", "accepted", data=shown)
            book.failed("read", error)
        else:
            book.failed("token", error, shown)
        return
    except RedirectRefused as error:  # Ghost 2 lets site/ pass and redirects the rest
        book.failed("redirect", error)
        return
    except GhostError as error:
        book.failed("token", error, shown)
        return
    role = await _role(client)
    whose = f"it is a staff user's ({role})" if role else "it is an integration's"
    book.passed("token", f"accepted; {whose}", data=shown)
    try:
        pages = await client.call("GET", "pages/", subject="pages", params=one)
    except GhostError as error:
        book.failed("read", error)
    else:
        book.passed("read", f"{_total(posts.json, 'post')} and {_total(pages.json, 'page')} can be read")
    await _may_write(client, book, role)


async def _role(client: AdminClient) -> str:
    """The role of the staff user whose token it is, "" for an integration's key."""
    try:
        answer = await client.call("GET", "users/me/", subject="user", params={"include": "roles"})
    except GhostError:
        return ""
    users = answer.json.get("users")
    user = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
    roles = [str(role.get("name")) for role in user.get("roles") or [] if isinstance(role, dict)]
    return ", ".join(roles) or "role unknown"


async def _may_write(client: AdminClient, book: _Book, role: str) -> None:
    """Ask to edit a post that cannot exist: Ghost says 404 to those who may edit, and 403 or 501 to others."""
    payload = {"posts": [{"title": "ghostsync", "updated_at": "2000-01-01T00:00:00.000Z"}]}
    try:
        await client.call("PUT", f"posts/{_NO_POST}/", subject="posts", payload=payload)
    except NotFound:
        book.passed(
            "write",
            "an edit of a post that does not exist was not forbidden",
            "An Author or Contributor can write their own posts only; an integration's key can write all."
            if role in {"Author", "Contributor"}
            else "",
        )
    except GhostError as error:
        book.failed("write", error)
    else:
        book.skipped("write", "Ghost edited a post that does not exist; nothing can be concluded")


def _total(body: Mapping[str, Any], noun: str) -> str:
    meta = body.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    total = pagination.get("total") if isinstance(pagination, dict) else None
    return counted(total, noun) if isinstance(total, int) else f"some {noun}s"
