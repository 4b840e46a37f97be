"""Folder and state, opened to look into history. Imported early: what it opens is imported late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostsync.config import Config
    from ghostsync.content.types import Context
    from ghostsync.folder import LocalFolder
    from ghostsync.state import SqliteState
    from ghostsync.sync.restore import Restorer
    from ghostsync.sync.site_files.restore import SiteFileRestorer


@dataclass(frozen=True, slots=True)
class Shelf:
    """Folder and state, opened to look into history: without the key, Ghost, or the folder's lock."""

    root: Path
    config: Config
    folder: LocalFolder
    state: SqliteState
    context: Context

    def name(self, given: str) -> str:
        """PATH as the state knows it: relative to the folder; or an id. It need not exist."""
        path = Path(given)
        if path.is_absolute():
            inside = path.is_relative_to(self.root)
            return path.relative_to(self.root).as_posix() if inside else given
        known = {row.path for row in self.state.documents()} | {v.path for v in self.state.versions()}
        here = (Path.cwd() / path).resolve()
        names = [path.as_posix()]
        if here.is_relative_to(self.root.resolve()):
            names.append(here.relative_to(self.root.resolve()).as_posix())
        return next((name for name in names if name in known or (self.root / name).is_file()), names[-1])


def restorer_for(shelf: Shelf, name: str) -> Restorer | SiteFileRestorer:
    """Who brings versions of this file back."""
    from ghostsync.sync.restore import Restorer
    from ghostsync.sync.site_files.restore import SiteFileRestorer

    section = shelf.config.site_files
    if name in section.paths or name.lower().endswith(
        (".yaml", ".yml", ".json")
    ):  # routes and redirects, too
        return SiteFileRestorer(shelf.folder, shelf.state, shelf.context.site, section.tags)
    return Restorer(shelf.folder, shelf.state, shelf.context)


@contextmanager
def open_shelf(root: Path) -> Iterator[Shelf]:
    from ghostsync.config import load_config
    from ghostsync.folder import LocalFolder
    from ghostsync.state import open_state
    from ghostsync.sync.context import content_context
    from ghostsync.sync.history import remembered_site

    config = load_config(root)
    with open_state(root, config, repair=False) as state:
        site = remembered_site(state, config.site.url, config.site.timezone)
        folder = LocalFolder(root, config.folder, site_files=config.site_files.paths)
        yield Shelf(root, config, folder, state, content_context(site, state, config))
