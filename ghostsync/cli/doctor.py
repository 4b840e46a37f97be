"""doctor: what stands in the way, one check at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ghostsync.cli.options import FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import GhostsyncError

if TYPE_CHECKING:
    from ghostsync.ghost.diagnose import Check


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    context: typer.Context,
    folder: FolderOption = None,
    json: JsonOption = False,
) -> None:
    """Check configuration, folder, address, key and permissions, each with a remedy. Writes nothing to Ghost.

    The exit code is that of the first check that failed: 2 configuration or address, 3 refused, 4 unreachable.
    """
    import asyncio

    from ghostsync.cli.checks import checks_document, exit_code_of, show_checks
    from ghostsync.cli.telling import tell_errors

    output = output_of(context, json=json)
    with output.guard():
        checks = asyncio.run(examine(folder_of(context, folder)))
    output.document(checks_document(checks))
    show_checks(checks, output)
    code = exit_code_of(checks)
    if not code and not output.quiet:
        output.line("All is well.")
    failed = [("", check.error) for check in checks if check.ok is False and check.error is not None]
    tell_errors(output, failed, "All is well." if not code else f"Something is wrong (exit code {code}).")
    raise typer.Exit(code)


async def examine(root: Path) -> list[Check]:
    """All checks that can be made: a configuration that cannot be read leaves only itself."""
    from ghostsync.cli.checks import (
        check_daemon,
        check_exposure,
        check_folder,
        check_state,
        config_check,
        failed,
    )
    from ghostsync.config import load_config, load_key
    from ghostsync.ghost.diagnose import diagnose

    try:
        config = load_config(root)
    except GhostsyncError as error:
        return [failed("configuration", error)]
    checks = [
        config_check(root, config),
        check_folder(root, config),
        check_state(root, config),
        check_daemon(root),
    ]
    if (exposure := check_exposure(root, config)) is not None:
        checks.append(exposure)
    key_text, key_error = None, None
    try:
        key = load_key(config, root)
        key_text = f"{key.id}:{key.secret.hex()}"
    except GhostsyncError as error:
        key_error = error
    found = await diagnose(config.site.url, key_text, config.http)
    # diagnose sees only a key; where the key should have come from is known here.
    return checks + [
        failed("key", key_error) if key_error is not None and check.name == "key" else check
        for check in found
    ]
