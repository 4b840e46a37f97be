"""resolve: settle a conflict the way a person chose."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.history import PathArgument
from ghostsync.cli.options import DryRunOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.cli.output import printable
from ghostsync.errors import EXIT_OK, FolderLocked, UsageError

if TYPE_CHECKING:
    from ghostsync.sync.model import CycleReport, Use


class Chosen(StrEnum):
    """The words of `ghostsync.sync.model.Use`, which takes longer to load than `--version` may."""

    LOCAL = "local"
    REMOTE = "remote"
    BASE = "base"
    MERGED = "merged"


def register(app: typer.Typer) -> None:
    app.command()(resolve)


def resolve(
    context: typer.Context,
    path: PathArgument,
    use: Annotated[
        Chosen,
        typer.Option(
            help="The file's version, Ghost's, the one both had before, or both in one: the .conflict.md as you "
            "edited it.",
            show_default=False,
        ),
    ],
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Settle a conflict: both sides get the chosen version, the others go to history."""
    import asyncio

    from ghostsync.cli.report import report_document, show_report
    from ghostsync.cli.telling import tell_report
    from ghostsync.sync.model import Use

    output = output_of(context, json=json)
    with output.guard():
        name, report = asyncio.run(_settle(folder_of(context, folder), path, Use(use), dry_run=dry_run))
    if report is None:
        output.document({"command": "resolve", "path": name, "exit_code": EXIT_OK, "left_to_daemon": True})
        output.line(f"A running ghostsync holds the folder; its next sync settles {printable(name)}.")
        return
    output.document({**report_document(report, command="resolve"), "path": name})
    if not output.json:
        if report.outcomes or report.halt is not None:
            show_report(report, output)
        else:
            output.line(f"{printable(name)} is not in conflict.")
    tell_report(report, output)
    raise typer.Exit(report.exit_code)


def check_site_file(name: str, tags: str, use: Use) -> None:
    """Raises UsageError where there is nothing to choose."""
    from ghostsync.sync.model import Use

    if name != tags:
        raise UsageError(
            "is a copy of what Ghost has",
            subject=name,
            remedy="What is edited in it is put back by the next pull.",
        )
    if use not in {Use.LOCAL, Use.REMOTE}:
        raise UsageError(
            f"--use {use} cannot settle what is in conflict here",
            subject=name,
            remedy="Use --use local or --use remote, or write what shall hold into the file.",
        )


async def _settle(root: Path, path: str, use: Use, *, dry_run: bool) -> tuple[str, CycleReport | None]:
    """The document's path and the report; None where a running daemon was told instead."""
    from dataclasses import replace

    from ghostsync.cli.comparing import look
    from ghostsync.cli.opening import session_in
    from ghostsync.cli.shelf import open_shelf
    from ghostsync.daemon.control import ask
    from ghostsync.sync.left_choices import leave_choice
    from ghostsync.sync.plan import Only

    with open_shelf(root) as shelf:
        name = shelf.name(path)
        beside = name in shelf.config.site_files.paths
        if beside:
            check_site_file(name, shelf.config.site_files.tags, use)
    try:
        async with session_in(root, lock=not dry_run) as session:
            if beside:
                return name, await session.engine.cycle(dry_run=dry_run, only=Only(name, use))
            report, case = await look(session, name)
            waits = case.companion is not None or any(o.action.verb.open for o in report.outcomes)
            if not waits or report.halt is not None:
                return name, replace(report, outcomes=()) if not waits else report
            return name, await session.engine.cycle(dry_run=dry_run, only=Only(name, use))
    except FolderLocked:
        with open_shelf(root) as shelf:
            leave_choice(shelf.state, name, use)
        ask(root, "sync")
        return name, None
