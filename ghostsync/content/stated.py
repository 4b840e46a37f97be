"""What a file's front matter states: keys -> canonical fields, with every check that can be made before Ghost
is asked.

For each field the first of these that the file has is read: Ghost's own name, a key that `[content] keys` maps to
it, a name other programs use. The rest belong to the author and are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ghostsync.content.dates import epoch
from ghostsync.content.fields import ALIASES, FIELDS, Field, Path, Shape, why_unsupported
from ghostsync.content.front_matter.values import Matter, Type, Value
from ghostsync.content.newsletters import read_email
from ghostsync.content.types import Context, FieldValue
from ghostsync.content.value_reader import ValueReader, shown
from ghostsync.errors import ContentError
from ghostsync.model import EmailRequest, Kind, Mode

_ID = re.compile(r"[0-9a-f]{24}")


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
    email: EmailRequest | None = None
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
        self.values = ValueReader(context, self.problem)
        self.out.spellings = self.values.spellings

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

    def candidates(self, spec: Field) -> Iterator[tuple[Path, Value]]:
        """The values in the file that can be this field's, best first."""
        for place in places(spec.name, self.context.keys):
            value = self.matter.find(place)
            if value is None or not (self.is_own(spec, place) or _fits(spec, place, value)):
                continue
            if len(place) > 1 and spec.name != "feature_image":
                # An alternative text belongs to the picture it stands beside.
                image = self.out.origins.get("feature_image", place)
                if image[0] != place[0]:
                    continue
            yield place, value

    def is_own(self, spec: Field, place: Path) -> bool:
        return place[0] == spec.name or place[0] in self.context.keys

    def field(self, spec: Field) -> None:
        empty: Path = ()
        for place, value in self.candidates(spec):
            if value.blank and spec.keeps:
                # Nothing is said here, and nothing can be cleared; but this is where a value would go.
                empty = empty or place
            elif spec.name == "status" and not self.is_own(spec, place):
                # Of `draft` and `published`, whichever says draft is believed.
                word = self.values.word(spec, place, value)
                if word == "draft" or "status" not in self.out.fields:
                    self.out.fields["status"], self.out.origins["status"] = word, place
            else:
                self.state(spec, place, value)
                return
        if empty:
            self.out.origins.setdefault(spec.name, empty)

    def state(self, spec: Field, place: Path, value: Value) -> None:
        empty = value.blank and not (spec.shape is Shape.NAMES and value.text.strip())
        if not spec.supported(self.kind, self.context.site.major):
            if not empty:
                reason = why_unsupported(spec.name, self.kind, self.context.site.major)
                self.problem(value, ".".join(place), reason, "Remove the key.")
            return
        self.out.origins[spec.name] = place
        before = len(self.out.problems)
        canonical = spec.default if empty else self.values.read(spec, place, value)
        if len(self.out.problems) == before and (canonical or not spec.keeps):
            self.out.fields[spec.name] = canonical

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
        if (value := entries.get("ghost_id")) and not value.blank:
            self.out.ghost_id = value.text.strip().lower() if value.scalar else ""
            if not _ID.fullmatch(self.out.ghost_id):
                self.problem(
                    value,
                    "ghost_id",
                    f"{shown(value)} is not the id of a post",
                    "ghostsync writes this key itself; put back what it was, or remove the line to make a new post.",
                )
                self.out.ghost_id = ""
        if (value := entries.get("format")) and not value.blank:
            try:
                self.out.mode = Mode(value.text)
            except ValueError:
                self.problem(
                    value,
                    "format",
                    f"{shown(value)} is not a content format",
                    f"Write one of: {', '.join(Mode)}.",
                )
        self.out.email = read_email(entries, self.kind, self.context, self.problem)
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


def _fits(spec: Field, place: Path, value: Value) -> bool:
    """Whether another program's key holds what this field needs; else it means something else there."""
    if value.type is Type.EMPTY:
        return len(place) == 1 and place[0] not in {"cover", "image"}
    if spec.name == "status":
        return value.type is Type.FLAG
    if spec.shape is Shape.NAMES:
        return value.type is not Type.TABLE
    return value.scalar
