"""Options that many commands share, declared once. They may stand before or after the command's name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ghostsync.cli.output import Output
from ghostsync.daemon.forms import LogForm
from ghostsync.errors import FolderUnusable


class AdoptChoice(StrEnum):
    """Who wins where a document differs on both sides and never agreed before."""

    LOCAL = "local"
    REMOTE = "remote"
    ASK = "ask"


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


def output_of(context: typer.Context, *, json: bool = False) -> Output:
    said = settled_globals(context)
    return Output(json=json, verbose=said.verbose, quiet=said.quiet)


def _louder(context: typer.Context, value: bool) -> None:
    if value:
        context.obj = replace(settled_globals(context), verbose=True)


def _quieter(context: typer.Context, value: bool) -> None:
    if value:
        context.obj = replace(settled_globals(context), quiet=True)


def loudness(
    _verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help=_VERBOSE, callback=_louder, expose_value=False)
    ] = False,
    _quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help=_QUIET, callback=_quieter, expose_value=False)
    ] = False,
) -> None:
    """A command with the two options that every command gets; they change what `output_of` gives."""


def folder_of(context: typer.Context, folder: Path | None) -> Path:
    """The folder to work in, absolute. Raises FolderUnusable when it is not there."""
    return existing((folder or settled_globals(context).folder or Path()).expanduser().absolute())


def existing(root: Path) -> Path:
    """The folder itself. Raises FolderUnusable when it is not there."""
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "there is no such folder"
        raise FolderUnusable(
            what, subject=str(root), remedy="Name the folder that holds ghostsync.toml with -C."
        )
    return root
