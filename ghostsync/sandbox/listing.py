"""Browsing: filter, order, page. Nothing here knows HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ghostsync.model import Kind
from ghostsync.sandbox import nql
from ghostsync.sandbox.clock import spaced
from ghostsync.sandbox.fields import DATES, META, OWN, PAGE_OWN, POST_META
from ghostsync.sandbox.problems import bad_filter, invalid, unknown_column
from ghostsync.sandbox.store import Document, Store

LONGEST_PAGE = 100
_PLAIN_PAGE = 15
_STATUS_RANK = {"scheduled": 0, "draft": 1}
_COLUMNS = frozenset(
    {*OWN, *PAGE_OWN, *META, *POST_META, "id", "uuid", "created_at", "html", "plaintext", "type"}
    | {"tags", "authors", "primary_tag", "primary_author"}
)

Row = dict[str, Any]


def documents(store: Store, kind: Kind, query: dict[str, str]) -> tuple[list[Document], dict[str, Any]]:
    """One page of documents and Ghost's `meta`."""
    filter = query.get("filter", "").strip()
    if filter.startswith("(") and filter.endswith(")"):
        # Ghost puts parentheses of its own around a filter, and then takes "((...))" for none at all.
        matching(store, kind, filter)  # but it must be one
        filter = ""
    chosen = matching(store, kind, filter)
    _sort(chosen, query.get("order", ""))
    return paginate(chosen, query, kind.plural)


def matching(store: Store, kind: Kind, filter: str) -> list[Document]:
    """All documents of a kind that a filter lets through."""
    predicate = _predicate(filter, _COLUMNS, kind.plural)
    return [document for document in store.of_kind(kind) if predicate(_row(store, document))]


def rows(table: Iterable[Row], query: dict[str, str], resource: str) -> tuple[list[Row], dict[str, Any]]:
    """One page of a simple table, with `filter` and `fields` applied."""
    all_rows = list(table)
    names = frozenset({name for row in all_rows for name in row} | {"id", "slug", "name"})
    predicate = _predicate(query.get("filter", ""), names, resource)
    chosen = [row for row in all_rows if predicate({name: _value(name, row.get(name)) for name in names})]
    page, meta = paginate(chosen, query, resource)
    wanted = [name for name in query.get("fields", "").split(",") if name]
    if wanted:
        page = [{name: row[name] for name in wanted if name in row} for row in page]
    return page, meta


def _predicate(filter: str, columns: frozenset[str], resource: str) -> nql.Predicate:
    try:
        return nql.parse(filter, columns)
    except nql.FilterError as error:
        raise (unknown_column if error.column else bad_filter)(resource) from None


def _value(name: str, value: Any) -> Any:
    return spaced(value) if name in DATES and value else value


def _row(store: Store, document: Document) -> nql.Row:
    tags = [store.tags[id]["slug"] for id in document.tags]
    authors = [store.users[id]["slug"] for id in document.authors]
    own = {name: _value(name, value) for name, value in document.own.items()}
    return {
        **dict.fromkeys(_COLUMNS),
        **document.meta,
        **own,
        "id": document.id,
        "uuid": document.uuid,
        "created_at": spaced(document.created_at),
        "html": document.html,
        "type": document.kind.value,
        "tags": tags,
        "authors": authors,
        "primary_tag": tags[0] if tags else None,
        "primary_author": authors[0],
    }


def _sort(chosen: list[Document], order: str) -> None:
    """Sort in place. Columns that do not exist are passed over, as Ghost does; NULL comes first, as in SQLite."""
    chosen.sort(key=lambda document: document.id, reverse=True)
    keys = [
        (match[1], match[2] or "asc")
        for part in order.lower().split(",")
        if (match := re.fullmatch(r"\s*([a-z_]+)(?:\s+(asc|desc))?\s*", part))
        and match[1] in {*OWN, "id", "created_at"}
    ]
    if not keys:
        chosen.sort(key=lambda d: d.own["updated_at"] or "", reverse=True)
        chosen.sort(key=_published, reverse=True)
        chosen.sort(key=lambda d: _STATUS_RANK.get(d.own["status"], 2))
        return
    for name, direction in reversed(keys):
        chosen.sort(key=lambda d, name=name: _sortable(d[name]), reverse=direction == "desc")  # type: ignore[misc]  # the default argument binds the loop's name


def _published(document: Document) -> str:
    return document.own["published_at"] or "" if document.own["status"] != "draft" else ""


def _sortable(value: Any) -> tuple[bool, str]:
    return (value is not None, str(value))


def paginate(chosen: Sequence[Any], query: dict[str, str], resource: str) -> tuple[list[Any], dict[str, Any]]:
    limit = _limit(query.get("limit", ""), resource)
    raw_page = query.get("page", "1")
    page = max(1, int(raw_page)) if raw_page.isdigit() else 1
    total = len(chosen)
    pages = max(1, -(-total // limit))
    following = previous = None
    if pages > 1:
        # Ghost looks only at the first and last page by number: past the end, next counts on.
        following = None if page == pages else page + 1
        previous = None if page == 1 else page - 1
    meta = {
        "pagination": {
            "page": page,
            "limit": limit,
            "pages": pages,
            "total": total,
            "next": following,
            "prev": previous,
        }
    }
    return list(chosen[(page - 1) * limit : page * limit]), meta


def _limit(text: str, resource: str) -> int:
    if not text:
        return _PLAIN_PAGE
    if re.fullmatch(r"-\d+|[\d.]*\.[\d.]*", text):
        raise invalid("browse", resource, "Validation (matches) failed for limit undefined.limit")
    if text.isdigit():
        return min(int(text), LONGEST_PAGE) or _PLAIN_PAGE
    return LONGEST_PAGE
