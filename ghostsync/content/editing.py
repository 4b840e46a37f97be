"""Editing a file in place: just the keys and the body that changed, in the author's own names and style.

Every edit is read back before it is believed: the wanted fields must be there, all else must be as it was. The
first way that passes wins: the author's names, then Ghost's names, then a library's round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from ghostsync.content.body_edit import assembled, headings, normalised
from ghostsync.content.dates import epoch, written_date
from ghostsync.content.fields import FIELDS, Shape
from ghostsync.content.front_matter.json_edit import edit_json
from ghostsync.content.front_matter.values import CannotEdit, DateText, Edit, Matter, New, Path, Type, Value
from ghostsync.content.front_matter.yaml_edit import edit_yaml, edit_yaml_round_trip
from ghostsync.content.reading import Reading, read, read_matter
from ghostsync.content.slug import slugify
from ghostsync.content.source import Form, NotText, Source, split, with_block
from ghostsync.content.types import Context, FieldValue
from ghostsync.content.value_reader import split_names
from ghostsync.errors import ContentError
from ghostsync.model import Kind, Mode

Editor = Callable[[str, Sequence[Edit]], str]


def _edit_toml(text: str, edits: Sequence[Edit]) -> str:
    """Loaded for the first TOML block: most folders have none."""
    from ghostsync.content.front_matter.toml_edit import edit_toml  # noqa: PLC0415

    return edit_toml(text, edits)


_EDITORS: Mapping[Form, tuple[Editor, ...]] = {
    Form.YAML: (edit_yaml, edit_yaml_round_trip),
    Form.TOML: (_edit_toml,),
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
    return _with_own_key(data, Edit(("ghost_id",), id))


def drop_ghost_id(data: bytes) -> bytes:
    """A file without its ghost_id line, as it would be if it had never been sent. Raises ContentError."""
    return _with_own_key(data, Edit(("ghost_id",), None))


def set_format(data: bytes, mode: Mode) -> bytes:
    """A file whose `format:` names this content mode. Raises ContentError."""
    return _with_own_key(data, Edit(("format",), mode.value, (), "ghost_id"))


def _with_own_key(data: bytes, edit: Edit) -> bytes:
    """A file with one of ghostsync's own keys set, or removed where the edit clears it; all else as it was."""
    key, wanted = edit.path[0], edit.value
    source, matter = _block_of(data)
    found = matter.entries.get(key)
    if (found.text if found is not None else None) == wanted:
        return data
    source = with_block(source)
    for editor in _EDITORS[source.form]:
        try:
            new = editor(source.matter, [edit])
        except CannotEdit:
            continue
        result = source.join(matter=new)
        after = _block_of(result)[1].entries
        held = after[key].text if key in after else None
        if held == wanted and _untouched(matter, after, (edit,)):
            return result
    done, line = ("removed from", "") if wanted is None else ("added to", f": {wanted}")
    raise ContentError(
        f"the line {key} cannot be {done} this file's front matter",
        key=key,
        remedy=f"{'Remove' if wanted is None else 'Add'} it by hand: {key}{line}",
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
    body: str
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
        if after.matter.troubles or not _untouched(self.reading.matter, after.matter.entries, self.edits):
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
        slug = expected.get("slug")
        if isinstance(slug, str):
            expected["slug"] = slugify(slug)  # one from an import may be none that Ghost would make today
        return all(
            document.fields.get(name, FIELDS[name].default) == expected.get(name, FIELDS[name].default)
            for name in FIELDS
        )


def _attempts(
    reading: Reading, fields: Mapping[str, FieldValue], body: str | None, context: Context
) -> Iterator[_Attempt]:
    """Ways to carry out an edit, the gentlest first."""
    text = reading.body.text if body is None else normalised(body)
    for editor, own_names in product(_EDITORS[with_block(reading.source).form], (False, True)):
        wanted = _spelled_out(fields, reading) if own_names else dict(fields)
        keeps_heading = bool(reading.body.heading) and not own_names
        edits = tuple(
            edit
            for name in _ORDER
            if name in wanted and not (name == "title" and keeps_heading)
            for edit in _edits(name, wanted[name], reading, context, own_names=own_names)
        )
        source = with_block(reading.source) if edits else reading.source
        # With names of its own in the front matter, the title is a key, and the H1 goes.
        spellings = headings(reading.body, wanted.get("title")) if keeps_heading else iter([""])
        for heading in spellings:
            whole = source.body
            if body is not None or heading != reading.body.heading:
                whole = assembled(reading.body, source, text, heading)
            yield _Attempt(reading, source, editor, edits, whole, wanted, text, context.now)


def _spelled_out(fields: Mapping[str, FieldValue], reading: Reading) -> dict[str, FieldValue]:
    """The edit, and with it what was only inferred so far: it must now be said, for the edit would change it."""
    wanted = dict(fields)
    before, origins = reading.document.fields, reading.stated.origins
    if "title" not in origins:
        wanted.setdefault("title", before["title"])
    if "published_at" in fields and "status" in before and origins.get("status") != ("status",):
        wanted.setdefault("status", before["status"])
    if "feature_image" in fields:
        for name in ("feature_image_alt", "feature_image_caption"):
            if len(origins.get(name, ())) > 1:
                wanted.setdefault(name, before.get(name))
    return wanted


def _edits(
    name: str, value: FieldValue, reading: Reading, context: Context, *, own_names: bool
) -> Iterator[Edit]:
    origin = reading.stated.origins.get(name)
    own = (name,)
    # Behind the nearest of the fields that come before it in a new file, the ones just added included.
    before = _ORDER[: _ORDER.index(name)]
    after = tuple(reading.stated.origins.get(other, (other,))[0] for other in reversed(before))
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
    if value == FIELDS[name].default and origin is None:
        return
    new = ("" if value is None else ()) if cleared else _written(name, value, own, reading, context)
    if new is not None:
        yield Edit(own, new, after, "ghost_id")


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
    # The author has them in one text. It stays one wherever it still comes apart into the same names.
    text = (", " if "," in old.text or place[-1] != "tags" else " ").join(names)
    return text if tuple(split_names(place[-1], text)) == names else names


def _untouched(before: Matter, after: Mapping[str, Value], edits: Iterable[Edit]) -> bool:
    """Whether every key that no edit names still holds what it held, and none has come or gone."""
    edited = {edit.path for edit in edits}
    return _contents(before.entries, edited) == _contents(after, edited)


def _contents(entries: Mapping[str, Value], edited: Collection[Path]) -> dict[str, object]:
    """What keys hold, wherever they stand, less the edited ones."""
    contents: dict[str, object] = {}
    for key, value in entries.items():
        inside = {path[1:] for path in edited if len(path) > 1 and path[0] == key}
        if inside:
            contents[key] = _contents(value.table, inside)  # with its last key gone, a mapping is just empty
        elif (key,) not in edited:
            items = [_contents({"": item}, ()) for item in value.items]
            contents[key] = (value.type, value.text, items, _contents(value.table, ()))
    return contents
