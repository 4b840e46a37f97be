"""run, reload and resume: the daemon, its configuration, and lifting its brakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.options import (
    FolderOption,
    FoldersOption,
    JsonOption,
    LogFormOption,
    existing,
    folder_of,
    output_of,
)
from ghostsync.cli.output import Output, answerable
from ghostsync.daemon.forms import LogForm
from ghostsync.errors import EXIT_DIFFERENCES, UsageError

if TYPE_CHECKING:
    from ghostsync.config import Settings
    from ghostsync.daemon.log import Log
    from ghostsync.sync.model import Halt


_ONE_SITE = ("GHOST_URL", "GHOST_ADMIN_API_KEY")


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command(name="reload")(reload_)
    app.command()(resume)


def run(
    context: typer.Context,
    folder: FoldersOption = None,
    log: LogFormOption = LogForm.AUTO,
) -> None:
    """Keep the folder and Ghost in step until stopped.

    Files are sent when they change, Ghost is asked every `[sync] interval`. SIGTERM stops it after the step in
    hand, SIGUSR1 syncs now, SIGHUP takes over a changed configuration. -C may be given several times: then one process
    keeps several folders, and one that fails or is not there leaves the others alone and is tried again.
    """
    import asyncio

    from ghostsync.daemon.log import make_log

    output = output_of(context)
    roots = list(dict.fromkeys(one.expanduser().absolute() for one in folder or ()))
    if not any(root.is_dir() for root in roots):
        # One alone, or none of several: a mistake in the command line, which no waiting mends.
        roots = [folder_of(context, roots[0] if roots else None)]
    asyncio.run(_serve(roots, make_log(log, verbose=output.verbose, quiet=output.quiet)))


async def _serve(roots: list[Path], log: Log) -> None:
    import os
    from functools import partial

    from ghostsync.daemon.notify import Notifier
    from ghostsync.daemon.process import Process
    from ghostsync.daemon.service import FolderService

    env = dict(os.environ)
    if len(roots) > 1:
        shared = [name for name in (*_ONE_SITE, "CREDENTIALS_DIRECTORY") if env.pop(name, None)]
        if named := [name for name in shared if name in _ONE_SITE]:
            raise UsageError(
                f"{' and '.join(named)} would be the same for all {len(roots)} folders",
                remedy="Unset it, and give each folder its [site] url and admin_api_key_file.",
            )
    services = [
        FolderService(
            root, partial(_settings, root, env), log.bind(folder=str(root)) if len(roots) > 1 else log
        )
        for root in roots
    ]
    await Process(services, log, Notifier()).run()


def _settings(root: Path, env: Mapping[str, str]) -> Settings:
    from ghostsync.config import load_settings

    return load_settings(existing(root), env)


def reload_(context: typer.Context, folder: FolderOption = None, json: JsonOption = False) -> None:
    """Let the folder's running daemon take over ghostsync.toml as it is now."""
    from ghostsync.daemon.control import ask_running
    from ghostsync.errors import ConfigError

    output = output_of(context, json=json)
    root = folder_of(context, folder)
    with output.guard():
        told = ask_running(root, "reload")
        if not told.get("reloaded"):
            refused = told.get("error", {})
            raise ConfigError(
                f"refused, the daemon goes on with the old configuration: {refused.get('what', '')}",
                subject=str(refused.get("subject", "")),
                remedy=str(refused.get("remedy", "")),
            )
    output.document({"command": "reload", **told})
    output.line("The daemon takes over the configuration after the step in hand.")


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
    from ghostsync.daemon.control import ask
    from ghostsync.daemon.health import halt_document

    output.document({"command": "resume", "halt": halt_document(halt), "lifted": lifted})
    if halt is None:
        output.line("Nothing is halted.")
    elif lifted:
        ask(folder_of(context, folder), "sync")
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
