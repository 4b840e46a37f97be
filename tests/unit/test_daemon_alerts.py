"""`[notify]`: who hears of what, once."""

import asyncio
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ghostsync.config import NotifySection
from ghostsync.daemon.alerts import Address, Alert, Alerts, Program
from ghostsync.daemon.health import Condition, Health, Open
from ghostsync.sync.model import Halt

HALT = Halt("h-7", "deletions", "212 files vanished", "Look.", "2026-01-01T00:00:00Z")
CONFLICT = Open("conflict", "posts/a.md", "both sides changed", "Settle it.")


class Log:
    def __init__(self):
        self.warnings = []

    def warning(self, event, **fields):
        self.warnings.append((event, fields))


class World:
    def __init__(self, send=None):
        self.now, self.sent, self.log = 1_000_000.0, [], Log()
        self.health = Health("/srv/blog", site="https://blog.example.com", wall=lambda: self.now)
        self.health.synced(7)

        async def keep(alert):
            self.sent.append(alert)

        self.alerts = Alerts(NotifySection(after=1800), self.health, self.log, sends=(send or keep,))

    async def check(self):
        self.alerts.check()
        await self.alerts.close()
        return [alert.event for alert in self.sent]


async def test_a_conflict_is_told_once_and_a_second_one_by_itself():
    world = World()
    world.health.open = (CONFLICT,)
    assert await world.check() == ["conflict"]
    assert await world.check() == ["conflict"]
    assert (world.sent[0].path, world.sent[0].remedy) == ("posts/a.md", "Settle it.")
    world.health.open = (CONFLICT, Open("conflict", "posts/b.md", "both sides changed"))
    assert await world.check() == ["conflict", "conflict"]


async def test_a_conflict_that_was_settled_and_came_back_is_told_again():
    world = World()
    for found in ((CONFLICT,), (), (CONFLICT,)):
        world.health.open = found
        events = await world.check()
    assert events == ["conflict", "conflict"]


async def test_a_problem_alone_wakes_nobody():
    world = World()
    world.health.open = (Open("problem", "posts/a.md", "no YAML"),)
    assert await world.check() == []


async def test_a_halt_is_told_with_the_way_to_lift_it_and_so_is_its_end():
    world = World()
    world.health.halt = HALT
    assert await world.check() == ["halt"]
    assert "ghostsync resume --confirm h-7" in world.sent[0].remedy
    world.health.halt = None
    assert await world.check() == ["halt", "recovered"]


async def test_a_long_absence_is_told_once_and_so_is_the_return():
    world = World()
    world.health.condition = Condition.AWAY
    assert await world.check() == []
    world.now += 1799
    assert await world.check() == []
    world.now += 1
    assert await world.check() == ["stale"]
    world.now += 3600
    assert await world.check() == ["stale"]
    assert world.sent[0].message.startswith("not synced for 30 min")
    world.health.synced()
    world.health.condition = Condition.IN_STEP
    assert await world.check() == ["stale", "recovered"]


async def test_a_machine_that_slept_and_a_long_interval_are_no_absence():
    world = World()
    world.health.condition = Condition.IN_STEP
    assert await world.check() == []
    world.now += 8 * 3600
    assert await world.check() == []
    world.health.condition = Condition.AWAY  # the network is not up yet
    assert await world.check() == []
    world.now += 1800
    assert await world.check() == ["stale"]


async def test_what_was_told_before_a_reload_is_not_told_again():
    world = World()
    world.health.open = (CONFLICT,)
    assert await world.check() == ["conflict"]
    before = world.alerts
    world.alerts = Alerts(NotifySection(after=1800), world.health, world.log, sends=before._sends)
    world.alerts.take_over(before)
    assert await world.check() == ["conflict"]


async def test_a_message_that_cannot_be_delivered_is_a_line_in_the_log():
    async def broken(alert):
        raise OSError("no such program")

    world = World(broken)
    world.health.halt = HALT
    await world.check()
    assert world.log.warnings == [
        (
            "a message was not delivered",
            {
                "about": "halt",
                "reason": "no such program",
                "remedy": "Check [notify] in ghostsync.toml.",
            },
        )
    ]


async def test_the_program_gets_words_and_json_and_no_key(tmp_path, monkeypatch):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", "top-secret")
    script = (
        "import json, os, sys; json.dump([dict(os.environ), json.load(sys.stdin)], open(sys.argv[1], 'w'))"
    )
    told = tmp_path / "told.json"
    await Program((sys.executable, "-c", script, str(told)))(
        Alert("halt", "halted; $(rm -rf /)", "Look.", site="s")
    )
    environment, document = json.loads(told.read_text())
    assert environment["GHOSTSYNC_EVENT"] == "halt"
    assert environment["GHOSTSYNC_MESSAGE"] == "halted; $(rm -rf /)"
    assert document["event"] == "halt"
    assert "top-secret" not in told.read_text()


async def test_a_program_that_fails_is_an_error():
    with pytest.raises(OSError, match="ended with 3"):
        await Program((sys.executable, "-c", "raise SystemExit(3)"))(Alert("halt", "x"))


async def test_an_address_gets_a_post_with_json():
    got = []

    class Hears(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments): ...

    with HTTPServer(("127.0.0.1", 0), Hears) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        await Address(f"http://127.0.0.1:{server.server_port}/")(Alert("stale", "not synced"))
        await asyncio.to_thread(thread.join)
    assert got[0]["event"] == "stale"


@pytest.mark.parametrize("broken", ["refuses", "nobody listens", "no address"])
async def test_a_secret_address_that_fails_is_not_repeated_in_the_log(broken):
    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *arguments): ...

    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        host = {"refuses": f"127.0.0.1:{server.server_port}", "nobody listens": "127.0.0.1:9"}.get(
            broken, "["
        )
        if broken == "refuses":
            threading.Thread(target=server.handle_request, daemon=True).start()
        world = World(Address(f"http://{host}/my-secret-topic"))
        world.health.halt = HALT
        await world.check()
    [(event, fields)] = world.log.warnings
    assert event == "a message was not delivered"
    assert "my-secret-topic" not in str(fields)
