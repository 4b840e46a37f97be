"""What the loop tells: each change of state once, each document's trouble when it appears and when it is gone."""

from __future__ import annotations

from ghostsync.daemon.health import Condition, Health, Open
from ghostsync.daemon.log import Log
from ghostsync.errors import GhostsyncError, GitError
from ghostsync.sync.model import CycleReport, Halt, Outcome, Part, Verb


class Teller:
    """Turns reports and errors into log lines, and keeps `health` true. Never the same line twice in a row."""

    def __init__(self, log: Log, health: Health) -> None:
        self._log = log
        self._health = health
        self._state = ""
        self._open: frozenset[Open] = frozenset()
        self._warnings: frozenset[str] = frozenset()

    def trouble(self, event: str, condition: Condition, error: GhostsyncError) -> None:
        health = self._health
        health.condition, health.reason, health.remedy = condition, error.what, error.remedy
        health.trouble_code = error.exit_code
        health.halt = None
        # What git is in the middle of may become something else; of Ghost, the kind of trouble is what matters.
        more = error.what if isinstance(error, GitError) else ""
        if self._enter(f"{event} {type(error).__name__} {more}"):
            health.counts["troubles"] += 1
            fields = {"reason": error.what, "subject": error.subject, "remedy": error.remedy}
            self._log.warning(event, **{name: value for name, value in fields.items() if value})
        else:
            self._log.debug(event, reason=error.what)

    def report(self, report: CycleReport) -> None:
        # Under a halt the outcomes are what would be done without it.
        for outcome in report.outcomes if report.halt is None else ():
            if not outcome.action.verb.silent and not outcome.action.verb.open and outcome.error is None:
                self._done(outcome)
        self._tell_open(report)
        for note in report.notes:
            self._log.info(note)
        for warning in sorted(set(report.warnings) - self._warnings):
            self._log.warning(warning)
        self._warnings = frozenset(report.warnings)
        self._health.warnings = tuple(sorted(self._warnings))
        self._health.held = sum(outcome.action.verb is Verb.LEAVE for outcome in report.outcomes)
        if report.halt is not None:
            self._halted(report.halt)
        elif report.failure is None:
            self.in_touch(report.documents)

    def in_touch(self, documents: int) -> None:
        """Ghost answered and nothing stands in the way of the next cycle."""
        health = self._health
        health.halt, health.reason, health.remedy = None, "", ""
        health.condition = Condition.OPEN if health.open else Condition.IN_STEP
        health.synced(documents)
        if self._enter("in touch"):
            self._log.info("in touch with Ghost", documents=documents)

    def _halted(self, halt: Halt) -> None:
        health = self._health
        health.halt, health.condition, health.reason, health.remedy = (
            halt,
            Condition.HALTED,
            f"{halt.reason} ({halt.what})",
            f"{halt.remedy}\nTo lift it: ghostsync resume --confirm {halt.id}".strip(),
        )
        if self._enter(f"halt {halt.id}"):
            self._log.error(
                "halted: nothing is written until a person lifts it",
                halt=halt.id,
                reason=halt.what,
                remedy=halt.remedy,
                lift=f"ghostsync resume --confirm {halt.id}",
            )

    def _enter(self, state: str) -> bool:
        """Whether this is a change of state, which is then remembered."""
        changed = state != self._state
        self._state = state
        return changed

    def _done(self, outcome: Outcome) -> None:
        action = outcome.action
        fields: dict[str, object] = {"path": action.path or action.title}
        if action.kind is Part.TAG:
            fields["tag"] = action.title
        if action.keys:
            fields["keys"] = list(action.keys)
        if action.reason:
            fields["reason"] = action.reason
        verb = action.verb
        tell = self._log.info if verb.writes_post or verb.writes_file or verb.writes_tag else self._log.debug
        tell(action.verb.value, **fields)

    def _tell_open(self, report: CycleReport) -> None:
        """Conflicts, problems and failures: once when they appear, once when they are gone."""
        found: set[Open] = set()
        for outcome in report.outcomes:
            action = outcome.action
            if outcome.error is not None and outcome.error is report.failure:
                continue  # not this document's fault; told as trouble, once
            errors = [*action.errors, *([outcome.error] if outcome.error is not None else [])]
            if not action.verb.open and not errors:
                continue
            name = action.path or action.title
            what = "; ".join(error.what for error in errors) or action.reason
            remedy = "; ".join(error.remedy for error in errors if error.remedy)
            found.add(Open(action.verb.value, name, what, remedy))
        for entry in sorted(found - self._open):
            more = {"remedy": entry.remedy} if entry.remedy else {}
            self._log.warning(entry.verb, path=entry.path, reason=entry.reason, **more)
        still = {entry.path for entry in found}
        for name in sorted({entry.path for entry in self._open} - still):
            self._log.info("settled", path=name)
        self._open = frozenset(found)
        self._health.open = tuple(sorted(found))
