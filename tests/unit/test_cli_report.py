"""A cycle's report, for a person and for a program."""

import json

import pytest

from ghostsync.cli.output import Output
from ghostsync.cli.report import SHOWN_PER_VERB, report_document, show_report, summary
from ghostsync.errors import ContentError, ServerFault, Unreachable
from ghostsync.model import Kind
from ghostsync.sync.model import Action, CycleReport, Direction, Halt, Outcome, Verb

HALT = Halt(
    id="deletions-3f",
    reason="deletions",
    what="212 of 214 files are gone",
    remedy="Look whether another branch is checked out.",
    since="2026-01-31T08:15:00Z",
)


def outcome(verb, path="posts/a.md", error=None, **fields):
    return Outcome(Action(verb=verb, kind=Kind.POST, path=path, **fields), error)


def report(*outcomes, dry_run=False, **fields):
    return CycleReport(
        direction=Direction.BOTH,
        dry_run=dry_run,
        outcomes=tuple(outcomes),
        documents=214,
        requests=fields.pop("requests", {"GET": 3}),
        seconds=0.24,
        **fields,
    )


@pytest.fixture
def shown(capsys):
    def show(found, **options):
        show_report(found, Output(**options))
        return capsys.readouterr()

    return show


def test_nothing_to_do_is_one_sentence(shown):
    assert shown(report()).out == "In step (214 documents, 3 requests, 0.2 s).\n"


def test_each_document_is_a_line_with_verb_path_and_keys(shown):
    first = shown(report(outcome(Verb.UPDATE_POST, keys=("title", "body")))).out.splitlines()[0]
    assert first.split("  ")[0] == "update post"
    assert first.endswith("posts/a.md  (title, body)")


def test_a_post_without_a_file_is_named_by_its_title(shown):
    assert 'post "On bees"' in shown(report(outcome(Verb.CREATE_FILE, path="", title="On bees"))).out


def test_bookkeeping_is_shown_only_when_asked_for(shown):
    found = report(outcome(Verb.ADVANCE))
    assert "posts/a.md" not in shown(found).out
    assert "posts/a.md" in shown(found, verbose=True).out


def test_a_problem_is_told_with_file_line_and_remedy(shown):
    error = ContentError("the quote is never closed", subject="posts/a.md", line=3, remedy="Close it.")
    lines = shown(report(outcome(Verb.PROBLEM, errors=(error,)))).out.splitlines()
    assert lines[1:3] == ["    posts/a.md:3: the quote is never closed", "      -> Close it."]


def test_a_failed_action_says_so_and_why(shown):
    out = shown(report(outcome(Verb.UPDATE_POST, error=ServerFault("Ghost said 500")))).out
    assert "update post FAILED" in out
    assert "Ghost said 500" in out
    assert "1 action failed" in out


def test_what_needs_a_person_comes_last_where_the_eye_is(shown):
    found = report(outcome(Verb.PROBLEM, path="posts/a.md"), outcome(Verb.UPDATE_FILE, path="posts/z.md"))
    out = shown(found).out
    assert out.index("posts/z.md") < out.index("posts/a.md")


def test_quiet_shows_only_what_needs_a_person(shown):
    found = report(outcome(Verb.UPDATE_FILE, path="posts/z.md"), outcome(Verb.CONFLICT, path="posts/a.md"))
    out = shown(found, quiet=True).out
    assert "posts/a.md" in out
    assert "posts/z.md" not in out
    assert "Done" not in out


def test_a_long_list_is_cut_and_counted(shown):
    many = [outcome(Verb.CREATE_FILE, path=f"posts/{n:04}.md") for n in range(SHOWN_PER_VERB + 300)]
    assert "... and 300 more" in shown(report(*many)).out
    assert shown(report(*many), verbose=True).out.count("create file") == len(many)


def test_problems_are_never_cut(shown):
    many = [outcome(Verb.PROBLEM, path=f"posts/{n:04}.md") for n in range(SHOWN_PER_VERB + 5)]
    assert shown(report(*many)).out.count("posts/") == len(many)


def test_the_summary_counts_by_what_was_done():
    found = report(
        outcome(Verb.CREATE_POST),
        outcome(Verb.CREATE_POST),
        outcome(Verb.UPDATE_FILE),
        outcome(Verb.CONFLICT),
    )
    assert summary(found).startswith("Done: 2 posts created in Ghost, 1 file updated, 1 conflict (")


def test_a_dry_run_does_not_claim_to_have_done_anything():
    assert summary(report(outcome(Verb.CREATE_POST), dry_run=True)).startswith("A sync would end with 1 post")


def test_a_halt_is_told_on_stderr_with_the_command_that_lifts_it(shown):
    captured = shown(report(outcome(Verb.RETIRE_POST), halt=HALT))
    assert "212 of 214 files are gone" in captured.err
    assert "ghostsync resume --confirm deletions-3f" in captured.err
    assert "Done" not in captured.out
    assert "Nothing was written" in captured.out


def test_a_run_that_ghost_cut_short_tells_the_cause_once(shown):
    gone = Unreachable("the connection was refused", remedy="Is Ghost running?")
    found = report(
        outcome(Verb.UPDATE_POST, path="posts/done.md"),
        *(outcome(Verb.UPDATE_POST, path=f"posts/{n}.md", error=gone) for n in range(40)),
        failure=gone,
    )
    captured = shown(found)
    assert captured.err.count("the connection was refused") == 1
    assert "posts/done.md" in captured.out
    assert "40 actions not done" in captured.out
    assert "posts/7.md" not in captured.out


def test_warnings_go_to_stderr(shown):
    assert shown(report(warnings=("the site moved",))).err == "warning: the site moved\n"


def test_notes_go_to_stderr(shown):
    assert shown(report(notes=("a link stayed a link",))).err == "note: a link stayed a link\n"


def test_the_json_has_exactly_the_documented_keys():
    error = ContentError("bad", subject="posts/a.md", line=3)
    found = report(outcome(Verb.PROBLEM, id="5f", errors=(error,)), outcome(Verb.ADOPT, path="posts/b.md"))
    document = json.loads(json.dumps(report_document(found, command="sync")))
    assert sorted(document) == [
        "actions",
        "command",
        "counts",
        "documents",
        "dry_run",
        "exit_code",
        "failure",
        "halt",
        "in_step",
        "notes",
        "requests",
        "seconds",
        "warnings",
    ]
    assert document["exit_code"] == 1
    assert document["counts"] == {"problem": 1, "adopt": 1}
    [action] = document["actions"]
    assert sorted(action) == [
        "errors",
        "failure",
        "id",
        "keys",
        "kind",
        "path",
        "reason",
        "retire",
        "title",
        "verb",
    ]
    assert action["errors"][0]["line"] == 3


def test_the_json_of_a_halt_has_what_a_script_needs_to_lift_it():
    document = report_document(report(halt=HALT), command="sync")
    assert document["halt"]["id"] == "deletions-3f"
    assert document["exit_code"] == 5
