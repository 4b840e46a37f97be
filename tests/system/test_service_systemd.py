"""The units under a real systemd: a service manager of our own, in a mount namespace of its own."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from cli_runner import sandbox_blog
from daemon_process import PATIENCE, eventually

MANAGER = Path("/lib/systemd/systemd")
_START = """
set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
exec "$0" --user
"""


class Systemd:
    """A manager and what `systemctl --user` says of it."""

    def __init__(self, process, env):
        self.process = process
        self.env = env

    def __call__(self, *words, check=True, refused=False):
        ran = subprocess.run(
            ["nsenter", f"--mount=/proc/{self.process.pid}/ns/mnt", "systemctl", "--user", *map(str, words)],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert not check or (ran.returncode != 0) is refused, f"{words}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def property(self, unit, name):
        return self("show", unit, "--value", "--property", name).strip()


@pytest.fixture
def tmp_path():
    """Not below /dev, where other tests may have theirs: of that a unit with `PrivateDevices` has one of its own."""
    with tempfile.TemporaryDirectory(prefix="ghostsync-test-") as place:
        yield Path(place)


@pytest.fixture
def alone(tmp_path_factory):
    """Managers that run side by side share a control group, so that one's `stop` would kill the other's daemon."""
    with (tmp_path_factory.getbasetemp().parent / "systemd.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def systemd(alone, tmp_path, monkeypatch):
    if not MANAGER.exists() or os.geteuid() != 0 or not shutil.which("nsenter"):
        pytest.skip("needs systemd, and root for a mount namespace of its own")
    env = {
        "XDG_RUNTIME_DIR": "/run/manager",  # a system unit sees nothing of /run/user
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HOME": os.environ["HOME"],
        "PATH": os.environ["PATH"],
        "SYSTEMD_LOG_TARGET": "console",
    }
    monkeypatch.setenv("XDG_CONFIG_HOME", env["XDG_CONFIG_HOME"])
    with (tmp_path / "systemd.log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _START, str(MANAGER)],
            env=env,
            stdout=log,
            stderr=log,
        )
    systemd = Systemd(process, env)
    end = time.monotonic() + 10
    while systemd("is-system-running", check=False).strip() not in {"running", "degraded"}:
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            process.wait()
            told = (tmp_path / "systemd.log").read_text(errors="replace")
            pytest.skip(f"systemd does not run here: {told[-300:]}")
        time.sleep(0.05)
    yield systemd
    systemd("stop", "ghostsync-*", check=False)
    process.kill()
    process.wait()


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.write(".ghostsync/admin_api_key", blog.ghost.admin_api_key).chmod(0o600)
        blog.write(
            "ghostsync.toml",
            f'[site]\nurl = "{blog.url}"\nadmin_api_key_file = ".ghostsync/admin_api_key"\n'
            '[sync]\ninterval = "1h"\nsettle = 0\n',
        )
        (blog.root / "posts").mkdir()
        monkeypatch.delenv("GHOST_ADMIN_API_KEY")
        blog.clock.advance(5)
        yield blog


@pytest.mark.parametrize("where", ["--user", "--system"])
def test_the_installed_unit_runs_reloads_restarts_and_stops(systemd, blog, tmp_path, monkeypatch, where):
    """Started means that the daemon said so itself; the sandbox of the system unit lets it do its work."""
    monkeypatch.setattr("ghostsync.cli.installing.SYSTEM_UNITS", tmp_path / "config/systemd/user")
    ran = blog("service", "install", where, "--json")
    assert ran.code == 0, ran.err
    unit = ran.json["unit"]
    file = Path(ran.json["files"][0])
    # The manager of these tests is a user's, which may not give up its user once more.
    lines = [line for line in file.read_text().splitlines(True) if not line.startswith("User=")]
    file.write_text("".join(lines).replace("RestartSec=10", "RestartSec=1"))
    systemd("daemon-reload")
    systemd("start", unit)
    assert systemd.property(unit, "ActiveState") == "active"
    eventually(lambda: systemd.property(unit, "StatusText").startswith("in step, 0 documents"))

    blog.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    eventually(lambda: any(post.own["title"] == "A" for post in blog.ghost.posts))
    eventually(lambda: "ghost_id" in blog.read("posts/a.md"))

    toml = blog.read("ghostsync.toml")
    blog.write("ghostsync.toml", toml.replace('interval = "1h"', 'interval = "2h"'))
    if where == "--user":
        systemd("reload", unit)
        blog.write("ghostsync.toml", "[site]\n")
        systemd("reload", unit, refused=True)
        blog.write("ghostsync.toml", toml)
    else:
        # A manager inside a mount namespace cannot make the sandbox a second time, as it would have to for a reload.
        systemd("kill", "--signal=HUP", "--kill-whom=main", unit)

    first = systemd.property(unit, "MainPID")
    systemd("kill", "--signal=KILL", "--kill-whom=main", unit)
    eventually(lambda: systemd.property(unit, "MainPID") not in {first, "0"})
    eventually(lambda: systemd.property(unit, "StatusText").startswith("in step, 1 document"))
    assert systemd.property(unit, "NRestarts") == "1"

    systemd("stop", unit)
    assert systemd.property(unit, "Result") == "success"


def test_a_stuck_loop_is_restarted_by_the_watchdog(systemd, blog):
    unit = blog("service", "install", "--user", "--json").json
    file = Path(unit["files"][0])
    file.write_text(
        file.read_text().replace("WatchdogSec=120", "WatchdogSec=5").replace("RestartSec=10", "RestartSec=1")
    )
    systemd("daemon-reload")
    systemd("start", unit["unit"])
    first = systemd.property(unit["unit"], "MainPID")
    systemd("kill", "--signal=STOP", "--kill-whom=main", unit["unit"])
    # On a busy machine the new one may be late, too, and be restarted in its turn.
    eventually(lambda: systemd.property(unit["unit"], "NRestarts") != "0")
    eventually(lambda: systemd.property(unit["unit"], "MainPID") not in {first, "0"})
    systemd("stop", unit["unit"])


def typed(systemd, commands):
    """Type what a command said, but for what only a login manager can do."""
    for line in commands:
        if "linger" not in line:
            systemd(*line.removeprefix("systemctl --user ").split())


def test_what_uninstall_says_stops_the_daemon_and_nothing_of_it_is_left(systemd, blog):
    installed = blog("service", "install", "--user", "--json").json
    typed(systemd, installed["enable"])
    unit = installed["unit"]
    assert systemd("is-enabled", unit).strip() == "enabled"
    eventually(lambda: systemd.property(unit, "StatusText").startswith("in step"))
    removed = blog("service", "uninstall", "--user", "--json").json
    assert systemd.property(unit, "ActiveState") == "active"
    typed(systemd, removed["stop"])
    assert systemd.property(unit, "ActiveState") == "inactive"
    assert systemd.property(unit, "LoadState") == "not-found"
    assert not [path for path in Path(installed["files"][0]).parent.rglob("*") if not path.is_dir()]


def test_the_timer_and_the_daemon_take_each_others_place_as_install_says(systemd, blog):
    typed(systemd, blog("service", "install", "--user", "--json").json["enable"])
    name = "ghostsync-site"
    assert systemd.property(f"{name}.service", "ActiveState") == "active"
    typed(systemd, blog("service", "install", "--user", "--timer", "--json").json["enable"])
    assert systemd.property(f"{name}.timer", "ActiveState") == "active"
    assert systemd.property(f"{name}.service", "Type") == "oneshot"
    typed(systemd, blog("service", "install", "--user", "--json").json["enable"])
    assert systemd.property(f"{name}.service", "ActiveState") == "active"
    assert systemd.property(f"{name}.timer", "LoadState") == "not-found"
    assert systemd("is-enabled", f"{name}.service").strip() == "enabled"


def test_a_configuration_that_cannot_be_used_is_not_started_again_and_again(systemd, blog):
    unit = blog("service", "install", "--user", "--json").json["unit"]
    blog.write("ghostsync.toml", "[site]\n")
    systemd("daemon-reload")
    systemd("start", unit, check=False)
    assert systemd.property(unit, "ActiveState") == "failed"
    assert systemd.property(unit, "ExecMainStatus") == "2"
    assert systemd.property(unit, "NRestarts") == "0"
