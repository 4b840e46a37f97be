"""What a cycle left, for CI systems, and what of it makes a command fail. Cheap where nobody wants to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ghostsync.cli.options import FailOn
from ghostsync.cli.output import Output
from ghostsync.cli.report import summary
from ghostsync.errors import GhostsyncError
from ghostsync.sync.model import CycleReport, Verb

_VERBS = {
    FailOn.CONFLICT: frozenset({Verb.CONFLICT, Verb.SKIP}),
    FailOn.PROBLEM: frozenset({Verb.PROBLEM}),
}


def fails_for(fail_on: Sequence[FailOn] | None) -> frozenset[Verb]:
    """The verbs that make a command fail; all that wait for a person where nothing else was said."""
    return frozenset[Verb]().union(*(_VERBS[one] for one in fail_on or FailOn))


def tell_errors(output: Output, errors: Iterable[tuple[str, GhostsyncError]], sentence: str) -> None:
    """What is wrong, found without a cycle: each with the path of the document that it is about, "" for none that is known.
    sentence: what all comes to.
    """
    if not output.reports:
        return
    from ghostsync.cli import ci, findings, job_summary

    found = [findings.of_error(error, output.root, path=path) for path, error in errors]
    ci.tell(output, found, job_summary.summary_of(output.command, sentence, job_summary.problems(found)))


def tell_report(report: CycleReport, output: Output, fails: frozenset[Verb] | None = None) -> None:
    if not output.reports:
        return
    from ghostsync.cli import ci, findings, job_summary

    found = findings.of_report(report, output.root or Path.cwd(), fails_for(None) if fails is None else fails)
    ci.tell(output, found, job_summary.of_report(report, found, output.command, summary(report)))
