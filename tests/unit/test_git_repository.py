"""The repository of a folder: whether there is one, and what is said of how it stands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ghostsync.config import GitSection
from ghostsync.errors import GitError
from ghostsync.git.repository import Repository, find_repository

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A Writer",
    "GIT_AUTHOR_EMAIL": "writer@example.com",
    "GIT_COMMITTER_NAME": "A Writer",
    "GIT_COMMITTER_EMAIL": "writer@example.com",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_CONFIG_KEY_1": "protocol.file.allow",
    "GIT_CONFIG_VALUE_1": "always",
}


def git(where: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=where, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout.strip()


def commit(where: Path, name: str = "a.md", text: str = "one\n") -> str:
    (where / name).parent.mkdir(parents=True, exist_ok=True)
    (where / name).write_text(text)
    git(where, "add", name)
    git(where, "commit", "-qm", f"{name}: {text.strip()}")
    return git(where, "rev-parse", "HEAD")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "work"
    top.mkdir()
    git(top, "init", "-q")
    commit(top)
    return top


def find(folder: Path, **settings: str) -> Repository | None:
    return find_repository(folder, GitSection(**settings), ENVIRONMENT)


def found(folder: Path) -> Repository:
    repository = find(folder)
    assert repository is not None
    return repository


def test_a_folder_without_a_repository_has_none_even_where_git_is_not_installed(tmp_path: Path) -> None:
    assert find_repository(tmp_path, GitSection(), {"PATH": ""}) is None


def test_a_repository_without_git_is_an_error_that_says_what_to_install(top: Path) -> None:
    with pytest.raises(GitError, match="not installed") as caught:
        find_repository(top, GitSection(), {"PATH": "/nonexistent"})
    assert 'mode = "off"' in caught.value.remedy


def test_git_can_be_switched_off(top: Path) -> None:
    assert find(top, mode="off") is None


def test_a_directory_called_git_with_nothing_in_it_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert find(tmp_path) is None


def test_the_folder_may_lie_deep_in_the_work_tree(top: Path) -> None:
    folder = top / "web" / "blog"
    folder.mkdir(parents=True)
    repository = found(folder)
    assert (repository.top, repository.prefix) == (top, "web/blog/")
    assert repository.standing().branch == "main"


def test_a_folder_that_git_ignores_has_no_repository_unless_git_holds_files_of_it(top: Path) -> None:
    (top / ".gitignore").write_text("blog/\n")
    (top / "blog").mkdir()
    assert find(top / "blog") is None
    (top / "blog/a.md").write_text("a")
    git(top, "add", "-f", "blog/a.md")
    assert find(top / "blog") is not None


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "blog.git")
    with pytest.raises(GitError, match="no work tree") as caught:
        find(tmp_path / "blog.git")
    assert "clone" in caught.value.remedy


def test_the_inside_of_a_git_directory_is_refused(top: Path) -> None:
    with pytest.raises(GitError, match="no work tree"):
        find(top / ".git")


def test_a_repository_of_somebody_else_is_an_error_that_says_how_to_trust_it(
    top: Path, tmp_path: Path
) -> None:
    strangers = ENVIRONMENT | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    with pytest.raises(GitError, match="belongs to another user") as caught:
        find_repository(top, GitSection(), strangers)
    assert f'safe.directory "{top}"' in caught.value.remedy


def test_before_the_first_commit_there_is_a_branch_and_no_head(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    standing = found(tmp_path).standing()
    assert (standing.branch, standing.head) == ("main", "")


def test_head_branch_and_edits_are_told(top: Path) -> None:
    (top / "a.md").write_text("changed\n")
    (top / "new.md").write_text("new\n")
    standing = found(top).standing()
    assert standing.head == git(top, "rev-parse", "HEAD")
    assert standing.dirty == ("a.md",)
    git(top, "checkout", "-q", "--detach")
    assert found(top).standing().branch == ""


def test_a_work_tree_of_its_own_has_its_own_branch_and_operations(top: Path, tmp_path: Path) -> None:
    git(top, "worktree", "add", "-q", "-b", "drafts", str(tmp_path / "other"))
    other, first = found(tmp_path / "other"), found(top)
    assert other.standing().branch == "drafts"
    assert (other.common, other.directory) == (first.common, first.directory / "worktrees/other")
    git(tmp_path / "other", "bisect", "start")
    assert other.operation() == "a bisect"
    assert first.operation() == ""


def test_a_submodule_is_a_repository_of_its_own(top: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "submodule", "--quiet", "add", str(top), "blog")
    repository = found(outer / "blog")
    assert (repository.top, repository.prefix) == (outer / "blog", "")
    assert repository.standing().branch == "main"


def test_a_shallow_clone_is_noticed(top: Path, tmp_path: Path) -> None:
    commit(top, text="two\n")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{top}", "shallow")
    assert found(tmp_path / "shallow").standing().shallow
    assert not found(top).standing().shallow


@pytest.fixture
def parted(top: Path) -> Path:
    """Two branches that changed one line differently; on main."""
    git(top, "checkout", "-qb", "other")
    commit(top, text="other\n")
    git(top, "checkout", "-q", "main")
    commit(top, text="main\n")
    return top


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("merge", "other"), "a merge"),
        (("rebase", "other"), "a rebase"),
        (("rebase", "--apply", "other"), "a rebase"),
        (("cherry-pick", "other"), "a cherry-pick"),
        (("revert", "--no-edit", "main~1"), "a revert"),
    ],
)
def test_what_is_under_way_is_told_with_what_is_unmerged(
    parted: Path, command: tuple[str, ...], words: str
) -> None:
    done = subprocess.run(["git", *command], cwd=parted, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode, "it was meant to end in a conflict"
    standing = found(parted).standing()
    assert standing.operation == words
    assert standing.unmerged == ("a.md",)


def test_patches_that_do_not_apply_leave_git_am_under_way(parted: Path) -> None:
    git(parted, "format-patch", "-1", "other", "-o", "patches")
    patch = next((parted / "patches").iterdir())
    git(parted, "am", str(patch), code=128)
    assert found(parted).operation() == "git am"


def test_the_mark_changes_with_the_branch_and_is_none_while_git_writes(top: Path) -> None:
    repository = found(top)
    before = repository.mark()
    assert before == repository.mark()
    git(top, "checkout", "-qb", "other")
    after = repository.mark()
    assert before is not None
    assert after is not None
    assert before[0] != after[0]
    (top / ".git/index.lock").touch()
    assert repository.mark() is None


def test_the_mark_changes_when_git_writes_files_on_one_branch(parted: Path) -> None:
    repository = found(parted)
    before = repository.mark()
    git(parted, "reset", "-q", "--hard", "HEAD~1")
    assert repository.mark() != before


def test_the_tips_of_a_branch_are_its_own_and_its_remotes(top: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(top), "clone")
    clone = tmp_path / "clone"
    new = commit(clone, text="two\n")
    assert set(found(clone).tips("main")) == {new, git(top, "rev-parse", "HEAD")}
    assert found(clone).tips("none") == []


def test_an_ssh_that_the_user_has_set_is_used(top: Path, tmp_path: Path) -> None:
    script = tmp_path / "ssh"
    script.write_text(f"#!/bin/sh\necho $@ > {tmp_path}/asked\nexit 1\n")
    script.chmod(0o755)
    git(top, "config", "core.sshCommand", f"{script} -i deploy-key")
    git(top, "remote", "add", "origin", "ssh://blog.invalid/site.git")
    with pytest.raises(GitError):
        found(top).git.run("fetch", "origin")
    assert "-i deploy-key" in (tmp_path / "asked").read_text()


@pytest.mark.parametrize(
    "name", ["-x", "a b", "a..b", "a:b", "refs/heads/x", "a/", "a.lock", "a@{1}", "", "a*"]
)
def test_a_name_that_git_would_take_for_something_else_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        GitSection(branch=name)


@pytest.mark.parametrize("name", ["main", "feature/bees", "v1.2", "über"])
def test_branch_names_may_be_what_git_allows(name: str) -> None:
    assert GitSection(branch=name).branch == name
