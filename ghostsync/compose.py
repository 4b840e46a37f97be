"""The one place where the parts are put together: configuration in, a working session out."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import stamina.instrumentation

from ghostsync.config import AdminKey, Config, key_files
from ghostsync.folder import LocalFolder
from ghostsync.ghost.audit import log_of
from ghostsync.ghost.media import GhostMedia
from ghostsync.ghost.parts import GhostParts
from ghostsync.ghost.site import GhostSite
from ghostsync.git.commits import GitCommitter
from ghostsync.git.history import FileHistory
from ghostsync.git.ledger import RefLedger, ref_for
from ghostsync.git.remote import Remote
from ghostsync.git.repository import Repository, find_repository
from ghostsync.state import FolderLock, SqliteState, open_state
from ghostsync.sync.engine import Engine
from ghostsync.sync.site_files.keeper import SiteFiles
from ghostsync.sync.versioning.base import BaseInGit
from ghostsync.sync.versioning.commits import Commits
from ghostsync.sync.versioning.versioned import VersionedEngine
from ghostsync.sync.versioning.write_log import WriteLog
from ghostsync.sync.write_posts import Sleep
from ghostsync.terminal import in_ci


@dataclass(frozen=True, slots=True)
class Session:
    """One folder and one site, ready for cycles. repository: the git one that the folder lies in, if any."""

    root: Path
    config: Config
    site: GhostSite
    folder: LocalFolder
    state: SqliteState
    engine: Engine | VersionedEngine
    site_files: SiteFiles
    repository: Repository | None = None

    @property
    def versioned(self) -> VersionedEngine | None:
        """The engine, where it works in a git work tree."""
        return self.engine if isinstance(self.engine, VersionedEngine) else None


@asynccontextmanager
async def open_session(
    root: Path,
    config: Config,
    key: AdminKey,
    *,
    lock: bool = True,
    held: bool = False,
    clock: Callable[[], float] = time.time,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[Session]:
    """Open the parts and close them again. lock: hold the folder's kernel lock meanwhile, which all that
    writes must; raises FolderLocked when somebody else does. held: the caller has it already.
    clock: this machine's, epoch seconds; sleep: waits.
    """
    # Retries are told in our own words, where they matter; the library would print each one.
    stamina.instrumentation.set_on_retry_hooks([])
    async with AsyncExitStack() as stack:
        folder = LocalFolder(
            root, config.folder, private=key_files(config, root), site_files=config.site_files.paths
        )
        if lock and not held:
            stack.enter_context(FolderLock(root))
        # Only the holder of the lock may move a damaged database away or clear up after a crash.
        state = stack.enter_context(open_state(root, config, clock=clock, repair=lock))
        if lock:
            folder.remove_leftovers()
        site = await stack.enter_async_context(GhostSite(config.site.url, key, config.http))
        repository = await asyncio.to_thread(find_repository, root, config.git)
        past = None
        if repository is not None:
            remote = repository.remote()
            history = FileHistory(repository.git, repository.prefix, remote)
            stack.callback(history.close)
            ledger = RefLedger(repository.git, ref_for(config.site.url), remote)
            past = BaseInGit(folder, state, ledger, history)
        site_files = SiteFiles(GhostParts(site), folder, state, config, clock, past)
        engine = Engine(
            site,
            folder,
            state,
            config,
            sleep=sleep,
            clock=clock,
            media=GhostMedia(site),
            past=past,
            site_files=site_files,
        )
        if repository is None or past is None:
            yield Session(root, config, site, folder, state, engine, site_files)
            return
        versioned = VersionedEngine(
            engine,
            repository,
            state,
            config,
            environment={**os.environ, **({"CI": "true"} if in_ci() else {})},  # --ci, too
            requests=site.requests,
            upstream=partial(Remote, repository),
            commits=_commits(repository, site, folder, state, config, sleep),
            agreements=past,
            sleep=sleep,
        )
        yield Session(root, config, site, folder, state, versioned, site_files, repository)


def _commits(
    repository: Repository,
    site: GhostSite,
    folder: LocalFolder,
    state: SqliteState,
    config: Config,
    sleep: Sleep,
) -> Commits | None:
    """Who commits what is written from now on; None where nobody shall."""
    if config.git.commit == "off":
        return None
    log = WriteLog(state)
    folder.recorder = log
    return Commits(
        log,
        GitCommitter(repository),
        folder,
        state,
        config,
        log_of=partial(log_of, site),
        staff=site.authors,
        sleep=sleep,
    )
