"""What Ghost's webhooks look like, and the few words about them that the folder remembers.

Ghost tells no integration which webhooks it has, so their ids are kept in `.ghostsync/webhook.json`, with the secret
that their signatures are made with. That secret opens nothing: a forged hook would only make the daemon look.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ghostsync.daemon.inbox import Hook
from ghostsync.errors import StateError
from ghostsync.state.private import PRIVATE, private_directory

EVENTS = (
    "post.added",
    "post.edited",
    "post.deleted",
    "page.added",
    "page.edited",
    "page.deleted",
    "tag.edited",
    "tag.deleted",
)
"""Enough for everything: Ghost sends `edited` along with each of its finer events (seen on 5.130.6 and 6.65.0)."""

FRESH = 300.0  # seconds a signature may be old, by Ghost's own clock
SIGNATURE = "x-ghost-signature"
PATH = "/ghostsync/"
_SIGNED = re.compile(r"sha256=([0-9a-f]{64}), ?t=(\d{1,16})")


@dataclass(frozen=True, slots=True)
class Hooks:
    """What is installed in Ghost. token: the last part of the address, so that not everybody can knock; signed: whether
    this Ghost signs (from 5 on). ids: event -> Ghost's id of the webhook.
    """

    url: str = ""
    token: str = ""
    secret: str = ""
    signed: bool = True
    ids: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Hooks({self.url!r}, {len(self.ids)} installed)"

    @property
    def target(self) -> str:
        """The address that Ghost calls."""
        return f"{self.url.rstrip('/')}{PATH}{self.token}"

    @classmethod
    def fresh(cls, url: str, *, signed: bool) -> Hooks:
        return cls(url, secrets.token_urlsafe(18), secrets.token_hex(32), signed)

    def without(self, event: str) -> Hooks:
        return replace(self, ids={name: id for name, id in self.ids.items() if name != event})

    def with_id(self, event: str, id: str) -> Hooks:
        return replace(self, ids={**self.ids, event: id})


class Signature:
    """Checks one request while its body comes in. header: X-Ghost-Signature. now: Ghost's clock, seconds."""

    def __init__(self, secret: str, header: str, *, now: float) -> None:
        match = _SIGNED.fullmatch(header.strip())
        self._claimed, self._moment = (match[1], match[2]) if match else ("", "")
        self._fresh = bool(match) and abs(now - int(self._moment or 0) / 1000) <= FRESH
        self._mac = hmac.new(secret.encode(), digestmod=hashlib.sha256)

    def feed(self, data: bytes) -> None:
        self._mac.update(data)

    def valid(self) -> bool:
        """Over body and time, as Ghost signs since 5.87; earlier ones signed the body alone."""
        timed = self._mac.copy()
        timed.update(self._moment.encode())
        good = hmac.compare_digest(timed.hexdigest(), self._claimed)
        good_before = hmac.compare_digest(self._mac.hexdigest(), self._claimed)
        return self._fresh and (good or good_before)


def told(body: bytes) -> Hook:
    """Which document a hook is about; an empty one when it does not say."""
    try:
        payload = json.loads(body)
        for kind in ("post", "page"):
            if isinstance(payload.get(kind), dict):
                current = payload[kind].get("current") or {}
                id, moment = current.get("id"), current.get("updated_at")
                if isinstance(id, str) and isinstance(moment, str) and re.fullmatch("[0-9a-f]{24}", id):
                    return Hook(kind, id, moment)
    except (ValueError, AttributeError):
        pass
    return Hook()


def hooks_file(root: Path) -> Path:
    return root / PRIVATE / "webhook.json"


def load_hooks(root: Path) -> Hooks:
    """What was installed from this folder; an empty one when nothing was."""
    path = hooks_file(root)
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Hooks(
            str(row["url"]), str(row["token"]), str(row["secret"]), bool(row["signed"]), dict(row["ids"])
        )
    except FileNotFoundError:
        return Hooks()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StateError(
            f"cannot be read: {error}",
            subject=str(path),
            remedy="Remove the file and run `ghostsync webhook install`; the old webhooks disappear by themselves.",
        ) from error


def store_hooks(root: Path, hooks: Hooks) -> None:
    """Remember it, for this user only; forget it when it has no token."""
    private_directory(root)
    path = hooks_file(root)
    try:
        if not hooks.token:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            return
        draft = path.with_name(f"{path.name}.new")
        descriptor = os.open(
            draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(hooks), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StateError(
            f"cannot be written: {error.strerror}",
            subject=str(path),
            remedy="Check owner, mode and free space.",
        ) from error
