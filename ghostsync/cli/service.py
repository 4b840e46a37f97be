"""run and resume: the daemon, and lifting its brakes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.options import (
    FolderOption,
    JsonOption,
    LogFormOption,
    QuietOption,
    VerboseOption,
    folder_of,
    output_of,
)
from ghostsync.cli.output import Output, answerable
from ghostsync.daemon.forms import LogForm
from ghostsync.errors import EXIT_DIFFERENCES, UsageError

if TYPE_CHECKING:
    from ghostsync.daemon.log import Log
    from ghostsync.sync.model import Halt


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(resume)


def run(
    context: typer.Context,
    folder: FolderOption = None,
    log: LogFormOption = LogForm.AUTO,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Keep the folder and Ghost in step until stopped.

    Files are sent when they change, Ghost is asked every `[sync] interval`. SIGTERM stops it after the step in
    hand, SIGUSR1 syncs now.
    """
    import asyncio

    from ghostsync.daemon.log import make_log

    output = output_of(context, verbose=verbose, quiet=quiet)
    root = folder_of(context, folder)
    asyncio.run(_serve(root, make_log(log, verbose=output.verbose, quiet=output.quiet)))


async def _serve(root: Path, log: Log) -> None:
    from ghostsync.cli.opening import session_in
    from ghostsync.daemon.inbox import Inbox
    from ghostsync.daemon.service import serve, signals_to

    inbox = Inbox()
    with signals_to(inbox):
        async with session_in(root, lock=True) as session:
            await serve(session, log=log, inbox=inbox)


def resume(
    context: typer.Context,
    folder: FolderOption = None,
    confirm: Annotated[
        str | None,
        typer.Option(
            metavar="HALT-ID", help="Lift this halt and no other, without a question.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show the brake that holds, and lift it."""
    output = output_of(context, json=json)
    with output.guard():
        halt, lifted = _lift(folder_of(context, folder), confirm, output)
    from ghostsync.cli.report import halt_document

    output.document({"command": "resume", "halt": halt_document(halt), "lifted": lifted})
    if halt is None:
        output.line("Nothing is halted.")
    elif lifted:
        output.line(f"Lifted {halt.id}. The next sync goes on where the brake stopped it.")
    else:
        output.line("Left as it is.")
        raise typer.Exit(EXIT_DIFFERENCES)


def _lift(root: Path, confirm: str | None, output: Output) -> tuple[Halt | None, bool]:
    """The halt that was found, and whether it is lifted now. Needs neither key nor network."""
    from ghostsync.cli.report import show_halt
    from ghostsync.config import load_config
    from ghostsync.state import open_state
    from ghostsync.sync.halts import lift

    with open_state(root, load_config(root), repair=False) as state:
        halt = state.halt()
        if confirm is not None and (halt is None or halt.id != confirm):
            holds = f"the halt that holds is {halt.id}" if halt else "nothing is halted"
            raise UsageError(
                f"there is no halt {confirm}: {holds}",
                remedy="Run `ghostsync resume` to see what holds and why.",
            )
        if halt is None:
            return None, False
        if confirm is None:
            if output.json or not answerable():
                raise UsageError(
                    f"a halt is lifted by a person, or by its name: {halt.what}",
                    remedy=f"ghostsync resume --confirm {halt.id}",
                )
            show_halt(halt)
            if not typer.confirm("Lift it?", default=False, err=True):
                return halt, False
        lift(state, halt)
        return halt, True
