"""From a folder to an open session, the same way for every command. Imported late: it brings in everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ghostsync.compose import Session, open_session
from ghostsync.config import load_settings


@asynccontextmanager
async def session_in(root: Path, *, lock: bool, git_push: bool | None = None) -> AsyncIterator[Session]:
    """The session of the folder's configuration and key. lock: hold the folder against other writers. git_push: goes
    before `[git] push`.
    """
    config, key = load_settings(root)
    if git_push is not None:
        config = config.model_copy(update={"git": config.git.model_copy(update={"push": git_push})})
    async with open_session(root, config, key, lock=lock) as session:
        yield session
