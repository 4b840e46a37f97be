"""What docs/git.md tells people to copy is run here as it stands there: each step by a shell, in a fresh clone, with local
repositories for servers and a real Ghost for the site.
"""

import json
import re
from pathlib import Path

import httpx
import pytest
import yaml
from git_helpers import git
from git_place import Place, tools_in
from repositories import Repository, clone

PAGE = (Path(__file__).parents[2] / "docs/git.md").read_text(encoding="utf-8")
BEES = "---\ntitle: On bees\nstatus: published\n---\nThe first swarm came in May.\n\nThe second one came in June.\n"


VALUES = {
    "${{ github.base_ref }}": "main",
    "${{ github.token }}": "token",
    "${{ secrets.GHOST_ADMIN_API_KEY }}": "",  # of the Ghost that the test has
}


def block(name):
    """The code block of the page that begins by naming this file, as it is."""
    found = [code for code in re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL) if name in code[:80]]
    assert len(found) == 1, name
    return found[0]


@pytest.fixture
def place(ghost6, tmp_path):
    ghost6.wipe()
    return Place(ghost6, tools_in(tmp_path), tmp_path)


def steps(job):
    """The shell steps of a job, by name or command."""
    return [step for step in job["steps"] if "run" in step]


def github(place, job, event, ref, **environment):
    """Run a job of the workflow. Returns what its steps printed, and fails with them."""
    workflow = yaml.safe_load(block(".github/workflows/blog.yml"))
    tried = workflow["jobs"][job]
    assert f"github.event_name == '{event}'" in tried["if"]
    depth = (
        next(step["with"]["fetch-depth"] for step in tried["steps"] if "with" in step)
        if job != "check"
        else 1
    )
    runner = place.checkout(ref, *(["--depth=1", "--no-single-branch"] if depth else []))
    summary = place.root / "summary.md"
    told = []
    for step in steps(tried):
        done = place.shell(
            step["run"],
            runner.root,
            CI="true",
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_WORKSPACE=str(runner.root),
            **{
                name: VALUES.get(value, value) or place.ghost.key
                for name, value in step.get("env", {}).items()
            },
            **environment,
        )
        told.append(done.stdout + done.stderr)
        assert place.ghost.key not in told[-1]
        if done.returncode:
            return done.returncode, "\n".join(told)
    return 0, "\n".join(told)


def publish(place):
    return github(place, "publish", "push", "main", GITHUB_REF="refs/heads/main")


def test_on_github_a_merged_pull_request_is_published_and_the_post_noted(place):
    place.push(posts_bees=BEES)
    code, told = publish(place)
    assert code == 0, told
    assert place.post()["status"] == "published"
    assert place.post()["id"] in git(place.remote, "show", "main:posts/bees.md")
    head = git(place.remote, "rev-parse", "main")
    code, told = publish(place)
    assert code == 0, told
    assert git(place.remote, "rev-parse", "main") == head
    assert "In step" in told


def test_on_github_a_pull_request_is_checked_and_faults_stand_at_file_and_line(place):
    place.push()
    place.push("broken", posts_bad="---\ntitle: Bad\nstatus: publshed\n---\nText.\n")
    code, told = github(place, "check", "pull_request", "origin/broken", GITHUB_REF="refs/pull/1/merge")
    assert code == 1
    assert "::error file=posts/bad.md,line=3" in told
    assert place.post("bad") is None


def test_on_github_a_pull_request_gets_a_preview_that_leaves_the_post_alone(place):
    place.push(posts_bees=BEES)
    assert publish(place)[0] == 0
    place.writer("pull", "-q")
    place.push("work", posts_bees=place.writer.read("posts/bees.md").replace("in May", "in April"))
    code, told = github(place, "check", "pull_request", "origin/work", GITHUB_REF="refs/pull/1/merge")
    assert code == 0, told
    address = re.search(rf"{re.escape(place.ghost.url)}\S*/p/[0-9a-f-]+/", told)
    assert address is not None
    assert "in April" in httpx.get(address[0]).text
    assert "in May" in place.post()["lexical"]
    place.writer("push", "-q", "origin", "HEAD:main")
    assert publish(place)[0] == 0
    assert "in April" in place.post()["lexical"]
    assert len(place.ghost.api("GET", "posts/?limit=10")["posts"]) == 1


def test_on_github_the_preview_of_an_abandoned_pull_request_goes(place):
    place.push(posts_bees=BEES)
    assert publish(place)[0] == 0
    place.writer("pull", "-q")
    place.push("work", posts_bees=place.writer.read("posts/bees.md").replace("in May", "in April"))
    assert github(place, "check", "pull_request", "origin/work")[0] == 0
    assert len(place.ghost.api("GET", "posts/")["posts"]) == 2
    code, told = github(place, "abandon", "pull_request", "origin/work")
    assert code == 0, told
    assert [post["slug"] for post in place.ghost.api("GET", "posts/")["posts"]] == ["bees"]


def test_on_github_editors_edits_arrive_as_a_pull_request(place):
    place.push(posts_bees=BEES)
    assert publish(place)[0] == 0
    before = git(place.remote, "rev-parse", "main")
    place.edit("in June", "in July")
    code, told = github(place, "edits", "schedule", "main", GITHUB_REF="refs/heads/main")
    assert code == 0, told
    assert git(place.remote, "rev-parse", "main") == before
    assert git(place.remote, "log", "--format=%s", "main..ghostsync/edits") == "Edit 'On bees' (paragraph 2)"
    assert "pr create --base main --head ghostsync/edits" in (place.root / "gh.txt").read_text()
    # Until it is merged, the site keeps the edit, whatever else is published.
    place.writer("pull", "-q")
    place.push(posts_other="---\ntitle: Other\nstatus: published\n---\nText.\n")
    publish(place)
    assert "in July" in place.post()["lexical"]
    place.writer("pull", "-q", "--rebase")
    place.writer("fetch", "-q")
    place.writer("merge", "-q", "--no-edit", "origin/ghostsync/edits")
    place.writer("push", "-q", "origin", "HEAD:main")
    code, told = publish(place)
    assert code == 0, told
    assert "in July" in place.post()["lexical"]


def test_on_github_the_pull_request_follows_the_editors_until_somebody_else_commits_to_it(place):
    place.push(posts_bees=BEES)
    assert publish(place)[0] == 0
    for old, new in (("in June", "in July"), ("in May", "in April")):
        place.edit(old, new)
        code, told = github(place, "edits", "schedule", "main", GITHUB_REF="refs/heads/main")
        assert code == 0, told
        assert new in git(place.remote, "show", "ghostsync/edits:posts/bees.md")
    place.writer("fetch", "-q")
    place.writer("checkout", "-q", "ghostsync/edits")
    place.push("ghostsync/edits", notes_review="Mine.")
    mine = git(place.remote, "rev-parse", "ghostsync/edits")
    place.edit("in April", "in March")
    code, told = github(place, "edits", "schedule", "main", GITHUB_REF="refs/heads/main")
    assert code == 0, told
    assert git(place.remote, "rev-parse", "ghostsync/edits") == mine


def test_on_github_an_hour_without_edits_opens_nothing(place):
    place.push(posts_bees=BEES)
    assert publish(place)[0] == 0
    code, told = github(place, "edits", "schedule", "main", GITHUB_REF="refs/heads/main")
    assert code == 0, told
    assert not (place.root / "gh.txt").exists()


def gitlab(place, job, ref, **environment):
    pipeline = yaml.safe_load(block(".gitlab-ci.yml"))
    tried = pipeline[job]
    runner = place.checkout(git(place.remote, "rev-parse", ref))
    runner("config", "url.file:///.insteadOf", "https://ci:token@gitlab.example.com/")
    variables = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_PROJECT_DIR": str(runner.root),
        "CI_SERVER_HOST": "gitlab.example.com",
        "CI_PROJECT_PATH": str(place.remote).lstrip("/").removesuffix(".git"),
        "PUSH_TOKEN": "token",
        "GHOST_ADMIN_API_KEY": place.ghost.key,
    }
    for line in [*pipeline["default"]["before_script"], *tried["script"]]:
        done = place.shell(line, runner.root, **variables, **environment)
        if done.returncode:
            return runner, done.returncode, done.stdout + done.stderr
    return runner, 0, done.stdout + done.stderr


def test_on_gitlab_a_pipeline_of_the_branch_syncs_both_ways(place):
    place.push(posts_bees=BEES)
    _, code, told = gitlab(place, "sync", "main", CI_COMMIT_BRANCH="main")
    assert code == 0, told
    place.edit("in June", "in July")
    _, code, told = gitlab(place, "sync", "main", CI_COMMIT_BRANCH="main")
    assert code == 0, told
    assert "in July" in git(place.remote, "show", "main:posts/bees.md")
    assert git(place.remote, "log", "--format=%s", "-1", "main") == "Edit 'On bees' (paragraph 2)"


def test_on_gitlab_a_merge_request_gets_a_report_of_its_faults(place):
    place.push()
    place.push("broken", posts_bad="---\ntitle: Bad\nstatus: publshed\n---\nText.\n")
    runner, code, _ = gitlab(place, "check", "broken")
    assert code == 1
    report = json.loads((runner.root / "faults.json").read_text())
    assert [(each["location"]["path"], each["location"]["lines"]["begin"]) for each in report] == [
        ("posts/bad.md", 3)
    ]


def test_on_a_server_of_ones_own_a_push_is_on_the_site_when_it_returns(place):
    place.push(posts_bees=BEES)
    work = clone(place.remote, place.root / "blog")
    settings = block("blog/ghostsync.toml").split("\n", 1)[1]
    work.write(".ghostsync/admin_api_key", place.ghost.key)
    (work.root / ".ghostsync").chmod(0o700)
    (work.root / ".ghostsync/admin_api_key").chmod(0o600)
    work.write(
        "ghostsync.toml",
        f'[site]\nurl = "{place.ghost.url}"\nadmin_api_key_file = ".ghostsync/admin_api_key"\n{settings}',
    )
    work.commit("Configure")
    work("push", "-q", "origin", "HEAD:main")
    hook = block("hooks/post-receive").replace("/srv/blog ", f"{work.root} ")
    path = place.remote / "hooks/post-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(hook)
    path.chmod(0o755)
    place.writer("pull", "-q", "--rebase")
    place.writer.write("posts/bees.md", BEES.replace("in May", "in April"))
    place.writer.commit("Write")
    done = place.shell("git push origin HEAD:main", place.writer.root)
    assert done.returncode == 0, done.stderr
    assert "in April" in place.post()["lexical"]
    place.edit("in June", "in July")
    place.writer("pull", "-q", "--rebase")
    place.push(posts_other="---\ntitle: Other\n---\nText.\n")
    done = place.shell("git commit -q --allow-empty -m Again; git push origin HEAD:main", place.writer.root)
    assert "in July" in git(place.remote, "show", "main:posts/bees.md"), done.stderr
    assert Repository(work.root)("status", "--porcelain", "--untracked-files=no") == ""
