"""Carrying out `restore`, and telling of it. Imported late: it brings in everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ghostsync.cli.history import show_diff
from ghostsync.cli.opening import session_in
from ghostsync.cli.output import Output, printable
from ghostsync.cli.report import report_document, show_report
from ghostsync.cli.shelf import open_shelf
from ghostsync.cli.telling import tell_report
from ghostsync.compose import Session
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK, UsageError
from ghostsync.sync.compare import unified
from ghostsync.sync.history import version_of
from ghostsync.sync.observe import remember
from ghostsync.sync.plan import Only
from ghostsync.sync.restore import FileRestore, PostRestore, Restorer
from ghostsync.sync.write_posts import PostWriter

Allow = Callable[[FileRestore | PostRestore], bool]


async def restore_post(
    root: Path, path: str, number: int, output: Output, *, dry_run: bool, allow: Allow
) -> int:
    """Bring a version back into Ghost; returns the exit code. allow: the last word, for a person."""
    with open_shelf(root) as shelf:
        name = shelf.name(path)
        if name in shelf.config.site_files.paths:
            raise UsageError(
                "its versions come back into the file only",
                subject=name,
                remedy="Leave out --to remote; the next sync sends what changed.",
            )
    async with session_in(root, lock=not dry_run) as session:
        context = await session.engine.ready()
        version = version_of(session.folder, session.state, name, number, context)
        restorer = Restorer(session.folder, session.state, context)
        id = restorer.post_of(name, version) or version.ghost_id
        post = await session.site.get(restorer.kind(name, version), id) if id else None
        if post is None:
            plan = restorer.file(name, version, gone=True)
            return await _make_anew(session, restorer, plan, output, dry_run=dry_run, allow=allow)
        remember(session.state, (post,))
        change = restorer.post(name, version, post)
        if not change.keys:
            output.line(f"Ghost holds version {number} of {printable(name)} already.")
        elif not allow(change):
            output.line("Left as it is.")
            return EXIT_DIFFERENCES
        elif not dry_run:
            writer = PostWriter(session.site, session.state, context)
            await writer.put_back(change.case, change.payload, source_html=change.source_html)
        _show_post_restore(change, output, dry_run=dry_run)
        return EXIT_OK


async def _make_anew(
    session: Session, restorer: Restorer, plan: FileRestore, output: Output, *, dry_run: bool, allow: Allow
) -> int:
    """The post is gone: its file comes back as that of a new draft, and is sent at once."""
    if not allow(plan):
        output.line("Left as it is.")
        return EXIT_DIFFERENCES
    if dry_run:
        show_file_restore(plan, output, dry_run=True)
        return EXIT_OK
    restorer.write(plan)
    report = await session.engine.cycle(only=Only(plan.path))
    if output.json:
        output.document({**report_document(report, command="restore"), "path": plan.path})
    else:
        show_file_restore(plan, output, dry_run=False, sent=True)
        show_report(report, output)
    tell_report(report, output)
    return report.exit_code


def intention(plan: FileRestore | PostRestore) -> str:
    """What a restore is about to do, to go behind "it will"."""
    number = plan.version.id
    if isinstance(plan, FileRestore):
        return f"make a new draft in Ghost from version {number} of {plan.path}"
    told = f"change {', '.join(plan.keys)} of the {plan.case.kind} {plan.case.path} in Ghost"
    if plan.status is not None:
        told += f" (status: {plan.status[0]} -> {plan.status[1]})"
    return told


def _show_post_restore(plan: PostRestore, output: Output, *, dry_run: bool) -> None:
    output.document(
        {
            "command": "restore",
            "to": "remote",
            "dry_run": dry_run,
            "path": plan.case.path,
            "id": plan.case.id,
            "version": plan.version.id,
            "changed": list(plan.keys),
        }
    )
    if not plan.keys:
        return
    if dry_run:
        output.line(f"It would {printable(intention(plan))}.")
        return
    output.line(f"Restored version {plan.version.id} in Ghost: {', '.join(plan.keys)}.")
    output.note("The file still says what it said; the next sync takes the change into it.")


def show_file_restore(plan: FileRestore, output: Output, *, dry_run: bool, sent: bool = False) -> None:
    """Tell of a restore into a file; a dry run shows its diff. sent: its post is being made at once."""
    same = plan.before == plan.after
    if not sent:
        output.document(
            {
                "command": "restore",
                "to": "local",
                "dry_run": dry_run,
                "path": plan.path,
                "id": plan.ghost_id,
                "version": plan.version.id,
                "changed": not same,
                "was": plan.shelved or None,
            }
        )
    name = printable(plan.path)
    if same:
        output.line(f"{name} holds version {plan.version.id} already.")
        return
    if dry_run:
        old, new = (
            text.decode("utf-8", "backslashreplace") if text is not None else None
            for text in (plan.before, plan.after)
        )
        show_diff(unified(old, new, f"{plan.path} (now)", f"{plan.path} (restored)"), output)
        return
    output.line(f"Restored {name} to version {plan.version.id}.")
    if plan.shelved:
        output.note(f"Its post is gone, so that it comes back as a draft; it was {plan.shelved}.")
    if not sent:
        output.note("The next sync sends it to Ghost.")
