"""What commands print, and where."""

import json

import pytest

from ghostsync.cli.output import Output, error_document, error_lines, printable, show_error, show_warning
from ghostsync.errors import ContentError, GhostsyncError, SecretWrong


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain ünï 日本", "plain ünï 日本"),
        ("clear\x1b[2J", "clear\\x1b[2J"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("right\u202eto left", "right\\u202eto left"),
    ],
)
def test_control_characters_from_a_title_are_shown_and_not_obeyed(hostile, shown):
    assert printable(hostile) == shown


def test_an_error_is_told_with_file_and_line_for_an_editor_to_jump_to():
    error = ContentError(
        "not a date", subject="posts/a.md", line=4, key="published_at", remedy="Write 2026-01-31."
    )
    assert error_lines(error) == ["posts/a.md:4: published_at: not a date", "  -> Write 2026-01-31."]


def test_a_key_that_the_message_names_already_is_not_told_twice():
    error = ContentError("published_at is not a date", subject="posts/a.md", line=4, key="published_at")
    assert error_lines(error) == ["posts/a.md:4: published_at is not a date"]


def test_an_unknown_line_is_left_out():
    assert error_lines(ContentError("unreadable", subject="posts/a.md")) == ["posts/a.md: unreadable"]


def test_a_line_that_the_message_names_too_is_not_told_twice():
    error = ContentError("line 4, published_at: not a date", subject="posts/a.md", line=4, key="published_at")
    assert error_lines(error) == ["posts/a.md:4: published_at: not a date"]


def test_a_line_stands_behind_the_file_that_it_is_of_where_an_error_is_about_two():
    error = ContentError("the same slug", subject="posts/a.md and posts/b.md", line=4)
    assert error_lines(error, "posts/a.md") == ["posts/a.md:4: the same slug"]


def test_what_git_said_in_several_lines_is_told_in_several_lines():
    error = GhostsyncError("refused: no\nnot at all\x1b", subject="blog", remedy="Ask.")
    assert error_lines(error) == ["blog: refused: no", "  not at all\\x1b", "  -> Ask."]


def test_a_warning_has_its_remedy_on_a_line_of_its_own(capsys):
    show_warning(str(GhostsyncError("waits", subject="blog", remedy="git switch main")))
    assert capsys.readouterr().err == "warning: blog: waits\n  -> git switch main\n"


def test_each_line_of_a_remedy_stands_by_itself():
    assert error_lines(GhostsyncError("no", remedy="first\nsecond"))[1:] == ["  -> first", "  -> second"]


def test_errors_go_to_stderr_and_leave_stdout_to_results(capsys):
    show_error(SecretWrong("the secret is wrong", remedy="Copy it again."))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: the secret is wrong\n  -> Copy it again.\n"


def test_a_documents_error_as_json_has_its_line_and_key():
    assert error_document(ContentError("bad", subject="a.md", line=3, key="tags")) == {
        "type": "ContentError",
        "what": "bad",
        "subject": "a.md",
        "remedy": "",
        "line": 3,
        "key": "tags",
    }


def test_under_json_an_error_is_the_one_document_on_stdout_and_still_raised(capsys):
    with pytest.raises(SecretWrong), Output(json=True).guard():
        raise SecretWrong("the secret is wrong")
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == 3
    assert document["error"]["type"] == "SecretWrong"


def test_without_json_an_error_prints_no_document(capsys):
    with pytest.raises(SecretWrong), Output().guard():
        raise SecretWrong("the secret is wrong")
    assert capsys.readouterr().out == ""


def test_under_json_lines_for_a_person_are_left_out(capsys):
    output = Output(json=True)
    output.line("Done.")
    output.document({"title": "ünï"})
    assert json.loads(capsys.readouterr().out) == {"title": "ünï"}


def test_quiet_leaves_asides_out_but_not_results(capsys):
    output = Output(quiet=True)
    output.note("by the way")
    output.line("posts/a.md")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("posts/a.md\n", "")
