"""What a person chose for a conflict, on the command line or in the .conflict.md, and what it comes to. Pure."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.content.types import Document, PostView
from ghostsync.errors import ContentError
from ghostsync.sync.case import AdoptChoice, Case, Policy, action_for
from ghostsync.sync.merge import Base, Reconciled
from ghostsync.sync.model import Action, Adopt, Use, Verb
from ghostsync.sync.resolve import settle


def settled(
    case: Case, base: Base, local: Document, remote: PostView, content: Reconciled, policy: Policy
) -> Reconciled:
    """The content as a person settled it, by choice or by editing the companion; as it was where nobody has."""
    edited, use = case.companion, policy.use.get(case.path)
    if use is None:
        if edited is None:
            return content
        if not edited.current and not edited.document.problems:
            raise ContentError(
                "is settled, but the file or its post has changed since it was written",
                subject=edited.document.path,
                remedy=f"To take it as it is: ghostsync resolve {case.path} --use merged\n"
                "To see both sides anew: delete it, then sync.",
            )
        use = Use.MERGED
    return settle(
        base,
        local,
        remote,
        content,
        use,
        companion=edited.document if edited else None,
        site_url=policy.site_url,
        html_extensions=policy.html_extensions,
    )


def conflict_action(case: Case, content: Reconciled, *more: ContentError) -> Action:
    """The conflict, told with its ways out; more: why it could not be settled as chosen."""
    error = ContentError(
        f"edited here and in Ghost, differently: {', '.join(content.conflicts)}",
        subject=case.path,
        remedy=f"See it: ghostsync diff {case.path}\n"
        f"Settle it: ghostsync resolve {case.path} --use local|remote|base|merged, or edit the .conflict.md beside "
        "it until no marker is left, then sync.",
    )
    return action_for(
        Verb.CONFLICT,
        case,
        keys=content.conflicts,
        reason="both sides changed the same thing",
        errors=(error, *more),
    )


def winner_at_first_meeting(conflict: Action, policy: Policy) -> Adopt | Action | None:
    """Who wins where file and post never agreed: None while nobody has chosen, an action where the choice cannot
    be carried out.
    """
    match policy.use.get(conflict.path):
        case Use.LOCAL:
            return Adopt.LOCAL
        case Use.REMOTE:
            return Adopt.REMOTE
        case Use.BASE | Use.MERGED as use:
            return _impossible(conflict, use, "they have never been in step")
        case None:
            return policy.adopt if isinstance(policy.adopt, Adopt | None) else policy.adopt(conflict)


def chosen_for_gone(case: Case, policy: Policy) -> Action | None:
    """What a person chose for a file whose post is gone; None while nobody has."""
    match policy.use.get(case.path):
        case Use.LOCAL:
            keys = tuple(case.local.fields) if case.local else ()
            return action_for(Verb.CREATE_POST, case, keys=keys, reason="made anew, as a draft")
        case Use.REMOTE:
            return action_for(Verb.TRASH_FILE, case, reason="given up: its post is gone from Ghost")
        case Use.BASE | Use.MERGED as use:
            conflict = action_for(
                Verb.CONFLICT, case, keys=("deleted",), reason="its post is gone from Ghost"
            )
            return _impossible(conflict, use, f"the {case.kind} is gone from Ghost")
        case None:
            return None


def _impossible(conflict: Action, use: Use, why: str) -> Action:
    error = ContentError(
        f"--use {use} cannot settle this: {why}",
        subject=conflict.path,
        remedy="Use --use local or --use remote.",
    )
    return replace(conflict, errors=(error,))


def asked_once(adopt: AdoptChoice) -> AdoptChoice:
    """A person is asked about a document once, though it is decided twice: for the plan, and when it is written."""
    if adopt is None or isinstance(adopt, Adopt):
        return adopt
    ask, answers = adopt, dict[str, Adopt | None]()

    def answer(action: Action) -> Adopt | None:
        if action.id not in answers:
            answers[action.id] = ask(action)
        return answers[action.id]

    return answer
