"""One git command: no prompt, no pager, a time limit, messages in one language, and none of our secrets in its environment."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ghostsync.errors import GitError
from ghostsync.redaction import without_secrets

QUICK = 30.0
"""Seconds for a command that only reads or writes the repository on this disk."""

_STEP = 0.2  # seconds between two looks at whether to stop
_PATIENCE = 2.0  # seconds in which git may clear up when it is ended

_ALWAYS = {
    "GIT_TERMINAL_PROMPT": "0",  # ask nobody for a password: nobody is there
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "SSH_ASKPASS_REQUIRE": "force",
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

    def elsewhere(self, directory: Path, more: Mapping[str, str]) -> Git:
        """The same git in another directory, with more variables."""
        return Git(directory, self._environment | dict(more))

    @cached_property
    def hash(self) -> str:
        """What the repository names its objects with: "sha1" or "sha256"."""
        return self.run("rev-parse", "--show-object-format").decode().strip()

    def run(
        self,
        *arguments: str,
        input: bytes = b"",
        timeout: float = QUICK,
        also: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> bytes:
        """The output of `git arguments`. also: exit codes beside 0 that are an answer, not a failure. environment: more
        variables. timeout: seconds. stop: asked now and then; once true, git is ended. Raises GitError with what git itself
        said.
        """
        return self.ask(
            *arguments, input=input, timeout=timeout, also=also, environment=environment, stop=stop
        )[1]

    def ask(
        self,
        *arguments: str,
        input: bytes = b"",
        timeout: float = QUICK,
        also: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> tuple[int, bytes]:
        """As `run`: (exit code, output)."""
        shown = f"git {arguments[0]}"
        try:
            process = subprocess.Popen(  # noqa: S603 - a fixed program, arguments never through a shell
                [*_COMMAND, *arguments],
                cwd=self.directory,
                env=self._environment | dict(environment or {}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,  # hooks and helpers end with it
            )
        except FileNotFoundError:
            raise self._missing() from None
        with process:
            told = _output(process, input, timeout, stop)
        if told is None:
            stopped = stop is not None and stop()
            raise GitError(
                f"{shown} was stopped"
                if stopped
                else f"{shown} did not end within {timeout:g} s and was stopped",
                subject=str(self.directory),
                remedy="Nothing was lost; it is done again with the next sync."
                if stopped
                else "Run it by hand to see what it waits for: a lock, a hook or the network.",
            )
        output, errors = told
        if process.returncode and process.returncode not in also:
            said = without_secrets(
                errors.decode("utf-8", "replace").strip() or f"exit code {process.returncode}"
            )
            raise GitError(
                f"{shown} failed: {said}",
                subject=str(self.directory),
                remedy="Nothing of yours was changed by it. Correct what git names, and run ghostsync again.",
                code=process.returncode,
                said=said,
            )
        return process.returncode, output

    def commit(self, name: str = "HEAD") -> str:
        """The commit that a name stands for; "" where there is none yet. Raises GitError."""
        code, found = self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", also=(1,))
        return found.decode().strip() if code == 0 else ""

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


def _output(
    process: subprocess.Popen[bytes], input: bytes, timeout: float, stop: Callable[[], bool] | None
) -> tuple[bytes, bytes] | None:
    """What it printed on stdout and stderr; None when it was ended, with all that it had started."""
    end = time.monotonic() + timeout
    given: bytes | None = input
    try:
        while True:
            left = end - time.monotonic()
            try:
                return process.communicate(given, timeout=left if stop is None else min(_STEP, left))
            except subprocess.TimeoutExpired:
                given = None  # communicate goes on with what it was given first
                if time.monotonic() >= end or (stop is not None and stop()):
                    return None
    finally:
        if process.returncode is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let git remove its lock files; then make sure."""
    for signal_, patience in ((signal.SIGTERM, _PATIENCE), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
