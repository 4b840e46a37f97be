"""Authors and tiers by any of their names -> slugs. A name Ghost does not know it replaces without a word (an
author by the site's owner), so names are checked here.
"""

from __future__ import annotations

from collections.abc import Sequence

from ghostsync.model import Author, Tier

Fault = tuple[str, str]
"""What is wrong with a name, and the remedy."""

_SHOWN = 8


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def find_author(name: str, authors: Sequence[Author] | None) -> str | Fault:
    """The slug of the author with this slug, name or e-mail address; the name itself where no list is known."""
    if authors is None:
        return name
    for author in authors:
        if author.slug == name:
            return name
    found = [author.slug for author in authors if author.name == name]
    found = found or [
        author.slug for author in authors if author.email and author.email.lower() == name.lower()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        return (
            f"{len(found)} authors are called {name!r}",
            f"Write the slug of the one meant: {_list(found)}.",
        )
    known = _list([author.slug for author in authors])
    return (
        f"Ghost has no author {name!r}",
        f"Known authors: {known}. Invite a new one in Ghost Admin -> Staff.",
    )


def find_tier(name: str, tiers: Sequence[Tier] | None) -> str | Fault:
    """The slug of the tier with this slug or name; the name itself where no list is known."""
    if tiers is None:
        return name
    found = [tier.slug for tier in tiers if tier.slug == name] or [t.slug for t in tiers if t.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        return f"{len(found)} tiers are called {name!r}", f"Write the slug of the one meant: {_list(found)}."
    return f"Ghost has no tier {name!r}", f"Known tiers: {_list([tier.slug for tier in tiers])}."
