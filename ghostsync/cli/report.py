"""A cycle's report in lines: one per document, its problems beneath it, then one sentence that sums up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from ghostsync.cli.output import Output, error_document, error_lines, printable, show_error, show_warning
from ghostsync.daemon.health import halt_document
from ghostsync.sync.model import CycleReport, Halt, Outcome, Part, Verb
from ghostsync.wording import counted

SHOWN_PER_VERB = 25  # a first pull of 10,000 posts is one number to a person, not 10,000 lines

_COLOURS = {
    Verb.UPLOAD: typer.colors.GREEN,
    Verb.CREATE_TAG: typer.colors.GREEN,
    Verb.CREATE_POST: typer.colors.GREEN,
    Verb.CREATE_FILE: typer.colors.GREEN,
    Verb.RETIRE_POST: typer.colors.MAGENTA,
    Verb.DELETE_TAG: typer.colors.MAGENTA,
    Verb.TRASH_FILE: typer.colors.MAGENTA,
    Verb.CONFLICT: typer.colors.RED,
    Verb.PROBLEM: typer.colors.RED,
    Verb.SKIP: typer.colors.YELLOW,
}
_WIDTH = max(len(verb.value) for verb in Verb)


def is_open(outcome: Outcome) -> bool:
    """Whether it waits for a person: a conflict, a problem, a skipped document or a failed action."""
    return outcome.error is not None or outcome.action.verb.open


def _line(outcome: Outcome) -> str:
    action = outcome.action
    verb = action.verb.value.ljust(_WIDTH)
    if outcome.error is not None:
        verb = typer.style(f"{action.verb.value} FAILED".ljust(_WIDTH), fg=typer.colors.RED, bold=True)
    elif action.verb in _COLOURS:
        verb = typer.style(verb, fg=_COLOURS[action.verb])
    subject = printable(action.path) if action.path else f'{action.kind} "{printable(action.title)}"'
    if action.kind is Part.TAG and action.title:
        subject += f' "{printable(action.title)}"'
    details = []
    if action.retire:
        details.append(
            {"delete": "deletes the draft", "draft": "makes it a draft", "leave": "leaves it"}[action.retire]
        )
    # All keys of a new document are new; naming them says nothing.
    if action.keys and action.verb not in {Verb.CREATE_POST, Verb.CREATE_FILE, Verb.CREATE_TAG}:
        details.append(", ".join(action.keys))
    if action.reason:
        details.append(printable(action.reason))
    return "  ".join([verb, subject, *([f"({'; '.join(details)})"] if details else [])]).rstrip()


def _beneath(outcome: Outcome) -> Iterable[str]:
    errors = [*outcome.action.errors, *([outcome.error] if outcome.error is not None else [])]
    for error in errors:
        for line in error_lines(error, outcome.action.path):
            yield f"    {line}"


def _listed(report: CycleReport, output: Output) -> Iterable[str]:
    # What the end of the cycle left undone is told once, by the failure, not once for each document.
    outcomes = [o for o in report.outcomes if o.error is None or o.error is not report.failure]
    order = {verb: index for index, verb in enumerate(Verb)}
    ranked = sorted(
        outcomes, key=lambda o: (is_open(o), order[o.action.verb], o.action.path, o.action.title, o.action.id)
    )
    seen: Counter[Verb] = Counter()
    hidden: Counter[Verb] = Counter()
    lines: list[str] = []
    for outcome in ranked:
        verb = outcome.action.verb
        if verb.silent and not output.verbose and not is_open(outcome):
            continue
        if output.quiet and not is_open(outcome):
            continue
        seen[verb] += 1
        if seen[verb] > SHOWN_PER_VERB and not output.verbose and not is_open(outcome):
            hidden[verb] += 1
            continue
        lines.append(_line(outcome))
        lines.extend(_beneath(outcome))
    lines.extend(
        f"{verb.value.ljust(_WIDTH)}  ... and {count} more (-v lists all)" for verb, count in hidden.items()
    )
    return lines


def _phrases(report: CycleReport) -> list[str]:
    done = Counter(o.action.verb for o in report.outcomes if o.error is None)
    failed = sum(o.error is not None for o in report.outcomes)
    names = {
        Verb.UPLOAD: ("file", "uploaded"),
        Verb.CREATE_TAG: ("tag", "created in Ghost"),
        Verb.UPDATE_TAG: ("tag", "updated in Ghost"),
        Verb.DELETE_TAG: ("tag", "deleted in Ghost"),
        Verb.CREATE_POST: ("post", "created in Ghost"),
        Verb.UPDATE_POST: ("post", "updated in Ghost"),
        Verb.RETIRE_POST: ("post", "retired in Ghost"),
        Verb.CREATE_FILE: ("file", "created"),
        Verb.UPDATE_FILE: ("file", "updated"),
        Verb.TRASH_FILE: ("file", "moved to the trash"),
        Verb.MERGE: ("document", "merged"),
        Verb.SKIP: ("document", "skipped"),
        Verb.LEAVE: ("document", "left for later"),
        Verb.CONFLICT: ("conflict", ""),
        Verb.PROBLEM: ("problem", ""),
    }
    phrases = [
        f"{counted(done[verb], noun)} {does}".strip() for verb, (noun, does) in names.items() if done[verb]
    ]
    undone = "not done" if report.failure is not None else "failed"
    return [*phrases, *([f"{counted(failed, 'action')} {undone}"] if failed else [])]


def summary(report: CycleReport) -> str:
    """One sentence: what was (or would be) done, how many documents there are, and what it cost."""
    phrases = _phrases(report)
    cost = f"{counted(report.documents, 'document')}, {counted(sum(report.requests.values()), 'request')}, "
    cost += f"{report.seconds:.1f} s"
    if not phrases:
        quiet = report.halt is None and report.failure is None
        return f"In step ({cost})." if quiet else f"Nothing was written ({cost})."
    if report.halt is not None:
        return f"Nothing was written; without the halt: {', '.join(phrases)} ({cost})."
    head = "A sync would end with" if report.dry_run else "Done:"
    return f"{head} {', '.join(phrases)} ({cost})."


def show_halt(halt: Halt) -> None:
    """The brake that holds, what it saw, and how to lift it. On stderr."""
    head = typer.style(f"HALTED ({halt.reason}):", fg=typer.colors.RED, bold=True)
    lines = [f"{head} {printable(halt.what)}"]
    lines += [f"  -> {printable(line)}" for line in halt.remedy.splitlines()]
    lines.append(f"  -> Halted since {halt.since}. To lift it: ghostsync resume --confirm {halt.id}")
    typer.echo("\n".join(lines), err=True)


def show_report(report: CycleReport, output: Output) -> None:
    """The whole report for a person; a halt and warnings go to stderr."""
    for line in _listed(report, output):
        typer.echo(line)
    for note in () if output.quiet else report.notes:
        typer.echo(f"note: {printable(note)}", err=True)
    for warning in report.warnings:
        show_warning(warning)
    if report.halt is not None:
        show_halt(report.halt)
    if report.failure is not None:
        show_error(report.failure)
    if output.verbose and report.requests:
        typer.echo("requests: " + ", ".join(f"{n} {method}" for method, n in sorted(report.requests.items())))
    if not output.quiet:
        typer.echo(summary(report))


def show_daemon(told: Mapping[str, Any], output: Output) -> None:
    """What the running daemon says of itself, in a few lines."""
    output.line(f"The daemon (process {told.get('pid')}) is {printable(str(told.get('words', '')))}.")
    if output.quiet:
        return
    following = told.get("next_sync_in")
    parts = [f"next look at Ghost in {following:.0f} s"] if isinstance(following, int | float) else []
    if told.get("working"):
        parts = ["working now"]
    if told.get("queue", {}).get("changes"):
        parts.append("changes are waiting")
    parts.append(f"files: {told.get('watching') or 'not watched'}")
    if told.get("webhook"):
        parts.append(f"webhooks: {told['webhook']}")
    output.line(f"  {', '.join(parts)}")
    for line in str(told.get("remedy") or "").splitlines():
        output.line(f"  -> {printable(line)}")
    for entry in told.get("open", ()):
        output.line(f"  {entry['verb']}: {printable(entry['path'])}: {printable(entry['reason'])}")


def _outcome_document(outcome: Outcome) -> dict[str, Any]:
    action = outcome.action
    return {
        "verb": action.verb.value,
        "kind": action.kind.value,
        "id": action.id,
        "path": action.path,
        "title": action.title,
        "keys": list(action.keys),
        "reason": action.reason,
        "retire": action.retire,
        "errors": [error_document(error) for error in action.errors],
        "failure": None if outcome.error is None else error_document(outcome.error),
    }


def report_document(report: CycleReport, *, command: str, exit_code: int | None = None) -> dict[str, Any]:
    """The report as JSON; docs/commands.md describes the keys, and they only ever grow in number. exit_code: where it is
    not the report's own.

    `actions` leaves out bookkeeping (adopt, advance, relink, forget); `counts` has every verb.
    """
    return {
        "command": command,
        "dry_run": report.dry_run,
        "in_step": report.in_step,
        "exit_code": report.exit_code if exit_code is None else exit_code,
        "documents": report.documents,
        "counts": dict(Counter(o.action.verb.value for o in report.outcomes)),
        "actions": [
            _outcome_document(o) for o in report.outcomes if not o.action.verb.silent or o.error is not None
        ],
        "halt": halt_document(report.halt),
        "failure": None if report.failure is None else error_document(report.failure),
        "warnings": list(report.warnings),
        "notes": list(report.notes),
        "requests": dict(report.requests),
        "seconds": round(report.seconds, 3),
    }
