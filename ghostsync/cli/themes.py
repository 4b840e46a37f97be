"""theme push and theme list: a theme from its directory into Ghost, with what Ghost's check says of it by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ghostsync.cli.options import DryRunOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ghostsync.cli.output import Output
    from ghostsync.content.theme_findings import ThemeFindings
    from ghostsync.errors import ContentError
    from ghostsync.folder.theme_files import ThemeFiles

group = typer.Typer(help="Themes: sent from a directory, made active, listed.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="theme")


@group.command()
def push(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="The theme's directory, with its package.json.", show_default=False
        ),
    ],
    folder: FolderOption = None,
    activate: Annotated[bool, typer.Option("--activate", help="Make it the site's theme.")] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            metavar="PATTERN",
            help="Leave these files out, as in a .gitignore.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Zip a theme and send it to Ghost. A theme of the same name is replaced."""
    import asyncio

    from ghostsync.folder.theme_files import theme_files

    output = output_of(context, json=json)
    with output.guard():
        files = theme_files(directory.expanduser(), exclude or ())
        code = asyncio.run(
            _push(folder_of(context, folder), files, output, activate=activate, dry_run=dry_run)
        )
    raise typer.Exit(code)


@group.command("list")
def show(context: typer.Context, folder: FolderOption = None, json: JsonOption = False) -> None:
    """List the site's themes. Needs a staff access token."""
    import asyncio

    from ghostsync.cli.output import printable

    output = output_of(context, json=json)
    with output.guard():
        themes = asyncio.run(_list(folder_of(context, folder)))
    told = [
        {
            "name": str(theme.get("name")),
            "version": str((theme.get("package") or {}).get("version") or ""),
            "active": bool(theme.get("active")),
        }
        for theme in themes
    ]
    output.document({"command": "theme list", "themes": told})
    for theme in told:
        mark = "*" if theme["active"] else " "
        output.line(printable(f"{mark} {theme['name']} {theme['version']}").rstrip())


async def _list(root: Path) -> list[Mapping[str, Any]]:
    from ghostsync.config import load_settings
    from ghostsync.ghost.site import GhostSite
    from ghostsync.ghost.themes import list_themes

    config, key = load_settings(root)
    async with GhostSite(config.site.url, key, config.http) as site:
        return list(await list_themes(site))


async def _push(root: Path, files: ThemeFiles, output: Output, *, activate: bool, dry_run: bool) -> int:
    import tempfile

    from ghostsync.cli.output import printable
    from ghostsync.cli.telling import tell_errors
    from ghostsync.config import load_settings
    from ghostsync.content.theme_findings import findings
    from ghostsync.ghost.site import GhostSite
    from ghostsync.ghost.themes import ThemeRefused, activate_theme, upload_theme
    from ghostsync.wording import counted

    config, key = load_settings(root)
    with tempfile.TemporaryFile() as archive:
        size = files.pack(archive)
        name = f"{files.name} {files.version}".rstrip()
        output.line(
            f"theme {printable(name)}: {counted(len(files.paths), 'file')}, {files.size:,} bytes, {size:,} zipped"
        )
        document: dict[str, Any] = {
            "command": "theme push",
            "dry_run": dry_run,
            "name": files.name,
            "version": files.version,
            "files": list(files.paths),
            "bytes": size,
            "uploaded": False,
            "active": False,
        }
        if dry_run:
            for path in files.paths if output.verbose else ():
                output.line(f"  {printable(path)}")
            output.line("Nothing was sent.")
            output.document({**document, "fatal": [], "errors": [], "warnings": []})
            return EXIT_OK
        async with GhostSite(config.site.url, key, config.http) as site:
            try:
                theme = await upload_theme(site, files.name, archive, size)
            except ThemeRefused as error:
                found = findings(error.errors, error.warnings, files.read)
                fatal = _show(found, files, document, output)
                output.line(f"{error.what}. {error.remedy}")
                tell_errors(output, [("", one) for one in fatal], f"{error.what}.")
                return EXIT_DIFFERENCES
            document |= {"uploaded": True, "active": bool(theme.get("active"))}
            if activate and not document["active"]:
                document["active"] = bool((await activate_theme(site, files.name)).get("active"))
    _show(findings(theme.get("errors"), theme.get("warnings"), files.read), files, document, output)
    state = "and is the site's theme" if document["active"] else "and is not active; --activate makes it so"
    output.line(f"{printable(name)} is in Ghost {state}.")
    return EXIT_OK


def _show(
    found: ThemeFindings, files: ThemeFiles, document: Mapping[str, Any], output: Output
) -> list[ContentError]:
    """The findings, with paths that an editor can open; and the JSON. Returns the fatal ones."""
    from ghostsync.cli.output import error_document, error_lines

    kinds = {"fatal": found.fatal, "errors": found.errors, "warnings": found.warnings}
    placed = {kind: [_placed(error, files) for error in errors] for kind, errors in kinds.items()}
    output.document(
        {**document, **{kind: [error_document(e) for e in errors] for kind, errors in placed.items()}}
    )
    for kind, errors in placed.items():
        for error in _shown(errors, output, kind):
            first, *rest = error_lines(error)
            output.line(f"{kind.removesuffix('s'):<8} {first}")
            for line in rest:
                output.line(f"         {line}")
    return placed["fatal"]


def _shown(errors: Iterable[ContentError], output: Output, kind: str) -> Iterable[ContentError]:
    return () if output.quiet and kind != "fatal" else errors


def _placed(error: ContentError, files: ThemeFiles) -> ContentError:
    from ghostsync.errors import ContentError

    known = error.subject in files.paths
    subject = str(files.root / error.subject) if known or "." in error.subject else error.subject
    return ContentError(error.what, line=error.line, key=error.key, subject=subject, remedy=error.remedy)
