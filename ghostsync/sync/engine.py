"""One cycle: observe -> plan -> brake -> execute -> record.

    site/ -> is it the same site?          (brake: identity)
    scan the folder                        (brake: folder)
    bring the mirror of Ghost up to date   (brake: restored)
    see what the site files ask for
    match files and posts, decide each     (brake: deletions, rewritten)
    write tags, which documents name
    upload what their documents show, and decide once more
    carry it out, delete tags that no post has any more, tell what came of it

A halt stops the writing, not the looking: the plan is still made and shown.

Longer than other modules: the order of these steps is what the promises rest on, so they stand in one place.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from ghostsync.config import Config
from ghostsync.content.types import Context
from ghostsync.errors import GhostsyncError, Halted
from ghostsync.model import SiteInfo
from ghostsync.sync.brakes import Remembered, check_folder, check_identity, check_plan, check_restored
from ghostsync.sync.choices import asked_once
from ghostsync.sync.context import ContextSource
from ghostsync.sync.desk import Desk
from ghostsync.sync.execute import Executor
from ghostsync.sync.first_pull import first_pull, is_first_pull
from ghostsync.sync.halts import Halts
from ghostsync.sync.left_choices import take_choices
from ghostsync.sync.media_courier import Courier, give_up_uploads, sending
from ghostsync.sync.media_late import bring_late_files
from ghostsync.sync.model import (
    Action,
    CycleReport,
    Direction,
    Outcome,
    Scan,
    Stat,
    Use,
    Verb,
)
from ghostsync.sync.observe import Observation, observe
from ghostsync.sync.plan import AdoptChoice, Only, Policy
from ghostsync.sync.planning import Planner
from ghostsync.sync.ports import Folder, Media, Progress, Site, State
from ghostsync.sync.preview_removal import remove_shown
from ghostsync.sync.records import record_settled
from ghostsync.sync.recover import recover
from ghostsync.sync.run import Guard, Instead, MakePlans, Plans, Run, unguarded
from ghostsync.sync.site_files.keeper import SiteFiles, SiteFilesRun
from ghostsync.sync.uncertain import Uncertain, patience
from ghostsync.sync.versioning.ports import Past
from ghostsync.sync.whereabouts import Whereabouts
from ghostsync.sync.write_posts import Sleep

_KEPT_HALF_WAY = 7 * 86_400.0
"""Seconds for which a download that broke off may be gone on with."""

_NOTHING_REFUSED: Mapping[str, GhostsyncError] = {}


_SENT_QUICKLY = frozenset({Verb.CREATE_POST, Verb.UPDATE_POST, Verb.LEAVE, Verb.PROBLEM})
"""What may be done without a fresh look at Ghost: see `Engine.cycle`, quick."""


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
        media: Media | None = None,
        past: Past | None = None,
        site_files: SiteFiles | None = None,
    ) -> None:
        self._media = media
        self._past = past
        self._site = site
        self._folder = folder
        self._state = state
        self._config = config
        self._sleep = sleep
        self._clock = clock
        self._contexts = ContextSource(site, state, config)
        self._whereabouts = Whereabouts(site, state, config)
        self._patience = patience(config.http.timeout)
        self._beside = site_files

    async def cycle(
        self,
        *,
        direction: Direction = Direction.BOTH,
        dry_run: bool = False,
        adopt: AdoptChoice = None,
        full: bool = False,
        thorough: bool = True,
        settle: float = 0.0,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
        only: Only | None = None,
        quick: int = 0,
        guard: Guard = unguarded,
        instead: Instead | None = None,
    ) -> CycleReport:
        """Run one. full: read every post again. thorough: do so where it costs no request more. settle: seconds a
        published document's file must have been left alone before it is sent. stop: asked before each step; once
        true, the rest is left for the next cycle. only: leave all other documents alone. quick: Ghost's time, from a
        caller that looked at Ghost lately and will again: files that were saved are then sent without another look, since
        Ghost's lock and slugs guard those writes; whatever else there is to do has the look made up for. guard: see `Guard`.
        instead: for a dry run, see `Instead`. Raises a GhostsyncError when nothing could be done at all.
        """
        run = Run(
            direction,
            dry_run,
            time.monotonic(),
            Counter(self._site.requests()),
            Halts(self._state, dry_run=dry_run),
        )
        info = await self._whereabouts.ask(full=full)
        known = self._whereabouts.remembered()
        if self._is_another_site(run, known, info):
            return self._report(run)  # nothing of another site may even be remembered
        context = self._contexts.remembered(info)
        if not dry_run and run.halts.standing is None:
            run.warnings += await recover(
                self._site, self._folder, self._state, context, wait=self._patience, now=self._clock()
            )
        desk = Desk(self._folder, self._state, context, self._past)
        desk.refresh()
        scan = await self._scan(run, desk)
        run.halts.consider(check_folder(known, scan, self._now()))
        policy = self._policy(direction, adopt, info, self._chosen(only, dry_run=dry_run))
        beside = await self._site_files(run, info, policy, only, fresh=full or (thorough and not quick))
        courier = await self._courier(run, desk, stop, progress)
        look = partial(observe, self._site, self._state, full=full, thorough=thorough, progress=progress)
        plan = partial(self._plan, run, desk, policy, context, settle=settle)
        writes = not dry_run and run.halts.standing is None and direction is not Direction.PUSH
        if only is None and writes and is_first_pull(desk, scan):
            await guard(removing=False)
            seen, scan = await self._first_pull(run, desk, scan, progress)
            plans = await plan(scan, seen)
        else:
            seen, plans = await self._planned(run, partial(plan, scan), look, quick)
        if courier is not None and plans.unknown and await courier.learn(plans.unknown):
            plans = await plan(scan, seen)
        actions = self._judged(run, beside, _only(only, plans.actions, desk), look=instead is not None)
        if dry_run or run.halts.standing is not None:
            run.outcomes += beside.preview()
            run.outcomes += [Outcome(action) for action in (*map(sending, plans.files(actions)), *actions)]
            return await self._looked(run, instead and partial(instead, desk, actions, courier))
        await guard(removing=any(action.verb is Verb.RETIRE_POST for action in actions))
        await beside.first()
        if beside.renamed:
            plans = await plan(scan, seen)
            actions = _only(only, plans.actions, desk)
        files = plans.files(actions)
        if courier is not None and files:
            run.outcomes += await courier.send(files)
            plans = await plan(scan, seen, refused=courier.refused)
            actions = _only(only, plans.actions, desk)
        executor = self._executor(desk, policy, plans.uncertain, courier, stop, all_seen=seen.whole)
        executor.fatal = executor.fatal or beside.fatal
        run.outcomes += await executor.run(actions, progress)
        await self._follow_up(run, desk, plans.planner, executor, progress, whole=only is None and not stop())
        due = await self._late_files(run, desk, courier, wanted=only is None and not stop())
        run.outcomes += await beside.last(run.outcomes)
        run.tell(executor, courier, beside)
        run.next_due = min(filter(None, (plans.due, due)), default=None)
        return self._closed(run, scan, desk, plans)

    def _is_another_site(self, run: Run, known: Remembered, info: SiteInfo) -> bool:
        """Whether the site is not the one that was agreed with, and nobody has said that this is right. Else it is the one
        that is remembered from now on.
        """
        run.halts.consider(check_identity(known, info, self._now()))
        if run.halts.standing is not None and run.halts.standing.reason == "identity":
            return True
        anew = "identity" in run.halts.confirmed and not run.dry_run
        if told := self._whereabouts.remember_site(known, info, start_anew=anew):
            run.warnings.append(told)
        return False

    def _judged(self, run: Run, beside: SiteFilesRun, actions: list[Action], *, look: bool) -> list[Action]:
        """The same actions, once the brakes have looked at them. look: none of them will be carried out."""
        if not (run.halts.confirmed or look):
            # A person who confirmed an emptied folder or a restored Ghost has seen what follows from it.
            documents = self._whereabouts.documents()
            limit = self._config.safety.limit(documents)
            run.halts.consider(check_plan(actions, documents, limit, self._now()))
        run.halts.consider(beside.brake(self._config.safety.limit, self._now()))
        return actions

    async def _site_files(
        self, run: Run, info: SiteInfo, policy: Policy, only: Only | None, *, fresh: bool
    ) -> SiteFilesRun:
        """What there is to do for tags, people and settings, seen before the documents: a tag that was renamed is another
        word in them.
        """
        if self._beside is None:
            return SiteFilesRun(None, (), info)
        beside = self._beside.begin(info, run.direction, policy.use, only=only.path if only else None)
        await beside.plan(fresh=fresh, dry_run=run.dry_run or run.halts.standing is not None)
        return beside

    async def _looked(self, run: Run, instead: Callable[[], Awaitable[None]] | None) -> CycleReport:
        """After a dry run, or where a halt holds."""
        if instead is not None and run.halts.standing is None:
            await instead()
        return self._report(run)

    async def _first_pull(
        self, run: Run, desk: Desk, scan: Scan, progress: Progress | None
    ) -> tuple[Observation, Scan]:
        """What was seen of Ghost, and the folder with the files that were made of it."""
        seen, made = await first_pull(self._site, self._folder, self._state, desk, progress)
        run.outcomes += [Outcome(action) for action in made.done.values()]
        return seen, replace(scan, files=tuple(made.files))

    async def _planned(
        self, run: Run, plan: MakePlans, look: Callable[[], Awaitable[Observation]], quick: int
    ) -> tuple[Observation, Plans]:
        """What was seen of Ghost, and what follows from it: nothing new for what may be done without a look."""
        if quick and not run.dry_run and run.halts.standing is None:
            seen = Observation(server_time=quick, whole=False)
            plans = await plan(seen)
            if all(action.verb in _SENT_QUICKLY for action in plans.actions):
                return seen, plans
        seen = await look()
        return seen, await plan(seen)

    async def _late_files(
        self, run: Run, desk: Desk, courier: Courier | None, *, wanted: bool
    ) -> float | None:
        """Downloads that failed in earlier cycles. Returns the seconds until one of them may be tried again."""
        if courier is None or self._config.media.pull != "download":
            return None
        if wanted and run.direction is not Direction.PUSH:
            run.notes += await bring_late_files(courier.down, self._folder, self._state, desk)
        return courier.down.missed.next_due(self._clock())

    async def _follow_up(
        self,
        run: Run,
        desk: Desk,
        planner: Planner,
        executor: Executor,
        progress: Progress | None,
        *,
        whole: bool,
    ) -> None:
        """What follows from the plan: posts whose links lead to what has got its address only now, and previews of what can
        be seen by now. whole: all documents may be written.
        """
        if not whole or run.direction is Direction.PULL or executor.fatal is not None:
            return
        if run.outcomes:
            alone = {o.action.id for o in run.outcomes if o.error is not None or o.action.verb.left}
            if more := await planner.follow_up(alone):
                run.outcomes += await executor.run(more, progress)
        if desk.previews:
            run.notes += await remove_shown(self._site, self._folder, self._state, desk)

    async def _plan(
        self,
        run: Run,
        desk: Desk,
        policy: Policy,
        context: Context,
        scan: Scan,
        seen: Observation,
        *,
        settle: float,
        refused: Mapping[str, GhostsyncError] = _NOTHING_REFUSED,
    ) -> Plans:
        run.halts.consider(check_restored(seen.went_back, self._now()))
        desk.context = replace(context, now=max(seen.server_time, context.now))
        desk.refresh()
        uncertain = Uncertain(self._state, desk, wait=self._patience, now=self._clock())
        planner = Planner(
            self._site,
            self._folder,
            desk,
            policy,
            self._contexts,
            uncertain,
            settle=settle,
            clock=self._clock,
            refused=refused,
        )
        plans = Plans(planner, uncertain, await planner.plan(scan))
        run.next_due = plans.due
        run.warnings += [told for told in desk.earlier.warnings if told not in run.warnings]
        return plans

    async def _courier(
        self, run: Run, desk: Desk, stop: Callable[[], bool], progress: Progress | None
    ) -> Courier | None:
        """Who carries files, with what was left half done; where the configuration says so, pictures come down too."""
        shelf = desk.links.shelf
        if self._media is None or shelf is None:
            if not run.dry_run:
                give_up_uploads(self._state, self._clock())
            return None
        courier = Courier(
            self._media,
            self._folder,
            self._state,
            shelf,
            site_url=desk.context.site.url,
            pattern=self._config.media.path,
            max_in_flight=self._config.media.max_in_flight,
            clock=self._clock,
            stop=stop,
            progress=progress,
        )
        if self._config.media.pull == "download":
            desk.fetch = courier.down.fetch
        if not run.dry_run and run.halts.standing is None:
            await courier.recover()
        return courier

    def _closed(self, run: Run, scan: Scan, desk: Desk, plans: Plans) -> CycleReport:
        plans.uncertain.tidy()
        with self._state.batch():
            run.halts.used_up()
            record_settled(self._state, scan.files, desk.rows.values())
            desk.links.remember()
            if scan.files:
                self._whereabouts.remember_folder(scan.root)
        if run.outcomes:
            self._state.prune()
            self._folder.prune_trash(self._config.history.keep)
            self._folder.prune_incoming(_KEPT_HALF_WAY)
        return self._report(run)

    async def _scan(self, run: Run, desk: Desk) -> Scan:
        known: dict[str, tuple[Stat, str, bool]] = {
            row.path: (row.stat, row.disk_sha, row.disk_settled)
            for row in desk.rows.values()
            if not row.tombstone
        }
        scan = await asyncio.to_thread(self._folder.scan, known)
        run.warnings += [str(error) for error in scan.errors if str(error) not in run.warnings]
        return scan

    def _chosen(self, only: Only | None, *, dry_run: bool) -> dict[str, Use]:
        """How conflicts shall be settled: by this call, or as left for the next cycle to carry out."""
        if only is not None:
            return {only.path: only.use} if only.use else {}
        return {} if dry_run else take_choices(self._state)

    async def ready(self) -> Context:
        """The content context for a single write outside a cycle. Raises Halted while a brake holds."""
        info = await self._whereabouts.ask(full=False)
        halts = Halts(self._state, dry_run=True)
        halts.consider(check_identity(self._whereabouts.remembered(), info, self._now()))
        if (halt := halts.standing) is not None:
            raise Halted(
                halt.what,
                halt_id=halt.id,
                remedy=f"{halt.remedy}\nTo lift it: ghostsync resume --confirm {halt.id}",
            )
        return await self._contexts.with_people(self._contexts.remembered(info), again=False)

    def _policy(
        self, direction: Direction, adopt: AdoptChoice, info: SiteInfo, use: dict[str, Use]
    ) -> Policy:
        return Policy(
            direction,
            asked_once(adopt),
            self._config.sync.prefer,
            self._config.sync.on_local_delete,
            info.url,
            self._config.content.html_extensions,
            use,
        )

    def _executor(
        self,
        desk: Desk,
        policy: Policy,
        uncertain: Uncertain,
        courier: Courier | None,
        stop: Callable[[], bool],
        *,
        all_seen: bool,
    ) -> Executor:
        executor = Executor(
            self._site,
            self._folder,
            self._state,
            desk,
            policy,
            uncertain,
            max_in_flight=self._config.http.max_in_flight,
            sleep=self._sleep,
            stop=stop,
            all_seen=all_seen,
            ask_for_cards=self._config.content.link_cards == "ask",
        )
        # What ended the uploads would end the posts as well.
        executor.fatal = courier.fatal if courier is not None else None
        return executor

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _report(self, run: Run) -> CycleReport:
        return run.report(self._site.requests(), self._whereabouts.documents())


def _only(only: Only | None, actions: list[Action], desk: Desk) -> list[Action]:
    """Those that a cycle for one document may carry out."""
    if only is None:
        return actions
    if only.look is not None and (case := desk.at(only.path)) is not None:
        only.look(case)
    return [action for action in actions if action.path == only.path]
