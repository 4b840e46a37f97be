"""`--adopt`: who wins where a document differs on both sides and never agreed before."""

from __future__ import annotations

from collections.abc import Callable

import typer

from ghostsync.cli.options import AdoptChoice
from ghostsync.cli.output import printable
from ghostsync.sync.model import Action, Adopt

Answer = Callable[[Action], Adopt | None]


def ask(action: Action) -> Adopt | None:
    """One question for one document; None leaves both sides as they are."""
    name = action.path or action.title
    differs = f" ({', '.join(action.keys)})" if action.keys else ""
    typer.echo(f"{printable(name)} differs from its {action.kind} in Ghost{differs}.", err=True)
    while True:
        answer = typer.prompt("  Keep [f]ile, [g]host or [s]kip?", default="s", show_default=False, err=True)
        match answer.strip().lower()[:1]:
            case "f":
                return Adopt.LOCAL
            case "g":
                return Adopt.REMOTE
            case "s":
                return None


def _asked_once() -> Answer:
    """Each document is decided when the plan is made and again right before it is written: ask only once."""
    answers: dict[str, Adopt | None] = {}

    def answer(action: Action) -> Adopt | None:
        name = action.id or action.path
        if name not in answers:
            answers[name] = ask(action)
        return answers[name]

    return answer


def chosen(choice: AdoptChoice | None) -> Adopt | Answer | None:
    """What the engine takes for the option's value."""
    match choice:
        case AdoptChoice.LOCAL:
            return Adopt.LOCAL
        case AdoptChoice.REMOTE:
            return Adopt.REMOTE
        case AdoptChoice.ASK:
            return _asked_once()
        case None:
            return None
