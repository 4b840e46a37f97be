"""The job summary that GitHub shows: what was or would be done, what is wrong, what it cost. Markdown. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ghostsync.cli.findings import Finding, Level
from ghostsync.cli.output import printable
from ghostsync.sync.model import CycleReport

MOST_ROWS = 300
"""In one table. GitHub takes no summary of more than a megabyte."""

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~<>&$-])")
_SIGNS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.NOTICE: "ℹ️"}  # noqa: RUF001 - the sign for a note


def plain(text: str) -> str:
    """Text that Markdown leaves as it is, on one line."""
    lines = (_MARKUP.sub(r"\\\1", printable(line)) for line in text.splitlines())
    return "<br>".join(lines)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table; cells are Markdown already."""
    if not rows:
        return []
    shown = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows[:MOST_ROWS])]
    more = len(rows) - MOST_ROWS
    return [*shown, *(["", f"... and {more:,} more."] if more > 0 else []), ""]


def problems(findings: Sequence[Finding]) -> list[str]:
    rows = []
    for finding in findings:
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path
        rows.append([_SIGNS[finding.level], plain(place), plain(f"{finding.rule}: {finding.message}")])
    return table(("", "where", "what"), rows)


def cost(requests: Mapping[str, int]) -> list[str]:
    told = ", ".join(f"{number} {method}" for method, number in sorted(requests.items()))
    return [f"Requests: {told or 'none'}.", ""]


def summary_of(command: str, sentence: str, *parts: Iterable[str]) -> str:
    """The whole section."""
    lines = [f"### ghostsync {command}", "", plain(sentence), ""]
    for part in parts:
        lines += part
    return "\n".join(lines).rstrip("\n") + "\n\n"


def of_report(report: CycleReport, findings: Sequence[Finding], command: str, sentence: str) -> str:
    shown = [
        o for o in report.outcomes if not (o.action.verb.silent or o.action.verb.open) and o.error is None
    ]
    rows = [
        [
            o.action.verb.value,
            plain(o.action.path or f'{o.action.kind} "{o.action.title}"'),
            plain("; ".join(filter(None, (o.action.retire, ", ".join(o.action.keys), o.action.reason)))),
        ]
        for o in sorted(shown, key=lambda o: (o.action.verb, o.action.path, o.action.title))
    ]
    counts = Counter(row[0] for row in rows)
    heads = [", ".join(f"{number} × {verb}" for verb, number in counts.items()), ""] if rows else []  # noqa: RUF001
    done = table(("would do" if report.dry_run else "did", "document", ""), rows)
    notes = [f"- {plain(note)}" for note in report.notes[:MOST_ROWS]]
    return summary_of(
        command,
        sentence,
        problems(findings),
        heads,
        done,
        [*notes, ""] if notes else [],
        cost(report.requests),
    )
