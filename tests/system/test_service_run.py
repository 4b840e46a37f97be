"""The daemon as a service: what it tells the service manager, reloads, the socket, several folders. On the sandbox."""

import os
import re
import signal
import socket

import pytest
from cli_runner import Blog, sandbox_blog
from daemon_process import PATIENCE, Daemon, Manager, eventually

from ghostsync.daemon.control import ask
from ghostsync.model import Kind
from ghostsync.sandbox import Fault, SandboxGhost, ShiftedClock, serve_in_thread

CALM = 'interval = "1h"\nsettle = 0'


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        configure(blog)
        (blog.root / "posts").mkdir()
        blog.clock.advance(5)
        yield blog


def configure(blog, sync=CALM, more=""):
    blog.configure(f"[sync]\n{sync}\n[http]\nretries = 0\n{more}\n")


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.close()


@pytest.fixture
def start():
    started = []

    def run(blog, *arguments, **env):
        started.append(Daemon(blog, *arguments, env=env))
        return started[-1]

    yield run
    for each in started:
        each.close()


@pytest.fixture
def managed(blog, start, manager):
    def run(*arguments, **env):
        return start(blog, *arguments, NOTIFY_SOCKET=str(manager.path), **env)

    return run


def test_the_service_manager_hears_when_it_is_up_what_it_does_and_that_it_goes(managed, manager):
    running = managed()
    manager.until("READY=1")
    running.until("in touch with Ghost")
    assert running.stop() == 0
    assert manager.until("STOPPING=1") == "STOPPING=1"
    assert manager.told.index("READY=1") < manager.told.index("STOPPING=1")


def test_the_watchdog_is_fed_and_the_status_is_in_words(managed, manager):
    managed(WATCHDOG_USEC="300000")
    manager.until("WATCHDOG=1", count=3)
    assert re.fullmatch(r"STATUS=in step, 0 documents, last sync \d s ago", manager.until("STATUS=in step"))


def test_a_watchdog_that_is_meant_for_another_process_is_not_fed(managed, manager):
    running = managed(WATCHDOG_USEC="300000", WATCHDOG_PID="1")
    manager.until("READY=1")
    running.until("in touch with Ghost")
    running.stop()
    assert "WATCHDOG=1" not in manager.told


def test_ghost_being_away_does_not_keep_the_service_from_being_up(blog, managed, manager):
    blog.ghost.faults.append(Fault(status=503, body="<html>", times=1000))
    managed(WATCHDOG_USEC="300000")
    manager.until("READY=1")
    assert "next try in" in manager.until("STATUS=Ghost is away")


def test_sighup_takes_over_a_changed_configuration(blog, managed, manager):
    running = managed()
    manager.until("READY=1")
    running.until("in touch with Ghost")
    configure(blog, sync="interval = 1\nsettle = 0")
    running.send(signal.SIGHUP)
    running.until('event="configuration taken over"')
    manager.until("READY=1", count=2)
    assert manager.told.index("RELOADING=1") > manager.told.index("READY=1")
    assert int(manager.until("MONOTONIC_USEC=").partition("=")[2]) > 0
    blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.clock.advance(5)
    running.until('event="create file"')  # within the new interval of a second, not the old one of an hour
    assert running.stop() == 0


def test_a_bad_configuration_is_refused_and_the_old_one_stays(blog, managed, manager):
    running = managed()
    manager.until("READY=1")
    running.until("in touch with Ghost")
    configure(blog, sync="intervall = 1")
    running.send(signal.SIGHUP)
    running.until("the new configuration is refused, the old one stays")
    manager.until("READY=1", count=2)
    blog.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    running.until('event="create post"')
    assert running.stop() == 0


def test_reload_says_why_a_configuration_is_refused(blog, start):
    running = start(blog)
    running.until("in touch with Ghost")
    assert blog("reload").code == 0
    running.until("configuration taken over")
    configure(blog, sync="interval = 0")
    refused = blog("reload")
    assert refused.code == 2
    assert "interval" in refused.err
    assert "old configuration" in refused.err
    assert running.stop() == 0


def test_a_new_configuration_that_only_fails_in_use_is_given_up_for_the_old_one(blog, start):
    running = start(blog)
    running.until("in touch with Ghost")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        configure(blog, more=f'[webhook]\nlisten = "127.0.0.1:{taken.getsockname()[1]}"')
        assert blog("reload").code == 0
        running.until("the new configuration is refused, the old one stays")
    blog.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    running.until('event="create post"')
    assert running.stop() == 0


def test_reload_without_a_daemon_says_so(blog):
    ran = blog("reload")
    assert ran.code == 2
    assert "no daemon answers" in ran.err


def test_the_folder_stays_locked_through_a_reload(blog, start):
    running = start(blog)
    running.until("in touch with Ghost")
    blog("reload")
    running.until("configuration taken over")
    assert blog("sync").code == 2


def test_status_asks_the_running_daemon(blog, start):
    running = start(blog)
    running.until("in touch with Ghost")
    told = blog("status", "--json").json["daemon"]
    assert told["pid"] == running.process.pid
    assert told["state"] == "in step"
    assert told["site"] == blog.url
    assert 3200 < told["next_sync_in"] < 4000
    assert told["last_sync_seconds_ago"] >= 0
    assert told["watching"] == "events"
    assert told["queue"] == {"changes": False, "waiting_for_quiet": 0}
    shown = blog("status")
    assert f"The daemon (process {running.process.pid}) is in step" in shown.out
    assert running.stop() == 0
    assert blog("status", "--json").json["daemon"] is None


def test_status_of_the_daemon_alone_needs_neither_key_nor_ghost(blog, start, monkeypatch):
    running = start(blog)
    running.until("in touch with Ghost")
    requests = len(blog.ghost.requests)
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    ran = blog("status", "--daemon", "--json")
    assert ran.code == 0
    assert ran.json["daemon"]["state"] == "in step"
    assert len(blog.ghost.requests) == requests
    assert running.stop() == 0
    assert blog("status", "--daemon").code == 2


def test_the_exit_code_of_the_daemons_status_is_that_of_what_stands_in_the_way(blog, start):
    key = blog.ghost.admin_api_key
    running = start(blog, GHOST_ADMIN_API_KEY=f"{key[:-64]}{'0' * 64}")
    running.until('event="Ghost refuses"')
    assert blog("status", "--daemon").code == 3
    assert running.stop() == 0


def test_status_shows_a_conflict_and_a_halt(blog, start):
    blog.ghost.create(Kind.POST, title="Bees", html="<p>One.</p>", source_html=True)
    assert blog("sync").code == 0
    document = blog.ghost.find("bees")
    blog.write("posts/bees.md", blog.read("posts/bees.md").replace("One.", "Two."))
    blog.ghost.edit(document.id, html="<p>Three.</p>")
    blog.clock.advance(5)
    running = start(blog)
    running.until("level=warning event=conflict")
    told = eventually(lambda: (found := ask(blog.root, "status")) and found["conflicts"] and found)
    assert told["conflicts"] == ["posts/bees.md"]
    assert told["state"] == "waiting for a person"
    assert told["words"].startswith("waiting for a person: 1 conflict, 1 document")
    assert blog("status", "--daemon").code == 1


def test_what_is_told_over_the_socket_holds_no_secret(blog, start):
    running = start(blog)
    running.until("in touch with Ghost")
    assert blog.ghost.admin_api_key.split(":")[1] not in str(ask(blog.root, "status"))
    assert "error" in ask(blog.root, "open sesame")


def test_a_socket_that_is_left_from_a_crash_is_replaced(blog, start):
    first = start(blog)
    first.until("in touch with Ghost")
    first.process.kill()
    first.process.wait(PATIENCE)
    assert (blog.root / ".ghostsync/daemon.sock").exists()
    second = start(blog)
    second.until("in touch with Ghost")
    assert ask(blog.root, "status")["pid"] == second.process.pid
    assert second.stop() == 0
    assert not (blog.root / ".ghostsync/daemon.sock").exists()


def test_a_folder_deep_down_has_a_socket_too(tmp_path, monkeypatch, capsys, start):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    with sandbox_blog(deep, monkeypatch, capsys) as blog:
        configure(blog)
        running = start(blog)
        running.until("in touch with Ghost")
        assert blog("status", "--daemon").code == 0
        assert running.stop() == 0


@pytest.fixture
def two(tmp_path, monkeypatch, capsys):
    """Two sites with a folder each, whose keys lie in files."""
    blogs = []
    for name in ("one", "two"):
        ghost = SandboxGhost(clock=ShiftedClock(), seed=name)
        server = serve_in_thread(ghost)
        url = server.__enter__()
        blog = Blog(ghost, ghost.store.clock, url, tmp_path / name, monkeypatch, capsys)
        blog.write(".ghostsync/admin_api_key", ghost.admin_api_key)
        blog.write(
            "ghostsync.toml",
            f'[site]\nurl = "{url}"\nadmin_api_key_file = ".ghostsync/admin_api_key"\n[sync]\n{CALM}\n',
        )
        (blog.root / "posts").mkdir()
        blogs.append((blog, server))
    for name in ("GHOST_URL", "GHOST_ADMIN_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    yield [blog for blog, _ in blogs]
    for _, server in blogs:
        server.__exit__(None, None, None)


def both(two):
    return [word for blog in two for word in ("-C", str(blog.root))]


def test_several_folders_run_in_one_process(two, start, manager):
    running = start(None, *both(two), NOTIFY_SOCKET=str(manager.path))
    running.until("in touch with Ghost", count=2)
    manager.until("READY=1")
    for blog in two:
        blog.write("posts/a.md", f"---\ntitle: {blog.root.name}\n---\nHello.\n")
    running.until('event="create post"', count=2)
    for blog in two:
        assert blog.ghost.find("a").own["title"] == blog.root.name
        assert any(f"folder={blog.root}" in line for line in running.lines if "create post" in line)
    assert running.stop() == 0
    assert sum("event=stopped" in line for line in running.lines) == 2


def test_one_folder_that_fails_leaves_the_others_alone_and_comes_back(two, start):
    good, bad = two
    whole = bad.read("ghostsync.toml")
    bad.write("ghostsync.toml", whole + "\n[sinc]\n")
    running = start(None, *both(two))
    running.until("this folder failed, the others go on")
    running.until("in touch with Ghost")
    good.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    running.until('event="create post"')
    bad.write("ghostsync.toml", whole)
    running.send(signal.SIGHUP)
    running.until("in touch with Ghost", count=2)
    assert running.stop() == 0


def test_a_folder_that_is_not_there_leaves_the_others_alone_and_is_told(two, start, manager):
    good, late = two
    aside = late.root.rename(late.root.with_name("aside"))
    running = start(None, *both(two), NOTIFY_SOCKET=str(manager.path))
    running.until("this folder failed, the others go on")
    assert any("there is no such folder" in line and str(late.root) in line for line in running.lines)
    manager.until("READY=1")
    good.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    running.until('event="create post"')
    aside.rename(late.root)
    running.send(signal.SIGHUP)
    running.until("in touch with Ghost", count=2)
    assert running.stop() == 0


def test_a_folder_that_is_not_there_is_an_error_when_there_is_no_other(tmp_path, start):
    words = [word for name in ("this", "that") for word in ("-C", str(tmp_path / name))]
    for given in (words[:2], words):
        running = start(None, *given)
        assert running.process.wait(PATIENCE) == 2
        running._reader.join(PATIENCE)
        assert f"{tmp_path / 'this'}: there is no such folder" in "\n".join(running.lines)


def test_one_key_for_several_sites_is_refused(two, start, monkeypatch):
    running = start(None, *both(two), GHOST_ADMIN_API_KEY="x")
    assert running.process.wait(PATIENCE) == 2
    running._reader.join(PATIENCE)
    assert "same for all 2 folders" in "\n".join(running.lines)


def test_a_stop_does_not_wait_for_a_ghost_that_hangs(blog, start):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        blog.write(
            "ghostsync.toml",
            f'[site]\nurl = "http://127.0.0.1:{silent.getsockname()[1]}"\n[http]\ntimeout = 3600\nretries = 0\n',
        )
        running = start(blog)
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(4096).startswith(b"GET ")
            assert running.stop() == 0
    assert running.lines[-1] == "level=info event=stopped"


def test_the_key_comes_from_the_service_managers_credentials(blog, start, tmp_path, monkeypatch):
    directory = tmp_path / "credentials"
    directory.mkdir()
    (directory / "ghost_admin_api_key").write_text(os.environ["GHOST_ADMIN_API_KEY"])
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    running = start(blog, CREDENTIALS_DIRECTORY=str(directory))
    running.until("in touch with Ghost")
    assert running.stop() == 0


def test_a_choice_beside_the_daemon_is_taken_up_at_once(blog, start):
    """By a daemon that would look again in an hour."""
    blog.ghost.create(Kind.POST, title="Bees", html="<p>One.</p>", source_html=True)
    assert blog("sync").code == 0
    blog.write("posts/bees.md", blog.read("posts/bees.md").replace("One.", "Two."))
    blog.ghost.edit(blog.ghost.find("bees").id, html="<p>Three.</p>")
    blog.clock.advance(5)
    running = start(blog)
    running.until("level=warning event=conflict")
    ran = blog("resolve", "posts/bees.md", "--use", "local", "--json")
    assert ran.code == 0
    assert ran.json == {"command": "resolve", "path": "posts/bees.md", "exit_code": 0, "left_to_daemon": True}
    eventually(lambda: "Two." in blog.ghost.find("bees").own["lexical"])
    eventually(lambda: (told := ask(blog.root, "status")) and told["state"] == "in step")
    assert not list((blog.root / "posts").glob("*.conflict.md"))
    assert running.stop() == 0


def test_a_lifted_halt_is_taken_up_at_once(blog, start):
    """By a daemon that would look again in an hour."""
    for number in range(12):
        blog.write(f"posts/{number}.md", f"---\ntitle: Post {number}\n---\nHello.\n")
    assert blog("sync").code == 0
    for number in range(11):
        (blog.root / f"posts/{number}.md").unlink()
    running = start(blog)
    running.until("halted: nothing is written")
    assert blog("status", "--daemon").code == 5
    halt = ask(blog.root, "status")["halt"]["id"]
    assert blog("resume", "--confirm", halt).code == 0
    eventually(lambda: len(blog.ghost.posts) == 1)
    assert running.stop() == 0


@pytest.mark.parametrize("number", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_files_at_once_in_new_directories_all_arrive_once(blog, start, number):
    running = start(blog)
    running.until("in touch with Ghost")
    for each in range(number):
        blog.write(
            f"posts/{each % 10}/{each}.md", f"---\ntitle: Post {each}\nslug: post-{each}\n---\nHello.\n"
        )
    eventually(lambda: len(blog.ghost.posts) >= number)
    eventually(
        lambda: (told := ask(blog.root, "status")) and told["documents"] == number and not told["working"]
    )
    assert sorted(post.own["slug"] for post in blog.ghost.posts) == sorted(
        f"post-{each}" for each in range(number)
    )
    assert running.stop() == 0
    assert blog("sync", "--json").json["in_step"]


def test_a_published_post_waits_for_quiet_while_a_draft_is_sent_at_once(blog, start):
    blog.write("posts/public.md", "---\ntitle: Public\nstatus: published\n---\nHello.\n")
    assert blog("sync").code == 0
    configure(blog, sync='interval = "1h"\nsettle = "1h"')
    running = start(blog)
    running.until("in touch with Ghost")
    blog.write("posts/public.md", blog.read("posts/public.md").replace("Hello.", "Half a sen"))
    blog.write("posts/draft.md", "---\ntitle: Draft\n---\nHello.\n")
    running.until('event="create post"')
    told = eventually(
        lambda: (told := ask(blog.root, "status")) and told["queue"]["waiting_for_quiet"] and told
    )
    assert "1 waiting for quiet" in told["words"]
    assert "Half a sen" not in blog.ghost.find("public").own["lexical"]
    assert running.stop() == 0


def test_its_own_writes_make_no_further_cycle(blog, start):
    """The ghost_id that is written into a new file is an event, too."""
    running = start(blog)
    running.until("in touch with Ghost")
    blog.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    running.until('event="create post"')
    eventually(lambda: (told := ask(blog.root, "status")) and told["counts"].get("spared"))
    assert running.stop() == 0


def test_a_folder_without_events_is_looked_at_instead(blog, start):
    configure(blog, sync=f'{CALM}\nwatch = "poll"')
    running = start(blog)
    running.until("in touch with Ghost")
    eventually(lambda: (told := ask(blog.root, "status")) and told["watching"] == "polling")
    blog.write("posts/a.md", "---\ntitle: A\n---\nHello.\n")
    running.until('event="create post"')
    assert running.stop() == 0


def test_an_idle_poll_costs_two_requests(blog, start):
    for number in range(3):
        blog.write(f"posts/{number}.md", f"---\ntitle: Post {number}\n---\nHello.\n")
    assert blog("sync").code == 0
    configure(blog, sync="interval = 1\nsettle = 0")
    running = start(blog)
    running.until("in touch with Ghost")

    def at_rest(polls):
        """Polls and requests so far, between two polls, once there were so many."""
        seen = len(blog.ghost.requests)
        told = ask(blog.root, "status")
        count = told["counts"].get("spared", 0)
        calm = not told["working"] and seen == len(blog.ghost.requests)
        return (count, seen) if count >= polls and calm else None

    polls, seen = eventually(lambda: at_rest(2))
    more, all_seen = eventually(lambda: at_rest(polls + 3))
    assert all_seen - seen == 2 * (more - polls)
    assert {request.method for request in blog.ghost.requests[seen:all_seen]} == {"GET"}
    assert running.stop() == 0
