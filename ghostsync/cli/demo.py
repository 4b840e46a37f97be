"""demo: everything on a sandbox Ghost inside this process. Needs no server, no key, no network but loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ghostsync.cli.options import output_of


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            metavar="FOLDER",
            help="Use (and keep) this new or empty folder instead of a temporary one.",
            show_default=False,
        ),
    ] = None,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            "--keep-running",
            help="Afterwards leave the sandbox and a daemon running until Ctrl-C.",
        ),
    ] = False,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="The sandbox's port; 0 takes any free one.", show_default=False),
    ] = 0,
) -> None:
    """Show a sync, an edit travelling each way, and a merge, on a sandbox Ghost and a sample blog."""
    import asyncio

    from ghostsync.cli.demo_story import perform

    raise typer.Exit(asyncio.run(perform(output_of(context), folder, play=serve, port=port)))
