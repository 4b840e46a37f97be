"""`push --preview`: a draft beside the post of each document whose file says something that Ghost has not.

Done instead of a sync (`run.Instead`): what was seen and planned is used, nothing of it is carried out, and neither files nor
posts nor the base change. A preview is found again by what it says of itself, so that a fresh clone makes no second one.

Longer than other modules: making, updating and removing one all begin with the same look at what is there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ghostsync.content.bare_links import bare_links
from ghostsync.content.body import default_mode, read_stored_body
from ghostsync.content.linking import Asset
from ghostsync.content.preview import (
    Mark,
    is_preview,
    mark_for,
    preview_address,
    preview_fields,
    preview_slug,
)
from ghostsync.content.types import Document, FieldValue
from ghostsync.errors import (
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
    EXIT_USAGE,
    ContentError,
    GhostError,
    GhostsyncError,
    UpdateCollision,
)
from ghostsync.model import Kind, Mode, RemotePost, Storage
from ghostsync.sync.case import Case
from ghostsync.sync.desk import Desk
from ghostsync.sync.link_cards import CardAsker, Cards
from ghostsync.sync.media_courier import Courier
from ghostsync.sync.model import Action, Verb
from ghostsync.sync.ports import Site, State
from ghostsync.sync.preview_removal import Known, previews, remove
from ghostsync.sync.records import remember_post
from ghostsync.sync.write_posts import PostWriter, check_complete

_DIFFERS = frozenset({Verb.CREATE_POST, Verb.UPDATE_POST, Verb.MERGE, Verb.CONFLICT, Verb.SKIP})
"""The file holds something that its post has not; what only Ghost has is no reason to show the file."""

_ENDS = frozenset({EXIT_REFUSED, EXIT_UNREACHABLE, EXIT_USAGE})
_TRIES = 2
_NOTHING: Mapping[str, FieldValue] = {}


@dataclass(frozen=True, slots=True)
class Previewed:
    """What became of one preview. path, title, kind, of: the document's; of: "" without a post. id, address: the preview's, ""
    where there is none. done: "created", "updated", "unchanged" or "removed" (in a dry run: what would be). error: why not.
    """

    path: str
    title: str
    kind: Kind
    of: str = ""
    id: str = ""
    address: str = ""
    done: str = ""
    error: GhostsyncError | None = None


class Previewer:
    """One run. paths: only these documents, whether they differ or not; none: all that differ. remove: take previews away, of
    these documents or all. done: what came of it. failure: what ended it early.
    """

    def __init__(
        self,
        site: Site,
        state: State,
        *,
        paths: Collection[str] = (),
        remove: bool = False,
        dry_run: bool = False,
        ask_for_cards: bool = True,
    ) -> None:
        self._site = site
        self._state = state
        self._paths = paths
        self._remove = remove
        self._dry_run = dry_run
        self._ask_for_cards = ask_for_cards
        self.done: list[Previewed] = []
        self.notes: list[str] = []
        self.failure: GhostsyncError | None = None

    async def __call__(self, desk: Desk, actions: Sequence[Action], courier: Courier | None) -> None:
        work = self._removals(desk) if self._remove else self._previews(desk, actions, courier)
        try:
            await work
        except GhostsyncError as error:
            if not _is_end(error):
                raise
            self.failure = error

    async def _removals(self, desk: Desk) -> None:
        for known in previews(desk):
            file = desk.found.get(known.mark.of) or desk.new.get(known.mark.of)
            path = file.file.path if file is not None else _path(desk, known)
            if self._paths and path not in self._paths:
                continue
            told = _told(known.post, path, known, desk)
            try:
                if known.post.data.get("status") != "draft":
                    raise _is_public(path, known.post)
                if not (self._dry_run or await remove(self._site, self._state, known)):
                    raise _not_ours(path)
            except GhostsyncError as error:
                self.done.append(replace(told, error=error))
                if _is_end(error):
                    raise
            else:
                self.done.append(replace(told, done="removed"))

    async def _previews(self, desk: Desk, actions: Sequence[Action], courier: Courier | None) -> None:
        chosen = self._chosen(actions)
        posts = previews(desk)
        makers = _Makers(
            PostWriter(self._site, self._state, desk.context),
            CardAsker(self._site, self._state, desk.context, ask=self._ask_for_cards),
        )
        for path, action in chosen.items():
            try:
                done = await self._preview(desk, path, action, posts, makers, courier)
            except GhostsyncError as error:
                title = action.title if action else ""
                kind = action.kind if action and isinstance(action.kind, Kind) else Kind.POST
                done = Previewed(path, title, kind, action.id if action else "", error=error)
                if _is_end(error):
                    self.done.append(done)
                    raise
            self.done.append(done)
        self.notes += makers.cards.notes

    def _chosen(self, actions: Sequence[Action]) -> dict[str, Action | None]:
        """By path. A document that cannot be understood is told, and shown by none."""
        of_documents = (
            a for a in actions if a.path and a.verb is not Verb.UPLOAD and isinstance(a.kind, Kind)
        )
        by_path = {a.path: a for a in of_documents}
        if self._paths:
            return {path: by_path.get(path) for path in sorted(self._paths)}
        wanted = _DIFFERS | {Verb.PROBLEM}
        return {path: by_path[path] for path in sorted(by_path) if by_path[path].verb in wanted}

    async def _preview(
        self,
        desk: Desk,
        path: str,
        action: Action | None,
        posts: Sequence[Known],
        makers: _Makers,
        courier: Courier | None,
    ) -> Previewed:
        if action is not None and action.verb is Verb.PROBLEM and action.errors:
            raise action.errors[0]
        case = _case(desk, path)
        mine = [known for known in posts if known.shows(case.kind, case.id, path)]
        mark = _mark(desk, case)
        for twin in mine[1:]:  # two runs at the same moment made one each
            if not self._dry_run:
                await remove(self._site, self._state, twin)
        known = mine[0] if mine else None
        title = str(_local(case).fields.get("title") or "")
        told = Previewed(path, title, case.kind, case.id)
        if known is not None:
            if known.post.data.get("status") != "draft":
                raise _is_public(path, known.post)
            told = replace(told, id=known.post.id, address=self._address(known.post, desk))
            if known.mark == mark:
                return replace(told, done="unchanged")
        if self._dry_run:
            return replace(told, done="updated" if known else "created")
        if courier is not None and await self._carry(desk, case, known, courier):
            case = _case(desk, path)
        post = await self._write(desk, case, known, mark, makers)
        done = "updated" if known is not None and known.post.id == post.id else "created"
        return replace(told, id=post.id, address=self._address(post, desk), done=done)

    async def _carry(self, desk: Desk, case: Case, known: Known | None, courier: Courier) -> bool:
        """Bring what the document shows to Ghost; whether anything has an address now that had none."""
        pending = _pending(case)
        if not pending:
            return False
        await courier.recover()
        if known is not None:  # an earlier run on another machine may have sent it
            await courier.learn([(pending, known.post)])
            pending = _pending(_case(desk, case.path))
        await courier.send([asset for asset in pending if asset.content not in courier.refused])
        refused = next(
            (courier.refused[one.content] for one in pending if one.content in courier.refused), None
        )
        if refused is not None:
            raise refused
        return True

    async def _write(
        self, desk: Desk, case: Case, known: Known | None, mark: Mark, makers: _Makers
    ) -> RemotePost:
        document = _local(case)
        held = case.remote.fields if case.remote is not None else _NOTHING
        fields = preview_fields(document, held, mark)
        cards = await makers.of(document, case, desk)
        storage = (
            Storage.LEXICAL if default_mode(desk.context.site.major) is Mode.LEXICAL else Storage.MOBILEDOC
        )
        old = replace(case.remote, storage=storage) if case.remote is not None else None
        payload, html = makers.posts.payload(case.kind, fields, document.body, document.mode, old, cards)
        check_complete(payload, case.path)
        if known is not None and read_stored_body(known.post.data)[1] is not storage:
            # Made by an older Ghost; this one would not take the body.
            if not await remove(self._site, self._state, known):
                raise _not_ours(case.path)
            known = None
        if known is None:
            named = {**payload, "status": "draft", "slug": preview_slug(document, mark.of)}
            post = await self._site.create(case.kind, named, source_html=html)
        else:
            post = await self._update(case, known, payload, html=html)
        remember_post(self._state, post)
        return post

    async def _update(
        self, case: Case, known: Known, payload: Mapping[str, Any], *, html: bool
    ) -> RemotePost:
        """PUT under Ghost's lock, and only while it is a preview: taking the tag away moves no date that the lock would see."""
        for attempt in range(_TRIES):
            seen = await self._site.get(case.kind, known.post.id)
            if seen is None or not is_preview(seen.data):
                raise _not_ours(case.path)
            if seen.data.get("status") != "draft":
                raise _is_public(case.path, seen)
            try:
                return await self._site.update(
                    case.kind, seen.id, payload, updated_at=seen.updated_at, source_html=html
                )
            except UpdateCollision:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("a loop that returns or raises")

    @staticmethod
    def _address(post: RemotePost, desk: Desk) -> str:
        return preview_address(post.data, desk.context.site.url)


@dataclass(frozen=True, slots=True)
class _Makers:
    posts: PostWriter
    cards: CardAsker

    async def of(self, document: Document, case: Case, desk: Desk) -> Cards:
        """The cards of the document's bare links, as a push would make them."""
        native = default_mode(desk.context.site.major) is Mode.LEXICAL and document.mode is Mode.LEXICAL
        return await self.cards.cards(document, bare_links(document.body) if native else (), case.cards)


def _is_end(error: GhostsyncError) -> bool:
    """Whether the next document would fare no better."""
    return isinstance(error, GhostError) and error.exit_code in _ENDS


def _case(desk: Desk, path: str) -> Case:
    case = desk.at(path)
    if case is None or case.local is None:
        raise ContentError(
            "there is no document of this name", subject=path, remedy="Name it as `ghostsync status` does."
        )
    if case.local.problems:
        raise case.local.problems[0]
    return case


def _local(case: Case) -> Document:
    if case.local is None:
        raise ContentError("the file is gone", subject=case.path, remedy="Run it again.")
    return case.local


def _pending(case: Case) -> Sequence[Asset]:
    document = _local(case)
    return document.linked.pending if document.linked is not None else ()


def _mark(desk: Desk, case: Case) -> Mark:
    held = case.remote.fields if case.remote is not None else _NOTHING
    return mark_for(_local(case), held, case.id or case.path, desk.context)


def _path(desk: Desk, known: Known) -> str:
    """Of the file that it shows, as far as this folder tells."""
    row = desk.rows.get(known.mark.of)
    return row.path if row is not None else known.mark.of


def _told(post: RemotePost, path: str, known: Known, desk: Desk) -> Previewed:
    of = known.mark.of if known.mark.of in desk.mirror else ""
    address = preview_address(post.data, desk.context.site.url)
    return Previewed(path, str(post.data.get("title") or ""), post.kind, of, post.id, address)


def _not_ours(path: str) -> ContentError:
    return ContentError(
        "its preview was changed in Ghost at the same moment, and is none any more",
        subject=path,
        remedy="Nothing was written to it; run it again for a new one.",
    )


def _is_public(path: str, post: RemotePost) -> ContentError:
    return ContentError(
        f'its preview was made {post.data.get("status")} in Ghost, and is left as it is ("{post.slug}")',
        subject=path,
        remedy="Make it a draft again, delete it, or remove its tag #ghostsync-preview in Ghost to keep it as a post of its "
        "own; then run this again.",
    )
