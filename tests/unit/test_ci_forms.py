"""Findings as GitHub and GitLab read them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ghostsync.cli.annotations import annotation, code_quality
from ghostsync.cli.findings import Finding, Level, of_error
from ghostsync.cli.job_summary import MOST_ROWS, plain, problems
from ghostsync.errors import ContentError

KEY = "0123456789abcdef01234567:" + "0123456789abcdef" * 4


def test_what_would_end_a_command_or_a_property_is_escaped():
    finding = Finding(
        Level.ERROR, "problem", "50%\r of it: a, b", "po,sts/a:b%.md", 3, "Mend it.\nThen go on."
    )
    assert annotation(finding, "") == (
        "::error file=po%2Csts/a%3Ab%25.md,line=3,title=ghostsync%3A problem::"
        "50%25\\r of it: a, b%0AMend it.%0AThen go on."
    )


def test_an_annotation_without_a_file_names_none():
    assert annotation(Finding(Level.WARNING, "warning", "look"), "blog/") == (
        "::warning title=ghostsync%3A warning::look"
    )


@given(st.text(), st.text(), st.text())
def test_an_annotation_is_one_line_that_holds_nothing_but_its_own_command(what, path, remedy):
    told = annotation(Finding(Level.ERROR, "problem", what, path, 1, remedy), "")
    assert "\n" not in told
    assert "\r" not in told
    head, _, _ = told[2:].partition("::")
    assert head.count("title=ghostsync%3A problem") >= 1
    assert ":" not in head


@given(
    st.lists(st.builds(Finding, st.sampled_from(Level), st.just("problem"), st.text(), st.text()), max_size=5)
)
def test_marks_in_gitlabs_report_are_never_twice_the_same(findings):
    report = json.loads(code_quality(findings, ""))
    marks = [issue["fingerprint"] for issue in report]
    assert len(set(marks)) == len(marks) == len(findings)


def test_a_key_in_a_message_is_hidden_in_each_form():
    finding = Finding(Level.ERROR, "problem", f"status {KEY}", "a.md")
    secret = KEY.split(":")[1]
    assert secret not in annotation(finding, "") + code_quality([finding], "")


def test_the_line_is_told_once():
    error = ContentError("line 4, tags: no list", line=4, key="tags", subject="posts/a.md")
    found = of_error(error, None, path="posts/a.md")
    assert (found.line, found.what) == (4, "tags: no list")


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_text_in_a_summary_stays_in_its_cell(text):
    told = plain(text)
    assert "\n" not in told
    assert "|" not in told.replace("\\|", "")
    assert "<" not in told.replace("<br>", "").replace("\\<", "")


def test_a_long_summary_is_cut_and_says_so():
    rows = problems([Finding(Level.ERROR, "problem", "x", f"posts/{n}.md") for n in range(MOST_ROWS + 7)])
    assert "... and 7 more." in rows
    assert len([row for row in rows if row.startswith("|")]) == MOST_ROWS + 2
