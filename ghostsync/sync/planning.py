"""From what was seen to a list of actions: match files and posts, look at whatever moved, decide each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from ghostsync.errors import GhostError, GhostsyncError
from ghostsync.model import Kind
from ghostsync.sync.context import ContextSource
from ghostsync.sync.deciding import decide_with_mailing
from ghostsync.sync.desk import Desk
from ghostsync.sync.inventory import Inventory, match_by_slug, take_inventory
from ghostsync.sync.model import Action, Scan, Verb
from ghostsync.sync.plan import Policy, decide
from ghostsync.sync.ports import Folder, Site
from ghostsync.sync.uncertain import Uncertain


class Planner:
    """Makes one plan. settle: seconds of quiet before a public document is sent; clock: local epoch seconds,
    compared with file times of the same machine only. next_due: when the first held-back document is ripe.
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
    ) -> None:
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
        fresh = (decide(desk.new_case(path), self._policy) for path in sorted(desk.new))
        actions += [decision.action for decision in fresh if decision is not None]
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
            _, decision = await decide_with_mailing(self._site, desk, desk.case(id), self._policy)
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
        return decision.action if decision else None

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
