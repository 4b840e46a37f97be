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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ghostsync.content.body import body_equals
from ghostsync.content.document import remote_changes, stated_differences
from ghostsync.content.types import Document, PostView
from ghostsync.errors import ContentError
from ghostsync.model import Kind
from ghostsync.sync.conflict import Companion
from ghostsync.sync.merge import Base, Reconciled, impose_local, impose_remote, reconcile
from ghostsync.sync.model import Action, Adopt, Direction, Use, Verb
from ghostsync.sync.resolve import settle

AdoptChoice = Adopt | Callable[[Action], Adopt | None] | None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one document, loaded.

    path: where its file is, or was. sha: of the file on disk. tombstone: updated_at of the post when its
    file's deletion was carried out, "" otherwise (base is None then: that agreement is over).
    spelled: for a file and a post without a base, the post as the file's own text would make it.
    companion: the NAME.conflict.md beside the file, once a person has edited it.
    """

    kind: Kind
    id: str
    path: str
    base: Base | None
    local: Document | None
    remote: PostView | None
    sha: str = ""
    moved: bool = False
    tombstone: str = ""
    spelled: PostView | None = None
    companion: Companion | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How this run decides.

    adopt: who wins where nothing was agreed. html_extensions, site_url: of content. use: path -> what a person
    chose for the conflict of the file there.
    """

    direction: Direction = Direction.BOTH
    adopt: AdoptChoice = None
    prefer: str = "none"
    on_local_delete: str = "retire"
    site_url: str = ""
    html_extensions: tuple[str, ...] = ()
    use: Mapping[str, Use] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The action and, for actions that write content, what exactly to write."""

    action: Action
    content: Reconciled | None = None


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
        return Decision(_action(Verb.FORGET, case))
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
        return _directed(case, content, policy)
    try:
        content = _settled(case, case.base, local, remote, content, policy)
    except ContentError as error:
        return Decision(_conflict(case, content, error), content)
    return _directed(case, content, policy) if not content.conflicts else Decision(_conflict(case, content), content)


def _settled(
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


def _conflict(case: Case, content: Reconciled, *more: ContentError) -> Action:
    error = ContentError(
        f"edited here and in Ghost, differently: {', '.join(content.conflicts)}",
        subject=case.path,
        remedy=f"See it: ghostsync diff {case.path}\n"
        f"Settle it: ghostsync resolve {case.path} --use local|remote|base|merged, or edit the .conflict.md beside "
        "it until no marker is left, then sync.",
    )
    return _action(
        Verb.CONFLICT,
        case,
        keys=content.conflicts,
        reason="both sides changed the same thing",
        errors=(error, *more),
    )


def _action(verb: Verb, case: Case, **more: object) -> Action:
    view = case.remote or (case.base.view if case.base else None)
    title = case.local.fields.get("title") if case.local else view.fields.get("title") if view else ""
    action = Action(verb, case.kind, id=case.id, path=case.path, title=str(title or ""), sha=case.sha)
    return replace(action, **more)  # type: ignore[arg-type]  # the callers below name fields of Action


def _problem(case: Case, errors: tuple[ContentError, ...]) -> Action:
    return _action(Verb.PROBLEM, case, reason=errors[0].what, errors=errors)


def _buried(case: Case, policy: Policy) -> Decision | None:
    """The file was deleted here earlier, and its post retired."""
    if case.local is None:
        if case.remote is None:
            return Decision(_action(Verb.FORGET, case))
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
        if local.ghost_id and (chosen := _chosen_for_gone(case, policy)):
            return Decision(chosen)
        if local.ghost_id:
            error = ContentError(
                f"ghost_id {local.ghost_id} is unknown to Ghost: the {case.kind} was deleted there, or the file "
                "belongs to another site",
                subject=case.path,
                key="ghost_id",
                remedy=f"To make it a new draft: ghostsync resolve {case.path} --use local\n"
                f"To move the file to the trash: ghostsync resolve {case.path} --use remote",
            )
            return Decision(_problem(case, (error,)))
        if policy.direction is Direction.PULL:
            return Decision(_action(Verb.LEAVE, case, reason="new file; `push` or `sync` sends it"))
        return Decision(_action(Verb.CREATE_POST, case, keys=tuple(local.fields), reason="new file"))
    return _settle_first_meeting(case, policy, None)


def _settle_first_meeting(case: Case, policy: Policy, winner: Adopt | None) -> Decision | None:
    """File and post exist and never agreed: equal ones are adopted, others need a word from the user."""
    local, remote = case.local, case.remote
    if local is None or remote is None:  # pragma: no cover - callers have looked
        return None
    options = {"site_url": policy.site_url, "html_extensions": policy.html_extensions}
    differing = [key for key in stated_differences(local, remote) if key != "body"]
    if not body_equals(local.body, remote.body, local.mode, **options):  # type: ignore[arg-type]  # one dict, two types
        differing.append("body")
    if not differing:
        return Decision(_action(Verb.ADOPT, case, reason="equal on both sides"))
    conflict = _action(
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
    match policy.use.get(case.path):
        case Use.LOCAL:
            winner = Adopt.LOCAL
        case Use.REMOTE:
            winner = Adopt.REMOTE
        case Use.BASE | Use.MERGED as use:
            return Decision(_impossible(conflict, use, "they have never been in step"))
        case None:
            pass
    if winner is None:
        winner = policy.adopt if isinstance(policy.adopt, Adopt | None) else policy.adopt(conflict)
    if winner is None:
        return Decision(conflict)
    if winner is Adopt.LOCAL:
        return _directed(case, impose_local(local, remote, **options), policy)  # type: ignore[arg-type]  # as above
    content = impose_remote(local, remote, case.spelled or remote, **options)  # type: ignore[arg-type]  # as above
    return _directed(case, content, policy)


def _new_file(case: Case, policy: Policy, *, reason: str) -> Action:
    if policy.direction is Direction.PUSH:
        return _action(Verb.LEAVE, case, reason=f"{reason}; `pull` or `sync` fetches it")
    return _action(Verb.CREATE_FILE, case, reason=reason)


def _deleted_here(case: Case, base: Base, policy: Policy) -> Action:
    remote = case.remote or base.view
    if remote_changes(base.view, remote):
        return _new_file(case, policy, reason="deleted here, but edited in Ghost since")
    if policy.direction is Direction.PULL:
        return _action(Verb.LEAVE, case, reason="deleted here; `push` or `sync` retires the post")
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
    return _action(Verb.RETIRE_POST, case, retire=retire, reason=f"file deleted; {reason}")


def _deleted_there(case: Case, base: Base, local: Document, policy: Policy) -> Action:
    if local.data == base.document.data:
        if policy.direction is Direction.PUSH:
            return _action(Verb.LEAVE, case, reason="deleted in Ghost; `pull` or `sync` removes the file")
        return _action(Verb.TRASH_FILE, case, reason="deleted in Ghost")
    chosen = _chosen_for_gone(case, policy)
    if chosen is not None:
        return chosen
    error = ContentError(
        f"edited here, but the {case.kind} was deleted in Ghost",
        subject=case.path,
        remedy=f"To make it a new draft: ghostsync resolve {case.path} --use local\n"
        f"To move the file to the trash: ghostsync resolve {case.path} --use remote",
    )
    return _action(Verb.CONFLICT, case, keys=("deleted",), reason=error.what, errors=(error,))


def _chosen_for_gone(case: Case, policy: Policy) -> Action | None:
    """What a person chose for a file whose post is gone; None while nobody has."""
    match policy.use.get(case.path):
        case Use.LOCAL:
            keys = tuple(case.local.fields) if case.local else ()
            return _action(Verb.CREATE_POST, case, keys=keys, reason="made anew, as a draft")
        case Use.REMOTE:
            return _action(Verb.TRASH_FILE, case, reason="given up: its post is gone from Ghost")
        case Use.BASE | Use.MERGED as use:
            conflict = _action(Verb.CONFLICT, case, keys=("deleted",), reason="its post is gone from Ghost")
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


def _directed(case: Case, content: Reconciled, policy: Policy) -> Decision | None:
    """The verb for content to write, within what the direction allows."""
    keys = content.keys
    if policy.direction is Direction.PUSH and content.writes_file:
        if content.writes_post:
            reason = "edited in Ghost since the last sync; run `sync` to merge"
            return Decision(_action(Verb.SKIP, case, keys=keys, reason=reason))
        return Decision(
            _action(Verb.LEAVE, case, keys=keys, reason="edited in Ghost; `pull` or `sync` fetches")
        )
    if policy.direction is Direction.PULL and content.writes_post and not content.writes_file:
        return Decision(_action(Verb.LEAVE, case, keys=keys, reason="edited here; `push` or `sync` sends it"))
    if content.writes_post and content.writes_file:
        verb = Verb.MERGE if policy.direction is Direction.BOTH else Verb.UPDATE_FILE
        return Decision(_action(verb, case, keys=keys, reason="edited on both sides"), content)
    if content.writes_post:
        return Decision(_action(Verb.UPDATE_POST, case, keys=keys, reason="edited here"), content)
    if content.writes_file:
        return Decision(_action(Verb.UPDATE_FILE, case, keys=keys, reason="edited in Ghost"), content)
    verb = Verb.RELINK if case.moved else Verb.ADVANCE
    reason = f"moved to {case.path}" if case.moved else "both sides say the same"
    return Decision(_action(verb, case, reason=reason), content)
