"""Tags, authors and tiers of a document: how Ghost finds or makes what a request names."""

from __future__ import annotations

from typing import Any

from ghostsync.sandbox.problems import invalid
from ghostsync.sandbox.store import Store

Row = dict[str, Any]


def authors(store: Store, entries: list[Any], method: str, resource: str) -> list[str]:
    """User ids. Ghost puts the owner in place of somebody it does not know, and says nothing."""
    if not entries:
        raise invalid(method, resource, "At least one author is required.")
    found = []
    for entry in entries:
        wanted = {"email": entry} if isinstance(entry, str) else entry
        user = _first(store.users, wanted, ("id", "slug", "email"))
        found.append(user["id"] if user else owner(store))
    return list(dict.fromkeys(found))


def owner(store: Store) -> str:
    return next(str(user["id"]) for user in store.users.values() if user["roles"][0]["name"] == "Owner")


def tags(store: Store, entries: list[Any], method: str, resource: str) -> list[str]:
    """Tag ids; tags that are not there yet are made. A tag's name is case-sensitive, its repetition is not."""
    wanted: list[Row] = []
    names: set[str] = set()
    for entry in entries:
        tag = {"name": entry} if isinstance(entry, str) else entry
        folded = str(tag.get("name") or "").lower()
        if folded and folded in names:
            continue
        names.add(folded)
        wanted.append(tag)
    # Look first, make afterwards: a refused request leaves no new tag behind.
    known = [_first(store.tags, tag, ("id", "name", "slug")) for tag in wanted]
    for tag, row in zip(wanted, known, strict=True):
        if row is None and not (tag.get("name") or tag.get("slug")):
            raise invalid(method, resource, "Value in [tags.name] cannot be blank. tags.name")
    ids = [
        (row or store.add_tag({**tag, "name": tag.get("name") or tag["slug"]}))["id"]
        for tag, row in zip(wanted, known, strict=True)
    ]
    return list(dict.fromkeys(ids))


def tiers(store: Store, entries: list[Any], method: str, resource: str) -> list[str]:
    """Tier ids. Ghost takes tiers by id alone, drops entries without one, and never keeps the free tier."""
    ids = []
    for entry in entries:
        id = entry.get("id") if isinstance(entry, dict) else None
        if id is None:
            continue
        if id not in store.tiers:
            raise invalid(method, resource, "Value in [products.name] cannot be blank. products.name")
        if store.tiers[id]["type"] != "free":
            ids.append(id)
    return ids


def _first(table: dict[str, Row], wanted: Row, keys: tuple[str, ...]) -> Row | None:
    """The row that the first key present in `wanted` names."""
    for key in keys:
        if wanted.get(key):
            return next((row for row in table.values() if row[key] == wanted[key]), None)
    return None
