"""check: what is wrong with documents and links, found without Ghost, network or key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.options import CodeQualityOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ghostsync.sync.check import Checked


def register(app: typer.Typer) -> None:
    app.command()(check)


def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Report only these documents, or those in these directories. All are read all the same.",
            show_default=False,
        ),
    ] = None,
    folder: FolderOption = None,
    code_quality: CodeQualityOption = None,
    json: JsonOption = False,
) -> None:
    """Check all documents and their links, without network and key. Exit code 0: all right; 1: not."""
    from ghostsync.cli.output import error_document, error_lines
    from ghostsync.cli.telling import tell_errors
    from ghostsync.wording import counted

    output = output_of(context, json=json, code_quality=code_quality)
    with output.guard():
        root = folder_of(context, folder)
        checked = _checked(root)
        names = [named_in(root, path) for path in paths or ()]
        chosen = _chosen(checked.paths, names)
        faults = [fault for fault in checked.faults if not names or _lies_in(fault.path, names)]
    code = EXIT_DIFFERENCES if faults else EXIT_OK
    output.document(
        {
            "command": "check",
            "documents": len(chosen),
            "problems": [{**error_document(fault.error), "path": fault.path} for fault in faults],
            "exit_code": code,
        }
    )
    for fault in faults:
        for line in error_lines(fault.error, fault.path):
            output.line(line)
    sentence = f"{counted(len(chosen), 'document')} checked, {counted(len(faults), 'problem')}."
    if not output.quiet:
        output.line(sentence)
    tell_errors(output, [(fault.path, fault.error) for fault in faults], sentence)
    raise typer.Exit(code)


def _checked(root: Path) -> Checked:
    import tempfile

    from ghostsync.config import key_files, load_config
    from ghostsync.folder import LocalFolder
    from ghostsync.state import open_state
    from ghostsync.sync.check import check_documents

    config = load_config(root)
    folder = LocalFolder(root, config.folder, private=key_files(config, root))
    # Nothing is written into the folder, which may be anybody's, and nothing that an earlier sync knew counts.
    with tempfile.TemporaryDirectory(prefix="ghostsync-") as place, open_state(Path(place), config) as state:
        return check_documents(folder, state, config)


def _chosen(known: Sequence[str], names: Sequence[str]) -> list[str]:
    """The documents that are meant; all without names. Raises UsageError for a name that means none."""
    for name in names:
        if not any(_lies_in(path, [name]) for path in known):
            raise UsageError(
                "no document lies there",
                subject=name,
                remedy="Name Markdown files below the directories of posts and pages, or such directories.",
            )
    return [path for path in known if not names or _lies_in(path, names)]


def _lies_in(path: str, names: Sequence[str]) -> bool:
    return any(name in (path, ".") or path.startswith(f"{name}/") for name in names)


def named_in(root: Path, path: Path) -> str:
    """A PATH as documents are named: from the folder, seen from here or from there."""
    top = root.resolve()
    for candidate in (Path.cwd() / path, root / path):
        # The directory alone: a document that is a link is named by its own name.
        found = candidate.parent.resolve() / candidate.name if candidate.name else candidate.resolve()
        if found.is_relative_to(top) and found.exists():
            return found.relative_to(top).as_posix()
    gone = Path.cwd() / path
    return gone.relative_to(top).as_posix() if gone.is_relative_to(top) else path.as_posix()
