"""routes and redirects: pulled into a file and pushed from one, checked first, with what they replace kept in history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghostsync.cli.options import DryRunOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK, ContentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ghostsync.cli.output import Output
    from ghostsync.cli.shelf import Shelf

routes = typer.Typer(help="The site's routes.yaml.", no_args_is_help=True)
redirects = typer.Typer(help="The site's redirects.", no_args_is_help=True)

FileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A file of the folder, such as routes.yaml.", show_default=False),
]


def register(app: typer.Typer) -> None:
    app.add_typer(routes, name="routes")
    app.add_typer(redirects, name="redirects")


@routes.command("pull")
def pull_routes(
    context: typer.Context,
    file: FileArgument,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Write the site's routes into a file. What it held goes to history."""
    _run(context, "routes", "pull", file, folder, dry_run=dry_run, json=json)


@routes.command("push")
def push_routes(
    context: typer.Context,
    file: FileArgument,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Replace the site's routes by a file's. Needs a staff access token. What the site had goes to history."""
    _run(context, "routes", "push", file, folder, dry_run=dry_run, json=json)


@redirects.command("pull")
def pull_redirects(
    context: typer.Context,
    file: FileArgument,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Write the site's redirects into a file. Needs a staff access token. What it held goes to history."""
    _run(context, "redirects", "pull", file, folder, dry_run=dry_run, json=json)


@redirects.command("push")
def push_redirects(
    context: typer.Context,
    file: FileArgument,
    folder: FolderOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Replace the site's redirects by a file's. Needs a staff access token. What the site had goes to history."""
    _run(context, "redirects", "push", file, folder, dry_run=dry_run, json=json)


def _run(
    context: typer.Context,
    what: str,
    way: str,
    file: Path,
    folder: Path | None,
    *,
    dry_run: bool,
    json: bool,
) -> None:
    import asyncio

    from ghostsync.cli.shelf import open_shelf

    output = output_of(context, json=json)
    with output.guard(), open_shelf(folder_of(context, folder)) as shelf:
        path = _path(shelf, file)
        work = _pull if way == "pull" else _push
        code, document = asyncio.run(work(shelf, what, path, output, dry_run=dry_run))
    output.document({"command": f"{what} {way}", "dry_run": dry_run, "path": path, **document})
    raise typer.Exit(code)


def _path(shelf: Shelf, file: Path) -> str:
    """The file as the folder knows it. Raises UsageError for one that lies elsewhere or is a document."""
    path = shelf.name(str(file))
    suffixes = (".yaml", ".yml", ".json")
    inside = not (
        Path(path).is_absolute() or any(part == ".." or part.startswith(".") for part in path.split("/"))
    )
    if not inside or not path.lower().endswith(suffixes) or path in shelf.config.site_files.paths:
        raise UsageError(
            "is no file for that",
            subject=str(file),
            remedy="Name a file in the folder that ends in .yaml, .yml or .json, such as routes.yaml.",
        )
    return path


async def _pull(
    shelf: Shelf, what: str, path: str, output: Output, *, dry_run: bool
) -> tuple[int, dict[str, Any]]:
    import hashlib

    from ghostsync.cli.output import printable
    from ghostsync.config import load_settings
    from ghostsync.folder import LocalFolder
    from ghostsync.ghost.routing import REDIRECTS, ROUTES, read_routing
    from ghostsync.ghost.site import GhostSite
    from ghostsync.sync.model import ABSENT

    config, key = load_settings(shelf.root)
    async with GhostSite(config.site.url, key, config.http) as site:
        data, suffix = await read_routing(site, ROUTES if what == "routes" else REDIRECTS)
    if suffix == ".json" and not path.lower().endswith(".json"):
        raise UsageError(
            f"this site keeps its {what} as JSON",
            subject=path,
            remedy=f"Name a file that ends in .json: ghostsync {what} pull {what}.json",
        )
    if suffix != ".json" and path.lower().endswith(".json"):
        raise UsageError(
            f"this site keeps its {what} as YAML",
            subject=path,
            remedy=f"Name a file that ends in .yaml: ghostsync {what} pull {what}.yaml",
        )
    now = _present(shelf, path)
    if now == data:
        output.line(f"{printable(path)} is what the site has.")
        return EXIT_OK, {"changed": False}
    _show(now, data, f"{path} (file)", f"{path} (site)", output)
    if not dry_run:
        expected = ABSENT if now is None else hashlib.sha256(now).hexdigest()
        if now is not None:
            shelf.state.keep(ghost_id="", path=path, side="local", why="update file", data=now)
        folder = LocalFolder(shelf.root, config.folder, site_files=[path])
        folder.write_site_file(path, data, expected_sha=expected)
        output.line(f"Wrote {printable(path)}.")
    return EXIT_OK, {"changed": True}


async def _push(
    shelf: Shelf, what: str, path: str, output: Output, *, dry_run: bool
) -> tuple[int, dict[str, Any]]:
    from ghostsync.cli.output import printable
    from ghostsync.config import load_settings
    from ghostsync.content.routing_check import check_redirects, check_routes
    from ghostsync.ghost.routing import REDIRECTS, ROUTES, read_routing, write_routing
    from ghostsync.ghost.site import GhostSite

    data = _present(shelf, path)
    if data is None:
        raise UsageError(
            "there is no such file", subject=path, remedy=f"ghostsync {what} pull {path} makes it."
        )
    if what == "routes" and path.lower().endswith(".json"):
        raise UsageError("routes are YAML", subject=path, remedy="Name a file that ends in .yaml.")
    faults = (check_routes if what == "routes" else check_redirects)(data, path)
    if faults:
        return _told(faults, output)
    config, key = load_settings(shelf.root)
    kind = ROUTES if what == "routes" else REDIRECTS
    async with GhostSite(config.site.url, key, config.http) as site:
        held, suffix = await read_routing(site, kind)
        if held == data:
            output.line(f"The site has what {printable(path)} says.")
            return EXIT_OK, {"changed": False, "problems": []}
        _show(held, data, f"{path} (site)", f"{path} (file)", output)
        if not dry_run:
            kept = path if suffix == Path(path).suffix else f"{path}{suffix}"
            shelf.state.keep(ghost_id="", path=kept, side="remote", why="push", data=held)
            await write_routing(site, kind, data, ".json" if path.lower().endswith(".json") else ".yaml")
            output.line(f"The site has the {what} of {printable(path)} now.")
    return EXIT_OK, {"changed": True, "problems": []}


def _told(faults: Sequence[ContentError], output: Output) -> tuple[int, dict[str, Any]]:
    from ghostsync.cli.output import error_document, error_lines
    from ghostsync.cli.telling import tell_errors

    for error in faults:
        for line in error_lines(error):
            output.line(line)
    output.line("Nothing was sent.")
    tell_errors(output, [(error.subject, error) for error in faults], "Nothing was sent.")
    return EXIT_DIFFERENCES, {"changed": False, "problems": [error_document(error) for error in faults]}


def _present(shelf: Shelf, path: str) -> bytes | None:
    from ghostsync.errors import TargetChanged

    try:
        return shelf.folder.read(path)
    except TargetChanged:
        return None


def _show(old: bytes | None, new: bytes, old_name: str, new_name: str, output: Output) -> None:
    from ghostsync.cli.history import show_diff
    from ghostsync.sync.compare import unified

    before, after = (
        None if data is None else data.decode("utf-8", "backslashreplace") for data in (old, new)
    )
    show_diff(unified(before, after, old_name, new_name), output)
