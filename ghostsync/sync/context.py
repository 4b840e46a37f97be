"""The content context of a cycle: site, time, and the names of authors, tiers and newsletters, asked for only when
needed.

They change rarely; their lists are remembered in the state and read again when a document names somebody who is not in
them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from ghostsync.config import Config
from ghostsync.content.body import default_mode
from ghostsync.content.types import Context
from ghostsync.model import Author, Newsletter, SiteInfo, Tier
from ghostsync.sync.ports import Site, State


class ContextSource:
    """Builds the `Context` and keeps the lists of people."""

    def __init__(self, site: Site, state: State, config: Config) -> None:
        self._site = site
        self._state = state
        self._config = config

    def remembered(self, info: SiteInfo) -> Context:
        """With the lists as last read; without them when they were never read."""
        return content_context(info, self._state, self._config)

    async def with_people(self, context: Context, *, again: bool) -> Context:
        """The context with authors and tiers, and with newsletters where any is allowed; again: the remembered lists
        lack a name. The same object when nothing had to be read.
        """
        letters_known = context.newsletters is not None or not context.allowed_newsletters
        if context.authors is not None and context.tiers is not None and letters_known and not again:
            return context
        authors, tiers = tuple(await self._site.authors()), tuple(await self._site.tiers())
        newsletters = context.newsletters
        if context.allowed_newsletters:
            newsletters = tuple(await self._site.newsletters())
        with self._state.batch():
            self._state.set_meta("authors", json.dumps([asdict(author) for author in authors]))
            self._state.set_meta("tiers", json.dumps([asdict(tier) for tier in tiers]))
            if newsletters is not None:
                self._state.set_meta("newsletters", json.dumps([asdict(letter) for letter in newsletters]))
        return replace(context, authors=authors, tiers=tiers, newsletters=newsletters)


def content_context(info: SiteInfo, state: State, config: Config) -> Context:
    """What is known without asking Ghost."""
    authors, tiers, newsletters = (state.meta(name) for name in ("authors", "tiers", "newsletters"))
    return Context(
        site=info,
        now=0,
        mode=config.content.mode or default_mode(info.major),
        html_extensions=config.content.html_extensions,
        keys=config.content.keys,
        authors=tuple(Author(**row) for row in json.loads(authors)) if authors else None,
        tiers=tuple(Tier(**row) for row in json.loads(tiers)) if tiers else None,
        newsletters=tuple(Newsletter(**row) for row in json.loads(newsletters)) if newsletters else None,
        allowed_newsletters=config.newsletter.allow,
        uploads=config.media.upload,
    )
