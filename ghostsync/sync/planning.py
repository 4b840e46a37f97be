"""From what was seen to a list of actions: match files and posts, look at whatever moved, decide each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from ghostsync.content.linking import Asset
from ghostsync.errors import GhostError, GhostsyncError
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.case import Case
from ghostsync.sync.context import ContextSource
from ghostsync.sync.deciding import decide_with_mailing
from ghostsync.sync.desk import Desk
from ghostsync.sync.inventory import Inventory, match_by_slug, take_inventory
from ghostsync.sync.model import Action, Direction, Scan, Verb
from ghostsync.sync.plan import Policy, decide
from ghostsync.sync.ports import Folder, Site
from ghostsync.sync.uncertain import Uncertain


class Planner:
    """Makes one plan. settle: seconds of quiet before a public document is sent; clock: local epoch seconds,
    compared with file times of the same machine only. next_due: when the first held-back document is ripe. refused: by
    content, why a file could not be sent. pending: by a document's id, or the path of a new one, the files that have to
    be in Ghost before its post is written. unknown: files of documents whose posts may show them already, but nothing is
    known of it.
    """

    def __init__(
        self,
        site: Site,
        folder: Folder,
        desk: Desk,
        policy: Policy,
        contexts: ContextSource,
        uncertain: Uncertain,
        *,
        settle: float,
        clock: Callable[[], float],
        refused: Mapping[str, GhostsyncError],
    ) -> None:
        self._refused = refused
        self.pending: dict[str, tuple[Asset, ...]] = {}
        self.unknown: list[tuple[tuple[Asset, ...], RemotePost]] = []
        self._site = site
        self._folder = folder
        self._desk = desk
        self._policy = policy
        self._contexts = contexts
        self._uncertain = uncertain
        self._settle = settle
        self._clock = clock
        self.next_due: float | None = None

    async def plan(self, scan: Scan) -> list[Action]:
        """All actions, problems first, then documents in the order of their ids, then new files."""
        inventory = await self._take(scan)
        desk = self._desk
        actions = [
            Action(
                Verb.PROBLEM,
                found.file.kind,
                id=found.id,
                path=found.file.path,
                title=found.title,
                reason=found.problems[0].what,
                errors=found.problems,
            )
            for found in inventory.problems
        ]
        ids = (desk.rows.keys() | desk.mirror.keys() | inventory.by_id.keys()) - inventory.blocked
        stale = desk.links.stale() & desk.found.keys()
        decided = [
            await self._decide(id) for id in sorted(ids) if id in stale or not self._untouched(id, scan)
        ]
        actions += [action for action in decided if action is not None]
        for path in sorted(desk.new):
            case = desk.new_case(path)
            decision = decide(case, self._policy)
            if decision is not None:
                actions.append(self._with_files(case, decision.action))
        return [self._held(self._uncertain.judged(action)) for action in actions]

    async def follow_up(self, alone: Collection[str]) -> list[Action]:
        """What is left to do once posts have got their addresses: send those again that link to an address which has
        turned out another one. alone: ids of documents that this cycle could not bring in step.
        """
        desk = self._desk
        desk.settled_down()
        stale = sorted(desk.links.stale() & desk.found.keys() - set(alone))
        decided = [await self._decide(id) for id in stale]
        again = {Verb.UPDATE_POST, Verb.MERGE, Verb.ADVANCE}
        return [self._held(action) for action in decided if action is not None and action.verb in again]

    async def _take(self, scan: Scan) -> Inventory:
        desk, rows = self._desk, list(self._desk.rows.values())
        inventory = take_inventory(scan, rows, desk.mirror, self._folder, desk.context, desk.excused)
        stale = inventory.misnames_people
        if desk.context.allowed_newsletters:
            stale = stale or inventory.misnames_newsletter
        if inventory.names_people or stale:
            context = await self._contexts.with_people(desk.context, again=stale)
            if context is not desk.context:
                desk.context = context
                inventory = take_inventory(scan, rows, desk.mirror, self._folder, context, desk.excused)
        inventory = match_by_slug(self._uncertain.match(inventory), desk.mirror)
        desk.placed(inventory.by_id, {found.file.path: found for found in inventory.new})
        return inventory

    def _untouched(self, id: str, scan: Scan) -> bool:
        """Neither side moved: nothing to load. Also: the file was not seen, but the scan was not whole."""
        desk = self._desk
        row, post, found = desk.rows.get(id), desk.mirror.get(id), desk.found.get(id)
        if row is None:
            return False
        if row.tombstone:
            return found is None and post is not None and post.updated_at == row.updated_at
        if found is None:
            return not scan.complete
        same_file = not found.changed and found.file.path == row.path and row.disk_sha == row.base_sha
        return same_file and post is not None and post.post_sha == row.base_post_sha

    async def _decide(self, id: str) -> Action | None:
        desk = self._desk
        try:
            case = desk.case(id)
            _, decision = await decide_with_mailing(self._site, desk, case, self._policy)
        except GhostError:
            raise
        except GhostsyncError as error:
            row, post = desk.rows.get(id), desk.mirror.get(id)
            kind = row.kind if row else post.kind if post else Kind.POST
            path = row.path if row else ""
            title = post.slug if post and not path else ""
            return Action(
                Verb.PROBLEM, kind, id=id, path=path, title=title, reason=error.what, errors=(error,)
            )
        return self._with_files(case, decision.action) if decision else None

    def _with_files(self, case: Case, action: Action) -> Action:
        """Note which files have to be in Ghost first; a document whose file cannot be sent is a problem."""
        pending = case.local.linked.pending if case.local is not None and case.local.linked else ()
        if not pending:
            return action
        post = self._desk.remote_post(case.id) if case.id else None
        if case.base is None and post is not None:
            self.unknown.append((pending, post))
        if not action.verb.writes_post or self._policy.direction is Direction.PULL:
            return action
        errors = tuple(self._refused[asset.content] for asset in pending if asset.content in self._refused)
        if errors:
            return replace(action, verb=Verb.PROBLEM, reason=errors[0].what, errors=errors)
        self.pending[action.id or action.path] = pending
        return action

    def _held(self, action: Action) -> Action:
        """While a person types: a public document waits until its file was quiet for a while."""
        if self._settle <= 0 or action.verb not in {Verb.CREATE_POST, Verb.UPDATE_POST, Verb.MERGE}:
            return action
        found = self._desk.found.get(action.id) if action.id else self._desk.new.get(action.path)
        if found is None or not self._public(action):
            return action
        due = self._settle - (self._clock() - found.file.stat.mtime_ns / 1e9)
        if due <= 0 or due > self._settle:  # an mtime in the future proves nothing
            return action
        self.next_due = due if self.next_due is None else min(due, self.next_due)
        return replace(
            action, verb=Verb.LEAVE, reason=f"waits for {self._settle:g} s of quiet before it is published"
        )

    def _public(self, action: Action) -> bool:
        case = self._desk.case(action.id) if action.id else self._desk.new_case(action.path)
        stated = case.local.fields.get("status") if case.local else None
        held = case.remote.fields.get("status") if case.remote else None
        return "published" in {stated, held}
