"""Checks one by one: those of this machine, and how all of them are shown. Imported late."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from ghostsync.cli.output import Output, printable
from ghostsync.config import CONFIG_NAME, Config
from ghostsync.errors import EXIT_OK, FolderUnusable, GhostsyncError
from ghostsync.folder import LocalFolder
from ghostsync.ghost.diagnose import Check
from ghostsync.state import holder, open_state
from ghostsync.wording import counted


def failed(name: str, error: GhostsyncError) -> Check:
    detail = f"{error.subject}: {error.what}" if error.subject else error.what
    return Check(name, ok=False, detail=detail, remedy=error.remedy, error=error)


def check_folder(root: Path, config: Config) -> Check:
    """Whether files can be made and synced to disk in the folder, and how many documents it holds."""
    try:
        with tempfile.TemporaryFile(dir=root) as probe:
            probe.write(b"ghostsync")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return failed(
            "folder",
            FolderUnusable(
                f"cannot be written: {error.strerror}",
                subject=str(root),
                remedy="Give the user that runs ghostsync the right to write here, and the disk room.",
            ),
        )
    try:
        scan = LocalFolder(root, config.folder).scan({})
    except GhostsyncError as error:
        return failed("folder", error)
    unreadable = [file.error for file in scan.files if file.error is not None]
    if errors := [*scan.errors, *unreadable]:
        return failed("folder", errors[0])
    return Check(
        "folder", ok=True, detail=f"{root} can be written; {counted(len(scan.files), 'document')} in it"
    )


def check_state(root: Path, config: Config) -> Check:
    """Whether the state database can be read; a halt that holds is told here, too."""
    try:
        # repair=False: only who holds the lock may move a damaged database aside.
        with open_state(root, config, repair=False) as state:
            halt = state.halt()
            known = sum(not row.tombstone for row in state.documents())
    except GhostsyncError as error:
        return failed("state", error)
    if halt is not None:
        return Check(
            "state", ok=True, detail=f"halted: {halt.what}", remedy=f"ghostsync resume --confirm {halt.id}"
        )
    return Check(
        "state", ok=True, detail=f"{counted(known, 'document')} known" if known else "nothing synced yet"
    )


def check_daemon(root: Path) -> Check:
    """Whether another ghostsync works in the folder. One that does is no failure."""
    try:
        who = holder(root)
    except GhostsyncError as error:
        return failed("daemon", error)
    if who is None:
        return Check("daemon", ok=True, detail="no other ghostsync holds this folder")
    return Check(
        "daemon",
        ok=True,
        detail=f"process {who.pid} on {who.host} works in this folder since {who.since}",
        remedy="It syncs by itself; `sync`, `pull` and `push` wait until it has ended.",
    )


def check_exposure(root: Path, config: Config) -> Check | None:
    """A key file that other users of the machine can read; None when there is no key file to look at."""
    if config.site.admin_api_key_file is None:
        return None
    path = root / Path(config.site.admin_api_key_file).expanduser()
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    if mode & 0o077:
        return Check(
            "key file", ok=True, detail=f"{path} can be read by other users", remedy=f"chmod 600 {path}"
        )
    return Check("key file", ok=True, detail=f"{path} is private")


def exit_code_of(checks: Sequence[Check]) -> int:
    """The exit code of the first check that failed; 0 when none did."""
    return next(
        (check.error.exit_code for check in checks if check.ok is False and check.error is not None), EXIT_OK
    )


def show_checks(checks: Sequence[Check], output: Output) -> None:
    """One line a check; remedies and the decoded token beneath it."""
    width = max(len(check.name) for check in checks)
    marks = {
        True: typer.style("ok  ", fg=typer.colors.GREEN),
        False: typer.style("FAIL", fg=typer.colors.RED, bold=True),
        None: "-   ",
    }
    for check in checks:
        if output.quiet and check.ok is not False:
            continue
        output.line(f"{marks[check.ok]}  {check.name.ljust(width)}  {printable(check.detail)}")
        for line in check.remedy.splitlines():
            output.line(f"{' ' * (width + 8)}-> {printable(line)}")
        for part in ("header", "claims"):
            if part in check.data:
                output.line(f"{' ' * (width + 8)}token {part}: {json.dumps(check.data[part])}")


def checks_document(checks: Sequence[Check]) -> dict[str, Any]:
    return {
        "command": "doctor",
        "checks": [
            {
                "name": check.name,
                "ok": check.ok,
                "detail": check.detail,
                "remedy": check.remedy,
                "data": dict(check.data),
            }
            for check in checks
        ],
        "exit_code": exit_code_of(checks),
    }


def config_check(root: Path, config: Config) -> Check:
    source = root / CONFIG_NAME
    named = str(source) if source.exists() else "GHOST_URL"
    return Check("configuration", ok=True, detail=f"{named} is understood; the site is {config.site.url}")
