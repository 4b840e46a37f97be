"""Only one branch of a repository is the site's: on another one, or in the middle of something, everything waits."""

import pytest
from cli_runner import sandbox_blog
from git_helpers import git, use_settings

BEES = "---\ntitle: On bees\nstatus: published\n---\nThe first swarm.\n"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    """A published post and a page in a repository, committed, in step, and a branch `other` that has neither."""
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        git(blog.root, "init", "-q")
        git(blog.root, "add", "ghostsync.toml")
        git(blog.root, "commit", "-qm", "Set up")
        git(blog.root, "branch", "other")
        blog.write("posts/on-bees.md", BEES)
        blog.write("pages/about.md", "---\ntitle: About\nstatus: published\n---\nUs.\n")
        assert blog("sync").code == 0
        git(blog.root, "add", "posts", "pages")
        git(blog.root, "commit", "-qm", "First posts")
        yield blog


def test_init_notes_the_branch_of_the_work_tree(tmp_path, monkeypatch, capsys):
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys, configured=False) as blog:
        monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.admin_api_key)
        blog.root.mkdir()
        git(blog.root, "init", "-q", "-b", "live")
        ran = blog("init", "--url", blog.url)
        assert ran.code == 0, ran
        assert '[git]\nbranch = "live"\n' in blog.read("ghostsync.toml")
        assert "branch live is the one that is synced" in ran.err


@pytest.mark.parametrize("command", ["sync", "push", "pull"])
def test_on_another_branch_nothing_is_synced_and_it_is_said_why(blog, command):
    git(blog.root, "switch", "-q", "other")
    writes = blog.writes
    ran = blog(command)
    assert ran.code == 1
    assert "the work tree is on branch other, and main is the one that is synced" in ran.err
    assert "git switch main" in ran.err
    assert blog.writes == writes
    git(blog.root, "switch", "-q", "main")
    assert blog(command).code == 0
    assert blog.writes == writes


def test_looking_works_on_any_branch_and_warns(blog):
    git(blog.root, "switch", "-q", "other")
    for arguments in (["status"], ["sync", "--dry-run"]):
        ran = blog(*arguments)
        assert ran.code == 1
        assert "retire post" in ran.out
        assert "main is the one that is synced" in ran.err


def test_a_branch_in_the_configuration_goes_before_that_of_the_first_sync(blog):
    git(blog.root, "branch", "live")
    blog.configure('[git]\nbranch = "live"\n')
    ran = blog("sync")
    assert ran.code == 1
    assert "on branch main, and live is the one that is synced" in ran.err
    git(blog.root, "stash", "-q")
    git(blog.root, "switch", "-q", "live")
    blog.configure('[git]\nbranch = "live"\n')
    assert blog("sync").code == 0


def test_a_merge_under_way_is_waited_for_with_the_files_that_are_unmerged(blog):
    git(blog.root, "switch", "-qc", "draft")
    blog.write("posts/on-bees.md", BEES.replace("first", "second"))
    git(blog.root, "commit", "-qam", "Another")
    git(blog.root, "switch", "-q", "main")
    text = blog.read("posts/on-bees.md")
    blog.write("posts/on-bees.md", text.replace("first", "third"))
    git(blog.root, "commit", "-qam", "One more")
    git(blog.root, "merge", "draft", code=1)
    writes = blog.writes
    ran = blog("sync")
    assert ran.code == 1
    assert "a merge is under way" in ran.err
    git(blog.root, "merge", "--abort")
    assert blog("sync").code == 0
    assert blog.writes == writes + 1


def test_an_unmerged_file_is_waited_for_although_nothing_is_under_way(blog):
    text = blog.read("posts/on-bees.md")
    blog.write("posts/on-bees.md", text.replace("first", "stashed"))
    git(blog.root, "stash", "-q")
    blog.write("posts/on-bees.md", text.replace("first", "third"))
    git(blog.root, "commit", "-qam", "One more")
    git(blog.root, "stash", "pop", code=1)
    ran = blog("sync")
    assert ran.code == 1
    assert "posts/on-bees.md is unmerged" in ran.err


def test_a_detached_head_is_refused_to_people(blog):
    git(blog.root, "switch", "-q", "--detach", "main")
    ran = blog("sync")
    assert ran.code == 1
    assert "HEAD is detached" in ran.err


def test_a_detached_head_is_what_ci_systems_check_out(blog, monkeypatch):
    git(blog.root, "switch", "-q", "--detach", "main")
    monkeypatch.setenv("CI", "true")
    assert blog("sync").code == 0


def test_a_detached_head_is_right_for_whoever_says_ci(blog):
    git(blog.root, "switch", "-q", "--detach", "main")
    assert blog("sync", "--ci").code == 0
    assert blog("sync").code == 1


@pytest.mark.parametrize(("name", "value"), [("GITHUB_REF", "refs/heads/main"), ("CI_COMMIT_BRANCH", "main")])
def test_a_ci_system_says_which_branch_it_is_on(blog, monkeypatch, name, value):
    git(blog.root, "switch", "-q", "--detach", "main")
    git(blog.root, "commit", "-q", "--allow-empty", "-m", "Of no branch")
    monkeypatch.setenv("CI", "true")
    assert blog("sync").code == 1
    monkeypatch.setenv(name, value)
    assert blog("sync").code == 0


def test_a_pull_request_is_not_the_branch(blog, monkeypatch):
    git(blog.root, "switch", "-q", "--detach", "other")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    writes = blog.writes
    assert blog("sync").code == 1
    assert blog.writes == writes


def test_a_checkout_while_the_folder_is_scanned_removes_nothing(blog, monkeypatch):
    """The scan sees the other branch's empty folder; the branch is another one when it ends."""
    from ghostsync.folder import LocalFolder

    scan = LocalFolder.scan

    def away_and_scan(self, known):
        git(blog.root, "switch", "-q", "other")
        return scan(self, known)

    monkeypatch.setattr(LocalFolder, "scan", away_and_scan)
    writes = blog.writes
    ran = blog("sync")
    assert ran.code == 1
    assert "main is the one that is synced" in ran.err
    assert blog.writes == writes


def test_a_checkout_away_and_back_while_the_folder_is_scanned_removes_nothing(blog, monkeypatch):
    from ghostsync.folder import LocalFolder

    scan, scans = LocalFolder.scan, []

    def away_scan_and_back(self, known):
        scans.append(1)
        if len(scans) > 1:
            return scan(self, known)
        git(blog.root, "switch", "-q", "other")
        seen = scan(self, known)
        git(blog.root, "switch", "-q", "main")
        return seen

    monkeypatch.setattr(LocalFolder, "scan", away_scan_and_back)
    writes = blog.writes
    ran = blog("sync")
    assert ran.code == 0, ran
    assert len(scans) == 2
    assert blog.writes == writes


def test_a_git_command_that_does_not_end_is_waited_for_and_named(blog, monkeypatch):
    from ghostsync.sync.versioning import versioned

    monkeypatch.setattr(versioned, "_PATIENCE", 0.0)
    (blog.root / ".git/index.lock").touch()
    ran = blog("sync")
    assert ran.code == 1
    assert "a git command is at work" in ran.err
    (blog.root / ".git/index.lock").unlink()
    assert blog("sync").code == 0


def test_a_single_write_to_ghost_waits_like_a_sync(blog):
    text = blog.read("posts/on-bees.md")
    blog.write("posts/on-bees.md", text.replace("first", "second"))
    assert blog("sync").code == 0
    number = blog("history", "posts/on-bees.md", "--json").json["versions"][0]["number"]
    git(blog.root, "stash", "-q")
    git(blog.root, "switch", "-q", "other")
    writes = blog.writes
    ran = blog("restore", "posts/on-bees.md", "--version", number, "--to", "remote", "--yes")
    assert ran.code == 1, ran
    assert "main is the one that is synced" in ran.err
    assert blog.writes == writes


def test_a_detached_head_without_a_word_of_the_branch_is_refused(tmp_path, monkeypatch, capsys):
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        git(blog.root, "init", "-q")
        git(blog.root, "add", "ghostsync.toml")
        git(blog.root, "commit", "-qm", "Set up")
        git(blog.root, "switch", "-q", "--detach")
        monkeypatch.setenv("CI", "true")
        ran = blog("sync")
        assert ran.code == 1
        assert "nobody said which branch is synced" in ran.err
        monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
        assert blog("sync").code == 0
