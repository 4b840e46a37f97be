"""Walking through all documents of a kind without losing one while people edit.

Page numbers shift when a document is edited or deleted between two requests, so that one slips through. Instead each
request asks for what comes after the last row seen (keyset paging): a filter on (`updated_at`, `id`) or on `id`. A
document that is edited meanwhile moves to the end and comes once more, in its newer version.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ghostsync.errors import AnswerUnreadable
from ghostsync.ghost.answers import Answer, AnswerTooLarge

PAGE = 100  # Ghost 6 gives no more, and says nothing when asked for more
_ID = re.compile(r"[0-9a-f]{24}")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00)?")

Key = tuple[str, str]
"""(updated_at as Ghost gives it, id), or ("", id) when walking by id."""

Fetch = Callable[[Mapping[str, str]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Rows:
    """rows: JSON objects. total: how many this and all later requests of the same walk will have given in all."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    server_time: int


def is_id(text: object) -> bool:
    """Whether it is one of Ghost's ids for posts and pages: 24 hex digits."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def filter_date(updated_at: str) -> str:
    """Ghost's date in the one form that filters compare rightly on SQLite and MySQL: 'YYYY-MM-DD HH:MM:SS'."""
    match = _DATE.fullmatch(updated_at)
    if match is None:
        raise AnswerUnreadable(
            f"{updated_at!r} is not a date of Ghost's",
            subject="updated_at",
            remedy="Please report this.",
            sent=False,
        )
    return f"{match[1]} {match[2]}"


def after_change(key: Key) -> str:
    """NQL for the rows behind key in the order `updated_at asc, id asc`. Rows that never got a date come first.

    No parenthesis stands first: Ghost puts its own around a filter, and all versions take "((...))" for no filter.
    """
    date, id = key
    if not date:
        return f"updated_at:>'0001-01-01 00:00:00',(updated_at:null+id:>'{id}')"
    at = filter_date(date)
    return f"updated_at:>='{at}'+(updated_at:>'{at}',id:>'{id}')"


def after_id(key: Key) -> str:
    return f"id:>'{key[1]}'"


def change_key(row: Mapping[str, Any]) -> Key:
    return (str(row.get("updated_at") or ""), str(row.get("id")))


def id_key(row: Mapping[str, Any]) -> Key:
    return ("", str(row.get("id")))


def _unreadable(what: str, subject: str) -> AnswerUnreadable:
    return AnswerUnreadable(
        what,
        subject=subject,
        remedy="Nothing was changed. If a cache stands in front of Ghost, let it pass /ghost/api/ through.",
        sent=False,
    )


def read_rows(answer: Answer, plural: str) -> tuple[list[Mapping[str, Any]], int]:
    """The rows of a listing and `meta.pagination.total`. Raises AnswerUnreadable for any other shape."""
    rows = answer.json.get(plural)
    meta = answer.json.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    total = pagination.get("total") if isinstance(pagination, dict) else None
    if not isinstance(rows, list) or not isinstance(total, int) or not all(isinstance(r, dict) for r in rows):
        raise _unreadable("the listing does not have Ghost's form", plural)
    if not all(is_id(row.get("id")) for row in rows):
        raise _unreadable("the listing has an entry without a proper id", plural)
    return rows, total


async def walk(
    fetch: Fetch,
    plural: str,
    *,
    start: str = "",
    order: str = "updated_at asc,id asc",
    key_of: Callable[[Mapping[str, Any]], Key] = change_key,
    after: Callable[[Key], str] = after_change,
) -> AsyncIterator[Rows]:
    """All rows that match the filter `start`, up to 100 a request, none twice in the same version.

    One request per page: the last is known by the total that is left. Raises AnswerUnreadable when the rows do not go
    forward (a filter or an order that something ignored) or end before the total is reached.
    """
    where, last, seen, limit, came_up_short = start, None, 0, PAGE, False
    while True:
        params = {"limit": str(limit), "order": order} | ({"filter": where} if where else {})
        try:
            answer = await fetch(params)
        except AnswerTooLarge:
            if limit == 1:
                raise
            limit = max(1, limit // 10)
            continue
        rows, left = read_rows(answer, plural)
        for row in rows:
            key = key_of(row)
            if last is not None and key <= last:
                raise _unreadable("the listing does not go forward: a filter or an order was ignored", plural)
            last = key
        seen += len(rows)
        yield Rows(rows, seen + max(0, left - len(rows)), answer.server_time)
        if left <= len(rows):
            return
        # Ghost counts and selects in two queries; a deletion in between makes the count too high, once.
        if not rows and came_up_short:
            raise _unreadable(f"the listing ends after {seen} of {seen + left} entries", plural)
        came_up_short = not rows
        if last is not None:
            where = after(last)
