"""Editing a file in place: just the keys and the body that changed, in the author's own names and style.

Every edit is read back before it is believed: the wanted fields must be there, all else must be as it was. The
first way that passes wins: the author's names, then Ghost's names, then a library's round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ghostsync.content.dates import epoch, written_date
from ghostsync.content.fields import FIELDS, Shape
from ghostsync.content.front_matter.json_edit import edit_json
from ghostsync.content.front_matter.toml_edit import edit_toml
from ghostsync.content.front_matter.values import CannotEdit, DateText, Edit, Matter, New, Type, Value
from ghostsync.content.front_matter.yaml_edit import edit_yaml, edit_yaml_round_trip
from ghostsync.content.reading import BodyParts, Reading, read, read_matter
from ghostsync.content.source import Form, NotText, Source, split
from ghostsync.content.title import write_heading
from ghostsync.content.types import Context, FieldValue
from ghostsync.errors import ContentError
from ghostsync.model import Kind

Editor = Callable[[str, Sequence[Edit]], str]

_EDITORS: Mapping[Form, tuple[Editor, ...]] = {
    Form.YAML: (edit_yaml, edit_yaml_round_trip),
    Form.TOML: (edit_toml,),
    Form.JSON: (edit_json,),
}
_ORDER = tuple(FIELDS)


def edit_file(
    data: bytes,
    path: str,
    kind: Kind,
    context: Context,
    fields: Mapping[str, FieldValue],
    body: str | None,
) -> bytes:
    """A file with these fields set (or removed, where they are cleared) and its body replaced.

    fields: canonical values. body: Markdown with LF line ends, without the H1 that gives the title, which stays;
    None leaves it. The file's line ends, byte order mark and last line end (or its absence) are kept. Raises
    ContentError where the file cannot be read, or cannot be edited without damage.
    """
    if not fields and body is None:
        return data
    reading = read(data, path, kind, context)
    _refuse_unreadable(reading)
    for attempt in _attempts(reading, fields, body, context):
        try:
            result = attempt.carry_out()
        except CannotEdit:
            continue
        if attempt.succeeded(read(result, path, kind, context)):
            return result
    names = ", ".join([*fields, *(["the body"] if body is not None else [])])
    raise ContentError(
        f"{names} cannot be written into this file without changing something else in it",
        subject=path,
        remedy="Simplify the front matter (plain `key: value` lines), then sync again; the file was left as it is.",
    )


def add_ghost_id(data: bytes, id: str) -> bytes:
    """A file with the post's id as one line more, the last of its front matter (in JSON the first, so that no
    other line gets a comma; in TOML the last before the tables). A file without front matter gets a block.

    The same file comes back if the id is there already; another id is replaced. Raises ContentError.
    """
    source, matter = _block_of(data)
    found = matter.entries.get("ghost_id")
    if found is not None and found.text == id:
        return data
    source = _with_block(source)
    for editor in _EDITORS[source.form]:
        try:
            new = editor(source.matter, [Edit(("ghost_id",), id)])
        except CannotEdit:
            continue
        result = source.join(matter=new)
        after = _block_of(result)[1].entries
        if after.get("ghost_id", Value(Type.EMPTY, 0)).text == id and _untouched(matter, after, {"ghost_id"}):
            return result
    raise ContentError(
        "the line ghost_id cannot be added to this file's front matter",
        key="ghost_id",
        remedy=f"Add it by hand: ghost_id: {id}",
    )


def _block_of(data: bytes) -> tuple[Source, Matter]:
    try:
        source = split(data)
    except NotText as error:
        raise ContentError(str(error), line=error.line, remedy="Save the file as UTF-8.") from None
    if source.unclosed:
        raise ContentError(
            "the front matter has no end", line=1, remedy="Close it with a line like its first one."
        )
    matter = read_matter(source)
    for trouble in matter.troubles:
        raise ContentError(
            trouble.what, line=trouble.line + source.first_line - 1, key=trouble.key, remedy=trouble.remedy
        )
    return source, matter


def _refuse_unreadable(reading: Reading) -> None:
    """Front matter that cannot be parsed cannot be edited either; a wrong value in it can."""
    broken = reading.source.unclosed or (reading.source.matter.strip() and not reading.matter.entries)
    undecoded = bool(reading.document.data) and not reading.source.text and not reading.source.bom
    if (broken or reading.matter.troubles or undecoded) and reading.document.problems:
        raise reading.document.problems[0]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to carry out an edit, and what must be true afterwards."""

    reading: Reading
    source: Source
    editor: Editor
    edits: tuple[Edit, ...]
    body: str | None
    wanted: Mapping[str, FieldValue]
    text: str
    now: int

    def carry_out(self) -> bytes:
        matter = self.editor(self.source.matter, self.edits) if self.edits else self.source.matter
        return self.source.join(matter=matter, body=self.body)

    def succeeded(self, after: Reading) -> bool:
        before, document = self.reading.document, after.document
        if document.body != self.text or document.ghost_id != before.ghost_id or document.mode != before.mode:
            return False
        if after.matter.troubles or not _untouched(
            self.reading.matter, after.matter.entries, {edit.path[0] for edit in self.edits}
        ):
            return False
        expected = {**before.fields, **self.wanted}
        date = self.wanted.get("published_at")
        if (
            isinstance(date, str)
            and "status" not in self.wanted
            and expected.get("status") == "scheduled"
            and epoch(date) <= self.now
        ):
            expected["status"] = "published"
        return all(
            document.fields.get(name, FIELDS[name].default) == expected.get(name, FIELDS[name].default)
            for name in FIELDS
        )


def _attempts(
    reading: Reading, fields: Mapping[str, FieldValue], body: str | None, context: Context
) -> Iterator[_Attempt]:
    text = reading.body.text if body is None else _normalised(body)
    origins = reading.stated.origins
    for own_names in (False, True):
        wanted = dict(fields)
        if own_names:
            # What was only inferred must now be said: the edit would change what is inferred.
            if "title" not in origins:
                wanted.setdefault("title", reading.document.fields["title"])
            status = reading.document.fields.get("status")
            if "published_at" in fields and status is not None and origins.get("status") != ("status",):
                wanted.setdefault("status", status)
            if "feature_image" in fields:
                for name in ("feature_image_alt", "feature_image_caption"):
                    if len(origins.get(name, ())) > 1:
                        wanted.setdefault(name, reading.document.fields.get(name))
        heading_title = wanted.get("title") if reading.body.heading and not own_names else None
        edits = tuple(
            edit
            for name in _ORDER
            if name in wanted and not (name == "title" and heading_title is not None)
            for edit in _edits(name, wanted[name], reading, context, own_names=own_names)
        )
        source = _with_block(reading.source) if edits else reading.source
        for heading in _headings(reading.body, heading_title, own_names=own_names):
            whole = None
            if body is not None or heading != reading.body.heading:
                whole = _assembled(reading, source, text, heading)
            elif source is not reading.source:
                whole = source.body
            for editor in _EDITORS.get(source.form, (edit_yaml,)):
                yield _Attempt(reading, source, editor, edits, whole, wanted, text, context.now)


def _edits(
    name: str, value: FieldValue, reading: Reading, context: Context, *, own_names: bool
) -> Iterator[Edit]:
    origin = reading.stated.origins.get(name)
    own = (name,)
    after = tuple(reversed([place[0] for place in _places_before(name, reading)]))
    cleared = value is None or value == ()
    if not own_names or origin == own:
        place = origin or own
        if cleared and not own_names:
            if origin is not None:
                yield Edit(place, None)
            return
        new = _written(name, value, place, reading, context)
        if new is not None and not (origin is None and value == FIELDS[name].default):
            yield Edit(place, new, after, "ghost_id")
        return
    if origin is not None and len(origin) == 1:
        yield Edit(origin, None)
        after = (*after,)
    if value == FIELDS[name].default and origin is None:
        return
    new = ("" if value is None else ()) if cleared else _written(name, value, own, reading, context)
    if new is not None:
        yield Edit(own, new, after, "ghost_id")


def _places_before(name: str, reading: Reading) -> list[tuple[str, ...]]:
    """Where the fields stand that come before this one in a new file."""
    origins = reading.stated.origins
    before = [origins[other] for other in _ORDER[: _ORDER.index(name)] if other in origins]
    return [place for place in before if len(place) == 1]


def _written(
    name: str, value: FieldValue, place: tuple[str, ...], reading: Reading, context: Context
) -> New | None:
    """A canonical value in the author's way of writing it at this place."""
    old = reading.matter.find(place)
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    if name == "status" and place[0] in {"draft", "published"} and place[0] not in context.keys:
        return (value == "draft") == (place[0] == "draft")
    if FIELDS[name].shape is Shape.DATE:
        return DateText(written_date(str(value), context.site.timezone, old.text if old else ""))
    if not isinstance(value, tuple):
        return str(value)
    spellings = reading.stated.spellings.get(name, {})
    names = tuple(spellings.get(item, item) for item in value)
    if old is None or old.type in {Type.LIST, Type.EMPTY}:
        return names
    if "," in old.text or (place[-1] != "tags" and len(names) == 1):
        return ", ".join(names) if len(names) > 1 or "," not in old.text else f"{names[0]},"
    return " ".join(names) if place[-1] == "tags" and not any(" " in item for item in names) else names


def _headings(parts: BodyParts, title: FieldValue, *, own_names: bool) -> Iterator[str]:
    """Spellings of the H1 to try; "" takes it out of the body, because the title is now a key."""
    if own_names or not parts.heading:
        yield ""
        return
    if title is None:
        yield parts.heading
        return
    gap = parts.heading[len(parts.heading.rstrip("\n")) :]
    for spelled in write_heading(str(title), underlined=parts.underlined):
        yield spelled.rstrip("\n") + gap


def _assembled(reading: Reading, source: Source, text: str, heading: str) -> str:
    """The body's whole text: the blank lines around it, the H1 where it was, the new text."""
    parts = reading.body
    text = text.rstrip("\n")
    lead, trail = parts.lead, parts.trail
    if source is not reading.source:
        lead = source.body[: len(source.body) - len(source.body.lstrip("\n"))]
    if not parts.text and not parts.heading:
        # There was no body: `lead` is all the blank lines there were.
        lead, trail = (lead if source.form is Form.NONE else lead or "\n"), "\n"
    if source.tail and not source.tail.endswith("\n"):
        lead = f"\n{lead}"
    if not text and not heading:
        return ""
    if not heading:
        return lead + text + trail
    gap = heading[len(heading.rstrip("\n")) :] or "\n\n"
    heading = heading.rstrip("\n")
    lines = text.split("\n") if text else []
    at = _place(parts, lines)
    above = "\n".join(lines[:at]).rstrip("\n")
    below = "\n".join(lines[at:]).lstrip("\n")
    pieces = [f"{above}\n\n" if above else "", heading, f"{gap}{below}" if below else ""]
    return lead + "".join(pieces) + trail


def _place(parts: BodyParts, lines: Sequence[str]) -> int:
    """The line of a new body in front of which an H1 belongs that stood between old lines."""
    if not parts.before.strip():
        return 0
    old = (parts.before + parts.after).split("\n")
    place = parts.before.count("\n")
    for a, b, size in SequenceMatcher(None, old, lines, autojunk=False).get_matching_blocks():
        if a <= place <= a + size and size:
            return b + place - a
    return 0


def _normalised(body: str) -> str:
    lines = body.split("\n")
    while lines and not lines[0].strip(" \t"):
        del lines[0]
    text = "\n".join(lines).rstrip(" \t\n")
    return f"{text}\n" if text else ""


def _with_block(source: Source) -> Source:
    """The same file with an empty YAML block in front, if it has none."""
    if source.form is not Form.NONE:
        return source
    body = source.body
    return replace(
        source,
        form=Form.YAML,
        head="---\n",
        matter="",
        tail="---\n",
        body=f"\n{body}" if body.strip("\n") and not body.startswith("\n") else body,
    )


def _untouched(before: Matter, after: Mapping[str, Value], touched: set[str]) -> bool:
    """Whether all other keys still hold what they held, and none has come or gone."""
    names = (set(before.entries) | set(after)) - touched
    return all(
        name in before.entries and name in after and _content(before.entries[name]) == _content(after[name])
        for name in names
    )


def _content(value: Value) -> object:
    return (
        value.type,
        value.text,
        tuple(_content(item) for item in value.items),
        {key: _content(item) for key, item in value.table.items()},
    )
