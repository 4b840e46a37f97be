"""One document, loaded, and the rules to decide it by: what `plan` takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ghostsync.content.types import Document, Node, PostView
from ghostsync.model import EmailRequest, Kind, Mailing
from ghostsync.sync.conflict import Companion
from ghostsync.sync.merge import Base, Reconciled
from ghostsync.sync.model import Action, Adopt, Direction, Use, Verb

AdoptChoice = Adopt | Callable[[Action], Adopt | None] | None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one document, loaded.

    path: where its file is, or was. sha: of the file on disk. tombstone: updated_at of the post when its
    file's deletion was carried out, "" otherwise (base is None then: that agreement is over).
    spelled: for a file and a post without a base, the post as the file's own text would make it.
    companion: the NAME.conflict.md beside the file, once a person has edited it.
    mailing: where it had to be asked for. mailed: the state remembers that the post's e-mail has gone out.
    stale: the post holds an address that a file linked to from here no longer has. cards: those of the post that stand
    for bare links of the file, by address; in `remote` they are links. new_links: bare links that the file got since base.
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
    mailing: Mailing | None = None
    mailed: bool = False
    stale: bool = False
    cards: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    new_links: tuple[str, ...] = ()


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
class Only:
    """A cycle for one document. use: how to settle its conflict. look: called with the case that was decided."""

    path: str
    use: Use | None = None
    look: Callable[[Case], None] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The action and, for actions that write content, what exactly to write. email: what Ghost shall send with it."""

    action: Action
    content: Reconciled | None = None
    email: EmailRequest | None = None


def action_for(verb: Verb, case: Case, **more: object) -> Action:
    """The action of this verb for the document; more: further fields of `Action`."""
    view = case.remote or (case.base.view if case.base else None)
    title = case.local.fields.get("title") if case.local else view.fields.get("title") if view else ""
    action = Action(verb, case.kind, id=case.id, path=case.path, title=str(title or ""), sha=case.sha)
    return replace(action, **more)  # type: ignore[arg-type]  # callers name fields of Action
