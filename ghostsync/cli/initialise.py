"""init: from an address and a key to a folder that is ready for its first sync."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.options import (
    AdoptChoice,
    AdoptOption,
    FolderOption,
    absolute,
    output_of,
    settled_globals,
)
from ghostsync.cli.output import Output, answerable, show_error
from ghostsync.errors import KeyFormError, UsageError

if TYPE_CHECKING:
    from ghostsync.config import Config
    from ghostsync.sync.model import CycleReport

_TRIES = 3


def register(app: typer.Typer) -> None:
    app.command()(init)


@dataclass(frozen=True, slots=True)
class _Key:
    """The key and where it came from. file: what the configuration shall name, None when it needs no file.
    typed: it is nowhere yet and has to be stored.
    """

    text: str = field(repr=False)
    file: str | None = None
    typed: bool = False


def init(
    context: typer.Context,
    folder: FolderOption = None,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The site's address; asked for when not given.", show_default=False),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file that holds the Admin API key. Without it: GHOST_ADMIN_API_KEY, or typed in unseen.",
            show_default=False,
        ),
    ] = None,
    adopt: AdoptOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --adopt: carry out the first sync without a question.")
    ] = False,
) -> None:
    """Set up this folder for a Ghost site, and show what the first sync would do.

    Nothing that exists is overwritten, and without --adopt nothing is synced.
    """
    from ghostsync.cli.setup import make_folder
    from ghostsync.config import CONFIG_NAME

    output = output_of(context)
    root = absolute(folder or settled_globals(context).folder or Path())
    with output.guard():
        if adopt is AdoptChoice.ASK and not answerable():
            raise UsageError(
                "--adopt ask needs a terminal to ask on", remedy="Use --adopt local or --adopt remote."
            )
        make_folder(root)
        if (root / CONFIG_NAME).exists():
            _keep(root, url, key_file, output)
        else:
            _set_up(root, url, key_file, output)
        code = _first_sync(root, adopt, yes, output)
    raise typer.Exit(code)


def _keep(root: Path, url: str | None, key_file: Path | None, output: Output) -> None:
    """The folder has a configuration already, as a clone has: say what it names, check that it works, and put the key where
    it looks for it.
    """
    from ghostsync.cli.setup import make_places, store_key
    from ghostsync.config import CONFIG_NAME, load_config
    from ghostsync.ghost.address import parse_address

    config = load_config(root)
    if url is not None and parse_address(url).url != parse_address(config.site.url).url:
        raise UsageError(
            f"it names {config.site.url} already, not {url}",
            subject=str(root / CONFIG_NAME),
            remedy="Change [site] url there, or set up another folder with -C.",
        )
    output.note(f"{CONFIG_NAME} is here already, for {config.site.url}; it is left as it is.")
    key = _kept_key(config, root, key_file, output)
    _check(config, key.text, output)
    if key.typed:
        stored = store_key(root, key.text)
        output.note(f"Wrote the key to {stored} (0600, not in git).")
    make_places(root, config.folder)


def _kept_key(config: Config, root: Path, key_file: Path | None, output: Output) -> _Key:
    """The key that later runs find; else one that is given or typed, to be stored where the configuration looks for it.
    Raises KeyFormError, UsageError.
    """
    from ghostsync.cli.setup import KEY_FILE
    from ghostsync.config import CONFIG_NAME, key_files, load_key

    place = root / KEY_FILE
    missing = place in key_files(config, root, os.environ) and not place.exists()
    given = None if key_file is None else _read_key(key_file.expanduser().absolute(), output)
    if missing and given is not None:
        return _Key(given, typed=True)
    if missing and answerable() and not os.environ.get("GHOST_ADMIN_API_KEY"):
        return _Key(_ask_key(), typed=True)
    found = load_key(config, root)
    text = f"{found.id}:{found.secret.hex()}"
    if given not in {None, text}:
        raise UsageError(
            "the configuration leads to another key than --key-file",
            subject=str(root / CONFIG_NAME),
            remedy=f"Write the new key into the file that [site] admin_api_key_file names there, or remove {KEY_FILE} first.",
        )
    return _Key(text)


def _set_up(root: Path, url: str | None, key_file: Path | None, output: Output) -> None:
    from ghostsync.cli.setup import current_branch, make_places, store_key, toml_text, write_config
    from ghostsync.config import CONFIG_NAME, parse_config
    from ghostsync.ghost.address import parse_address

    address = parse_address(url or os.environ.get("GHOST_URL") or _ask_url())
    for said in address.notes:
        output.note(f"{address.url}: {said}")
    key = _find_key(root, key_file, output)
    config = parse_config(toml_text(address.url, key.file), source=CONFIG_NAME, env={})
    branch = current_branch(root)
    _check(config, key.text, output)
    stored = store_key(root, key.text) if key.typed else key.file
    write_config(root, address.url, stored, branch)
    make_places(root, config.folder)
    output.note(
        f"Wrote {CONFIG_NAME}" + (f" and the key to {stored} (0600, not in git)." if key.typed else ".")
    )
    if branch is not None:
        output.note(f"This is a git work tree: branch {branch} is the one that is synced ([git] branch).")


def _ask_url() -> str:
    if not answerable():
        raise UsageError("the site's address is missing", remedy="Give it with --url or GHOST_URL.")
    return str(typer.prompt("The site's address (such as https://blog.example.com)", err=True))


def _find_key(root: Path, key_file: Path | None, output: Output) -> _Key:
    """From --key-file, the environment, an earlier init, or a person. Raises KeyFormError, UsageError."""
    from ghostsync.cli.setup import KEY_FILE, as_written
    from ghostsync.config import AdminKey

    kept = root / KEY_FILE
    if key_file is None and not os.environ.get("GHOST_ADMIN_API_KEY") and kept.exists():
        key_file = kept
    if key_file is not None:
        file = key_file.expanduser().absolute()
        return _Key(_read_key(file, output), as_written(root, file))
    if text := os.environ.get("GHOST_ADMIN_API_KEY", "").strip():
        AdminKey.parse(text, source="GHOST_ADMIN_API_KEY")
        output.note(
            "The key is taken from GHOST_ADMIN_API_KEY and stored nowhere; later runs need it there too."
        )
        return _Key(text)
    return _Key(_ask_key(), KEY_FILE, typed=True)


def _read_key(file: Path, output: Output) -> str:
    """Raises KeyFormError."""
    from ghostsync.config import AdminKey

    try:
        text = file.read_text(encoding="utf-8").strip()
        shared = file.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise KeyFormError(
            f"cannot be read: {reason}", subject=str(file), remedy="Name the key's file."
        ) from None
    AdminKey.parse(text, source=str(file))
    if shared:
        output.note(f"warning: other users of this machine can read {file}; chmod 600 keeps them out.")
    return text


def _ask_key() -> str:
    from ghostsync.config import AdminKey

    if not answerable():
        raise UsageError(
            "the Admin API key is missing",
            remedy="Give it in GHOST_ADMIN_API_KEY or in a file with --key-file.",
        )
    typer.echo(
        "In Ghost Admin: Settings -> Integrations -> Add custom integration -> Admin API key (id:secret).",
        err=True,
    )
    for attempt in range(1, _TRIES + 1):
        text = str(typer.prompt("Admin API key (not shown)", hide_input=True, err=True)).strip()
        try:
            AdminKey.parse(text, source="the key you typed")
        except KeyFormError as error:
            if attempt == _TRIES:
                raise
            show_error(error)
        else:
            break
    return text


def _check(config: Config, key: str, output: Output) -> None:
    """Ask Ghost whether address and key are right, before anything is written. Leaves when they are not."""
    import asyncio

    from ghostsync.cli.checks import exit_code_of, show_checks
    from ghostsync.ghost.diagnose import diagnose

    checks = asyncio.run(diagnose(config.site.url, key, config.http))
    code = exit_code_of(checks)
    if code or not output.quiet:
        show_checks(checks, output)
    if code:
        output.note("Nothing was written.")
        raise typer.Exit(code)


def _first_sync(root: Path, adopt: AdoptChoice | None, yes: bool, output: Output) -> int:
    """Show what a sync would do; with --adopt, do it. Returns the exit code."""
    import asyncio

    from ghostsync.cli.cycles import run_cycle
    from ghostsync.cli.report import show_report
    from ghostsync.cli.telling import tell_report
    from ghostsync.sync.model import Direction

    def cycle(*, dry_run: bool, choice: AdoptChoice | None) -> CycleReport:
        return asyncio.run(run_cycle(root, output, Direction.BOTH, dry_run=dry_run, adopt=choice))

    preview = cycle(dry_run=True, choice=None if adopt is AdoptChoice.ASK else adopt)
    output.line("\nThe first sync:")
    show_report(preview, output)
    if preview.halt is not None:
        tell_report(preview, output)
        return preview.exit_code
    if adopt is None:
        if not preview.in_step:
            output.note("Nothing was synced yet. To do it: ghostsync sync")
        return 0
    if not yes and answerable() and not typer.confirm("Carry it out?", default=True, err=True):
        return 0
    report = cycle(dry_run=False, choice=adopt)
    show_report(report, output)
    tell_report(report, output)
    return report.exit_code
