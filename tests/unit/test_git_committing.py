"""A commit holds what ghostsync wrote and nothing else; what the user staged and did not stage stays byte for byte."""

import pytest
from git_helpers import use_settings
from git_world import World

LINES = [f"line {n}" for n in range(1, 31)]


def text(lines):
    return "\n".join(lines) + "\n"


def edited(content, line, word):
    assert f"line {line}\n" in content
    return content.replace(f"line {line}\n", f"{word} {line}\n")


@pytest.fixture
def world(tmp_path, monkeypatch):
    use_settings(monkeypatch)
    world = World(tmp_path / "work")
    for name in ("posts/a.md", "posts/old.md", "posts/gone.md", "posts/other.md"):
        world.by_hand(name, text(LINES))
    world.git("add", ".")
    world.git("commit", "-qm", "First")
    yield world
    world.close()


def neither(world):
    pass


def unstaged(world):
    world.by_hand("posts/a.md", edited(text(LINES), 5, "mine"))


def staged(world):
    world.by_hand("posts/a.md", edited(text(LINES), 2, "staged"))
    world.git("add", "posts/a.md")


def both(world):
    staged(world)
    world.by_hand("posts/a.md", edited(edited(text(LINES), 2, "staged"), 5, "mine"))


def made_executable(world):
    world.path("posts/a.md").chmod(0o755)
    world.git("add", "posts/a.md")


def untracked(world):
    world.git("rm", "-q", "--cached", "posts/a.md")


def untracked_for_good(world):
    untracked(world)
    world.git("commit", "-qm", "Not in git")


def intent_to_add(world):
    untracked_for_good(world)
    world.git("add", "-N", "posts/a.md")


def added(world):
    untracked_for_good(world)
    world.git("add", "posts/a.md")


def renamed(world):
    """Another file was moved to this name, and that is staged."""
    world.git("rm", "-q", "posts/a.md")
    world.git("commit", "-qm", "Room")
    world.git("mv", "posts/old.md", "posts/a.md")


def hidden(world):
    world.git("update-index", "--assume-unchanged", "posts/a.md")


def sparse(world):
    world.git("update-index", "--skip-worktree", "posts/a.md")


STATES = [
    neither,
    unstaged,
    staged,
    both,
    made_executable,
    untracked,
    untracked_for_good,
    intent_to_add,
    added,
    renamed,
    hidden,
    sparse,
]
OWN = {untracked_for_good, intent_to_add, added, renamed}
"""States in which git holds no committed version of the file: it is the user's."""


def busy_elsewhere(world):
    """The user is at work in all the rest of the repository."""
    world.by_hand("posts/other.md", edited(text(LINES), 9, "elsewhere"))
    world.git("add", "posts/other.md")
    world.by_hand("posts/other.md", edited(edited(text(LINES), 9, "elsewhere"), 20, "unstaged"))
    world.git("rm", "-q", "posts/gone.md")
    world.by_hand("notes.txt", "untracked\n")
    world.by_hand("added.txt", "added\n")
    world.git("add", "added.txt")
    world.by_hand("intended.txt", "intended\n")
    world.git("add", "-N", "intended.txt")


def in_commit(world):
    return world.git("show", "--format=", "--name-status", "HEAD").splitlines()


def head(world):
    return world.git("rev-parse", "HEAD")


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_an_edit_of_ghosts_is_committed_without_the_users(world, state):
    state(world)
    busy_elsewhere(world)
    before, old = world.users(), head(world)
    world.by_ghostsync("posts/a.md", edited(world.path("posts/a.md").read_text(), 15, "Ghost"))
    disk = world.path("posts/a.md").read_bytes()
    left = world.commit()
    assert world.path("posts/a.md").read_bytes() == disk
    if state in OWN:
        assert "posts/a.md" in left
        assert head(world) == old
        return
    assert left == {}
    assert in_commit(world) == ["M\tposts/a.md"]
    assert world.changes("HEAD~1", "HEAD")["diff --git a/posts/a.md b/posts/a.md"] == [
        "-line 15",
        "+Ghost 15",
    ]
    after = world.users()
    if state is untracked:  # what the user is about to remove has Ghost's edit in it, now
        gone = "diff --git a/posts/a.md b/posts/a.md"
        assert after["staged"].pop(gone)[1:] == [
            f"-{line}" for line in edited(text(LINES), 15, "Ghost").splitlines()
        ]
        del before["staged"][gone]
    assert after == before
    flag = {hidden: "h", sparse: "S"}.get(state, "H")
    if state is not untracked:
        assert world.git("ls-files", "-v", "posts/a.md") == f"{flag} posts/a.md"


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_removal_is_committed_where_nothing_of_the_users_goes_with_it(world, state):
    state(world)
    busy_elsewhere(world)
    before, old = world.users(), head(world)
    index = world.git("ls-files", "-s")
    world.by_ghostsync("posts/a.md", None)
    left = world.commit()
    if state in {neither, hidden, sparse, untracked}:
        assert left == {}
        assert in_commit(world) == ["D\tposts/a.md"]
        after = world.users()
        if state is untracked:  # the removal that was staged is the commit's, now
            mine = [line for line in before["status"] if "posts/a.md" not in line]
            assert after["status"] == mine
        else:
            assert after == before
    else:
        assert list(left) == ["posts/a.md"]
        assert head(world) == old
        assert world.git("ls-files", "-s") == index


def test_a_new_file_is_committed(world):
    busy_elsewhere(world)
    before = world.users()
    world.by_ghostsync("posts/new.md", "new\n")
    assert world.commit() == {}
    assert in_commit(world) == ["A\tposts/new.md"]
    assert world.users() == before


def test_a_file_that_comes_back_is_committed_and_a_staged_removal_stays_staged(world):
    world.git("rm", "-q", "posts/a.md")
    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    assert world.commit() == {}
    assert in_commit(world) == ["M\tposts/a.md"]
    assert world.git("status", "--porcelain").splitlines() == ["D  posts/a.md", "?? posts/a.md"]


def test_a_removal_by_hand_that_ghostsync_made_up_for_leaves_nothing_to_say(world):
    world.path("posts/a.md").unlink()
    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    assert world.commit() == {}
    assert world.git("status", "--porcelain") == ""


@pytest.mark.parametrize("state", [unstaged, staged], ids=lambda state: state.__name__)
def test_what_overlaps_with_the_users_edits_is_left_to_the_user(world, state):
    state(world)
    before, index = head(world), world.git("ls-files", "-s")
    mine = world.path("posts/a.md").read_text()
    line = "mine 5" if state is unstaged else "staged 2"
    world.by_ghostsync("posts/a.md", mine.replace(line, "both of us"))
    left = world.commit()
    assert "overlap" in left["posts/a.md"]
    assert (head(world), world.git("ls-files", "-s")) == (before, index)
    assert world.log.edits(world.folder) == []


def test_several_writes_with_the_users_between_them_leave_the_users_out(world):
    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    world.by_hand("posts/a.md", edited(world.path("posts/a.md").read_text(), 5, "mine"))
    world.by_ghostsync("posts/a.md", edited(world.path("posts/a.md").read_text(), 25, "Ghost"))
    assert world.commit() == {}
    assert world.users()["unstaged"] == {"diff --git a/posts/a.md b/posts/a.md": ["-line 5", "+mine 5"]}
    assert world.changes("HEAD~1", "HEAD")["diff --git a/posts/a.md b/posts/a.md"] == [
        "-line 15",
        "+Ghost 15",
        "-line 25",
        "+Ghost 25",
    ]


def test_what_the_user_has_committed_meanwhile_is_not_committed_again(world):
    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    world.git("commit", "-qam", "By the user, with Ghost's edit in it")
    before = head(world)
    assert world.commit() == {}
    assert head(world) == before


def test_the_first_commit_of_a_repository_may_be_ours(tmp_path, monkeypatch):
    use_settings(monkeypatch)
    world = World(tmp_path / "work")
    world.by_hand("mine.txt", "mine\n")
    world.git("add", "mine.txt")
    world.by_ghostsync("posts/a.md", "one\n")
    assert world.commit() == {}
    assert in_commit(world) == ["A\tposts/a.md"]
    assert world.git("status", "--porcelain").splitlines() == ["A  mine.txt"]
    world.close()


def test_the_folder_may_be_a_part_of_the_work_tree(tmp_path, monkeypatch):
    use_settings(monkeypatch)
    world = World(tmp_path / "work", "web/blog")
    world.by_ghostsync("posts/[a] *.md", "one\n")
    assert world.commit() == {}
    assert in_commit(world) == ["A\tweb/blog/posts/[a] *.md"]
    assert world.git("status", "--porcelain") == ""
    world.close()


def test_a_work_tree_of_its_own_is_committed_to_its_branch(world, tmp_path):
    world.git("worktree", "add", "-q", "-b", "live", str(tmp_path / "live"))
    other = World(tmp_path / "live")
    other.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    assert other.commit() == {}
    assert other.git("status", "--porcelain") == ""
    assert world.git("log", "-1", "--format=%s", "live") == "By ghostsync"
    assert world.git("log", "-1", "--format=%s", "main") == "First"
    other.close()


def test_what_git_ignores_is_not_committed(world):
    world.by_hand(".gitignore", "posts/secret*\n")
    world.by_ghostsync("posts/secret.md", "new\n")
    before = head(world)
    assert world.commit() == {}
    assert head(world) == before


def test_what_lies_in_a_repository_inside_this_one_is_left_to_that(world):
    world.by_hand("posts/sub/x.md", "one\n")
    world.git("-C", "posts/sub", "init", "-q")
    world.by_ghostsync("posts/sub/new.md", "new\n")
    assert "another git repository" in world.commit()["posts/sub/new.md"]


@pytest.mark.parametrize(
    ("attributes", "settings"),
    [("*.md text eol=crlf\n", {}), ("*.md text=auto\n", {"core.autocrlf": "true"}), ("*.md -text\n", {})],
)
def test_line_ends_are_as_git_is_told_to_keep_them(world, attributes, settings):
    for name, value in settings.items():
        world.git("config", name, value)
    world.by_hand(".gitattributes", attributes)
    world.git("add", ".gitattributes")
    world.git("commit", "-qm", "Attributes")
    crlf = text(LINES).replace("\n", "\r\n")
    world.by_hand("posts/a.md", crlf)
    world.git("add", "--renormalize", ".")
    world.git("add", ".")
    world.git("commit", "-q", "--allow-empty", "-m", "Line ends")
    world.by_ghostsync("posts/a.md", crlf.replace("line 15", "Ghost 15"))
    assert world.commit() == {}
    assert world.changes("HEAD~1", "HEAD")["diff --git a/posts/a.md b/posts/a.md"] in (
        ["-line 15", "+Ghost 15"],
        ["-line 15\r", "+Ghost 15\r"],
    )
    assert world.git("status", "--porcelain") == ""


def test_a_filter_of_the_users_is_asked_for_what_git_shall_hold(world):
    world.git("config", "filter.shout.clean", "tr a-z A-Z")
    world.git("config", "filter.shout.smudge", "tr A-Z a-z")
    world.by_hand(".gitattributes", "posts/n* filter=shout\n")
    world.by_ghostsync("posts/new.md", "quiet\n")
    assert world.commit() == {}
    assert world.git("cat-file", "-p", "HEAD:posts/new.md") == "QUIET"


def test_a_file_written_in_the_tick_in_which_it_was_staged_is_still_seen_as_changed(world):
    """Git tells such a file from its time; the index that ghostsync writes must not look younger to it."""
    world.by_hand("posts/other.md", text(LINES).replace("line 9", "same 9"))
    world.git("add", "posts/other.md")
    world.by_hand("posts/other.md", text(LINES).replace("line 9", "SAME 9"))
    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    assert world.commit() == {}
    assert world.users()["unstaged"]["diff --git a/posts/other.md b/posts/other.md"] == ["-same 9", "+SAME 9"]


class Killed(BaseException):
    """The process ends here."""


def test_a_crash_before_the_write_leaves_nothing_to_commit(world, monkeypatch):
    from ghostsync.folder import local

    def killed(*_arguments, **_more):
        raise Killed

    monkeypatch.setattr(local, "replace", killed)
    with pytest.raises(Killed):
        world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    monkeypatch.undo()
    world.open()
    assert world.log.edits(world.folder) == []
    assert world.state.written() == []


def test_a_crash_after_the_write_is_made_up_for_by_the_next_process(world):
    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    world.by_ghostsync("posts/new.md", "new\n")
    world.by_ghostsync("posts/gone.md", None)
    world.open()
    assert world.commit() == {}
    assert in_commit(world) == ["M\tposts/a.md", "D\tposts/gone.md", "A\tposts/new.md"]
    assert world.git("status", "--porcelain") == ""


@pytest.mark.parametrize("moment", ["_run", "put", "replace"])
def test_a_crash_in_the_midst_of_a_commit_leaves_the_index_right_in_the_end(world, monkeypatch, moment):
    """The process is killed after the commit, before the user's index knows of it."""
    import pathlib

    from ghostsync.git import index
    from ghostsync.git.commits import GitCommitter

    both(world)
    before = world.users()
    world.by_ghostsync("posts/a.md", edited(world.path("posts/a.md").read_text(), 15, "Ghost"))
    unlink = pathlib.Path.unlink

    def kept(self, missing_ok=False):
        """A killed process clears nothing up."""
        if self.name not in {"index.lock", "ghostsync-commit.json"}:
            unlink(self, missing_ok=missing_ok)

    def dies(*_arguments, **_more):
        raise Killed

    run, replace = GitCommitter._run, pathlib.Path.replace

    def commits_and_dies(self, *arguments):
        run(self, *arguments)
        raise Killed

    def replaces_and_dies(self, target):
        if self.name == "index.lock":
            raise Killed
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "unlink", kept)
        if moment == "_run":
            patch.setattr(GitCommitter, "_run", commits_and_dies)
        elif moment == "put":
            patch.setattr(index, "_apply", dies)
        else:
            patch.setattr(pathlib.Path, "replace", replaces_and_dies)
        with pytest.raises(Killed):
            world.commit()
    assert (world.top / ".git/index.lock").exists()
    world.open()
    world.committer.clear_up()
    assert not (world.top / ".git/index.lock").exists()
    assert world.commit() == {}
    assert world.users() == before
    assert world.git("rev-list", "--count", "HEAD") == "2"


def test_a_crash_before_the_commit_takes_the_lock_back(world, monkeypatch):
    import pathlib

    from ghostsync.git.commits import GitCommitter

    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))

    def dies(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "unlink", lambda self, missing_ok=False: None)
        patch.setattr(GitCommitter, "_run", dies)
        with pytest.raises(Killed):
            world.commit()
    world.open()
    world.committer.clear_up()
    assert not (world.top / ".git/index.lock").exists()
    assert world.commit() == {}
    assert in_commit(world) == ["M\tposts/a.md"]


def test_the_lock_of_another_git_command_is_left_alone(world):
    from ghostsync.errors import GitError

    world.by_ghostsync("posts/a.md", edited(text(LINES), 15, "Ghost"))
    (world.top / ".git/index.lock").write_text("theirs")
    with pytest.raises(GitError, match="another git command is at work"):
        world.commit()
    world.committer.clear_up()
    assert (world.top / ".git/index.lock").read_text() == "theirs"
    (world.top / ".git/index.lock").unlink()
    assert world.commit() == {}
