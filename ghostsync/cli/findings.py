"""What a command found wrong, as CI systems want it: one line of one file, a few words, a sentence. Of errors and of
cycles.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ghostsync.cli.output import printable, without_place
from ghostsync.errors import (
    EXIT_HALTED,
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
    EXIT_USAGE,
    ContentError,
    FolderError,
    GhostsyncError,
)
from ghostsync.sync.model import CycleReport, Outcome, Verb

_BEGINS_WITH_FILE = re.compile(
    r"(?P<path>[^\n]+?\.(?:md|markdown))(?:, line (?P<line>\d+))?: ", re.IGNORECASE
)

_ENDS = {
    EXIT_USAGE: "usage",
    EXIT_REFUSED: "refused",
    EXIT_UNREACHABLE: "unreachable",
    EXIT_HALTED: "halted",
}


class Level(StrEnum):
    """How bad it is, in GitHub's words. An error makes the command fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Finding:
    """rule: one stable word for its kind. what, remedy: as on the terminal, without the place. path: in the folder, ""
    where it is about no file of it; line: from 1, 0 if unknown.
    """

    level: Level
    rule: str
    what: str
    path: str = ""
    line: int = 0
    remedy: str = ""

    @property
    def message(self) -> str:
        """Several lines, none with control characters."""
        return "\n".join([printable(self.what), *map(printable, self.remedy.splitlines())])


def of_error(
    error: GhostsyncError, root: Path | None, *, rule: str = "", level: Level = Level.ERROR, path: str = ""
) -> Finding:
    """path: the document that it is about, where its own subject is no file."""
    named = _in_folder(error.subject, root)
    what, line = error.what, 0
    if isinstance(error, ContentError):
        line = error.line
        what = without_place(error)
        if error.key and error.key not in what:
            what = f"{error.key}: {what}"
    if not (named or path) and error.subject:
        what = f"{error.subject}: {what}"
    kind = "problem" if isinstance(error, ContentError | FolderError) else "failed"
    rule = rule or _ENDS.get(error.exit_code, kind)
    return Finding(level, rule, what, named or path, line, error.remedy)


def of_report(report: CycleReport, root: Path, fails: Collection[Verb]) -> list[Finding]:
    """All that a cycle leaves for somebody, the worst first. fails: the verbs that make the command fail."""
    found: list[Finding] = []
    if report.halt is not None:
        halt = report.halt
        lift = f"To lift it: ghostsync resume --confirm {halt.id}"
        found.append(
            Finding(
                Level.ERROR,
                "halted",
                f"halted ({halt.reason}): {halt.what}",
                remedy="\n".join(filter(None, (halt.remedy, lift))),
            )
        )
    if report.failure is not None:
        found.append(of_error(report.failure, root))
    for outcome in report.outcomes:
        # What the end of the cycle left undone is told once, by the failure.
        if outcome.error is None or outcome.error is not report.failure:
            found += _of_outcome(outcome, root, fails)
    found += (_of_warning(warning, root) for warning in report.warnings)
    return sorted(found, key=lambda one: (list(Level).index(one.level), one.path, one.line))


def _of_outcome(outcome: Outcome, root: Path, fails: Collection[Verb]) -> Iterator[Finding]:
    action = outcome.action
    if outcome.error is not None:
        yield of_error(outcome.error, root, rule="failed", path=action.path)
    if not action.verb.open:
        return
    level = Level.ERROR if action.verb in fails else Level.WARNING
    for error in action.errors:
        yield of_error(error, root, rule=action.verb.value, level=level, path=action.path)
    if not action.errors:
        name = "" if action.path else f'{action.kind} "{action.title}": '
        what = f"{name}{action.reason or action.verb.value}"
        yield Finding(level, action.verb.value, what, action.path)


def _of_warning(warning: str, root: Path) -> Finding:
    """A sentence. One that is about a document begins with it."""
    told = _BEGINS_WITH_FILE.match(warning)
    if told is None or not (path := _in_folder(told["path"], root)):
        return Finding(Level.WARNING, "warning", warning)
    return Finding(Level.WARNING, "warning", warning[told.end() :], path, int(told["line"] or 0))


def _in_folder(subject: str, root: Path | None) -> str:
    """The subject as a path in the folder, "" where it is no file there."""
    if root is None or not subject or "\0" in subject or "\n" in subject:
        return ""
    path = root / subject
    try:
        return path.relative_to(root).as_posix() if path.is_file() else ""
    except (ValueError, OSError):
        return ""
