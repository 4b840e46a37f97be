"""git as ghostsync calls it: never waits for a person, never sees the key, fails with git's own words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ghostsync.errors import GitError
from ghostsync.git.command import Git

KEY = "0123456789abcdef01234567:" + "ab" * 32


def repository(path: Path) -> Git:
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    return Git(path, os.environ | {"GHOST_ADMIN_API_KEY": KEY})


def test_a_hook_never_sees_the_admin_api_key(tmp_path: Path) -> None:
    git = repository(tmp_path)
    hook = tmp_path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nenv > seen.txt\n")
    hook.chmod(0o755)
    git.run("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--allow-empty", "-qm", "one")
    seen = (tmp_path / "seen.txt").read_text()
    assert "GIT_TERMINAL_PROMPT=0" in seen
    assert KEY not in seen


def test_a_failure_says_what_git_said_and_hides_a_key_in_it(tmp_path: Path) -> None:
    git = repository(tmp_path)
    with pytest.raises(GitError) as caught:
        git.run("show", KEY)
    assert caught.value.code == 128
    assert "git show" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_command_that_hangs_is_stopped(tmp_path: Path) -> None:
    git = repository(tmp_path)
    git.run("config", "alias.wait", "!sleep 60")
    with pytest.raises(GitError, match="did not end within"):
        git.run("wait", timeout=0.2)


def test_exit_codes_that_are_answers_are_no_failures(tmp_path: Path) -> None:
    git = repository(tmp_path)
    assert git.ask("config", "no.such", also=[1])[0] == 1


def test_a_surrounding_hook_does_not_lead_git_into_another_repository(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    git = repository(tmp_path / "here")
    other = Git(git.directory, os.environ | {"GIT_DIR": str(tmp_path / "nowhere")})
    assert other.run("rev-parse", "--show-toplevel").decode().strip() == str(tmp_path / "here")
