"""What each Ghost needs: the Node that runs it, the SQLite module to compile, and where its API is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .cache import RealGhostError


@dataclass(frozen=True, slots=True)
class Recipe:
    """version: of the npm package `ghost`. node: the Node it runs on. sqlite: its database module.

    api: path of the Admin API. audience: the `aud` claim its tokens need. migrate_first: whether the database
    must be made before the first boot. replaced: pinned dependencies that the registry no longer has, and what
    to take in their place.
    """

    version: str
    node: str
    sqlite: str
    api: str
    audience: str
    migrate_first: bool = False
    replaced: Mapping[str, str] = field(default_factory=dict)

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


RECIPES: dict[str, Recipe] = {
    made.version: made
    for made in (
        Recipe(
            version="6.65.0",
            node="22.23.3",
            sqlite="better-sqlite3",
            api="/ghost/api/admin/",
            audience="/admin/",
        ),
        Recipe(
            version="5.130.6",
            node="22.23.3",
            sqlite="sqlite3",
            api="/ghost/api/admin/",
            audience="/admin/",
        ),
        Recipe(
            version="4.48.9",
            node="16.20.2",
            sqlite="sqlite3",
            api="/ghost/api/admin/",
            audience="/admin/",
            replaced={"@tryghost/http-stream": "0.1.10", "@tryghost/members-csv": "1.2.11"},
        ),
        Recipe(
            version="3.42.9",
            node="14.21.3",
            sqlite="sqlite3",
            api="/ghost/api/v3/admin/",
            audience="/v3/admin/",
            migrate_first=True,
            replaced={"@tryghost/members-api": "0.37.12"},
        ),
        Recipe(
            version="2.38.3",
            node="10.24.1",
            sqlite="sqlite3",
            api="/ghost/api/v2/admin/",
            audience="/v2/admin/",
            migrate_first=True,
            replaced={"@tryghost/magic-link": "0.3.1"},
        ),
    )
}


def recipe(version: str) -> Recipe:
    if version not in RECIPES:
        raise RealGhostError(f"no recipe for Ghost {version}; there is one for {', '.join(RECIPES)}")
    return RECIPES[version]
