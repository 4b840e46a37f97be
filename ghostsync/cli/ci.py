"""What a CI system is told after the ordinary lines: annotations, the job summary, the code quality report.

Imported late. None of it ever holds a key: whatever is told goes through `redaction`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import typer

from ghostsync.cli.annotations import annotation, code_quality
from ghostsync.cli.findings import Finding, Level, of_error
from ghostsync.cli.job_summary import problems, summary_of
from ghostsync.cli.output import Output, printable, show_error
from ghostsync.errors import GhostsyncError, GitError, UsageError
from ghostsync.git.command import Git
from ghostsync.redaction import without_secrets
from ghostsync.terminal import in_ci

_NO_REPOSITORY = 128
_TOPS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def tell(output: Output, findings: Sequence[Finding], summary: str) -> None:
    """summary: Markdown, for the job summary. Raises UsageError where the report for GitLab cannot be written."""
    if not output.reports:
        return
    inside = place_in_repository(output.root or Path.cwd()) if findings else ""
    if in_ci() and os.environ.get("GITHUB_ACTIONS"):
        for finding in findings:
            # GitHub reads both streams, and under --json stdout is one document.
            typer.echo(annotation(finding, inside), err=output.json)
    if in_ci() and (page := os.environ.get("GITHUB_STEP_SUMMARY")):
        _append(Path(page), without_secrets(summary))
    if output.code_quality is not None:
        faults = [finding for finding in findings if finding.level is not Level.NOTICE]
        _write(output.code_quality, code_quality(faults, inside))


def tell_error(output: Output, error: GhostsyncError) -> None:
    """The error that ended a command as a whole."""
    finding = of_error(error, output.root)
    sentence = f"Nothing more was done (exit code {error.exit_code})."
    try:
        tell(output, [finding], summary_of(output.command, sentence, problems([finding])))
    except UsageError as second:
        show_error(second)  # the first one decides how the command ends


def place_in_repository(root: Path) -> str:
    """Where the folder lies in its git repository, as in "blog/"; "" at its top. Without git, in the CI's work space."""
    try:
        code, said = Git(root).ask("rev-parse", "--show-prefix", also=(_NO_REPOSITORY,))
    except GitError:
        code, said = _NO_REPOSITORY, b""
    if code == 0:
        return os.fsdecode(said.removesuffix(b"\n"))
    for top in filter(None, map(os.environ.get, _TOPS)):
        if root.is_relative_to(top):
            inside = root.relative_to(top).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


def _append(page: Path, text: str) -> None:
    try:
        with page.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        typer.echo(f"warning: the job summary cannot be written: {printable(str(error))}", err=True)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the code quality report cannot be written: {error.strerror}",
            subject=str(file),
            remedy="Name a file in a directory that exists with --code-quality.",
        ) from error
