"""Looking at one document on both sides, for `diff` and `resolve`. Imported late: it brings in everything."""

from __future__ import annotations

from pathlib import Path

from ghostsync.cli.opening import session_in
from ghostsync.cli.shelf import open_shelf
from ghostsync.compose import Session
from ghostsync.errors import Halted, UsageError
from ghostsync.sync.compare import Comparison, compare
from ghostsync.sync.context import content_context
from ghostsync.sync.history import remembered_site
from ghostsync.sync.model import CycleReport
from ghostsync.sync.plan import Case, Only, Policy
from ghostsync.sync.write_files import FileWriter


async def compared(root: Path, path: str) -> Comparison:
    """The document as it is now on both sides. Raises UsageError for a path that nothing is known of."""
    with open_shelf(root) as shelf:
        name = shelf.name(path)
        if name in shelf.config.site_files.paths:
            raise UsageError(
                "is no document",
                subject=name,
                remedy=f"`ghostsync status` shows what would change. An earlier version: ghostsync diff {name} --version N",
            )
    async with session_in(root, lock=False) as session:
        _, case = await look(session, name)
        site = remembered_site(session.state, session.config.site.url, session.config.site.timezone)
        context = content_context(site, session.state, session.config)
        policy = Policy(site_url=site.url, html_extensions=session.config.content.html_extensions)
        return compare(case, policy, FileWriter(session.folder, session.state, context), site.timezone)


async def look(session: Session, path: str) -> tuple[CycleReport, Case]:
    """What a sync would do with one document, and the document. Writes nothing on either side."""
    seen: list[Case] = []
    report = await session.engine.cycle(dry_run=True, only=Only(path, look=seen.append))
    if seen:
        return report, seen[0]
    if report.halt is not None:
        raise Halted(report.halt.what, halt_id=report.halt.id, remedy=report.halt.remedy)
    raise UsageError(
        "no document is known at this path",
        subject=path,
        remedy=f"Name it as `ghostsync status` does. What was deleted: ghostsync history {path}",
    )
