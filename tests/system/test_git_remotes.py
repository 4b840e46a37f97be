"""Pull before a sync, push after it: fast-forward or rebase, nothing forced, and nothing left half done."""

import pytest
from cli_runner import sandbox_blog
from git_helpers import git, log, use_settings

from ghostsync.git.remote import Remote
from ghostsync.sync.engine import Engine

BEES = """---
title: On bees
status: published
---
The first swarm.

The second swarm.

The third swarm.
"""


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    """A published post in a clone of a bare repository, in step with both."""
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        git(tmp_path, "init", "-q", "--bare", "origin.git")
        git(tmp_path, "clone", "-q", "origin.git", "site.clone")
        (tmp_path / "site.clone/.git").rename(blog.root / ".git")
        blog.write("posts/on-bees.md", BEES)
        assert blog("sync").code == 0
        git(blog.root, "add", ".")
        git(blog.root, "commit", "-qm", "Set up")
        git(blog.root, "push", "-q", "origin", "main")
        yield blog


@pytest.fixture
def colleague(blog, tmp_path):
    """Somebody else's clone."""
    git(tmp_path, "clone", "-q", "origin.git", "colleague")
    return tmp_path / "colleague"


def configured(blog, text):
    blog.configure(f"[git]\n{text}\n")
    git(blog.root, "commit", "-qam", "Settings")
    git(blog.root, "push", "-q", "origin", "main")


def colleague_edits(colleague, old, new):
    git(colleague, "pull", "-q", "--rebase")
    file = colleague / "posts/on-bees.md"
    file.write_text(file.read_text().replace(old, new))
    git(colleague, "commit", "-qam", f"{new} by a colleague")
    git(colleague, "push", "-q")


def in_ghost(blog, old, new):
    blog.clock.advance(5)
    document = blog.ghost.find("on-bees")
    assert old in document.own["lexical"]
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new))


def lexical(blog):
    return blog.ghost.find("on-bees").own["lexical"]


def at_origin(blog, form="%s"):
    return git(blog.root.parent / "origin.git", "log", f"--format={form}", "main").splitlines()


def test_commits_are_pushed_where_the_configuration_says_so(blog):
    configured(blog, "push = true")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert at_origin(blog)[0] == "Edit 'On bees' (paragraph 2)"


def test_without_a_word_in_the_configuration_nothing_goes_over_the_network(blog, colleague):
    colleague_edits(colleague, "The third", "No third")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert at_origin(blog)[0] == "No third by a colleague"
    assert "No third" not in lexical(blog)


@pytest.mark.parametrize("pull", ["fast-forward", "rebase"])
def test_what_colleagues_merged_is_pulled_and_goes_to_ghost(blog, colleague, pull):
    configured(blog, f'pull = "{pull}"\npush = true')
    colleague_edits(colleague, "The third", "No third")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert "No third" in lexical(blog)
    assert log(blog.root)[0] == "No third by a colleague"


def test_edits_on_both_sides_of_git_and_in_ghost_all_arrive(blog, colleague):
    configured(blog, 'pull = "rebase"\npush = true')
    in_ghost(blog, "The second", "Another")
    colleague_edits(colleague, "The third", "No third")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert "Another" in lexical(blog)
    assert "No third" in lexical(blog)
    assert at_origin(blog)[:2] == ["Merge edits of 'On bees' (paragraph 2)", "No third by a colleague"]
    assert blog("status").code == 0


def test_a_push_that_comes_too_late_is_rebased_and_pushed_again(blog, colleague, monkeypatch):
    from ghostsync.git.remote import Remote

    configured(blog, 'pull = "rebase"\npush = true')
    in_ghost(blog, "The second", "Another")
    push, met = Remote.push, []

    def meanwhile(self, stop):
        if not met:
            met.append(1)
            colleague_edits(colleague, "The third", "No third")
        return push(self, stop)

    monkeypatch.setattr(Remote, "push", meanwhile)
    ran = blog("sync")
    assert ran.code == 0, ran
    assert at_origin(blog)[:2] == ["Edit 'On bees' (paragraph 2)", "No third by a colleague"]
    assert blog("sync").code == 0
    assert "No third" in lexical(blog)


def test_a_push_that_is_refused_says_what_to_do_and_is_caught_up_later(blog, colleague):
    configured(blog, "push = true")
    colleague_edits(colleague, "The third", "No third")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "origin has commits that are not here" in ran.err
    assert 'pull = "rebase"' in ran.err
    assert at_origin(blog)[0] == "No third by a colleague"
    git(blog.root, "pull", "-q", "--rebase")
    assert blog("sync").code == 0
    assert at_origin(blog)[:2] == ["Edit 'On bees' (paragraph 2)", "No third by a colleague"]


def test_branches_that_have_parted_stop_everything_where_only_fast_forwards_are_allowed(blog, colleague):
    configured(blog, 'pull = "fast-forward"')
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    colleague_edits(colleague, "The third", "No third")
    writes = blog.writes
    ran = blog("sync")
    assert ran.code == 1
    assert "have parted: 1 here and 1 there" in ran.err
    assert blog.writes == writes
    git(blog.root, "pull", "-q", "--rebase")
    assert blog("sync").code == 0
    assert "No third" in lexical(blog)


def test_a_rebase_that_conflicts_is_taken_back_and_stops_everything(blog, colleague):
    configured(blog, 'pull = "rebase"')
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    colleague_edits(colleague, "The second", "A colleague's")
    before, writes = log(blog.root), blog.writes
    for _ in range(2):
        ran = blog("sync")
        assert ran.code == 1
        assert "the rebase was taken back" in ran.err
        assert "git pull --rebase origin main, and settle" in ran.err
        assert log(blog.root) == before
        assert git(blog.root, "status", "--porcelain") == ""
        assert not (blog.root / ".git/rebase-merge").exists()
    assert blog.writes == writes
    ran = blog("status")
    assert ran.code == 1
    assert "the rebase was taken back" in ran.err
    git(blog.root, "pull", "-q", "--rebase", "-X", "theirs")
    assert "taken back" not in blog("status").err
    assert blog("sync").code == 0
    assert blog("status").code == 0


@pytest.mark.parametrize("pull", ["fast-forward", "rebase"])
def test_edits_that_are_not_committed_are_never_touched_by_a_pull(blog, colleague, pull):
    configured(blog, f'pull = "{pull}"')
    if pull == "rebase":
        in_ghost(blog, "The first", "One")
        assert blog("sync").code == 0
    colleague_edits(colleague, "The third", "No third")
    mine = blog.read("posts/on-bees.md").replace("The second", "My second")
    blog.write("posts/on-bees.md", mine)
    ran = blog("sync")
    assert ran.code == 1
    assert "edits that are not committed stand in the way" in ran.err
    assert "Commit or stash them" in ran.err
    assert blog.read("posts/on-bees.md") == mine
    git(blog.root, "stash", "-q")
    assert blog("sync").code == 0
    assert "No third" in lexical(blog)


def test_a_remote_that_is_away_does_not_keep_ghost_waiting(blog):
    configured(blog, 'pull = "rebase"\npush = true')
    origin = blog.root.parent / "origin.git"
    origin.rename(origin.with_name("away.git"))
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert ran.err.count("the remote origin cannot be used now") == 1
    assert log(blog.root)[0] == "Edit 'On bees' (paragraph 2)"
    origin.with_name("away.git").rename(origin)
    ran = blog("sync")
    assert (ran.code, ran.err) == (0, "")
    assert at_origin(blog)[0] == "Edit 'On bees' (paragraph 2)"


def test_without_a_remote_it_is_said_and_the_sync_goes_on(blog):
    blog.configure("[git]\npush = true\n")
    git(blog.root, "remote", "remove", "origin")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "there is no remote" in ran.err
    assert "git remote add origin URL" in ran.err


def test_a_remote_that_never_answers_is_given_up_after_a_while(blog, monkeypatch):
    blog.configure('[git]\npull = "rebase"\ntimeout = 0.5\n')
    git(blog.root, "commit", "-qam", "Settings")
    git(blog.root, "remote", "set-url", "origin", "ssh://blog.invalid/site.git")
    monkeypatch.setenv("GIT_SSH_COMMAND", "sleep 600; true")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "git fetch did not end within 0.5 s" in ran.err
    assert "Another" in blog.read("posts/on-bees.md")


def test_a_branch_that_the_remote_does_not_have_yet_is_pushed(blog):
    git(blog.root, "switch", "-qc", "live")
    blog.configure('[git]\nbranch = "live"\npush = true\npull = "rebase"\n')
    git(blog.root, "commit", "-qam", "Settings")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert (ran.code, ran.err) == (0, ""), ran
    assert git(blog.root.parent / "origin.git", "log", "-1", "--format=%s", "live") == (
        "Edit 'On bees' (paragraph 2)"
    )


def test_another_remote_may_be_named(blog, tmp_path):
    git(tmp_path, "init", "-q", "--bare", "mirror.git")
    git(blog.root, "remote", "add", "mirror", str(tmp_path / "mirror.git"))
    blog.configure('[git]\nremote = "mirror"\npush = true\n')
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert git(tmp_path / "mirror.git", "log", "-1", "--format=%s", "main") == "Edit 'On bees' (paragraph 2)"
    assert at_origin(blog)[0] == "Set up"


def test_a_hook_at_the_remote_that_refuses_is_told_of(blog):
    configured(blog, "push = true")
    hook = blog.root.parent / "origin.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'The branch is protected.' >&2\nexit 1\n")
    hook.chmod(0o755)
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "The branch is protected." in ran.err


def test_in_ci_a_detached_head_is_pushed_to_its_branch(blog, monkeypatch):
    configured(blog, "push = true")
    git(blog.root, "switch", "-q", "--detach", "main")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("CI_COMMIT_BRANCH", "main")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert at_origin(blog)[0] == "Edit 'On bees' (paragraph 2)"


@pytest.fixture
def two(blog):
    """Another draft beside the published post."""
    configured(blog, 'push = true\npull = "rebase"')
    blog.write("posts/two.md", "---\ntitle: Two\n---\nText\n")
    git(blog.root, "add", "posts")
    git(blog.root, "commit", "-qm", "Two")
    assert blog("sync").code == 0
    return blog


def edit_two_in_ghost(blog):
    blog.clock.advance(5)
    document = blog.ghost.find("two")
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace("Text", "Theirs"))


def colleague_syncs_and_writes_on(blog, colleague):
    """What the colleague pushed last got to Ghost by the colleague's own sync; the next edit did not."""
    in_ghost(blog, "The third", "No third")
    colleague_edits(colleague, "No third", "Really no third")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert "Really no third" in lexical(blog)


def test_what_a_push_pulls_in_was_not_agreed_on_by_the_sync_before_it(two, colleague, monkeypatch):
    push = Remote.push

    def after_a_colleague(self, stop):
        monkeypatch.setattr(Remote, "push", push)
        colleague_edits(colleague, "The third", "No third")
        return push(self, stop)

    monkeypatch.setattr(Remote, "push", after_a_colleague)
    edit_two_in_ghost(two)
    assert two("sync").code == 0
    assert "No third" in two.read("posts/on-bees.md")
    colleague_syncs_and_writes_on(two, colleague)


def test_settling_one_document_agrees_on_no_other(two, colleague):
    two.write("posts/two.md", two.read("posts/two.md").replace("Text", "Mine"))
    git(two.root, "commit", "-qam", "Mine")
    edit_two_in_ghost(two)
    assert two("sync").code == 1
    colleague_edits(colleague, "The third", "No third")
    assert two("resolve", "posts/two.md", "--use", "local").code == 0
    colleague_syncs_and_writes_on(two, colleague)


@pytest.fixture
def feature(blog):
    """A branch with a commit of its own that nobody but its author has."""
    git(blog.root, "switch", "-qc", "feature")
    git(blog.root, "commit", "-q", "--allow-empty", "-m", "Of the feature")
    git(blog.root, "switch", "-q", "main")
    return git(blog.root, "rev-parse", "feature")


@pytest.mark.parametrize("checkout", [["feature"], ["--detach", "feature"]])
def test_a_branch_that_is_checked_out_during_a_sync_is_neither_committed_to_nor_pushed(
    blog, feature, monkeypatch, checkout
):
    configured(blog, "push = true")
    assert blog("sync").code == 0
    cycle = Engine.cycle

    async def then_away(self, **wanted):
        report = await cycle(self, **wanted)
        git(blog.root, "switch", "-q", *checkout)
        return report

    in_ghost(blog, "The second", "Another")
    with monkeypatch.context() as patched:
        patched.setattr(Engine, "cycle", then_away)
        ran = blog("sync")
    assert "another branch was checked out during the sync" in ran.err
    assert git(blog.root, "rev-parse", "feature", "HEAD").split() == [feature, feature]
    assert at_origin(blog) == ["Settings", "Set up"]
    git(blog.root, "switch", "-q", "main")
    assert blog("sync").code == 0
    assert at_origin(blog)[0] == "Edit 'On bees' (paragraph 2)"


@pytest.mark.parametrize("pull", ["fast-forward", "rebase"])
def test_a_branch_that_is_checked_out_during_a_fetch_is_not_brought_up_to_another_one(
    blog, colleague, feature, monkeypatch, pull
):
    configured(blog, f'pull = "{pull}"')
    assert blog("sync").code == 0
    colleague_edits(colleague, "The third", "No third")
    fetch = Remote.fetch

    def then_away(self, stop):
        fetch(self, stop)
        git(blog.root, "switch", "-q", "feature")

    with monkeypatch.context() as patched:
        patched.setattr(Remote, "fetch", then_away)
        ran = blog("sync")
    assert ran.code == 1
    assert "another branch than main was checked out meanwhile" in ran.err
    assert git(blog.root, "rev-parse", "feature") == feature
    git(blog.root, "switch", "-q", "main")
    assert "checked out" not in blog("status").err
    assert blog("sync").code == 0
    assert "No third" in lexical(blog)
