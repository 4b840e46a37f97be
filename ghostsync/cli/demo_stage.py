"""The demo's stage: a sandbox Ghost, a folder with the sample blog, and small diffs. Imported late."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

import ghostsync
from ghostsync.cli.setup import make_folder, store_key, write_config
from ghostsync.errors import FolderUnusable, UsageError
from ghostsync.sandbox import SandboxGhost


def sample_site() -> Path:
    """The sample blog: inside the package once installed, beside it in a checkout."""
    package = Path(ghostsync.__file__).parent
    for place in (package / "sample_site", package.parent / "sample_site"):
        if (place / "posts").is_dir():
            return place
    raise FolderUnusable(
        "the sample blog is missing from this installation",
        subject=str(package / "sample_site"),
        remedy="Install ghostsync again.",
    )


@contextmanager
def demo_folder(wanted: Path | None) -> Iterator[Path]:
    """The folder to play in: the one that was asked for, kept; or a temporary one, removed at the end."""
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="ghostsync-demo-") as name:
            yield Path(name).resolve()
        return
    root = wanted.expanduser().absolute()
    make_folder(root)
    if any(root.iterdir()):
        raise UsageError(
            "the demo needs a new or an empty folder",
            subject=str(root),
            remedy="Name another one with --folder.",
        )
    yield root


def furnish(root: Path, ghost: SandboxGhost, url: str) -> int:
    """Copy the sample blog and configure the folder for the sandbox; returns the number of documents."""
    shutil.copytree(sample_site(), root, dirs_exist_ok=True)
    write_config(root, url, store_key(root, ghost.admin_api_key))
    return sum(1 for _ in root.rglob("*.md"))


def small_diff(before: str, after: str) -> list[str]:
    """The changed lines with one line around them, coloured, without the head of a diff."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[2:]
    colours = {"+": typer.colors.GREEN, "-": typer.colors.RED}
    return [
        typer.style(line, fg=colours[line[0]]) if line[:1] in colours else line
        for line in lines
        if line.strip() and not line.startswith("@@")
    ]
