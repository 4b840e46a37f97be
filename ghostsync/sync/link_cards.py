"""Cards for links that stand alone: which ones a post has, and asking Ghost for those of new links.

Ghost is asked once, right before the document is sent, as its editor asks when an address is pasted. What it answered is
noted before the card is sent, so that a card is known for what it is even when the answer to the write is lost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ghostsync.content.bare_links import bare_links, card_from, folded, standing_for, unfolded
from ghostsync.content.lexical import canonical
from ghostsync.content.types import Context, Document, Node, PostView
from ghostsync.errors import GhostError, Unreachable
from ghostsync.model import Mode, Storage
from ghostsync.sync.merge import Base
from ghostsync.sync.ports import Site, State

AT_ONCE = 2
"""Questions in flight: Ghost fetches each page itself, and may wait 5 s for it."""

PATIENCE = 15.0
"""Seconds for one answer."""

LONGEST = 60.0
"""Seconds that one cycle asks for; links that it does not come to stay links."""

_AGAIN = 3600
"""Seconds (of Ghost's clock) after which an address that gave no card may be asked about again."""

Cards = Mapping[str, tuple[Node, ...]]
NO_CARDS: Cards = {}


@dataclass(frozen=True, slots=True)
class Folded:
    """Base and post with the cards that stand for bare links as paragraphs. cards: they, by address, as Ghost holds them.
    new: bare links that the file has got since the base.
    """

    base: Base | None
    remote: PostView
    cards: Cards
    new: tuple[str, ...] = ()


def card_note(url: str) -> str:
    """Under which name the state keeps what Ghost answered for an address."""
    return f"card:{url}"


def remembered(state: State, url: str) -> Node | None:
    """The card that Ghost last made of an address."""
    note = state.meta(card_note(url))
    card: Node | None = json.loads(note).get("card") if note else None
    return card


def fold(state: State, body: str, mode: Mode, base: Base | None, remote: PostView, site_url: str) -> Folded:
    """Let a file's bare links equal the cards that its post has for them. body, mode: the file's."""
    if mode is not Mode.LEXICAL or remote.storage is not Storage.LEXICAL:
        return Folded(base, remote, {})
    mine = bare_links(body)
    was = bare_links(base.document.body) if base and base.document.mode is Mode.LEXICAL else ()
    if not mine and not was:
        return Folded(base, remote, {})
    known = {url: card for url in {*mine, *was} if (card := remembered(state, url)) is not None}
    agreed = standing_for(was or mine, base.view.body if base else remote.body, known, site_url=site_url)
    if base is not None:
        root, _ = folded(base.view.body, agreed, site_url=site_url)
        base = replace(base, view=replace(base.view, body=root))
    # A card that was made of a new link, and sent, is in Ghost already if the answer to that write was lost.
    sent = {canonical(known[url], site_url=site_url): url for url in mine if url in known and url not in was}
    root, cards = folded(remote.body, {**sent, **agreed}, site_url=site_url)
    new = tuple(url for url in dict.fromkeys(mine) if url not in was) if base else ()
    return Folded(base, replace(remote, body=root), cards, new)


def with_cards(payload: Mapping[str, Any], mode: Mode, cards: Cards) -> dict[str, Any]:
    """A body's payload with the cards in the place of the bare links that they stand for."""
    if not cards or "lexical" not in payload or mode is not Mode.LEXICAL:
        return dict(payload)
    return {**payload, "lexical": unfolded(payload["lexical"], cards)}


class CardAsker:
    """Asks Ghost for cards. ask: whether it may at all. notes: for people, why a link stays one."""

    def __init__(self, site: Site, state: State, context: Context, *, ask: bool) -> None:
        self._site = site
        self._state = state
        self._context = context
        self._ask = ask
        self._until: float | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.notes: list[str] = []

    async def cards(
        self, document: Document, urls: tuple[str, ...], had: Cards
    ) -> dict[str, tuple[Node, ...]]:
        """Cards for a document that is about to be sent: those it had, and new ones for these addresses. Raises GhostError
        where Ghost cannot be reached.
        """
        found = dict(had)
        wanted = [url for url in urls if url not in found]
        made = await asyncio.gather(*(self._card(document, url) for url in wanted))
        found.update((url, (card,)) for url, card in zip(wanted, made, strict=True) if card is not None)
        return found

    async def _card(self, document: Document, url: str) -> Node | None:
        note = json.loads(self._state.meta(card_note(url)) or "{}")
        if note.get("card") or self._context.now - note.get("at", -_AGAIN) < _AGAIN:
            card: Node | None = note.get("card")
            return card
        if not self._ask:
            return None
        async with self._slots:
            card, why = await self._asked(url)
        answer = {"card": card} if card is not None else {"why": why}
        self._state.set_meta(card_note(url), json.dumps({**answer, "at": self._context.now}))
        if card is None:
            self.notes.append(f"{document.path}: {url} stays a link, for Ghost makes no card of it: {why}")
        return card

    async def _asked(self, url: str) -> tuple[Node | None, str]:
        now = asyncio.get_running_loop().time()
        self._until = now + LONGEST if self._until is None else self._until
        if now > self._until:
            return None, f"asking for this sync's cards took over {LONGEST:g} s"
        try:
            async with asyncio.timeout(PATIENCE):
                card = card_from(url, await self._site.card(url))
        except TimeoutError:
            return None, f"no answer within {PATIENCE:g} s"
        except GhostError as error:
            if isinstance(error, Unreachable) and not error.sent:
                raise  # the document cannot be sent either, and shall have its card when it can
            return None, error.what
        return card, "" if card else "its answer has nothing to show"
