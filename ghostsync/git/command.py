"""One git command: no prompt, no pager, a time limit, messages in one language, and none of our secrets in its environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ghostsync.errors import GitError
from ghostsync.redaction import without_secrets

QUICK = 30.0
"""Seconds for a command that only reads or writes the repository on this disk."""

_ALWAYS = {
    "GIT_TERMINAL_PROMPT": "0",  # ask nobody for a password: nobody is there
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GCM_INTERACTIVE": "never",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "C",
}
_COMMAND = ("git", "--no-pager", "-c", "core.quotePath=false", "-c", "color.ui=false")
_NEVER = frozenset(
    {
        "GHOST_ADMIN_API_KEY",  # hooks are other people's programs
        "CREDENTIALS_DIRECTORY",
        # Set where ghostsync is called from a hook; they would point git at another repository than the folder's.
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_QUARANTINE_PATH",
    }
)


class Git:
    """git, run in one directory. All paths it takes and gives are bytes of the file system, "/" between parts."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        given = os.environ if environment is None else environment
        self._environment = {key: value for key, value in given.items() if key not in _NEVER} | _ALWAYS
        # An ssh without a terminal would wait for a passphrase until the time is up.
        if not {"GIT_SSH_COMMAND", "GIT_SSH"} & self._environment.keys():
            self._environment["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"

    def run(
        self,
        *arguments: str,
        input: bytes = b"",
        timeout: float = QUICK,
        also: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """The output of `git arguments`. also: exit codes beside 0 that are an answer, not a failure. environment: more
        variables. timeout: seconds. Raises GitError with what git itself said.
        """
        return self.ask(*arguments, input=input, timeout=timeout, also=also, environment=environment)[1]

    def ask(
        self,
        *arguments: str,
        input: bytes = b"",
        timeout: float = QUICK,
        also: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """As `run`: (exit code, output)."""
        shown = f"git {arguments[0]}"
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program, arguments never through a shell
                [*_COMMAND, *arguments],
                cwd=self.directory,
                env=self._environment | dict(environment or {}),
                input=input,
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError:
            raise self._missing() from None
        except subprocess.TimeoutExpired:
            raise GitError(
                f"{shown} did not end within {timeout:g} s and was stopped",
                subject=str(self.directory),
                remedy="Run it by hand to see what it waits for: a lock, a hook or the network.",
            ) from None
        if done.returncode and done.returncode not in also:
            said = without_secrets(
                done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
            )
            raise GitError(
                f"{shown} failed: {said}",
                subject=str(self.directory),
                remedy="Nothing of yours was changed by it. Correct what git names, and run ghostsync again.",
                code=done.returncode,
                said=said,
            )
        return done.returncode, done.stdout

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A git that answers questions on its standard input until it is closed. Raises GitError."""
        try:
            return subprocess.Popen(  # noqa: S603 - as in `ask`
                [*_COMMAND, *arguments],
                cwd=self.directory,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise self._missing() from None

    def _missing(self) -> GitError:
        return GitError(
            "git is not installed, or the directory is gone",
            subject=str(self.directory),
            remedy='Install git, or switch it off: [git] mode = "off" in ghostsync.toml.',
        )
