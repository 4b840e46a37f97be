"""What commands print and where: lines for a person, or exactly one JSON document for a program.

Results go to stdout; errors, questions and progress go to stderr, so that a pipe gets results alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from ghostsync.errors import ContentError, GhostsyncError
from ghostsync.terminal import colours, in_ci

_LINE = re.compile(r"\Aline \d+(?:, |: )")


def printable(text: str) -> str:
    """Text from a file or from Ghost, safe for a terminal: control characters are shown, not obeyed."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def printable_lines(text: str) -> list[str]:
    """Text of several lines, such as what git said, safe for a terminal: all but the first stand further in, so that none can
    pass for a line of its own.
    """
    first, *more = text.splitlines() or [""]
    return [printable(first), *(f"  {printable(line.strip())}" for line in more if line.strip())]


def watched() -> bool:
    """Whether a person sees stderr: progress and questions make sense."""
    return sys.stderr.isatty() and not in_ci()


def answerable() -> bool:
    """Whether a person can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not in_ci()


def where(error: GhostsyncError, path: str = "") -> str:
    """The error's subject as `file:line` when a line is known, for editors to jump to; "" if there is none. path: of the
    document that it is about; the line is one of its lines, also where the subject names other files, too.
    """
    subject = error.subject
    if isinstance(error, ContentError) and error.line and subject:
        subject = path if path and path in subject else subject
        return f"{printable(subject)}:{error.line}"
    return printable(subject)


def without_place(error: ContentError) -> str:
    """What is wrong, without the line, which is told otherwise."""
    return _LINE.sub("", error.what, count=1) if error.line else error.what


def error_lines(error: GhostsyncError, path: str = "") -> list[str]:
    """`where: what`, then `  -> remedy` for each line of the remedy. path: as for `where`."""
    place = where(error, path)
    what = error.what
    if isinstance(error, ContentError):
        what = without_place(error) if place else what
        if error.key and error.key not in what:
            what = f"{error.key}: {what}"
    first, *more = printable_lines(what)
    lines = [f"{place}: {first}" if place else first, *more]
    lines += [f"  -> {printable(line)}" for line in error.remedy.splitlines()]
    return lines


def show_warning(warning: str) -> None:
    """`warning: ...` on stderr."""
    head = typer.style("warning:", fg=typer.colors.YELLOW)
    first, *more = printable_lines(warning)
    typer.echo("\n".join([f"{head} {first}", *more]), err=True, color=colours())


def error_document(error: GhostsyncError) -> dict[str, Any]:
    """An error as JSON. Keys: type, what, subject, remedy; for a document's error also line (0: unknown), key."""
    document: dict[str, Any] = {
        "type": type(error).__name__,
        "what": error.what,
        "subject": error.subject,
        "remedy": error.remedy,
    }
    if isinstance(error, ContentError):
        document |= {"line": error.line, "key": error.key}
    return document


def show_error(error: GhostsyncError) -> None:
    """`error: ...` and its remedy on stderr."""
    first, *rest = error_lines(error)
    head = typer.style("error:", fg=typer.colors.RED, bold=True)
    typer.echo("\n".join([f"{head} {first}", *rest]), err=True, color=colours())


@dataclass(frozen=True, slots=True)
class Output:
    """How this run of the command speaks. verbose: bookkeeping too. quiet: only what needs a person. command: its
    words. root: the folder that it works in, where that is known. code_quality: where GitLab's report is to be written,
    None for nowhere.
    """

    json: bool = False
    verbose: bool = False
    quiet: bool = False
    command: str = ""
    root: Path | None = None
    code_quality: Path | None = None

    @property
    def reports(self) -> bool:
        """Whether a program wants to know what was found, beside the person who reads the lines."""
        return in_ci() or self.code_quality is not None

    def line(self, text: str = "", **style: Any) -> None:
        """One line for a person, on stdout; nothing under --json. `style` as for `typer.style`."""
        if not self.json:
            typer.echo(typer.style(text, **style) if style else text, color=colours())

    def note(self, text: str) -> None:
        """An aside on stderr, left out by --quiet."""
        if not self.quiet:
            typer.echo(text, err=True, color=colours())

    def document(self, document: Mapping[str, Any]) -> None:
        """The JSON answer; nothing without --json."""
        if self.json:
            import json

            typer.echo(json.dumps(document, ensure_ascii=False, indent=2))

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Under --json an error is the one document on stdout: {"error": ..., "exit_code": ...}. It goes on up, unless it
        is told to a CI system: that comes after all lines, and ends the command here.
        """
        try:
            yield
        except GhostsyncError as error:
            self.document({"error": error_document(error), "exit_code": error.exit_code})
            if not self.reports:
                raise
            from ghostsync.cli.ci import tell_error

            show_error(error)
            tell_error(self, error)
            raise typer.Exit(error.exit_code) from error
