"""sync, pull, push and status: one cycle, told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ghostsync.cli.options import (
    AdoptChoice,
    AdoptOption,
    CodeQualityOption,
    DryRunOption,
    FailOn,
    FailOnOption,
    FolderOption,
    FullOption,
    GitPushOption,
    JsonOption,
    folder_of,
    output_of,
)
from ghostsync.cli.output import Output
from ghostsync.errors import EXIT_DIFFERENCES, UsageError

if TYPE_CHECKING:
    from ghostsync.sync.model import CycleReport, Direction


def register(app: typer.Typer) -> None:
    app.command()(sync)
    app.command()(pull)
    app.command()(push)
    app.command()(status)


def sync(
    context: typer.Context,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    full: FullOption = False,
    adopt: AdoptOption = None,
    fail_on: FailOnOption = None,
    code_quality: CodeQualityOption = None,
    git_push: GitPushOption = None,
    json: JsonOption = False,
) -> None:
    """Bring the folder and Ghost in step, both ways."""
    from ghostsync.sync.model import Direction

    output = output_of(context, json=json, code_quality=code_quality)
    _carry_out(
        context,
        folder,
        output,
        Direction.BOTH,
        dry_run=dry_run,
        full=full,
        adopt=adopt,
        fail_on=fail_on,
        git_push=git_push,
    )


def pull(
    context: typer.Context,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    full: FullOption = False,
    adopt: AdoptOption = None,
    fail_on: FailOnOption = None,
    code_quality: CodeQualityOption = None,
    git_push: GitPushOption = None,
    json: JsonOption = False,
) -> None:
    """Bring what changed in Ghost into the folder. Never writes to Ghost."""
    from ghostsync.sync.model import Direction

    output = output_of(context, json=json, code_quality=code_quality)
    _carry_out(
        context,
        folder,
        output,
        Direction.PULL,
        dry_run=dry_run,
        full=full,
        adopt=adopt,
        fail_on=fail_on,
        git_push=git_push,
    )


def push(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="With --preview: these documents and no others.", show_default=False
        ),
    ] = None,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    full: FullOption = False,
    adopt: AdoptOption = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Make or update a draft beside the post of each document that differs from Ghost, and print where to look at it.",
        ),
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="With --preview: take previews away.")] = False,
    fail_on: FailOnOption = None,
    code_quality: CodeQualityOption = None,
    git_push: GitPushOption = None,
    json: JsonOption = False,
) -> None:
    """Bring what changed in the folder into Ghost. Writes nothing into files but a new post's ghost_id."""
    from ghostsync.sync.model import Direction

    output = output_of(context, json=json, code_quality=code_quality)
    if preview:
        _preview(
            context,
            folder,
            output,
            paths or (),
            remove=remove,
            dry_run=dry_run,
            full=full,
            elsewhere=[name for name, said in (("--adopt", adopt), ("--fail-on", fail_on)) if said],
        )
    with output.guard():
        if paths or remove:
            raise UsageError(
                f"{'--remove' if remove else 'PATH'} goes with --preview",
                remedy="A push sends all that changed here. To look at some documents first: ghostsync push --preview PATH",
            )
    _carry_out(
        context,
        folder,
        output,
        Direction.PUSH,
        dry_run=dry_run,
        full=full,
        adopt=adopt,
        fail_on=fail_on,
        git_push=git_push,
    )


def _preview(
    context: typer.Context,
    folder: Path | None,
    output: Output,
    paths: Sequence[Path],
    *,
    remove: bool,
    dry_run: bool,
    full: bool,
    elsewhere: Sequence[str],
) -> NoReturn:
    import asyncio

    from ghostsync.cli.previewing import preview, show

    with output.guard():
        if elsewhere:
            raise UsageError(
                f"{elsewhere[0]} has no meaning with --preview",
                remedy="A preview settles nothing: leave it out.",
            )
        root = folder_of(context, folder)
        report = asyncio.run(preview(root, output, paths, remove=remove, dry_run=dry_run, full=full))
    show(report, output, remove=remove)
    raise typer.Exit(report.exit_code)


def status(
    context: typer.Context,
    folder: FolderOption = None,
    daemon: Annotated[
        bool, typer.Option("--daemon", help="Ask the running daemon only: needs neither key nor network.")
    ] = False,
    full: FullOption = False,
    code_quality: CodeQualityOption = None,
    json: JsonOption = False,
) -> None:
    """Show what the running daemon says of itself, and what a sync would do. Exit code 0: in step; 1: not; 5: halted."""
    from ghostsync.cli.report import show_daemon
    from ghostsync.daemon.control import ask, ask_running
    from ghostsync.sync.model import Direction

    output = output_of(context, json=json, code_quality=code_quality)
    root = folder_of(context, folder)
    if not daemon:
        told = ask(root, "status")
        if told is not None and not output.json:
            show_daemon(told, output)
        _carry_out(
            context,
            folder,
            output,
            Direction.BOTH,
            dry_run=True,
            full=full,
            adopt=None,
            command="status",
            more={"daemon": told},
        )
        return
    with output.guard():
        answer = ask_running(root, "status")
    output.document({"command": "status", "daemon": answer})
    if not output.json:
        show_daemon(answer, output)
    raise typer.Exit(int(answer.get("exit_code", EXIT_DIFFERENCES)))


def _carry_out(
    context: typer.Context,
    folder: Path | None,
    output: Output,
    direction: Direction,
    *,
    dry_run: bool,
    full: bool,
    adopt: AdoptChoice | None,
    fail_on: Sequence[FailOn] | None = None,
    git_push: bool | None = None,
    command: str = "",
    more: Mapping[str, object] | None = None,
) -> None:
    import asyncio

    from ghostsync.cli.report import report_document, show_report
    from ghostsync.cli.telling import fails_for, tell_report

    with output.guard():
        root = folder_of(context, folder)
        report = asyncio.run(
            run_cycle(root, output, direction, dry_run=dry_run, full=full, adopt=adopt, git_push=git_push)
        )
    fails = fails_for(fail_on)
    code = report.exit_code_for(fails) if fail_on else report.exit_code
    document = report_document(report, command=command or direction.value, exit_code=code)
    output.document({**document, **(more or {})})
    if not output.json:
        show_report(report, output)
    tell_report(report, output, fails)
    raise typer.Exit(code)


async def run_cycle(
    root: Path,
    output: Output,
    direction: Direction,
    *,
    dry_run: bool,
    full: bool = False,
    adopt: AdoptChoice | None = None,
    git_push: bool | None = None,
) -> CycleReport:
    """One cycle in the folder. A dry run takes no lock, so that it works beside a running daemon."""
    from ghostsync.cli.adopting import chosen
    from ghostsync.cli.opening import session_in
    from ghostsync.cli.output import answerable
    from ghostsync.cli.progress import progress_for

    if adopt is AdoptChoice.ASK and (output.json or not answerable()):
        raise UsageError(
            "--adopt ask needs a terminal to ask on",
            remedy="Use --adopt local or --adopt remote, or run it by hand without --json.",
        )
    async with session_in(root, lock=not dry_run, git_push=git_push) as session:
        # No bar while questions are asked: the two would write over each other.
        with progress_for(output if adopt is not AdoptChoice.ASK else Output(quiet=True)) as progress:
            report = await session.engine.cycle(
                direction=direction, dry_run=dry_run, full=full, adopt=chosen(adopt), progress=progress
            )
        # What opening the state found out, such as a damaged database that was moved aside, belongs in the report.
        return replace(report, warnings=(*session.state.warnings, *report.warnings))
