"""The daemon's log."""

import io
import json

import pytest

from ghostsync.daemon.forms import LogForm
from ghostsync.daemon.log import make_log

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
