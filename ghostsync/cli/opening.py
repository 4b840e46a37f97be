"""From a folder to an open session, the same way for every command. Imported late: it brings in everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ghostsync.compose import Session, open_session
from ghostsync.config import load_config, load_key


@asynccontextmanager
async def session_in(root: Path, *, lock: bool) -> AsyncIterator[Session]:
    """The session of the folder's configuration and key. lock: hold the folder against other writers."""
    config = load_config(root)
    key = load_key(config, root)
    async with open_session(root, config, key, lock=lock) as session:
        yield session
