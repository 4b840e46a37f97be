"""One cycle: observe -> plan -> brake -> execute -> record.

    site/ -> is it the same site?          (brake: identity)
    scan the folder                        (brake: folder)
    bring the mirror of Ghost up to date   (brake: restored)
    match files and posts, decide each     (brake: deletions, rewritten)
    carry it out, tell what came of it

A halt stops the writing, not the looking: the plan is still made and shown.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ghostsync.config import Config
from ghostsync.errors import GhostsyncError
from ghostsync.model import Kind, RemotePost, SiteInfo
from ghostsync.sync.brakes import Remembered, check_folder, check_identity, check_plan, check_restored
from ghostsync.sync.context import ContextSource
from ghostsync.sync.desk import Desk
from ghostsync.sync.execute import Executor
from ghostsync.sync.inventory import Inventory, match_by_slug, take_inventory
from ghostsync.sync.model import (
    Action,
    Adopt,
    CycleReport,
    Direction,
    Halt,
    Outcome,
    Scan,
    Stat,
    Verb,
)
from ghostsync.sync.observe import Observation, observe
from ghostsync.sync.plan import AdoptChoice, Policy, decide
from ghostsync.sync.ports import Folder, Progress, Site, State
from ghostsync.sync.recover import recover
from ghostsync.sync.write_posts import Sleep


@dataclass(slots=True)
class _Run:
    """What one cycle gathers on its way to the report."""

    direction: Direction
    dry_run: bool
    started: float
    requests: Counter[str]
    warnings: list[str]
    outcomes: list[Outcome]
    halt: Halt | None = None
    confirmed: set[str] = field(default_factory=set)
    next_due: float | None = None
    failure: GhostsyncError | None = None


class Engine:
    """Keeps one folder and one site in step. One cycle at a time; the caller holds the folder's lock."""

    def __init__(
        self,
        site: Site,
        folder: Folder,
        state: State,
        config: Config,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._site = site
        self._folder = folder
        self._state = state
        self._config = config
        self._sleep = sleep
        self._clock = clock
        self._contexts = ContextSource(site, state, config)

    async def cycle(
        self,
        *,
        direction: Direction = Direction.BOTH,
        dry_run: bool = False,
        adopt: AdoptChoice = None,
        full: bool = False,
        settle: float = 0.0,
        progress: Progress | None = None,
    ) -> CycleReport:
        """Run one. full: read every post again. settle: seconds a published document's file must have been
        left alone before it is sent. Raises a GhostsyncError when nothing could be done at all.
        """
        run = _Run(direction, dry_run, time.monotonic(), Counter(self._site.requests()), [], [])
        info = await self._site.info()
        known = self._remembered()
        run.halt = self._standing(check_identity(known, info, self._now()), run)
        if run.halt is not None:
            return self._report(run)
        self._remember_site(known, info, run)
        context = self._contexts.remembered(info)
        if not dry_run and self._state.halt() is None:
            await recover(self._site, self._folder, self._state, context)
        scan = await asyncio.to_thread(self._folder.scan, self._known_files())
        run.warnings += [str(error) for error in scan.errors]
        run.halt = self._standing(check_folder(known, scan, self._now()), run)
        policy = Policy(
            direction,
            _asked_once(adopt),
            self._config.sync.prefer,
            self._config.sync.on_local_delete,
            info.url,
            self._config.content.html_extensions,
        )
        desk = Desk(self._folder, self._state, context)
        desk.refresh()
        executor = Executor(
            self._site,
            self._folder,
            self._state,
            desk,
            policy,
            max_in_flight=self._config.http.max_in_flight,
            sleep=self._sleep,
        )

        async def write_at_once(posts: tuple[RemotePost, ...]) -> None:
            made, failed = await executor.write_new_files([(post, "") for post in posts])
            titles = {post.id: (post.kind, str(post.data.get("title") or "")) for post in posts}
            for id, path in made.items():
                kind, title = titles[id]
                run.outcomes.append(
                    Outcome(Action(Verb.CREATE_FILE, kind, id, path, title, reason="new in Ghost"))
                )
            for id, error in failed.items():
                kind, title = titles[id]
                run.outcomes.append(Outcome(Action(Verb.CREATE_FILE, kind, id, "", title), error))

        # A first pull into an empty folder cannot overwrite or delete anything, so that no brake has to see
        # the whole plan first: each page is written while the next one is on its way.
        first_pull = not (
            desk.rows or scan.files or dry_run or run.halt or direction is Direction.PUSH or not scan.complete
        )
        seen = await observe(
            self._site,
            self._state,
            full=full,
            on_page=write_at_once if first_pull else None,
            progress=progress,
        )
        run.halt = run.halt or self._standing(check_restored(seen.went_back, self._now()), run)
        desk.context = replace(context, now=max(seen.server_time, context.now))
        desk.refresh()
        if first_pull:
            scan = await asyncio.to_thread(self._folder.scan, self._known_files())
        inventory = await self._take(scan, desk)
        actions = self._plan(inventory, scan, desk, policy, seen, settle, run)
        if run.halt is None and not run.confirmed:
            # A person who confirmed an emptied folder or a restored Ghost has seen what follows from it.
            limit = self._config.safety.limit(self._documents())
            run.halt = self._standing(check_plan(actions, self._documents(), limit, self._now()), run)
        if dry_run or run.halt is not None:
            run.outcomes += [Outcome(action) for action in actions]
            return self._report(run)
        run.outcomes += await executor.run(actions, progress)
        run.failure = executor.fatal
        self._state.set_meta("confirmed_halt", None)
        if scan.files:
            self._state.set_meta("folder_root", scan.root)
        if run.outcomes:
            self._state.prune()
        return self._report(run)

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _documents(self) -> int:
        return sum(not row.tombstone for row in self._state.documents())

    def _remembered(self) -> Remembered:
        meta = self._state.meta
        return Remembered(
            meta("site_uuid") or "", meta("site_url") or "", meta("folder_root") or "", self._documents()
        )

    def _standing(self, found: Halt | None, run: _Run) -> Halt | None:
        """The halt that holds now: one found earlier and not lifted, or this new one unless confirmed."""
        earlier = self._state.halt()
        if earlier is not None:
            return earlier
        if found is None:
            return None
        if self._state.meta("confirmed_halt") == found.id:
            run.confirmed.add(found.reason)
            return None
        if not run.dry_run:
            self._state.set_halt(found)
        return found

    def _remember_site(self, known: Remembered, info: SiteInfo, run: _Run) -> None:
        confirmed = self._state.meta("confirmed_halt") or ""
        if confirmed.startswith("identity-") and not run.dry_run:
            # Another site, and the user said so: what was agreed with the old one means nothing here.
            with self._state.batch():
                for row in self._state.documents():
                    self._state.forget(row.id)
                self._state.unmirror(list(self._state.mirror()))
        elif known.site_url and known.site_url != info.url:
            run.warnings.append(
                f"the site's address changed from {known.site_url} to {info.url}; its uuid is the same, so it "
                "is the same site. Correct [site] url if it still names the old one."
            )
        if known.site_url != info.url or known.site_uuid != info.uuid:
            with self._state.batch():
                self._state.set_meta("site_url", info.url)
                self._state.set_meta("site_uuid", info.uuid)

    def _known_files(self) -> dict[str, tuple[Stat, str, bool]]:
        return {
            row.path: (row.stat, row.disk_sha, row.disk_settled)
            for row in self._state.documents()
            if not row.tombstone
        }

    async def _take(self, scan: Scan, desk: Desk) -> Inventory:
        rows = list(desk.rows.values())
        inventory = take_inventory(scan, rows, desk.mirror, self._folder, desk.context)
        if inventory.names_people:
            context = await self._contexts.with_people(desk.context, again=inventory.misnames_people)
            if context is not desk.context:
                desk.context = context
                inventory = take_inventory(scan, rows, desk.mirror, self._folder, context)
        inventory = match_by_slug(inventory, desk.mirror)
        desk.placed(inventory.by_id, {found.file.path: found for found in inventory.new})
        return inventory

    def _plan(
        self,
        inventory: Inventory,
        scan: Scan,
        desk: Desk,
        policy: Policy,
        seen: Observation,
        settle: float,
        run: _Run,
    ) -> list[Action]:
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
        for id in sorted(ids):
            if self._untouched(id, scan, desk) or (
                id in seen.gone and id not in desk.rows and id not in desk.found
            ):
                continue
            action = self._decide(id, desk, policy)
            if action is not None:
                actions.append(action)
        for path in sorted(desk.new):
            decision = decide(desk.new_case(path), policy)
            if decision is not None:
                actions.append(decision.action)
        return [self._held(action, desk, settle, run) for action in actions]

    @staticmethod
    def _untouched(id: str, scan: Scan, desk: Desk) -> bool:
        """Neither side moved: nothing to load. Also: the file was not seen, but the scan was not whole."""
        row, post, found = desk.rows.get(id), desk.mirror.get(id), desk.found.get(id)
        if row is None:
            return False
        if found is None and not row.tombstone and not scan.complete:
            return True
        if post is None or post.post_sha != row.base_post_sha:
            return row.tombstone and post is not None and post.updated_at == row.updated_at and found is None
        if row.tombstone:
            return found is None
        return (
            found is not None
            and not found.changed
            and found.file.path == row.path
            and row.disk_sha == row.base_sha
        )

    @staticmethod
    def _decide(id: str, desk: Desk, policy: Policy) -> Action | None:
        try:
            decision = decide(desk.case(id), policy)
        except GhostsyncError as error:
            row, post = desk.rows.get(id), desk.mirror.get(id)
            kind = row.kind if row else post.kind if post else Kind.POST
            path = row.path if row else ""
            title = post.slug if post and not path else ""
            return Action(
                Verb.PROBLEM, kind, id=id, path=path, title=title, reason=error.what, errors=(error,)
            )
        return decision.action if decision else None

    def _held(self, action: Action, desk: Desk, settle: float, run: _Run) -> Action:
        """While a person types: a published document waits until its file was quiet for a while."""
        if settle <= 0 or action.verb not in {Verb.CREATE_POST, Verb.UPDATE_POST, Verb.MERGE}:
            return action
        found = desk.found.get(action.id) if action.id else desk.new.get(action.path)
        if found is None or not self._public(action, desk):
            return action
        due = settle - (self._clock() - found.file.stat.mtime_ns / 1e9)
        if due <= 0 or due > settle:
            return action
        run.next_due = min(due, run.next_due) if run.next_due is not None else due
        return replace(
            action, verb=Verb.LEAVE, reason=f"waits for {settle:.0f} s of quiet before it is published"
        )

    @staticmethod
    def _public(action: Action, desk: Desk) -> bool:
        case = desk.case(action.id) if action.id else desk.new_case(action.path)
        stated = case.local.fields.get("status") if case.local else None
        held = case.remote.fields.get("status") if case.remote else None
        return "published" in {stated, held}

    def _report(self, run: _Run) -> CycleReport:
        spent = Counter(self._site.requests())
        spent.subtract(run.requests)
        return CycleReport(
            run.direction,
            run.dry_run,
            tuple(run.outcomes),
            documents=self._documents(),
            requests={method: count for method, count in sorted(spent.items()) if count},
            seconds=time.monotonic() - run.started,
            halt=run.halt,
            warnings=tuple(run.warnings),
            next_due=run.next_due,
            failure=run.failure,
        )


def _asked_once(adopt: AdoptChoice) -> AdoptChoice:
    """A person is asked about a document once, though it is decided twice: for the plan, and when it is written."""
    if adopt is None or isinstance(adopt, Adopt):
        return adopt
    ask, answers = adopt, dict[str, Adopt | None]()

    def answer(action: Action) -> Adopt | None:
        if action.id not in answers:
            answers[action.id] = ask(action)
        return answers[action.id]

    return answer
