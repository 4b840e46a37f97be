"""The command `ghostsync`: its global options, its commands, and how it ends.

Every expected failure ends as `error: ...` with a remedy and the error's exit code, never as a traceback.
Command modules are loaded when they are called, and import what they need when they run: `ghostsync --version` costs
little more than typer.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ghostsync.cli.families import HELP_FORM, Families
from ghostsync.cli.options import CiOption, FolderOption, Globals, QuietOption, VerboseOption
from ghostsync.cli.output import show_error
from ghostsync.errors import GhostsyncError
from ghostsync.terminal import colours, speak_for_ci

EXIT_UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h: a defect of ghostsync, none of the documented outcomes
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="ghostsync",
    cls=Families,
    help="Keeps a folder of Markdown files and a Ghost blog in step, both ways.",
    no_args_is_help=True,
    rich_markup_mode=HELP_FORM,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, in step. 1 differences, conflicts or failures remain. 2 usage or configuration. "
    "3 refused by Ghost. 4 Ghost not reachable. 5 halted by a brake.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from ghostsync import __version__

        typer.echo(f"ghostsync {__version__}")
        raise typer.Exit


@app.callback()
def ghostsync(
    context: typer.Context,
    folder: FolderOption = None,
    version: Annotated[  # noqa: ARG001 - typer calls _version for it, before all else
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
    ci: CiOption = None,
) -> None:
    """Keeps a folder of Markdown files and a Ghost blog in step, both ways."""
    speak_for_ci(ci)
    context.color = colours()  # of all that commands print
    context.obj = Globals(folder=folder, verbose=verbose, quiet=quiet)


def _report_defect() -> None:
    """The traceback without local variables (they may hold the key), and what to do with it."""
    import traceback

    from ghostsync import __version__
    from ghostsync.redaction import without_secrets

    typer.echo(without_secrets(traceback.format_exc()), err=True, nl=False)
    typer.echo(
        f"error: this is a defect in ghostsync {__version__} (Python {sys.version.split()[0]}, {sys.platform})\n"
        "  -> Your files and posts are as the last finished step left them; running the command again is safe.\n"
        "  -> Please report it with the lines above; they hold no key.",
        err=True,
    )


def _silence_stdout() -> None:
    """Point stdout, whose reader is gone, at nothing, so that Python's own flush at exit stays quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _app_and_flush() -> None:
    try:
        app()
    finally:
        # A reader that went away is noticed here, where it can be handled, and not at the interpreter's exit.
        sys.stdout.flush()


def run() -> None:
    """The entry point. Leaves through `SystemExit` with the documented exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A file name that is not UTF-8 must not stop the report about it.
            stream.reconfigure(errors="backslashreplace")
    try:
        _app_and_flush()
    except GhostsyncError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        _silence_stdout()
        sys.exit(1)
    except Exception:  # noqa: BLE001 - the outermost frame: whatever is left is a defect and is told as one
        _report_defect()
        sys.exit(EXIT_UNEXPECTED)


if __name__ == "__main__":
    run()
