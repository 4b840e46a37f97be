"""Webhooks on a real Ghost: installed with the integration's own key, signed, heard, removed."""

import contextlib
import shutil
import sqlite3

import pytest
from cli_runner import ENVIRONMENT, ghostsync
from daemon_process import Daemon, eventually

VERSIONS = [
    pytest.param(version, marks=[pytest.mark.ghost], id=version)
    for version in ("6.65.0", "5.130.6", "3.42.9")
]


@pytest.fixture(params=VERSIONS)
def ghost(request, ghost_park):
    ghost = ghost_park.get(request.param)
    ghost.wipe()
    return ghost


@pytest.fixture
def blog(ghost, tmp_path, monkeypatch, capsys):
    """A folder whose daemon asks by itself once an hour only."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    (tmp_path / "posts").mkdir()
    (tmp_path / "ghostsync.toml").write_text(
        f'[site]\nurl = "{ghost.url}"\n[sync]\ninterval = "1h"\nsettle = 0\n[webhook]\nlisten = "127.0.0.1:0"\n'
    )

    def run(*arguments):
        return ghostsync(monkeypatch, capsys, "-C", tmp_path, *arguments)

    run.root = tmp_path
    running = Daemon(run)
    running.until("in touch with Ghost")
    run.daemon = running
    run.address = running.lines[1].rpartition("address=")[2]
    yield run
    run("webhook", "remove")
    running.close()
    shutil.rmtree(tmp_path / "posts")


def counts(blog):
    return blog("status", "--daemon", "--json").json["daemon"]["counts"]


def test_an_edit_in_ghost_is_in_the_file_without_waiting_for_the_schedule(ghost, blog):
    made = blog("webhook", "install", f"http://{blog.address}", "--json")
    assert made.code == 0, made.err
    assert len(made.json["webhooks"]) == 8
    post = ghost.add("posts", title="From Ghost", slug="from-ghost")
    file = blog.root / "posts/from-ghost.md"
    eventually(file.exists)

    ghost.edit("posts", post["id"], title="Edited in Ghost")
    eventually(lambda: "Edited in Ghost" in file.read_text())
    ghost.edit("posts", post["id"], tags=[{"name": "Bees"}])
    eventually(lambda: "Bees" in file.read_text())
    assert "hooks_refused" not in counts(blog)

    ghost.api("DELETE", f"posts/{post['id']}/")
    eventually(lambda: not file.exists())


def test_installing_again_replaces_and_removing_leaves_nothing(ghost, blog):
    first = blog("webhook", "install", f"http://{blog.address}", "--json").json["webhooks"]
    second = blog("webhook", "install", f"http://{blog.address}", "--json").json["webhooks"]
    assert not set(first.values()) & set(second.values())
    for id in first.values():
        assert ghost.raw("DELETE", f"webhooks/{id}/").status_code == 404
    assert blog("webhook", "list", "--json").json["webhooks"] == second
    assert blog("webhook", "remove").code == 0
    for id in second.values():
        assert ghost.raw("DELETE", f"webhooks/{id}/").status_code == 404
    assert blog("webhook", "list", "--json").json["webhooks"] == {}


def test_what_another_installation_left_behind_disappears_when_it_calls(ghost, blog):
    """The listener says that nobody waits for it any more, and Ghost then drops it."""
    left = ghost.api(
        "POST",
        "webhooks/",
        {
            "webhooks": [
                {"event": "post.added", "target_url": f"http://{blog.address}/ghostsync/old", "name": "old"}
            ]
        },
    )["webhooks"][0]["id"]
    ghost.add("posts", title="Knock")
    eventually(lambda: counts(blog).get("hooks_refused"))
    # Ghost does so a moment later. Asking it with DELETE would drop it itself, so look into its database.
    with contextlib.closing(sqlite3.connect(ghost.database)) as database:
        rows = "select count(*) from webhooks where id = ?"
        eventually(lambda: database.execute(rows, [left]).fetchone() == (0,))
