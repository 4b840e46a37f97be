"""The demo: it checks its own claims and ends with 0."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cli_runner import ENVIRONMENT, ghostsync


@pytest.fixture
def demo(monkeypatch, capsys):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: ghostsync(monkeypatch, capsys, "demo", *arguments)


def test_it_tells_its_story_and_all_of_it_is_true(demo, tmp_path):
    ran = demo("--folder", tmp_path / "blog")
    assert ran.code == 0, ran
    assert "The opening paragraph" in ran.out
    assert "says the editor" in ran.out
    assert "they merge" in ran.out
    assert (tmp_path / "blog/ghostsync.toml").exists()
    assert (tmp_path / "blog/posts/written-in-ghost.md").exists()
    assert "32 files uploaded" in ran.out  # one of the 33 is there twice


def test_a_temporary_folder_is_removed_at_the_end(demo, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert demo().code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(demo, tmp_path):
    (tmp_path / "mine.md").write_text("mine")
    ran = demo("--folder", tmp_path)
    assert ran.code == 2
    assert [file.name for file in tmp_path.iterdir()] == ["mine.md"]


def test_the_settings_of_a_real_site_in_the_environment_are_not_used(demo, monkeypatch):
    monkeypatch.setenv("GHOST_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", "not a key")
    assert demo().code == 0


PATIENCE = 60.0  # seconds until the test gives up; nothing waits this long when all is well


def test_serve_leaves_a_blog_and_a_daemon_to_play_with_until_ctrl_c(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    process = subprocess.Popen(
        [sys.executable, "-m", "ghostsync", "demo", "--serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    give_up = threading.Timer(PATIENCE, process.kill)
    give_up.start()
    try:
        told = ""
        while "in touch with Ghost" not in told:
            line = process.stdout.readline()
            assert line, told
            told += line
        root = Path(re.search(r"The folder: (\S+)", told)[1])
        key = (root / ".ghostsync/admin_api_key").read_text()
        assert re.search(r"The blog: +http://127\.0\.0\.1:\d+/", told)
        process.send_signal(signal.SIGINT)
        told += process.stdout.read()
        assert process.wait() == 0, told
        assert key.strip() not in told
        assert list(tmp_path.iterdir()) == []
    finally:
        give_up.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
