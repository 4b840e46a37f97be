"""Options that many commands share, declared once. They may stand before or after the command's name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ghostsync.cli.output import Output
from ghostsync.daemon.forms import LogForm
from ghostsync.errors import FolderUnusable, UsageError
from ghostsync.terminal import colours, speak_for_ci


class AdoptChoice(StrEnum):
    """Who wins where a document differs on both sides and never agreed before."""

    LOCAL = "local"
    REMOTE = "remote"
    ASK = "ask"


class FailOn(StrEnum):
    """What may be left over of a sync that makes it fail. A document that was skipped counts as a conflict: Ghost has
    something that the file has not.
    """

    CONFLICT = "conflict"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Globals:
    """What was said of all commands alike."""

    folder: Path | None = None
    verbose: bool = False
    quiet: bool = False


FolderOption = Annotated[
    Path | None,
    typer.Option(
        "-C", metavar="FOLDER", help="Work in this folder instead of the current one.", show_default=False
    ),
]
FoldersOption = Annotated[
    list[Path] | None,
    typer.Option(
        "-C",
        metavar="FOLDER",
        help="Work in this folder instead of the current one; several times for several folders.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be done; write nothing anywhere.")
]
_VERBOSE, _QUIET = "Show every document, bookkeeping and requests too.", "Show only what needs a person."
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help=_VERBOSE)]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help=_QUIET)]
_CI = (
    "Ask nothing, draw nothing, and tell what is found as GitHub's annotations and job summary, too. By itself where CI "
    "is true."
)
CiOption = Annotated[bool | None, typer.Option("--ci/--no-ci", help=_CI, show_default=False)]
CodeQualityOption = Annotated[
    Path | None,
    typer.Option(
        "--code-quality",
        metavar="FILE",
        help="Write what is found as GitLab's code quality report (artifacts:reports:codequality).",
        show_default=False,
    ),
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Look at every post again instead of asking only for what changed.")
]
AdoptOption = Annotated[
    AdoptChoice | None,
    typer.Option(
        help="For documents that differ and never agreed before (a first run): keep the file's version, Ghost's, "
        "or ask for each.",
        show_default=False,
    ),
]
FailOnOption = Annotated[
    list[FailOn] | None,
    typer.Option(
        help="End with exit code 1 only for these leftovers; several times for several. Without it: for both, and after "
        "--dry-run for any difference. What failed always counts.",
        show_default=False,
    ),
]

GitPushOption = Annotated[
    bool | None,
    typer.Option(
        "--git-push/--no-git-push",
        help="Send the commits that are made of Ghost's edits to the repository's remote, whatever [git] push says.",
        show_default=False,
    ),
]

LogFormOption = Annotated[
    LogForm,
    typer.Option(
        "--log",
        help="The log's form: for people, key=value, JSON, or the journal's own fields. auto: for people on a terminal, "
        "the journal's under systemd.",
    ),
]


def settled_globals(context: typer.Context) -> Globals:
    """What was said before the command's name, or how loud it shall be after it."""
    found = context.find_object(Globals)
    return found or Globals()


def absolute(path: Path) -> Path:
    """Raises UsageError where the current directory has been deleted under the shell."""
    try:
        return path.expanduser().absolute()
    except FileNotFoundError:
        raise UsageError(
            "the current directory has been deleted",
            remedy="Change to another one; if it was made anew: cd .",
        ) from None


def output_of(context: typer.Context, *, json: bool = False, code_quality: Path | None = None) -> Output:
    said = settled_globals(context)
    named = context.params.get("folder")
    root = (named if isinstance(named, Path) else None) or said.folder or Path()
    return Output(
        json=json,
        verbose=said.verbose,
        quiet=said.quiet,
        command=context.command_path.partition(" ")[2],
        root=absolute(root),
        code_quality=code_quality,
    )


def _louder(context: typer.Context, value: bool) -> None:
    if value:
        context.obj = replace(settled_globals(context), verbose=True)


def _quieter(context: typer.Context, value: bool) -> None:
    if value:
        context.obj = replace(settled_globals(context), quiet=True)


def for_ci(context: typer.Context, value: bool | None) -> None:
    """Settle whether this run speaks for a CI system; None leaves it as it was said before."""
    if value is not None:
        speak_for_ci(value)
        context.color = colours()


def loudness(
    _verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=_VERBOSE, callback=_louder, expose_value=False)
    ] = False,
    _quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=_QUIET, callback=_quieter, expose_value=False)
    ] = False,
    _ci: Annotated[
        bool | None,
        typer.Option("--ci/--no-ci", help=_CI, callback=for_ci, expose_value=False, show_default=False),
    ] = None,
) -> None:
    """A command with the options that every command gets; they change what `output_of` gives, or how all is told."""


def folder_of(context: typer.Context, folder: Path | None) -> Path:
    """The folder to work in, absolute. Raises FolderUnusable when it is not there."""
    return existing(absolute(folder or settled_globals(context).folder or Path()))


def existing(root: Path) -> Path:
    """The folder itself. Raises FolderUnusable when it is not there."""
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "there is no such folder"
        raise FolderUnusable(
            what, subject=str(root), remedy="Name the folder that holds ghostsync.toml with -C."
        )
    return root
