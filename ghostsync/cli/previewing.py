"""push --preview: carried out, and told. Imported late: it brings in everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from ghostsync.cli.checking import named_in
from ghostsync.cli.findings import Finding, Level, of_error, of_report
from ghostsync.cli.job_summary import cost, plain, problems, summary_of, table
from ghostsync.cli.opening import session_in
from ghostsync.cli.output import Output, error_document, error_lines, printable, show_error, show_warning
from ghostsync.cli.progress import progress_for
from ghostsync.cli.report import show_halt
from ghostsync.daemon.health import halt_document
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_HALTED, EXIT_OK, UsageError
from ghostsync.sync.model import CycleReport, Direction
from ghostsync.sync.previews import Previewed, Previewer
from ghostsync.wording import counted

_WIDTH = len("unchanged")


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """cycle: what was looked at for it."""

    cycle: CycleReport
    previews: Sequence[Previewed]
    dry_run: bool

    @property
    def exit_code(self) -> int:
        if self.cycle.halt is not None:
            return EXIT_HALTED
        if self.cycle.failure is not None:
            return self.cycle.failure.exit_code
        waits = self.dry_run and any(one.done != "unchanged" for one in self.previews)
        return EXIT_DIFFERENCES if waits or any(one.error for one in self.previews) else EXIT_OK


async def preview(
    root: Path, output: Output, paths: Sequence[Path], *, remove: bool, dry_run: bool, full: bool
) -> PreviewReport:
    """Make, update or remove previews. Raises GhostsyncError when nothing could be done at all."""
    async with session_in(root, lock=not dry_run) as session:
        names = {_name(root, path, gone=remove) for path in paths}
        with progress_for(output) as progress:
            previewer = Previewer(
                session.site,
                session.state,
                paths=names,
                remove=remove,
                dry_run=dry_run,
                ask_for_cards=session.config.content.link_cards == "ask",
            )
            report = await session.engine.cycle(
                direction=Direction.PUSH, dry_run=True, full=full, progress=progress, instead=previewer
            )
        report = replace(
            report,
            outcomes=(),
            failure=previewer.failure,
            warnings=(*session.state.warnings, *report.warnings),
            notes=tuple(previewer.notes),
        )
        return PreviewReport(report, tuple(previewer.done), dry_run)


def _name(root: Path, path: Path, *, gone: bool) -> str:
    """gone: the file may be on another branch, or nowhere by now."""
    name = named_in(root, path)
    if not gone and not (root / name).is_file():
        raise UsageError(
            "there is no such file",
            subject=str(path),
            remedy="Name documents; without any, all that differ from Ghost are previewed.",
        )
    return name


def show(report: PreviewReport, output: Output, *, remove: bool) -> None:
    """Lines, or the JSON document; then whatever CI reads."""
    output.document(_document(report))
    if not output.json:
        _show_lines(report, output)
    _tell_ci(report, output, remove=remove)


def _show_lines(report: PreviewReport, output: Output) -> None:
    for one in report.previews:
        if one.error is None and not output.quiet:
            address = "" if one.done == "removed" else f"  {one.address or '(not yet)'}"
            output.line(f"{one.done.ljust(_WIDTH)}  {printable(one.path)}{address}")
        elif one.error is not None and one.error is not report.cycle.failure:
            output.line(f"{typer.style('FAILED'.ljust(_WIDTH), fg=typer.colors.RED)}  {printable(one.path)}")
            for line in error_lines(one.error, one.path):
                output.line(f"    {line}")
    for note in report.cycle.notes:
        output.note(f"note: {printable(note)}")
    for warning in report.cycle.warnings:
        show_warning(warning)
    if report.cycle.halt is not None:
        show_halt(report.cycle.halt)
    if report.cycle.failure is not None:
        show_error(report.cycle.failure)
    if not output.quiet:
        output.line(_sentence(report))


def _sentence(report: PreviewReport) -> str:
    counts = Counter(one.done for one in report.previews if one.error is None)
    failed = sum(one.error is not None for one in report.previews)
    told = [f"{number} {done}" for done, number in counts.items()] + [f"{failed} failed"] * bool(failed)
    spent = f"{counted(sum(report.cycle.requests.values()), 'request')}, {report.cycle.seconds:.1f} s"
    if not told:
        return f"Nothing to preview ({spent})."
    return f"Previews{' that would be made' if report.dry_run else ''}: {', '.join(told)} ({spent})."


def _document(report: PreviewReport) -> dict[str, Any]:
    return {
        "command": "push",
        "preview": True,
        "dry_run": report.dry_run,
        "exit_code": report.exit_code,
        "previews": [
            {
                "path": one.path,
                "title": one.title,
                "kind": one.kind.value,
                "id": one.of,
                "preview_id": one.id,
                "url": one.address or None,
                "done": one.done or None,
                "failure": None if one.error is None else error_document(one.error),
            }
            for one in report.previews
        ],
        "halt": halt_document(report.cycle.halt),
        "failure": None if report.cycle.failure is None else error_document(report.cycle.failure),
        "warnings": list(report.cycle.warnings),
        "notes": list(report.cycle.notes),
        "requests": dict(report.cycle.requests),
        "seconds": round(report.cycle.seconds, 3),
    }


def _tell_ci(report: PreviewReport, output: Output, *, remove: bool) -> None:
    if not output.reports:
        return
    from ghostsync.cli import ci

    root = output.root or Path.cwd()
    found = of_report(report.cycle, root, frozenset())
    for one in report.previews:
        if one.error is not None and one.error is not report.cycle.failure:
            found.append(of_error(one.error, root, rule="problem", path=one.path))
    shown = [one for one in report.previews if one.error is None]
    notices = [
        Finding(Level.NOTICE, "preview", f"{one.title}: {one.address}", one.path)
        for one in shown
        if one.address and not remove
    ]
    rows = [[one.done, plain(one.path), _link(one)] for one in shown]
    summary = summary_of(
        "push --preview",
        _sentence(report),
        table(("", "document", "preview"), rows),
        problems(found),
        cost(report.cycle.requests),
    )
    ci.tell(output, [*found, *notices], summary)


def _link(one: Previewed) -> str:
    return (
        f"[{plain(one.title) or 'preview'}](<{one.address}>)" if one.address and one.done != "removed" else ""
    )
