"""Which site and which folder the state belongs to: what it remembers of them, for the brakes to compare."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.config import Config
from ghostsync.model import SiteInfo
from ghostsync.sync.brakes import Remembered
from ghostsync.sync.ports import Site, State


class Whereabouts:
    """Asks the site who it is, and keeps what it said."""

    def __init__(self, site: Site, state: State, config: Config) -> None:
        self._site = site
        self._state = state
        self._config = config

    async def ask(self, *, full: bool) -> SiteInfo:
        """The site; its time zone is remembered, since older Ghosts tell it only for one request more."""
        zone = "" if full else self._state.meta("timezone") or ""
        info = await self._site.info(known_timezone=zone)
        if info.timezone != zone:
            self._state.set_meta("timezone", info.timezone)
        if info.version != self._state.meta("site_version"):
            self._state.set_meta("site_version", info.version)
        stated = self._config.site.timezone
        return replace(info, timezone=stated) if stated else info

    def documents(self) -> int:
        """How many are known."""
        return self._state.count_documents()

    def remembered(self) -> Remembered:
        """What was so when the last cycle ended."""
        meta = self._state.meta
        return Remembered(
            meta("site_uuid") or "", meta("site_url") or "", meta("folder_root") or "", self.documents()
        )

    def remember_site(self, known: Remembered, info: SiteInfo, *, start_anew: bool) -> str:
        """From now on it is this one. start_anew: it is another site, and the user said so: what was agreed with the old
        one means nothing here. Returns what a person should hear.
        """
        told = ""
        if start_anew:
            with self._state.batch():
                for row in self._state.documents():
                    self._state.forget(row.id)
                self._state.unmirror(list(self._state.mirror()))
                for id in self._state.tags():
                    self._state.forget_tag(id)
        elif known.site_url and known.site_url != info.url:
            told = (
                f"the site's address changed from {known.site_url} to {info.url}; its uuid is the same, so it "
                "is the same site. Correct [site] url if it still names the old one."
            )
        if known.site_url != info.url or known.site_uuid != info.uuid:
            with self._state.batch():
                self._state.set_meta("site_url", info.url)
                self._state.set_meta("site_uuid", info.uuid)
        return told

    def remember_folder(self, root: str) -> None:
        self._state.set_meta("folder_root", root)
