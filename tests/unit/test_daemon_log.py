"""The daemon's log."""

import io
import json
import os
import socket

import pytest

from ghostsync.daemon.forms import LogForm
from ghostsync.daemon.log import journal_reads, make_log

KEY = "0123456789abcdef01234567:" + "0123456789abcdef" * 4
TOKEN = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxMjMifQ.eyJpYXQiOjF9.c2lnbmF0dXJl"


def logged(form, *, level="info", event="update post", **fields):
    stream = io.StringIO()
    getattr(make_log(form, stream=stream), level)(event, **fields)
    return stream.getvalue()


def test_a_service_gets_one_line_of_key_and_value():
    assert logged(LogForm.PLAIN, path="posts/a.md") == 'level=info event="update post" path=posts/a.md\n'


def test_lists_are_joined_where_a_form_has_no_lists():
    assert 'keys="title, tags"' in logged(LogForm.PLAIN, keys=["title", "tags"])


def test_several_lines_of_remedy_stay_one_line_of_log():
    assert logged(LogForm.PLAIN, remedy="one\ntwo").count("\n") == 1


def test_json_is_one_document_a_line_with_a_utc_time():
    line = json.loads(logged(LogForm.JSON, keys=["title"], path="posts/ü.md"))
    assert line.pop("timestamp").endswith("Z")
    assert line == {"level": "info", "event": "update post", "keys": ["title"], "path": "posts/ü.md"}


def test_a_person_gets_words_and_no_colour_codes_outside_a_terminal():
    text = logged(LogForm.CONSOLE, path="posts/a.md")
    assert "update post" in text
    assert "posts/a.md" in text
    assert "\x1b" not in text


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_has_colours_unless_they_are_switched_off(monkeypatch, environment, coloured):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    make_log(LogForm.AUTO, stream=stream).warning("update post", path="posts/a.md")
    assert "update post" in stream.getvalue()
    assert ("\x1b" in stream.getvalue()) is coloured


def test_without_a_terminal_auto_is_plain():
    assert logged(LogForm.AUTO).startswith("level=info ")


@pytest.mark.parametrize("form", [LogForm.PLAIN, LogForm.JSON, LogForm.CONSOLE])
@pytest.mark.parametrize("secret", [KEY, KEY.split(":")[1], TOKEN])
def test_no_form_ever_shows_a_key_or_a_token(form, secret):
    text = logged(form, event=f"failed with {secret}", reason=f"Authorization: Ghost {secret}", keys=[secret])
    assert secret not in text
    assert secret.split(":")[-1] not in text
    assert "failed with" in text


def test_quiet_leaves_warnings_only():
    stream = io.StringIO()
    log = make_log(LogForm.PLAIN, quiet=True, stream=stream)
    log.info("update post")
    log.warning("problem")
    assert stream.getvalue() == "level=warning event=problem\n"


def test_verbose_shows_each_cycle():
    stream = io.StringIO()
    make_log(LogForm.PLAIN, verbose=True, stream=stream).debug("cycle", why="schedule")
    assert stream.getvalue() == "level=debug event=cycle why=schedule\n"


@pytest.fixture
def journal(tmp_path):
    """The journal's end of its socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(str(tmp_path / "journal"))
        door.settimeout(10)
        yield door, str(tmp_path / "journal")


def test_the_journal_gets_words_a_priority_and_a_field_for_each_value(journal):
    door, address = journal
    make_log(LogForm.JOURNAL, journal=address, stream=io.StringIO()).warning(
        "conflict", path="posts/a b.md", keys=["title", "tags"], remedy="one\ntwo"
    )
    packet = door.recv(65536)
    assert b"MESSAGE=conflict path='posts/a b.md' keys='title, tags' remedy=" in packet
    assert b"\nPRIORITY=4\n" in packet
    assert b"\nSYSLOG_IDENTIFIER=ghostsync\n" in packet
    assert b"\nGHOSTSYNC_PATH=posts/a b.md\n" in packet
    assert b"\nGHOSTSYNC_REMEDY\n" + (7).to_bytes(8, "little") + b"one\ntwo\n" in packet


@pytest.mark.parametrize("secret", [KEY, KEY.split(":")[1], TOKEN])
def test_the_journal_never_gets_a_key_or_a_token(journal, secret):
    door, address = journal
    make_log(LogForm.JOURNAL, journal=address, stream=io.StringIO()).error(
        f"with {secret}", reason=f"a {secret}"
    )
    assert secret.split(":")[-1].encode() not in door.recv(65536)


def test_without_a_journal_the_text_goes_to_the_stream(tmp_path):
    stream = io.StringIO()
    make_log(LogForm.JOURNAL, journal=str(tmp_path / "none"), stream=stream).info("started", folder="/srv")
    assert stream.getvalue() == "started folder=/srv\n"


def test_under_systemd_auto_is_the_journals_form(tmp_path, monkeypatch):
    with (tmp_path / "stderr").open("w") as stream:
        seen = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{seen.st_dev}:{seen.st_ino}")
        assert journal_reads(stream)
        monkeypatch.setenv("JOURNAL_STREAM", "1:1")
        assert not journal_reads(stream)
