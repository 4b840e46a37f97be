"""Dates: what people and static site generators write, and the one canonical form.

Canonical is "2026-01-31T08:15:00Z": UTC, whole seconds, as Ghost keeps `published_at`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WRITTEN = re.compile(
    r"(?P<date>\d{4}(?P<dash>[-/])\d{1,2}(?P=dash)\d{1,2})"
    r"(?:(?P<sep>[Tt]|[ \t]+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<second>:\d{2})?(?:[.,]\d+)?"
    r"(?P<gap>[ \t]*)(?P<zone>[Zz]|UTC|[+-]\d{1,2}(?::?\d{2})?)?)?"
)


@lru_cache(maxsize=16)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone a site is set to; UTC for a name this machine's database does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _offset(text: str) -> timezone:
    if text.upper() in {"Z", "UTC"}:
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    delta = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-delta if text[0] == "-" else delta)


def canonical_date(text: str, timezone_name: str) -> str | None:
    """A written date in canonical form, or None where it is none.

    ISO 8601 (2026/01/31 is fine, too) with "T" or a space, seconds optional, a zone as Z, +01:00, +0100 or +01 (Jekyll's space
    before it is fine). Without a zone it is in the site's; a day alone is its midnight there. A local
    time that a clock change skips or repeats is taken as before the change.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    try:
        year, month, day = (int(part) for part in match["date"].split(match["dash"]))
        moment = datetime(  # noqa: DTZ001 - the zone is added in the next lines, where it is known
            year,
            month,
            day,
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int((match["second"] or ":0")[1:]),
        )
        moment = moment.replace(tzinfo=_offset(match["zone"]) if match["zone"] else zone(timezone_name))
        return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    except (ValueError, OverflowError):
        return None


def from_ghost(text: object) -> str | None:
    """Ghost's own string ("2026-01-31T08:15:00.000Z"; null and unreadable ones give None)."""
    return canonical_date(text, "UTC") if isinstance(text, str) else None


def to_ghost(canonical: str) -> str:
    """The form Ghost itself answers with, milliseconds and all."""
    return canonical.removesuffix("Z") + ".000Z"


def epoch(canonical: str) -> int:
    """Seconds since 1970 of a canonical date."""
    return int(datetime.fromisoformat(canonical).timestamp())


def written_date(canonical: str, timezone_name: str, like: str = "") -> str:
    """A canonical date as it is written into a file: local to the site, always with its offset.

    like: the value it replaces; its separators and its style of offset are kept.
    """
    moment = datetime.fromisoformat(canonical)
    old = _WRITTEN.fullmatch(like.strip())
    zoned = old["zone"] if old else None
    local = moment if zoned and zoned.upper() in {"Z", "UTC"} else moment.astimezone(zone(timezone_name))
    offset = local.strftime("%z")
    if len(offset) > 5:
        # Local mean time, before time zones were whole minutes: no date format has room for the seconds.
        local, offset, zoned = moment, "+0000", None
    separator = old["sep"] if old and old["sep"] else "T"
    day = local.date().isoformat().replace("-", old["dash"] if old else "-")
    head = f"{day}{separator}{local.time().isoformat()}"
    if zoned is None:
        offset = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
        return head + offset
    if zoned.upper() in {"Z", "UTC"}:
        offset = zoned
    elif ":" in zoned:
        offset = f"{offset[:3]}:{offset[3:]}"
    return f"{head}{old['gap'] if old else ''}{offset}"
