"""The daemon's HTTP port: webhooks with Ghost's signatures, health, numbers, and limits for strangers."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections import Counter

import httpx
import pytest

from ghostsync.config import AdminKey, HttpSection
from ghostsync.daemon.health import Condition, Health, Open
from ghostsync.daemon.hooks import FRESH, Hooks, load_hooks, store_hooks
from ghostsync.daemon.http_port import HttpPort
from ghostsync.daemon.inbox import Hook
from ghostsync.daemon.listener import Desk, InstalledHooks
from ghostsync.daemon.metrics import Metrics
from ghostsync.daemon.pulse import STUCK
from ghostsync.errors import StateError
from ghostsync.ghost.site import GhostSite
from ghostsync.ghost.transport import Exchange

NOW = 1_795_516_667.0
HOOKS = Hooks.fresh("https://hooks.example.com", signed=True).with_id("post.edited", "1" * 24)
BODY = json.dumps(
    {"event": "post.edited", "post": {"current": {"id": "a" * 24, "updated_at": "2026-01-01T00:00:00.000Z"}}}
).encode()
HOOK = Hook("post", "a" * 24, "2026-01-01T00:00:00.000Z")


def signed(body=BODY, *, secret=HOOKS.secret, at=NOW, form="timed"):
    moment = str(int(at * 1000))
    over = body + moment.encode() if form == "timed" else body
    digest = hmac.new(secret.encode(), over, hashlib.sha256).hexdigest()
    return {"X-Ghost-Signature": f"sha256={digest}, t={moment}"}


class Port:
    """A port on loopback, and what it was hinted at."""

    def __init__(self, url, heard, health):
        self.url, self.heard, self.health = url, heard, health
        self.path = f"/ghostsync/{HOOKS.token}"

    async def __call__(self, method, path, **more):
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            return await client.request(method, path, **more)


@contextlib.asynccontextmanager
async def port(hooks=HOOKS, health=None, metrics=lambda: b"", **limits):
    heard = []
    health = health or Health("/srv/blog")
    desk = Desk(
        health,
        hooks=hooks if callable(hooks) else lambda: hooks,
        hint=heard.append,
        server_now=lambda: NOW,
        metrics=metrics,
    )
    server = await asyncio.start_server(HttpPort(desk, **limits), "127.0.0.1", 0)
    try:
        yield Port(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard, health)
    finally:
        server.close()


@pytest.mark.parametrize("form", ["timed", "body alone"])
async def test_a_hook_that_ghost_signed_is_a_hint_that_names_the_post(form):
    async with port() as ask:
        assert (await ask("POST", ask.path, content=BODY, headers=signed(form=form))).status_code == 204
        assert ask.heard == [HOOK]


async def test_a_path_that_the_users_proxy_puts_in_front_does_no_harm():
    async with port() as ask:
        assert (await ask("POST", f"/hooks{ask.path}", content=BODY, headers=signed())).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Ghost-Signature": "sha256=nonsense"},
        signed(secret="another"),
        signed(b"another body"),
        signed(at=NOW - FRESH - 1),
        signed(at=NOW + FRESH + 1),
    ],
    ids=["none", "nonsense", "another secret", "another body", "too old", "from the future"],
)
async def test_a_forged_or_old_hook_is_refused_and_hints_at_nothing(headers):
    async with port() as ask:
        assert (await ask("POST", ask.path, content=BODY, headers=headers)).status_code == 401
        assert ask.heard == []
        assert ask.health.counts["hooks_refused"] == 1


async def test_a_signature_is_good_at_the_edge_of_its_age():
    async with port() as ask:
        headers = signed(at=NOW - FRESH)
        assert (await ask("POST", ask.path, content=BODY, headers=headers)).status_code == 204


async def test_a_webhook_that_is_not_installed_any_more_is_told_to_go():
    """Ghost drops a webhook that is answered with 410."""
    async with port() as ask:
        assert (await ask("POST", "/ghostsync/old-token", content=BODY, headers=signed())).status_code == 410
        assert ask.heard == []


async def test_before_anything_is_installed_every_hook_is_told_to_go():
    async with port(hooks=Hooks()) as ask:
        assert (await ask("POST", "/ghostsync/", content=BODY)).status_code == 410


async def test_a_ghost_that_does_not_sign_is_known_by_the_address():
    unsigned = Hooks.fresh("https://x.example", signed=False).with_id("post.edited", "1" * 24)
    async with port(hooks=unsigned) as ask:
        assert (await ask("POST", f"/ghostsync/{unsigned.token}", content=BODY)).status_code == 204
        assert ask.heard == [HOOK]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b'{"tag": {"current": {}}}', b'{"post": {"current": null}}']
)
async def test_a_hook_that_names_no_post_is_a_hint_all_the_same(body):
    async with port() as ask:
        assert (await ask("POST", ask.path, content=body, headers=signed(body))).status_code == 204
        assert ask.heard == [Hook()]


async def test_a_hook_longer_than_what_is_looked_into_still_counts():
    body = b'{"post": {"current": {"html": "' + b"x" * 3_000_000 + b'"}}}'
    async with port() as ask:
        assert (await ask("POST", ask.path, content=body, headers=signed(body))).status_code == 204
        assert ask.heard == [Hook()]


async def test_a_body_without_end_is_cut_off():
    async with port(largest=1000) as ask:
        body = b"x" * 2000
        assert (await ask("POST", ask.path, content=body, headers=signed(body))).status_code == 413
        assert ask.heard == []


async def test_a_head_without_end_is_cut_off():
    async with port() as ask:
        answer = await ask("GET", "/healthz", headers={"X": "x" * 100_000})
        assert answer.status_code in {400, 431}


async def test_what_is_no_http_is_answered_as_such():
    async with port() as ask:
        reader, writer = await asyncio.open_connection(*ask.url.removeprefix("http://").split(":"))
        writer.write(b"HELO example.com\r\n\r\n")
        assert b" 400 " in (await reader.read()).splitlines()[0]
        writer.close()


async def test_a_connection_that_says_nothing_is_closed_after_a_while():
    async with port(patience=0.01) as ask:
        reader, writer = await asyncio.open_connection(*ask.url.removeprefix("http://").split(":"))
        assert await reader.read() == b""
        writer.close()


async def test_more_connections_than_allowed_are_closed_at_once():
    async with port(connections=1) as ask:
        where = ask.url.removeprefix("http://").split(":")
        first = await asyncio.open_connection(*where)
        second = await asyncio.open_connection(*where)
        assert await second[0].read() == b""
        for _, writer in (first, second):
            writer.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/ghostsync", 404),
        ("GET", "/ghostsync/x", 405),
        ("POST", "/healthz", 405),
        ("HEAD", "/healthz", 200),
        ("GET", "/../etc/passwd", 404),
    ],
)
async def test_other_questions_get_short_answers(method, path, status):
    async with port() as ask:
        assert (await ask(method, path)).status_code == status


async def test_healthz_is_about_the_loop_and_readyz_about_ghost():
    now = [1000.0]
    health = Health("/srv/blog", monotonic=lambda: now[0])
    health.wait_until(1060.0)
    async with port(health=health) as ask:
        assert (await ask("GET", "/healthz")).status_code == 200
        assert (await ask("GET", "/readyz")).status_code == 503
        health.condition = Condition.IN_STEP
        assert (await ask("GET", "/readyz")).status_code == 200
        health.condition = Condition.HALTED
        assert (await ask("GET", "/readyz")).text.startswith("halted")
        now[0] = 1060.0 + STUCK
        assert (await ask("GET", "/healthz")).status_code == 503


async def test_the_numbers_are_in_prometheus_form_and_hold_no_secret():
    key = AdminKey.parse("0" * 24 + ":" + "ab" * 32, source="test")
    health = Health(
        "/srv/blog", site="https://blog.example.com", counts=Counter(cycles=3, hooks=2, watched_anew=4)
    )
    health.open = (
        Open("conflict", "posts/a.md", "both sides changed"),
        Open("problem", "posts/b.md", "no YAML"),
    )
    health.synced(214)
    async with GhostSite("https://blog.example.com", key, HttpSection()) as site:
        metrics = Metrics(health, site.client)
        site.client.observe(Exchange("GET", "posts", 200, 0, 1234, 0.02))
        async with port(health=health, metrics=metrics.page) as ask:
            text = (await ask("GET", "/metrics")).text
    for line in (
        'ghostsync_requests_total{method="GET",resource="posts",status="200"} 1.0',
        'ghostsync_bytes_total{direction="received"} 1234.0',
        'ghostsync_cycles_total{result="done"} 3.0',
        "ghostsync_documents 214.0",
        "ghostsync_watched_anew_total 4.0",
        "ghostsync_conflicts 1.0",
        "ghostsync_open 2.0",
        "ghostsync_token_renewals_total 0.0",
        'ghostsync_webhooks_total{result="taken"} 2.0',
        'ghostsync_request_seconds_count{method="GET"} 1.0',
    ):
        assert line in text.splitlines()
    assert "ghostsync_last_success_timestamp_seconds " in text
    assert "abab" not in text


def test_what_is_installed_is_remembered_for_this_user_only(tmp_path):
    store_hooks(tmp_path, HOOKS)
    assert load_hooks(tmp_path) == HOOKS
    assert (tmp_path / ".ghostsync/webhook.json").stat().st_mode & 0o777 == 0o600
    assert HOOKS.secret not in repr(HOOKS)
    store_hooks(tmp_path, Hooks())
    assert load_hooks(tmp_path) == Hooks()


def test_a_damaged_memory_is_told(tmp_path):
    store_hooks(tmp_path, HOOKS)
    (tmp_path / ".ghostsync/webhook.json").write_text("{")
    with pytest.raises(StateError):
        load_hooks(tmp_path)


def test_a_running_listener_sees_what_is_installed_anew(tmp_path):
    installed = InstalledHooks(tmp_path)
    assert installed() == Hooks()
    store_hooks(tmp_path, HOOKS)
    assert installed() == HOOKS
    store_hooks(tmp_path, Hooks())
    assert installed() == Hooks()
