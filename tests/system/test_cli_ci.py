"""CI mode from the command line, on the sandbox: annotations, job summary, code quality report, --fail-on."""

import json
import subprocess
import sys

import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind
from ghostsync.sandbox import Fault

POST = "---\ntitle: On bees\n---\nThe first swarm came in May.\n\nThe second one came in June.\n"
BROKEN = "---\ntitle: Broken\nstatus: publishd\n---\nText.\n"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


@pytest.fixture
def github(tmp_path, monkeypatch):
    """The environment of a step; returns the file of its summary."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    page = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    return page


def commands(text):
    return [line for line in text.splitlines() if line.startswith("::")]


def in_conflict(blog, path="posts/on-bees.md"):
    """A document that was edited on both sides in the same sentence."""
    blog.write(path, POST)
    blog("sync")
    post = blog.ghost.find("on-bees")
    blog.write(path, blog.read(path).replace("in May", "in April"))
    lexical = post.own["lexical"]
    blog.clock.advance(5)
    blog.ghost.edit(post.id, lexical=lexical.replace("in May", "in March"))


def test_a_problem_is_an_annotation_at_its_line_after_the_ordinary_lines(blog, github):
    blog.write("posts/broken.md", BROKEN)
    ran = blog("sync")
    assert ran.code == 1
    *ordinary, last = ran.out.splitlines()
    assert last.startswith("::error file=posts/broken.md,line=3,title=ghostsync%3A problem::status: ")
    assert not commands("\n".join(ordinary))
    assert any("publishd" in line for line in ordinary)


def test_without_github_there_are_no_annotations_in_ci(blog, monkeypatch):
    monkeypatch.setenv("CI", "1")
    blog.write("posts/broken.md", BROKEN)
    assert commands(blog("sync").out) == []


@pytest.mark.parametrize(
    ("variable", "before", "after", "expected"),
    [
        ("true", (), (), True),
        ("1", (), (), True),
        ("false", (), (), False),
        ("", (), (), False),
        ("", ("--ci",), (), True),
        ("", (), ("--ci",), True),
        ("true", ("--no-ci",), (), False),
        ("true", (), ("--no-ci",), False),
        ("true", ("--no-ci",), ("--ci",), True),
    ],
)
def test_ci_mode_is_what_was_said_last_else_what_the_environment_says(
    blog, github, monkeypatch, variable, before, after, expected
):
    monkeypatch.setenv("CI", variable)
    blog.write("posts/broken.md", BROKEN)
    ran = blog(*before, "sync", *after)
    assert (bool(commands(ran.out)), github.exists()) == (expected, expected)


def test_under_json_annotations_go_to_stderr_and_stdout_stays_one_document(blog, github):
    blog.write("posts/broken.md", BROKEN)
    ran = blog("sync", "--json")
    assert ran.json["exit_code"] == 1
    [told] = commands(ran.err)
    assert told.startswith("::error file=posts/broken.md,line=3,")


def test_paths_are_those_of_the_repository_when_the_blog_is_a_part_of_it(blog, github, tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    blog.write("posts/broken.md", BROKEN)
    [told] = commands(blog("sync").out)
    assert told.startswith("::error file=site/posts/broken.md,line=3,")


def test_without_git_paths_are_those_of_githubs_work_space(blog, github, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    blog.write("posts/broken.md", BROKEN)
    [told] = commands(blog("sync").out)
    assert told.startswith("::error file=site/posts/broken.md,line=3,")


def test_a_conflict_a_failure_and_a_warning_are_annotations(blog, github):
    in_conflict(blog)
    blog.write("posts/linking.md", "---\ntitle: Linking\n---\nSee [that](gone.md).\n")
    blog.write("posts/failing.md", "---\ntitle: Failing\n---\nText.\n")
    blog.ghost.faults.append(Fault(method="POST", status=422, times=1))
    found = commands(blog("sync").out)
    by_file = {line.partition(",")[0]: line for line in found}
    assert "title=ghostsync%3A conflict::" in by_file["::error file=posts/on-bees.md"]
    assert "ghostsync resolve posts/on-bees.md" in by_file["::error file=posts/on-bees.md"]
    assert "title=ghostsync%3A failed::" in by_file["::error file=posts/failing.md"]
    assert by_file["::warning file=posts/linking.md"].startswith("::warning file=posts/linking.md,line=5,")
    assert [line.partition(" ")[0] for line in found] == sorted(line.partition(" ")[0] for line in found)


def test_what_ends_a_run_is_an_annotation_and_keeps_its_exit_code(blog, github, monkeypatch):
    key = blog.ghost.admin_api_key
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", f"{key.split(':')[0]}:{'0' * 64}")
    refused = blog("sync")
    [told] = commands(refused.out)
    assert (refused.code, told.startswith("::error title=ghostsync%3A refused::")) == (3, True)
    assert refused.err.count("error:") == 1
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", key)
    blog.write("ghostsync.toml", '[site]\nurl = "http://127.0.0.1:9"\n[http]\nretries = 0\n')
    away = blog("sync", "--json")
    [told] = commands(away.err)
    assert (away.code, away.json["exit_code"]) == (4, 4)
    assert told.startswith("::error title=ghostsync%3A unreachable::")
    blog.write("ghostsync.toml", "[sight]\n")
    wrong = blog("sync")
    assert wrong.code == 2
    [told] = commands(wrong.out)
    assert told.startswith("::error file=ghostsync.toml,title=ghostsync%3A usage::")


def test_a_halt_is_an_annotation(blog, github):
    for number in range(4):
        blog.write(f"posts/n{number}.md", f"---\ntitle: Number {number}\n---\nText {number}.\n")
    blog("sync")
    for file in (blog.root / "posts").glob("*.md"):
        file.unlink()
    ran = blog("sync")
    [told] = commands(ran.out)
    assert ran.code == 5
    assert told.startswith("::error title=ghostsync%3A halted::halted (folder): ")
    assert "ghostsync resume --confirm folder-" in told


def test_the_job_summary_grows_by_what_was_done_what_is_wrong_and_what_it_cost(blog, github):
    github.write_text("Earlier step.\n", encoding="utf-8")
    blog.write("posts/on-bees.md", POST)
    blog.write("posts/broken.md", BROKEN)
    blog.ghost.create(Kind.POST, title="A | B <b>*c*", html="<p>Text.</p>", source_html=True)
    blog("sync")
    page = github.read_text(encoding="utf-8")
    assert page.startswith("Earlier step.\n### ghostsync sync\n")
    assert "| create post | posts/on\\-bees.md |" in page
    assert "| ❌ | posts/broken.md:3 | problem: status: " in page
    assert "1 POST" in page
    assert "<b>" not in page
    for row in [line for line in page.splitlines() if line.startswith("|")]:
        assert row.replace("\\|", "").count("|") == 4, row


def test_a_dry_run_is_summed_up_as_what_would_be_done(blog, github):
    blog.write("posts/on-bees.md", POST)
    assert blog("sync", "--dry-run").code == 1
    assert "| would do | document |" in github.read_text(encoding="utf-8")


def test_a_summary_that_cannot_be_written_is_told_and_changes_nothing_else(
    blog, github, monkeypatch, tmp_path
):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    ran = blog("sync")
    assert ran.code == 0
    assert "warning: the job summary cannot be written" in ran.err


def test_gitlabs_report_names_file_line_and_a_mark_that_outlives_the_line(blog, tmp_path):
    report = tmp_path / "quality.json"
    blog.write("posts/broken.md", BROKEN)
    assert blog("sync", "--code-quality", report).code == 1
    [issue] = json.loads(report.read_text(encoding="utf-8"))
    assert issue["location"] == {"path": "posts/broken.md", "lines": {"begin": 3}}
    assert (issue["check_name"], issue["severity"]) == ("ghostsync/problem", "major")
    assert "publishd" in issue["description"]
    blog.write("posts/broken.md", BROKEN.replace("title: Broken\n", "title: Broken\ntags: [a]\n"))
    blog("sync", "--code-quality", report)
    [moved] = json.loads(report.read_text(encoding="utf-8"))
    assert moved["location"]["lines"] == {"begin": 4}
    assert moved["fingerprint"] == issue["fingerprint"]


def test_gitlabs_report_is_empty_when_all_is_well_and_tells_what_ended_a_run(blog, tmp_path):
    report = tmp_path / "quality.json"
    assert blog("sync", "--code-quality", report).code == 0
    assert json.loads(report.read_text(encoding="utf-8")) == []
    blog.write("ghostsync.toml", '[site]\nurl = "http://127.0.0.1:9"\n[http]\nretries = 0\n')
    assert blog("push", "--code-quality", report).code == 4
    [issue] = json.loads(report.read_text(encoding="utf-8"))
    assert issue["location"]["path"] == "ghostsync.toml"
    assert (issue["check_name"], issue["severity"]) == ("ghostsync/unreachable", "critical")


def test_a_report_that_cannot_be_written_is_an_error_of_usage(blog, tmp_path):
    ran = blog("sync", "--code-quality", tmp_path / "nowhere" / "quality.json")
    assert ran.code == 2
    assert "the code quality report cannot be written" in ran.err
    blog.write("ghostsync.toml", '[site]\nurl = "http://127.0.0.1:9"\n[http]\nretries = 0\n')
    ran = blog("sync", "--code-quality", tmp_path / "nowhere" / "quality.json")
    assert ran.code == 4  # what came first decides


def test_no_key_gets_into_anything_that_ci_shows(blog, github, tmp_path):
    key = blog.ghost.admin_api_key
    blog.write("posts/broken.md", f"---\ntitle: Broken\nstatus: {key.split(':')[1]}\n---\nText.\n")
    report = tmp_path / "quality.json"
    ran = blog("sync", "--code-quality", report)
    assert commands(ran.out)
    secret = key.split(":")[1]
    assert secret not in "".join(commands(ran.out))
    assert secret not in github.read_text(encoding="utf-8") + report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("fail_on", "conflict", "problem"),
    [
        ((), 1, 1),
        (("conflict",), 1, 0),
        (("problem",), 0, 1),
        (("conflict", "problem"), 1, 1),
    ],
)
@pytest.mark.parametrize("command", ["sync", "pull", "push"])
def test_only_the_named_leftovers_end_with_1_but_all_are_told(
    blog, github, command, fail_on, conflict, problem
):
    words = [word for one in fail_on for word in ("--fail-on", one)]
    in_conflict(blog)
    ran = blog(command, *words)
    assert ran.code == conflict
    [told] = commands(ran.out)
    assert told.startswith(f"::{'error' if conflict else 'warning'} file=posts/on-bees.md,")
    (blog.root / "posts/on-bees.md").unlink()
    blog.write("posts/broken.md", BROKEN)
    ran = blog(command, *words, "--json")
    assert (ran.code, ran.json["exit_code"]) == (problem, problem)


def test_what_a_push_leaves_for_a_sync_counts_as_a_conflict(blog):
    blog.write("posts/on-bees.md", POST)
    blog("sync")
    post = blog.ghost.find("on-bees")
    blog.write("posts/on-bees.md", blog.read("posts/on-bees.md").replace("in May", "in April"))
    blog.clock.advance(5)
    blog.ghost.edit(post.id, lexical=post.own["lexical"].replace("in June", "in July"))
    assert blog("push", "--json").json["counts"] == {"skip": 1}
    assert blog("push").code == 1
    assert blog("push", "--fail-on", "conflict").code == 1
    assert blog("push", "--fail-on", "problem").code == 0


def test_what_failed_makes_it_fail_whatever_was_said(blog):
    blog.write("posts/failing.md", "---\ntitle: Failing\n---\nText.\n")
    blog.ghost.faults.append(Fault(method="POST", status=422, times=1))
    assert blog("sync", "--fail-on", "conflict").code == 1


def test_a_dry_run_that_is_told_what_to_fail_on_does_not_fail_for_plain_differences(blog):
    blog.write("posts/on-bees.md", POST)
    assert blog("push", "--dry-run").code == 1
    assert blog("push", "--dry-run", "--fail-on", "problem").code == 0
    blog.write("posts/broken.md", BROKEN)
    assert blog("push", "--dry-run", "--fail-on", "problem").code == 1


def test_nobody_is_asked_anything_and_nothing_is_coloured_or_drawn(blog, monkeypatch):
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    blog.write("posts/broken.md", BROKEN)
    assert "\x1b[" in blog("sync").out
    for arguments in (("--ci", "sync"), ("sync", "--ci")):
        ran = blog(*arguments)
        assert "\x1b[" not in ran.out + ran.err
    asked = blog("sync", "--ci", "--adopt", "ask")
    assert asked.code == 2
    assert "\x1b[" not in asked.err
    (blog.root / "posts/broken.md").unlink()
    assert blog("media", "prune", "--ci").code == 0
    blog.write("media/lonely.png", "no picture")
    assert "nobody is there" in blog("media", "prune", "--ci").err


def test_doctor_and_media_tell_ci_what_is_wrong_too(blog, github, monkeypatch):
    blog.write("posts/bare.md", "---\ntitle: Bare\n---\n![A hive](hive.png)\n")
    [told] = commands(blog("media").out)
    assert told.startswith("::error file=posts/bare.md,line=4,title=ghostsync%3A problem::")
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", "abc")
    ran = blog("doctor")
    [told] = commands(ran.out)
    assert (ran.code, told.startswith("::error title=ghostsync%3A usage::")) == (2, True)
