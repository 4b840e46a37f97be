"""media and media prune: which files are shown by what, and what nobody shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghostsync.cli.options import DryRunOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK

if TYPE_CHECKING:
    from ghostsync.cli.output import Output
    from ghostsync.sync.media_report import MediaReport

group = typer.Typer(
    help="Pictures, sounds and other files: what shows them, what is missing, what nobody shows.",
    invoke_without_command=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="media")


@group.callback()
def media(context: typer.Context, folder: FolderOption = None, json: JsonOption = False) -> None:
    """List the files that documents show, what is missing, and what nobody shows."""
    import asyncio

    if context.invoked_subcommand is not None:
        return
    output = output_of(context, json=json)
    with output.guard():
        report, away = asyncio.run(_inspect(folder_of(context, folder), output))
        _show(report, output, away=away)
    raise typer.Exit(EXIT_DIFFERENCES if report.faults else EXIT_OK)


@group.command()
def prune(
    context: typer.Context,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Move files that no document shows into .ghostsync/trash/. What is in Ghost stays there: its API deletes no files."""
    import asyncio

    from ghostsync.cli.output import printable
    from ghostsync.errors import UsageError
    from ghostsync.terminal import in_ci

    output = output_of(context, json=json)
    root = folder_of(context, folder)
    with output.guard():
        report, _ = asyncio.run(_inspect(root, output))
        paths = [path for path, _ in report.unused]
        if report.faults and not dry_run:
            raise UsageError(
                "some documents have problems, and what they show is not known for certain",
                remedy="Run `ghostsync media`, put that right, then prune.",
            )
        for path in paths:
            output.line(f"{'would move' if dry_run else 'unused'}  {printable(path)}")
        moved: list[str] = []
        if paths and not dry_run:
            if not (yes or json):
                if in_ci():
                    raise UsageError(
                        "this needs a yes, and nobody is there to say it", remedy="Give it with --yes."
                    )
                if not typer.confirm(f"Move {len(paths)} files to .ghostsync/trash/?"):
                    raise typer.Exit(EXIT_DIFFERENCES)
            moved = asyncio.run(_prune(root, paths))
    output.document({"command": "media prune", "dry_run": dry_run, "unused": paths, "moved_to": moved})
    if not paths:
        output.line("Every picture and file is shown by some document.")
    elif moved:
        output.line(
            f"Moved {len(moved)} files to .ghostsync/trash/. Copies in Ghost stay: its API deletes no files."
        )


async def _inspect(root: Path, output: Output) -> tuple[MediaReport, bool]:
    """The report, and whether Ghost was away: then its address is the one that the last sync met."""
    from ghostsync.cli.opening import session_in
    from ghostsync.errors import Unavailable, Unreachable
    from ghostsync.sync.context import content_context
    from ghostsync.sync.history import remembered_site
    from ghostsync.sync.media_report import inspect_media

    async with session_in(root, lock=False) as session:
        config, state, away = session.config, session.state, False
        try:
            context = await session.engine.ready()
        except (Unavailable, Unreachable) as error:
            away = True
            site = remembered_site(state, config.site.url, config.site.timezone)
            context = content_context(site, state, config)
            output.note(f"note: {error.what}; what is in Ghost is told as the last sync left it")
        homes = [*session.folder.layout.roots, *filter(None, [config.media.home])]
        return inspect_media(session.folder, state, context, homes), away


async def _prune(root: Path, paths: list[str]) -> list[str]:
    from ghostsync.cli.opening import session_in
    from ghostsync.errors import FolderError

    async with session_in(root, lock=True) as session:
        files = session.folder.look(paths, session.state.media_files())
        moved = [
            session.folder.trash_media(path, expected_sha=file.sha)
            for path, file in files.items()
            if not isinstance(file, FolderError)
        ]
        session.state.forget_media_files(paths)
        return moved


def _show(report: MediaReport, output: Output, *, away: bool) -> None:
    from ghostsync.cli.output import error_document, error_lines, printable
    from ghostsync.cli.telling import tell_errors
    from ghostsync.wording import counted

    document: dict[str, Any] = {
        "command": "media",
        "ghost_away": away,
        "files": [
            {
                "path": one.path,
                "bytes": one.size,
                "url": one.address or None,
                "documents": list(one.documents),
            }
            for one in report.shown
        ],
        "unused": [{"path": path, "bytes": size} for path, size in report.unused],
        "problems": [error_document(error) for error in report.faults],
    }
    output.document(document)
    for one in report.shown:
        where = "in Ghost" if one.address else "waits   "
        output.line(
            f"{where}  {one.size:>12,}  {printable(one.path)}  ({', '.join(map(printable, one.documents))})"
        )
    for path, size in report.unused:
        output.line(f"unused    {size:>12,}  {printable(path)}")
    for error in report.faults:
        for line in error_lines(error):
            output.line(line)
    uploaded = sum(bool(one.address) for one in report.shown)
    sentence = (
        f"{counted(len(report.shown), 'file')} shown ({uploaded} in Ghost), {len(report.unused)} unused, "
        f"{counted(len(report.faults), 'problem')}."
    )
    output.line(f"{sentence} Files in Ghost can be deleted by nobody through its API.")
    tell_errors(output, [("", error) for error in report.faults], sentence)
