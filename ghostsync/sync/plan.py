"""The decision table: (base, local, remote) of one document -> one action. Pure.

    base | file      | post      | decision
    -----+-----------+-----------+----------------------------------------------------------------
     no  | no        | new       | create file
     no  | new       | no        | create post; with a ghost_id that Ghost does not know: problem
     no  | there     | there     | equal: adopt; else conflict, unless the first run says who wins
     yes | same      | same      | nothing, or relink when the file was moved
     yes | same      | changed   | update file
     yes | changed   | same      | update post
     yes | changed   | changed   | merge; conflict where both changed the same thing differently
     yes | deleted   | same      | retire post: never published: delete; public: back to draft; sent: leave
     yes | deleted   | changed   | create file: an edit is never lost to a deletion
     yes | same      | deleted   | trash file
     yes | changed   | deleted   | conflict: the post may have been taken down on purpose
     yes | deleted   | deleted   | forget

A tombstone is a base whose file was deleted here: its post stays away until somebody edits it in Ghost.
"""

from __future__ import annotations

from dataclasses import replace

from ghostsync.content.body import body_equals
from ghostsync.content.document import remote_changes, stated_differences
from ghostsync.content.types import Document
from ghostsync.errors import ContentError
from ghostsync.sync.case import AdoptChoice, Case, Decision, Only, Policy, action_for
from ghostsync.sync.choices import chosen_for_gone, conflict_action, settled, winner_at_first_meeting
from ghostsync.sync.mailing import for_new_post, for_update
from ghostsync.sync.merge import Base, Reconciled, impose_local, impose_remote, reconcile
from ghostsync.sync.model import Action, Adopt, Direction, Verb

__all__ = ["AdoptChoice", "Case", "Decision", "Only", "Policy", "decide"]


def decide(case: Case, policy: Policy) -> Decision | None:
    """The table above; None where there is nothing to do and nothing to record."""
    local, remote = case.local, case.remote
    if local is not None and local.problems:
        return Decision(_problem(case, local.problems))
    if case.tombstone:
        return _buried(case, policy)
    if case.base is None:
        return _unknown(case, policy)
    if local is None and remote is None:
        return Decision(action_for(Verb.FORGET, case))
    if local is None:
        return Decision(_deleted_here(case, case.base, policy))
    if remote is None:
        return Decision(_deleted_there(case, case.base, local, policy))
    content = reconcile(
        case.base,
        local,
        remote,
        prefer="none" if case.path in policy.use else policy.prefer,
        site_url=policy.site_url,
        html_extensions=policy.html_extensions,
    )
    if not content.conflicts:
        plain = not content.preferred and case.path not in policy.use
        return _directed(case, content, policy, plain=plain)
    try:
        content = settled(case, case.base, local, remote, content, policy)
    except ContentError as error:
        return Decision(conflict_action(case, content, error), content)
    if content.conflicts:
        return Decision(conflict_action(case, content), content)
    return _directed(case, content, policy)


_STALE = "a file that it links to has another address now"


def _resent(case: Case, content: Reconciled) -> Reconciled:
    """The same, with the whole body sent where its links lead elsewhere than in Ghost."""
    if not case.stale or case.local is None or content.post_body is not None:
        return content
    return replace(content, post_body=case.local.body if content.file_body is None else content.file_body)


def _problem(case: Case, errors: tuple[ContentError, ...]) -> Action:
    return action_for(Verb.PROBLEM, case, reason=errors[0].what, errors=errors)


def _buried(case: Case, policy: Policy) -> Decision | None:
    """The file was deleted here earlier, and its post retired."""
    if case.local is None:
        if case.remote is None:
            return Decision(action_for(Verb.FORGET, case))
        if case.remote.updated_at == case.tombstone:
            return None
        return Decision(_new_file(case, policy, reason="edited in Ghost after its file was deleted"))
    if case.remote is not None and case.remote.updated_at == case.tombstone:
        # The file came back and nobody touched the post since: the file says what the author wants now.
        return _settle_first_meeting(case, policy, Adopt.LOCAL)
    return _unknown(case, policy)


def _unknown(case: Case, policy: Policy) -> Decision | None:
    local, remote = case.local, case.remote
    if local is None:
        return None if remote is None else Decision(_new_file(case, policy, reason="new in Ghost"))
    if remote is None:
        if local.ghost_id and (chosen := chosen_for_gone(case, policy)):
            return Decision(chosen)
        if local.ghost_id:
            error = ContentError(
                f"ghost_id {local.ghost_id} is unknown to Ghost: the {case.kind} was deleted there, or the file "
                "belongs to another site",
                subject=case.path,
                key="ghost_id",
                remedy=f"To make it a new draft: ghostsync resolve {case.path} --use local (or remove the ghost_id line "
                f"yourself)\nTo move the file to the trash: ghostsync resolve {case.path} --use remote",
            )
            return Decision(_problem(case, (error,)))
        if policy.direction is Direction.PULL:
            return Decision(action_for(Verb.LEAVE, case, reason="new file; `push` or `sync` sends it"))
        return _posted(case, tuple(local.fields))
    return _settle_first_meeting(case, policy, None)


def _posted(case: Case, keys: tuple[str, ...]) -> Decision:
    postage = for_new_post(case)
    if postage.email is None:
        return Decision(action_for(Verb.CREATE_POST, case, keys=keys, reason="new file"))
    action = action_for(
        Verb.CREATE_POST, case, keys=(*keys, "newsletter"), reason=f"new file; {postage.words}"
    )
    return Decision(action, email=postage.email)


def _settle_first_meeting(case: Case, policy: Policy, winner: Adopt | None) -> Decision | None:
    """File and post exist and never agreed: equal ones are adopted, others need a word from the user."""
    local, remote = case.local, case.remote
    if local is None or remote is None:  # pragma: no cover - callers have looked
        return None
    options = {"site_url": policy.site_url, "html_extensions": policy.html_extensions}
    differing = [key for key in stated_differences(local, remote) if key != "body"]
    if not body_equals(local.body, remote.body, local.mode, **options):  # type: ignore[arg-type]  # one dict, two types
        differing.append("body")
    if not differing and case.stale:
        return _directed(case, Reconciled(), policy)
    if not differing:
        return Decision(action_for(Verb.ADOPT, case, reason="equal on both sides"))
    conflict = action_for(
        Verb.CONFLICT,
        case,
        keys=tuple(differing),
        reason="file and post differ and have never been in step",
        errors=(
            ContentError(
                f"differs from the {case.kind} in Ghost ({', '.join(differing)}), and nothing says which is right",
                subject=case.path,
                remedy=f"See it: ghostsync diff {case.path}\n"
                f"Settle it: ghostsync resolve {case.path} --use local|remote. For all such documents at once: "
                "ghostsync sync --adopt local|remote|ask.",
            ),
        ),
    )
    chosen = winner or winner_at_first_meeting(conflict, policy)
    if chosen is None or isinstance(chosen, Action):
        return Decision(chosen or conflict)
    if chosen is Adopt.LOCAL:
        return _directed(case, impose_local(local, remote, **options), policy)  # type: ignore[arg-type]  # as above
    content = impose_remote(local, remote, case.spelled or remote, **options)  # type: ignore[arg-type]  # as above
    return _directed(case, content, policy)


def _new_file(case: Case, policy: Policy, *, reason: str) -> Action:
    if policy.direction is Direction.PUSH:
        return action_for(Verb.LEAVE, case, reason=f"{reason}; `pull` or `sync` fetches it")
    return action_for(Verb.CREATE_FILE, case, reason=reason)


def _deleted_here(case: Case, base: Base, policy: Policy) -> Action:
    remote = case.remote or base.view
    if remote_changes(base.view, remote, site_url=policy.site_url):
        return _new_file(case, policy, reason="deleted here, but edited in Ghost since")
    if policy.direction is Direction.PULL:
        return action_for(Verb.LEAVE, case, reason="deleted here; `push` or `sync` retires the post")
    status = remote.fields.get("status")
    if status == "sent" or policy.on_local_delete == "leave":
        retire, reason = (
            "leave",
            "sent by e-mail: it stays in Ghost" if status == "sent" else "stays in Ghost",
        )
    elif status == "draft":
        never_public = remote.fields.get("published_at") is None
        if never_public and policy.on_local_delete == "retire":
            retire, reason = "delete", "a draft that was never published: deleted in Ghost"
        else:
            retire, reason = "leave", "a draft in Ghost that was public once: it stays there"
    else:
        retire, reason = "draft", f"{status}: becomes a draft in Ghost"
    return action_for(Verb.RETIRE_POST, case, retire=retire, reason=f"file deleted; {reason}")


def _deleted_there(case: Case, base: Base, local: Document, policy: Policy) -> Action:
    if local.data == base.document.data:
        if policy.direction is Direction.PUSH:
            return action_for(Verb.LEAVE, case, reason="deleted in Ghost; `pull` or `sync` removes the file")
        return action_for(Verb.TRASH_FILE, case, reason="deleted in Ghost")
    chosen = chosen_for_gone(case, policy)
    if chosen is not None:
        return chosen
    error = ContentError(
        f"edited here, but the {case.kind} was deleted in Ghost",
        subject=case.path,
        remedy=f"To make it a new draft: ghostsync resolve {case.path} --use local\n"
        f"To move the file to the trash: ghostsync resolve {case.path} --use remote",
    )
    return action_for(Verb.CONFLICT, case, keys=("deleted",), reason=error.what, errors=(error,))


def _directed(case: Case, content: Reconciled, policy: Policy, *, plain: bool = False) -> Decision | None:
    """The verb for content to write, within what the direction allows. plain: no choice settled any of it."""
    why = _STALE if case.stale and not content.writes_post else "edited here"
    content = _resent(case, content)
    if policy.direction is Direction.PUSH and content.follows and content.writes_post:
        content = replace(content, to_file={})  # the next pull renames them here
    keys = content.keys
    if policy.direction is Direction.PUSH and content.writes_file:
        if content.writes_post:
            reason = "edited in Ghost since the last sync; run `sync` to merge"
            return Decision(action_for(Verb.SKIP, case, keys=keys, reason=reason))
        return Decision(
            action_for(Verb.LEAVE, case, keys=keys, reason="edited in Ghost; `pull` or `sync` fetches")
        )
    if policy.direction is Direction.PULL and content.writes_post and not content.writes_file:
        return Decision(action_for(Verb.LEAVE, case, keys=keys, reason=f"{why}; `push` or `sync` sends it"))
    if content.writes_post and content.writes_file:
        if policy.direction is Direction.PULL:
            action = action_for(Verb.UPDATE_FILE, case, keys=keys, reason="edited on both sides")
            return Decision(action, content)
        reason = "edited on both sides" if why == "edited here" else f"edited in Ghost; {why}"
        return _sent(case, action_for(Verb.MERGE, case, keys=keys, reason=reason), content, plain=plain)
    if content.writes_post:
        return _sent(case, action_for(Verb.UPDATE_POST, case, keys=keys, reason=why), content, plain=plain)
    if content.writes_file:
        return Decision(action_for(Verb.UPDATE_FILE, case, keys=keys, reason="edited in Ghost"), content)
    verb = Verb.RELINK if case.moved else Verb.ADVANCE
    reason = f"moved to {case.path}" if case.moved else "both sides say the same"
    return Decision(action_for(verb, case, reason=reason), content)


def _sent(case: Case, action: Action, content: Reconciled, *, plain: bool) -> Decision:
    """The same, with what it does about e-mail."""
    postage = for_update(case, content, plain=plain)
    if postage.error is not None:
        return Decision(_problem(case, (postage.error,)))
    if postage.words:
        keys = (*action.keys, "newsletter") if postage.email else action.keys
        action = replace(action, keys=keys, reason=f"{action.reason}; {postage.words}")
    return Decision(action, content, postage.email)
