"""history, diff and restore: what a document was, how it differs, and bringing a version back."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghostsync.cli.options import DryRunOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.cli.output import Output, answerable, printable
from ghostsync.cli.shelf import open_shelf, restorer_for
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK, UsageError

if TYPE_CHECKING:
    from ghostsync.sync.compare import Comparison
    from ghostsync.sync.history import Kept
    from ghostsync.sync.restore import FileRestore, PostRestore

SHOWN = 50  # lines of `history` without -v; a busy blog keeps thousands


class Side(StrEnum):
    """Where a version is brought back to."""

    LOCAL = "local"
    REMOTE = "remote"


PathArgument = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="A document's file, as `status` shows it; it may be gone. Or the id of its post.",
        show_default=False,
    ),
]
VersionOption = Annotated[
    int | None,
    typer.Option("--version", metavar="N", help="A number that `history` shows.", show_default=False),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a post is changed in Ghost.")]


def register(app: typer.Typer) -> None:
    app.command()(history)
    app.command()(diff)
    app.command()(restore)


def history(
    context: typer.Context,
    path: Annotated[
        str,
        typer.Argument(
            metavar="[PATH]", help="A document, which may be gone; all without it.", show_default=False
        ),
    ] = "",
    folder: FolderOption = None,
    json: JsonOption = False,
) -> None:
    """List the versions that were overwritten or deleted, newest first; -v lists more than 50. Needs neither Ghost nor the key."""
    from ghostsync.sync.history import told, versions_of

    output = output_of(context, json=json)
    with output.guard(), open_shelf(folder_of(context, folder)) as shelf:
        name = shelf.name(path) if path else ""
        versions = list(shelf.state.versions())
        if name:
            versions = versions_of(shelf.folder, shelf.state, name, shelf.context)
        shown = versions if output.verbose or output.json else versions[:SHOWN]
        kept = told(shelf.folder, shelf.state, shown, shelf.context)
    output.document({"command": "history", "path": name, "versions": [_kept_document(one) for one in kept]})
    for one in kept:
        output.line(_kept_line(one, with_path=not name or one.version.path != name))
    if len(versions) > len(kept):
        output.line(f"... and {len(versions) - len(kept)} older ones (-v lists all)")
    if not versions:
        output.line(f"Nothing is kept of {printable(name)}." if name else "Nothing is kept yet.")


_WHY = {
    "create post": "made anew as a draft",
    "update post": "overwritten by a push",
    "publish and e-mail": "published, and sent by e-mail, by a push",
    "retire post": "its file was deleted",
    "update file": "changed by an edit in Ghost",
    "trash file": "its post was deleted in Ghost",
    "merge": "merged",
    "adopt": "got its ghost_id",
    "forget": "gone on both sides",
    "deleted in Ghost": "deleted in Ghost",
    "restore": "an older version was restored",
    "conflict settled": "its conflict was settled",
    "put back": "edited here, and put back",
    "update tag": "overwritten by a push",
    "delete tag": "its entry was removed",
    "push": "overwritten by a push",
}


def _kept_line(kept: Kept, *, with_path: bool) -> str:
    version = kept.version
    size = "damaged" if kept.size < 0 else f"{kept.size:,} B"
    when = version.at[:16].replace("T", " ") + " UTC"
    side = "Ghost" if version.side == "remote" else "file"
    name = printable(version.path or version.ghost_id)
    parts = [
        f"{version.id:>6}",
        when,
        f"{side:<5}",
        f"{size:>10}",
        f"{_WHY.get(version.why, version.why):<29}",
    ]
    title = [f'"{printable(kept.title)}"'] if kept.title else []  # a site file has none
    return "  ".join([*parts, *([name] if with_path else []), *title]).rstrip()


def _kept_document(kept: Kept) -> dict[str, Any]:
    version = kept.version
    return {
        "number": version.id,
        "at": version.at,
        "side": version.side,
        "why": version.why,
        "size": kept.size,
        "title": kept.title,
        "path": version.path,
        "id": version.ghost_id,
        "sha": version.sha,
    }


def diff(
    context: typer.Context,
    path: PathArgument,
    folder: FolderOption = None,
    version: VersionOption = None,
    json: JsonOption = False,
) -> None:
    """Show how file and post differ from what both last held; with --version: a kept version against the file."""
    output = output_of(context, json=json)
    root = folder_of(context, folder)
    if version is not None:
        raise typer.Exit(_diff_version(root, path, version, output))
    import asyncio

    from ghostsync.cli.comparing import compared

    with output.guard():
        found = asyncio.run(compared(root, path))
    output.document(_comparison_document(found))
    differences = found.diffs()
    if not differences:
        output.line(f"{printable(found.path)} is in step.")
    for lines in differences.values():
        show_diff(lines, output)
    if found.conflict:
        output.line(f"In conflict: {', '.join(found.conflicts)}", fg=typer.colors.RED, bold=True)
        show_diff(found.conflict.splitlines(), output, conflict=True)
    raise typer.Exit(EXIT_DIFFERENCES if differences else EXIT_OK)


def _diff_version(root: Path, path: str, number: int, output: Output) -> int:
    from ghostsync.sync.compare import unified
    from ghostsync.sync.history import version_of

    with output.guard(), open_shelf(root) as shelf:
        name = shelf.name(path)
        version = version_of(shelf.folder, shelf.state, name, number, shelf.context)
        restorer = restorer_for(shelf, name)
        now = restorer.read(name)
        then = restorer.as_file(name, version, now)
    old, new = (
        text.decode("utf-8", "backslashreplace") if text is not None else None for text in (then, now)
    )
    lines = list(unified(old, new, f"{name} (version {number})", f"{name} (file)"))
    output.document(
        {"command": "diff", "path": name, "version": number, "then": old, "local": new, "diff": lines}
    )
    if not lines:
        output.line(f"{printable(name)} holds version {number}.")
    show_diff(lines, output)
    return EXIT_DIFFERENCES if lines else EXIT_OK


def _comparison_document(found: Comparison) -> dict[str, Any]:
    differences = found.diffs()
    return {
        "command": "diff",
        "path": found.path,
        "in_step": not differences,
        "base": found.base,
        "local": found.local,
        "remote": found.remote,
        "diffs": differences,
        "conflicts": list(found.conflicts),
        "conflict": found.conflict or None,
    }


def show_diff(lines: Iterable[str], output: Output, *, conflict: bool = False) -> None:
    """A diff for a terminal: coloured by its first character; control characters shown, not obeyed."""
    colours = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}
    for line in lines:
        text = "\t".join(printable(part) for part in line.split("\t"))
        colour = None if conflict else colours.get(line[:1])
        output.line(text, **({"fg": colour} if colour else {}))


def restore(
    context: typer.Context,
    path: PathArgument,
    version: Annotated[
        int, typer.Option("--version", metavar="N", help="A number that `history` shows.", show_default=False)
    ],
    folder: FolderOption = None,
    to: Annotated[
        Side, typer.Option("--to", help="Into the file, which the next sync sends, or into Ghost at once.")
    ] = Side.LOCAL,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Bring a version back. What is there now goes to history first, so that this can be undone too."""
    output = output_of(context, json=json)
    root = folder_of(context, folder)
    if to is Side.LOCAL:
        with output.guard():
            _restore_file(root, path, version, output, dry_run=dry_run)
        return
    import asyncio

    from ghostsync.cli.restoring import restore_post

    def allow(plan: FileRestore | PostRestore) -> bool:
        return _allowed(plan, output, yes=yes, dry_run=dry_run)

    with output.guard():
        code = asyncio.run(restore_post(root, path, version, output, dry_run=dry_run, allow=allow))
    raise typer.Exit(code)


def _restore_file(root: Path, path: str, number: int, output: Output, *, dry_run: bool) -> None:
    from ghostsync.cli.restoring import show_file_restore
    from ghostsync.sync.history import version_of

    with open_shelf(root) as shelf:
        name = shelf.name(path)
        version = version_of(shelf.folder, shelf.state, name, number, shelf.context)
        restorer = restorer_for(shelf, name)
        plan = restorer.file(name, version)
        if not dry_run:
            restorer.write(plan)
    show_file_restore(plan, output, dry_run=dry_run)


def _allowed(plan: FileRestore | PostRestore, output: Output, *, yes: bool, dry_run: bool) -> bool:
    """Whether a person lets it happen: posts are seen by others."""
    from ghostsync.cli.restoring import intention

    if yes or dry_run:
        return True
    if output.json or not answerable():
        raise UsageError(
            f"this needs a yes: it would {intention(plan)}",
            remedy="Look at it with --dry-run; give it with --yes.",
        )
    return typer.confirm(f"This will {intention(plan)}. Go on?", default=False, err=True)
