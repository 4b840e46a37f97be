"""The daemon in a git work tree: it waits while git is in the way, says so once, and looks after the remote."""

import pytest
from cli_runner import sandbox_blog
from daemon_process import Daemon, Manager, eventually
from git_helpers import git, log, use_settings

BEES = "---\ntitle: On bees\nstatus: published\n---\nThe first swarm.\n\nThe second swarm.\n"
BUSY = 'interval = "1s"\nsettle = 0'


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    """A published post in a clone of a bare repository, in step with both."""
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        git(tmp_path, "init", "-q", "--bare", "origin.git")
        git(blog.root, "init", "-q")
        git(blog.root, "remote", "add", "origin", str(tmp_path / "origin.git"))
        configure(blog)
        git(blog.root, "add", "ghostsync.toml")
        git(blog.root, "commit", "-qm", "Settings")
        git(blog.root, "branch", "other")
        blog.write("posts/on-bees.md", BEES)
        assert blog("sync").code == 0
        git(blog.root, "add", ".")
        git(blog.root, "commit", "-qm", "Set up")
        git(blog.root, "push", "-q", "--set-upstream", "origin", "main")
        yield blog


def configure(blog, more=""):
    blog.configure(f"[sync]\n{BUSY}\n[http]\nretries = 0\n[git]\n{more}\n")


@pytest.fixture
def start(blog, tmp_path):
    started = []
    manager = Manager(tmp_path / "notify")

    def run():
        daemon = Daemon(blog, env={"NOTIFY_SOCKET": str(manager.path)})
        started.append(daemon)
        return daemon, manager

    yield run
    for daemon in started:
        daemon.close()
    manager.close()


def in_ghost(blog, old, new):
    blog.clock.advance(5)
    document = blog.ghost.find("on-bees")
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new))


def test_another_branch_under_a_running_daemon_is_waited_for_and_removes_nothing(blog, start):
    daemon, manager = start()
    daemon.until("in touch with Ghost")
    writes = blog.writes
    git(blog.root, "switch", "-q", "other")
    assert not (blog.root / "posts/on-bees.md").exists()
    daemon.until("git stands in the way")
    said = manager.until("STATUS=waiting for git")
    assert "the work tree is on branch other, and main is the one that is synced" in said
    told = blog("status", "--daemon")
    assert told.code == 1
    assert "git switch main" in told.out
    in_ghost(blog, "The second", "Another")
    git(blog.root, "switch", "-q", "main")
    daemon.until("in touch with Ghost", count=2)
    eventually(lambda: "Another" in blog.read("posts/on-bees.md"))
    assert blog.writes == writes
    assert blog.ghost.find("on-bees").own["status"] == "published"
    assert sum("git stands in the way" in line for line in daemon.lines) == 1
    assert daemon.stop() == 0


def test_each_change_of_what_stands_in_the_way_is_one_line(blog, start):
    daemon, _ = start()
    daemon.until("in touch with Ghost")
    git(blog.root, "switch", "-q", "other")
    daemon.until("on branch other")
    git(blog.root, "bisect", "start")
    daemon.until("a bisect is under way")
    git(blog.root, "bisect", "reset")
    daemon.until("on branch other", count=2)
    git(blog.root, "switch", "-q", "main")
    daemon.until("in touch with Ghost", count=2)
    assert sum("git stands in the way" in line for line in daemon.lines) == 3


def test_what_is_merged_at_the_remote_reaches_ghost_though_nothing_happened_here(blog, start, tmp_path):
    configure(blog, 'pull = "fast-forward"')
    git(blog.root, "commit", "-qam", "Pull")
    git(blog.root, "push", "-q")
    daemon, _ = start()
    daemon.until("in touch with Ghost")
    git(tmp_path, "clone", "-q", "origin.git", "colleague")
    file = tmp_path / "colleague/posts/on-bees.md"
    file.write_text(file.read_text().replace("The second", "A merged"))
    git(tmp_path / "colleague", "commit", "-qam", "Merge a pull request")
    git(tmp_path / "colleague", "push", "-q")
    eventually(lambda: "A merged" in blog.ghost.find("on-bees").own["lexical"])
    assert log(blog.root)[0] == "Merge a pull request"


def test_a_commit_that_could_not_be_pushed_is_pushed_when_the_remote_is_back(blog, start, monkeypatch):
    configure(blog, "push = true")
    git(blog.root, "commit", "-qam", "Push")
    origin = blog.root.parent / "origin.git"
    origin.rename(origin.with_name("away.git"))
    daemon, _ = start()
    daemon.until("in touch with Ghost")
    in_ghost(blog, "The second", "Another")
    daemon.until("the remote origin cannot be used now")
    eventually(lambda: "Edit 'On bees' (paragraph 2)" in log(blog.root))
    origin.with_name("away.git").rename(origin)
    in_ghost(blog, "The first", "One")
    eventually(lambda: "Edit 'On bees' (paragraph 1)" in git(origin, "log", "--format=%s", "main"))
    assert sum("cannot be used now" in line for line in daemon.lines) == 1


def test_a_rebase_that_conflicts_is_waited_for_until_a_person_settles_it(blog, start, tmp_path):
    configure(blog, 'pull = "rebase"')
    git(blog.root, "commit", "-qam", "Pull")
    git(blog.root, "push", "-q")
    git(tmp_path, "clone", "-q", "origin.git", "colleague")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    file = tmp_path / "colleague/posts/on-bees.md"
    file.write_text(file.read_text().replace("The second", "A colleague's"))
    git(tmp_path / "colleague", "commit", "-qam", "Theirs")
    git(tmp_path / "colleague", "push", "-q")
    daemon, manager = start()
    daemon.until("the rebase was taken back")
    manager.until("STATUS=waiting for git")
    git(blog.root, "pull", "-q", "--rebase", "-X", "ours", "origin", "main")
    daemon.until("in touch with Ghost")
    assert sum("the rebase was taken back" in line for line in daemon.lines) == 1
    eventually(lambda: "A colleague's" in blog.ghost.find("on-bees").own["lexical"])
