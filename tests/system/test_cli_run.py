"""`ghostsync run` as a process of its own, on the sandbox: signals, both directions, Ghost away."""

import signal

import pytest
from cli_runner import sandbox_blog
from daemon_process import PATIENCE, Daemon

from ghostsync.model import Kind
from ghostsync.sandbox import Fault


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.clock.advance(5)
        yield blog


@pytest.fixture
def daemon(blog):
    started = []

    def start(*arguments, settings='interval = "1h"\nsettle = 0'):
        blog.configure(f"[sync]\n{settings}\n[http]\nretries = 0\n")
        (blog.root / "posts").mkdir(exist_ok=True)
        started.append(Daemon(blog, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


def write_until_told(blog, daemon, path, text, words):
    """Write a file, again and again until the watcher is up and the daemon tells of it."""
    for attempt in range(int(PATIENCE)):
        blog.write(path, f"{text}\nAttempt {attempt}.\n")
        with daemon._news:
            if daemon._news.wait_for(lambda: any(words in line for line in daemon.lines), 1.0):
                return
    raise AssertionError("\n".join(daemon.lines))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_tells_so_and_stops_when_asked(daemon, number):
    running = daemon()
    running.until("in touch with Ghost")
    assert running.stop(number) == 0
    assert running.lines[0].startswith("level=info event=started ")
    assert running.lines[-1] == "level=info event=stopped"


def test_a_saved_file_arrives_in_ghost_without_waiting_for_the_schedule(blog, daemon):
    running = daemon()
    running.until("in touch with Ghost")
    write_until_told(
        blog, running, "posts/on-bees.md", "---\ntitle: On bees\n---\nBees.", 'event="create post"'
    )
    assert blog.ghost.find("on-bees").own["title"] == "On bees"
    assert running.stop() == 0


def test_an_edit_in_ghost_arrives_on_schedule(blog, daemon):
    running = daemon(settings="interval = 1\nsettle = 0")
    running.until("in touch with Ghost")
    blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.clock.advance(5)
    running.until('event="create file"')
    assert "Hello." in blog.read("posts/from-ghost.md")
    assert running.stop() == 0


def test_sigusr1_syncs_now(blog, daemon):
    running = daemon("--verbose")
    running.until("in touch with Ghost")
    blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.clock.advance(5)
    assert not any("why=asked" in line for line in running.lines)
    running.send(signal.SIGUSR1)
    running.until("event=cycle why=asked")
    running.until('event="create file"')
    assert running.stop() == 0


def test_ghost_going_away_is_told_once_and_outlived(blog, daemon):
    running = daemon(settings="interval = 1\nsettle = 0")
    running.until("in touch with Ghost")
    blog.ghost.faults.append(Fault(status=503, body="<html>", times=2))
    running.until('event="Ghost is not available"')
    running.until("in touch with Ghost", count=2)
    assert sum("not available" in line for line in running.lines) == 1
    assert running.stop() == 0


def test_no_key_and_no_token_is_in_the_log_whatever_happens(blog, daemon):
    running = daemon("--verbose", settings="interval = 1\nsettle = 0")
    running.until("in touch with Ghost")
    blog.ghost.faults.append(Fault(status=500, body="oops", times=2))
    running.until("level=warning")
    running.stop()
    log = "\n".join(running.lines)
    assert blog.ghost.admin_api_key.split(":")[1] not in log
    assert "eyJ" not in log


def test_a_second_daemon_leaves_with_the_first_ones_name(daemon):
    first = daemon()
    first.until("in touch with Ghost")
    second = daemon()
    assert second.process.wait(PATIENCE) == 2
    second._reader.join(PATIENCE)
    assert str(first.process.pid) in "\n".join(second.lines)
    assert first.stop() == 0


def test_a_configuration_that_cannot_be_used_ends_it_at_once(blog, daemon):
    running = daemon(settings="intervall = 1")
    assert running.process.wait(PATIENCE) == 2


def test_a_refused_key_is_told_and_waited_out(blog, daemon, monkeypatch):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", f"{'0' * 24}:{'0' * 64}")
    running = daemon()
    running.until('event="Ghost refuses"')
    assert running.stop() == 0
