"""One value of the front matter -> its field's canonical form, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from ghostsync.content.addresses import canonical_url, encoded, fault_of, is_local, origin_of
from ghostsync.content.dates import canonical_date
from ghostsync.content.fields import FIELDS, PICTURES, STATUSES, VISIBILITIES, Field, Path, Shape, limit_of
from ghostsync.content.front_matter.values import Type, Value
from ghostsync.content.people import find_author, find_tier
from ghostsync.content.slug import slugify
from ghostsync.content.types import Context, FieldValue

Report = Callable[[Value, str, str, str], None]
"""(value, key, what, remedy): notes one problem."""

_TRUE = frozenset({"true", "yes", "on"})


def is_true(value: Value) -> bool:
    """Whether a FLAG is set; YAML 1.1 has more words for it than true."""
    return value.text.lower() in _TRUE


class ValueReader:
    """Reads values for one document. spellings: field -> {canonical name: as the author spelled it}."""

    def __init__(self, context: Context, report: Report) -> None:
        self._context = context
        self._major = context.site.major
        self._report = report
        self.spellings: dict[str, dict[str, str]] = {}

    def read(self, spec: Field, place: Path, value: Value) -> FieldValue:
        """The canonical value; what it is after a report does not matter."""
        key = ".".join(place)
        match spec.shape:
            case Shape.NAMES:
                return self._names(spec, place, value)
            case Shape.WORD:
                return self.word(spec, place, value)
            case Shape.FLAG:
                if value.type is not Type.FLAG:
                    self._report(
                        value, key, f"{shown(value)} is neither true nor false", "Write true or false."
                    )
                return is_true(value)
            case Shape.DATE:
                date = canonical_date(value.text, self._context.site.timezone) if value.scalar else None
                if date is None:
                    self._report(
                        value,
                        key,
                        f"{shown(value)} is not a date",
                        "Write it like 2026-01-31, 2026-01-31 09:15 or 2026-01-31T09:15:00+01:00.",
                    )
                return date
            case Shape.TEXT | Shape.URL:
                return self._text(spec, key, value)

    def _text(self, spec: Field, key: str, value: Value) -> str | None:
        if not value.scalar:
            self._report(
                value, key, f"{shown(value)} stands where text is expected", "Write one text, in quotes."
            )
            return None
        text = canonical_text(value.text)
        if text is None:
            return None
        limit = limit_of(spec, self._major)
        if len(text) > limit:
            self._report(
                value,
                key,
                f"{len(text)} characters are too many; Ghost takes {limit}",
                f"Shorten it by {len(text) - limit}.",
            )
        if spec.shape is Shape.URL:
            if self._context.uploads and spec.name in PICTURES and is_local(text):
                return text  # a file of the folder, or not: `linking` looks
            text = encoded(text)
            if fault := fault_of(text):
                self._report(value, key, *fault)
            return canonical_url(text, origin_of(self._context.site.url))
        return slugify(text) if spec.name == "slug" else text

    def word(self, spec: Field, place: Path, value: Value) -> str | None:
        key = ".".join(place)
        if (
            spec.name == "status"
            and place[0] in {"draft", "published"}
            and place[0] not in self._context.keys
        ):
            said = is_true(value)
            return "draft" if said == (place[0] == "draft") else "published"
        words = STATUSES[:3] if spec.name == "status" else VISIBILITIES
        if spec.name == "visibility" and self._major < FIELDS["tiers"].since:
            words = VISIBILITIES[:3]
        word = value.text.strip() if value.scalar else ""
        if word == "sent" and spec.name == "status":
            return word
        if word not in words:
            self._report(
                value,
                key,
                f"{shown(value)} is not a {spec.name} that Ghost knows",
                f"Write one of: {', '.join(words)}.",
            )
        return word

    def _names(self, spec: Field, place: Path, value: Value) -> tuple[str, ...]:
        key = ".".join(place)
        if value.type is Type.TABLE:
            self._report(value, key, "a mapping stands where a list is expected", f"Write {key}: [one, two].")
            return ()
        if value.type is Type.EMPTY:
            self._report(
                value,
                key,
                f"{value.text!r} is a comment in YAML, so that {key} is empty",
                f'Put it in quotes: {key}: ["{value.text}"].',
            )
            return ()
        items = value.items
        if value.type is not Type.LIST:
            items = tuple(Value(Type.TEXT, value.line, text) for text in split_names(key, value.text))
        found: dict[str, str] = {}
        seen: set[str] = set()
        for item in items:
            name = item.text.strip()
            if not item.scalar or item.type is Type.EMPTY or not name:
                self._report(
                    item,
                    key,
                    "an item of the list is empty" if item.scalar else "an item of the list is not a text",
                    "Remove it, or put it in quotes (a bare # begins a comment in YAML).",
                )
                continue
            canonical = self._name(spec, key, item, name)
            # Of two tags in one list that differ in case only, Ghost keeps the first.
            if canonical is not None and canonical.lower() not in seen:
                seen.add(canonical.lower())
                found[canonical] = name
        self.spellings[spec.name] = found
        return tuple(found)

    def _name(self, spec: Field, key: str, item: Value, name: str) -> str | None:
        known: str | tuple[str, str]
        if spec.name == "authors":
            known = find_author(name, self._context.authors)
        elif spec.name == "tiers":
            known = find_tier(name, self._context.tiers)
        else:
            if len(name) > spec.limit:
                self._report(
                    item, key, f"a tag of {len(name)} characters is too long", f"Ghost takes {spec.limit}."
                )
            if name.startswith(","):
                self._report(item, key, f"the tag {name!r} begins with a comma", "Remove the comma.")
            return name
        if isinstance(known, str):
            return known
        self._report(item, key, *known)
        return None


def canonical_text(text: str) -> str | None:
    """Text as both sides are compared: LF line ends, nothing blank around it, None if nothing is left."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip() or None


def split_names(key: str, text: str) -> list[str]:
    """Names in one text: split at commas, else (but for the singular `tag` and `author`) at spaces, as
    Jekyll and Obsidian do. An author's or a tier's name may hold spaces and is split at commas only.
    """
    if "," in text:
        return [part.strip() for part in text.split(",") if part.strip()]
    if key == "tags":
        return text.split()
    return [text.strip()]


def shown(value: Value) -> str:
    """A value for a message."""
    if value.type is Type.LIST:
        return "a list"
    if value.type is Type.TABLE:
        return "a mapping"
    text = value.text if len(value.text) <= 40 else f"{value.text[:37]}..."
    return repr(text)
