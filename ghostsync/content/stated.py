"""What a file's front matter states: keys -> canonical fields, with every check that can be made before Ghost
is asked.

For each field the first of these that the file has is read: Ghost's own name, a key that `[content] keys` maps to
it, a name other programs use. The rest belong to the author and are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ghostsync.content.addresses import canonical_url, fault_of, origin_of
from ghostsync.content.dates import canonical_date, epoch
from ghostsync.content.fields import (
    ALIASES,
    ASKS_FOR_EMAIL,
    FIELDS,
    STATUSES,
    VISIBILITIES,
    Field,
    Path,
    Shape,
    limit_of,
    why_unsupported,
)
from ghostsync.content.front_matter.values import Matter, Type, Value
from ghostsync.content.people import find_author, find_tier
from ghostsync.content.slug import slugify
from ghostsync.content.types import Context, FieldValue
from ghostsync.errors import ContentError
from ghostsync.model import Kind, Mode

_ID = re.compile(r"[0-9a-f]{24}")
_TRUE = frozenset({"true", "yes", "on"})

Report = Callable[[Value, str, str, str], None]
"""(value, key, what, remedy): notes one problem."""


@dataclass(slots=True)
class Stated:
    """What the front matter says, in canonical form.

    origins: field -> the place it was read from. spellings: field -> {canonical name: as the author spelled it},
    for lists. mode: None where there is no `format`.
    """

    fields: dict[str, FieldValue] = field(default_factory=dict)
    origins: dict[str, Path] = field(default_factory=dict)
    spellings: dict[str, dict[str, str]] = field(default_factory=dict)
    ghost_id: str = ""
    mode: Mode | None = None
    problems: list[ContentError] = field(default_factory=list)


def places(name: str, keys: Mapping[str, str]) -> Iterator[Path]:
    """Where a field may stand, best first. keys: `[content] keys`; a key mapped there means nothing else."""
    if name not in keys:
        yield (name,)
    yield from ((key,) for key, wanted in keys.items() if wanted == name)
    yield from (path for path in ALIASES.get(name, ()) if path[0] not in keys)


class _Statement:
    def __init__(self, matter: Matter, path: str, kind: Kind, context: Context, first_line: int) -> None:
        self.matter = matter
        self.path = path
        self.kind = kind
        self.context = context
        self.first_line = first_line
        self.out = Stated()

    def problem(self, value: Value, key: str, what: str, remedy: str) -> None:
        self.out.problems.append(
            located(self.path, value.line + self.first_line - 1, key, what, remedy),
        )

    def read(self) -> Stated:
        for name, wanted in self.context.keys.items():
            if wanted and wanted not in FIELDS and (value := self.matter.entries.get(name)):
                self.problem(
                    value,
                    name,
                    f"[content] keys in ghostsync.toml maps {name} to {wanted!r}, which is no field of a Ghost post",
                    f"Use one of: {', '.join(FIELDS)}.",
                )
        for spec in FIELDS.values():
            self.field(spec)
        self.schedule()
        self.together()
        self.special()
        return self.out

    def field(self, spec: Field) -> None:
        for place in places(spec.name, self.context.keys):
            value = self.matter.find(place)
            if value is None:
                continue
            own = place[0] == spec.name or place[0] in self.context.keys
            if not own and not _fits(spec, place, value):
                continue
            if len(place) > 1 and spec.name != "feature_image":
                # An alternative text belongs to the picture it stands beside.
                image = self.out.origins.get("feature_image", place)
                if image[:1] != place[:1]:
                    continue
            if spec.name == "status" and self.out.origins.get("status"):
                # `draft` and `published` both there: whichever says draft is believed.
                if self.word(spec, place, value) == "draft":
                    self.out.fields["status"] = "draft"
                    self.out.origins["status"] = place
                continue
            self.state(spec, place, value)
            if spec.name != "status" or own:
                return

    def state(self, spec: Field, place: Path, value: Value) -> None:
        key = ".".join(place)
        if not spec.supported(self.kind, self.context.site.major):
            reason = why_unsupported(spec.name, self.kind, self.context.site.major)
            self.problem(value, key, reason, "Remove the key.")
            return
        if value.type is Type.EMPTY and not (spec.shape is Shape.NAMES and value.text):
            if not spec.keeps:
                self.out.fields[spec.name] = spec.default
            self.out.origins[spec.name] = place
            return
        before = len(self.out.problems)
        canonical = self.canonical(spec, place, value)
        if len(self.out.problems) == before:
            self.out.origins[spec.name] = place
            if not (spec.keeps and not canonical):
                self.out.fields[spec.name] = canonical

    def canonical(self, spec: Field, place: Path, value: Value) -> FieldValue:
        key = ".".join(place)
        match spec.shape:
            case Shape.NAMES:
                return self.names(spec, place, value)
            case Shape.WORD:
                return self.word(spec, place, value)
            case Shape.FLAG:
                if value.type is not Type.FLAG:
                    self.problem(
                        value, key, f"{_shown(value)} is neither true nor false", "Write true or false."
                    )
                return value.text.lower() in _TRUE
            case Shape.DATE:
                date = canonical_date(value.text, self.context.site.timezone) if value.scalar else None
                if date is None:
                    self.problem(
                        value,
                        key,
                        f"{_shown(value)} is not a date",
                        "Write it like 2026-01-31, 2026-01-31 09:15 or 2026-01-31T09:15:00+01:00.",
                    )
                return date
            case Shape.TEXT | Shape.URL:
                return self.text(spec, key, value)

    def text(self, spec: Field, key: str, value: Value) -> str | None:
        if not value.scalar:
            self.problem(
                value, key, f"{_shown(value)} stands where text is expected", "Write one text, in quotes."
            )
            return None
        text = canonical_text(value.text)
        if text is None:
            return None
        limit = limit_of(spec, self.context.site.major)
        if len(text) > limit:
            self.problem(
                value,
                key,
                f"{len(text)} characters are too many; Ghost takes {limit}",
                f"Shorten it by {len(text) - limit}.",
            )
        if spec.shape is Shape.URL:
            if fault := fault_of(text):
                self.problem(value, key, *fault)
            return canonical_url(text, origin_of(self.context.site.url))
        return slugify(text) if spec.name == "slug" else text

    def word(self, spec: Field, place: Path, value: Value) -> str | None:
        key = ".".join(place)
        if spec.name == "status" and place[0] in {"draft", "published"} and place[0] not in self.context.keys:
            said = value.text.lower() in _TRUE
            return "draft" if said == (place[0] == "draft") else "published"
        words = STATUSES[:3] if spec.name == "status" else VISIBILITIES
        if spec.name == "visibility" and self.context.site.major < FIELDS["tiers"].since:
            words = VISIBILITIES[:3]
        word = value.text.strip() if value.scalar else ""
        if word == "sent" and spec.name == "status":
            return word
        if word not in words:
            self.problem(
                value,
                key,
                f"{_shown(value)} is not a {spec.name} that Ghost knows",
                f"Write one of: {', '.join(words)}.",
            )
        return word

    def names(self, spec: Field, place: Path, value: Value) -> tuple[str, ...]:
        key = ".".join(place)
        if value.type is Type.TABLE:
            self.problem(value, key, "a mapping stands where a list is expected", f"Write {key}: [one, two].")
            return ()
        if value.type is Type.EMPTY:
            self.problem(
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
        for item in items:
            name = item.text.strip()
            if not item.scalar or item.type is Type.EMPTY or not name:
                self.problem(
                    item,
                    key,
                    "an item of the list is empty" if item.scalar else "an item of the list is not a text",
                    "Remove it, or put it in quotes (a bare # begins a comment in YAML).",
                )
                continue
            canonical = self.name(spec, key, item, name)
            if canonical is not None:
                found.setdefault(canonical, name)
        self.out.spellings[spec.name] = found
        return tuple(found)

    def name(self, spec: Field, key: str, item: Value, name: str) -> str | None:
        known: str | tuple[str, str]
        if spec.name == "authors":
            known = find_author(name, self.context.authors)
        elif spec.name == "tiers":
            known = find_tier(name, self.context.tiers)
        else:
            if len(name) > spec.limit:
                self.problem(
                    item, key, f"a tag of {len(name)} characters is too long", f"Ghost takes {spec.limit}."
                )
            if name.startswith(","):
                self.problem(item, key, f"the tag {name!r} begins with a comma", "Remove the comma.")
            return name
        if isinstance(known, str):
            return known
        self.problem(item, key, *known)
        return None

    def schedule(self) -> None:
        """Say "published" or "scheduled" by the clock, as Ghost itself will once the time has come."""
        fields = self.out.fields
        status, date = fields.get("status"), fields.get("published_at")
        ahead = isinstance(date, str) and epoch(date) > self.context.now
        by_flag = self.out.origins.get("status", ())[:1] in {("draft",), ("published",)}
        if status == "scheduled":
            if not isinstance(date, str):
                if not any(problem.key in {"published_at", "date"} for problem in self.out.problems):
                    self.problem(
                        self.at("status"),
                        "status",
                        "a scheduled post needs the time at which it appears",
                        "Add published_at, for example published_at: 2030-01-31 09:00.",
                    )
            elif not ahead:
                fields["status"] = "published"
        elif status == "published" and by_flag and ahead:
            # Hugo and Jekyll hold back what is dated ahead; published at once, it would surprise its readers.
            fields["status"] = "scheduled"

    def together(self) -> None:
        """Checks that need two keys."""
        fields = self.out.fields
        tiers, visibility = fields.get("tiers"), fields.get("visibility")
        if visibility == "tiers" and not tiers and "tiers" not in {p.key for p in self.out.problems}:
            self.problem(
                self.at("visibility"),
                "visibility",
                "visibility is `tiers`, but no tiers are named",
                "Add tiers: [name of a tier].",
            )
        if tiers and visibility is not None and visibility != "tiers":
            self.problem(
                self.at("tiers"),
                "tiers",
                f"tiers are named, but visibility is {visibility!r}, so that they mean nothing",
                "Write visibility: tiers, or remove tiers.",
            )

    def at(self, name: str) -> Value:
        value = self.matter.find(self.out.origins.get(name, (name,)))
        return value or Value(Type.EMPTY, 1)

    def special(self) -> None:
        entries = self.matter.entries
        if (value := entries.get("ghost_id")) and value.type is not Type.EMPTY:
            self.out.ghost_id = value.text.strip().lower() if value.scalar else ""
            if not _ID.fullmatch(self.out.ghost_id):
                self.problem(
                    value,
                    "ghost_id",
                    f"{_shown(value)} is not the id of a post",
                    "ghostsync writes this key itself; put back what it was, or remove the line to make a new post.",
                )
                self.out.ghost_id = ""
        if (value := entries.get("format")) and value.type is not Type.EMPTY:
            try:
                self.out.mode = Mode(value.text)
            except ValueError:
                self.problem(
                    value,
                    "format",
                    f"{_shown(value)} is not a content format",
                    f"Write one of: {', '.join(Mode)}.",
                )
        for key in ASKS_FOR_EMAIL:
            value = entries.get(key)
            if value is None or value.type is Type.EMPTY or key in self.context.keys:
                continue
            if value.type is Type.FLAG and value.text.lower() not in _TRUE:
                continue
            self.problem(
                value,
                key,
                "this asks Ghost to send an e-mail, which ghostsync does not do; the post is left as it is",
                "Remove the key, and send the newsletter from Ghost Admin.",
            )
        if self.out.fields.get("status") == "sent" and not self.out.ghost_id:
            self.problem(
                self.at("status"),
                "status",
                "`sent` is Ghost's own word for a post that went out by e-mail only; it cannot be asked for",
                "Write draft, published or scheduled.",
            )


def read_statement(matter: Matter, path: str, kind: Kind, context: Context, first_line: int) -> Stated:
    """Read all fields. first_line: line of the file on which the block begins."""
    return _Statement(matter, path, kind, context, first_line).read()


def located(path: str, line: int, key: str, what: str, remedy: str) -> ContentError:
    """A problem that names line and key in its sentence, for whoever prints only that."""
    where = ", ".join(part for part in (f"line {line}" if line else "", key) if part)
    return ContentError(
        f"{where}: {what}" if where else what, line=line, key=key, subject=path, remedy=remedy
    )


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


def _fits(spec: Field, place: Path, value: Value) -> bool:
    """Whether another program's key holds what this field needs; else it means something else there."""
    if value.type is Type.EMPTY:
        return len(place) == 1 and place[0] not in {"cover", "image"}
    if spec.name == "status":
        return value.type is Type.FLAG
    if spec.shape is Shape.NAMES:
        return value.type is not Type.TABLE
    return value.scalar


def _shown(value: Value) -> str:
    if value.type is Type.LIST:
        return "a list"
    if value.type is Type.TABLE:
        return "a mapping"
    text = value.text if len(value.text) <= 40 else f"{value.text[:37]}..."
    return repr(text)
