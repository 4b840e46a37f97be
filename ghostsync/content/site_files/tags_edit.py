"""Editing tags.yaml in place: just the keys that changed, new entries at the end, and no other byte.

Entries in block form are edited line by line, as front matter is; a file in another form (`[{name: News}]`) is left to
ruamel.yaml. Either way the result is read back before it is believed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from ghostsync.content.front_matter.values import CannotEdit, Edit
from ghostsync.content.front_matter.yaml_edit import edit_yaml
from ghostsync.content.front_matter.yaml_read import compose
from ghostsync.content.site_files.listing import mapping
from ghostsync.content.site_files.tag_fields import ID, TAG_FIELDS, TagValues, usual_visibility
from ghostsync.content.site_files.tags_items import Item, Listing, listed
from ghostsync.content.site_files.tags_read import TagsFile, read_tags
from ghostsync.content.source import encode, split
from ghostsync.errors import ContentError
from ghostsync.model import SiteInfo

HEAD = """\
# The tags of the site. What is edited here goes to Ghost, what is edited there comes here.
# Leave the lines with ghost_id: they tell a renamed tag from a new one.
"""
_ORDER = (*TAG_FIELDS, ID)
_EMPTY = re.compile(r"^\[[ \t]*\][ \t]*(?:\n|\Z)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TagEdits:
    """What is to be written. changed: place of an entry -> its new values, None for a key to be removed; its ghost_id too.
    new: entries to be added. gone: places of entries to be removed.
    """

    changed: Mapping[int, TagValues] = field(default_factory=dict)
    new: Sequence[TagValues] = ()
    gone: Collection[int] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.new or self.gone)


def new_entry(values: TagValues, id: str) -> dict[str, str | None]:
    """A tag of Ghost's as an entry states it: what is set, less what its name says already."""
    stated = {name: value for name, value in values.items() if value}
    if stated.get("visibility") == usual_visibility(stated.get("name") or ""):
        del stated["visibility"]
    return {**stated, ID: id}


def new_file(entries: Iterable[TagValues]) -> bytes:
    """A whole tags.yaml."""
    return (HEAD + "".join(_lines(entry, "") for entry in entries)).encode()


def edit_tags(file: TagsFile, edits: TagEdits, site: SiteInfo) -> bytes:
    """The file with the edits made. Raises ContentError where they cannot be made without damage; never for a file that
    `read_tags` found nothing wrong with, and that is written line by line.
    """
    source = file.source or split(file.data)
    for way in (_by_lines, _round_trip):
        try:
            result = encode(way(source.text, edits), source)
        except (CannotEdit, yaml.YAMLError, RecursionError, ValueError):
            continue
        if _as_wanted(file, edits, read_tags(result, file.path, site)):
            return result
    raise ContentError(
        "cannot be edited without changing something else in it",
        subject=file.path,
        remedy="Write each tag as `- name: News` with its other keys on lines of their own below, then sync again.",
    )


def _by_lines(text: str, edits: TagEdits) -> str:
    listing = listed(text)
    if not listing.block and not (listing.items or not edits.new):
        text = _EMPTY.sub("", text, count=1)
        listing = listed(text)
    if not listing.block:
        raise CannotEdit("the list is not written line by line")
    for at in sorted({*edits.changed, *edits.gone}, reverse=True):
        item = listing.items[at]
        if at in edits.gone:
            text = _removed(text, item)
        else:
            text = text[: item.start] + _changed(listing, item, edits.changed[at]) + text[item.end :]
    return _appended(text, listing.indent, edits.new) if edits.new else text


def _changed(listing: Listing, item: Item, values: TagValues) -> str:
    plain = listing.plain(item)
    root = compose(plain)
    present = [key.value for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
    ended = plain if plain.endswith("\n") else f"{plain}\n"
    ordered = []
    for name in _ORDER:
        if name in values:
            ordered.append(Edit((name,), values[name], after=_before(name, present)))
            if values[name] is not None and name not in present:
                present.append(name)
    edited = edit_yaml(ended, ordered)
    if not plain.endswith("\n"):
        edited = edited.removesuffix("\n")
    column = item.dash - item.start
    blank = re.match(r"[ \t]*\n", edited)
    if blank is not None and not re.match(r"[ \t]*\n", plain):
        raise CannotEdit("the line of the dash is gone")
    if edited[column : column + 1] != " ":
        raise CannotEdit("the place of the dash is taken")
    return f"{edited[:column]}-{edited[column + 1 :]}"


def _before(name: str, present: Sequence[str]) -> tuple[str, ...]:
    """The keys behind which a new one may stand, nearest first: ghost_id comes last of all."""
    if name == ID:
        return tuple(reversed(present))
    earlier = [other for other in _ORDER[: _ORDER.index(name)] if other in present]
    others = [other for other in present if other != ID]
    return (*reversed(earlier), *reversed(others), *present)


def _removed(text: str, item: Item) -> str:
    if item.start < 0:
        raise CannotEdit("an entry has no lines of its own")
    before, after = text[: item.start], text[item.end :]
    if before.endswith("\n\n") and after.startswith("\n"):
        after = after[1:]
    return before + after


def _appended(text: str, indent: str, entries: Sequence[TagValues]) -> str:
    items = listed(text).items
    at = items[-1].end if items else len(text)
    before, after = text[:at], text[at:]
    gap = "" if not before or before.endswith("\n") else "\n"
    apart = "\n" if len(items) > 1 and "\n\n" in text[items[-2].end - 1 : items[-1].start] else ""
    return before + gap + "".join(apart + _lines(entry, indent) for entry in entries) + after


def _lines(entry: TagValues, indent: str) -> str:
    inner = mapping({name: entry[name] for name in _ORDER if entry.get(name)}, indent=f"{indent}  ")
    return f"{indent}- {inner.removeprefix(f'{indent}  ')}"


def _round_trip(text: str, edits: TagEdits) -> str:
    """By ruamel.yaml: comments and order stay, layout may not."""
    # Few sites need it, and no other run needs a megabyte for it.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError as RoundTripError  # noqa: PLC0415
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString  # noqa: PLC0415

    tool = YAML()
    tool.preserve_quotes = True
    tool.width = 1 << 20
    try:
        data = tool.load(text)
        if data is None:
            raise CannotEdit("the list is empty")
        for at, values in edits.changed.items():
            for name, value in values.items():
                if value is None:
                    data[at].pop(name, None)
                else:
                    data[at][name] = DoubleQuotedScalarString(value)
        for at in sorted(edits.gone, reverse=True):
            del data[at]
        for entry in edits.new:
            data.append({name: DoubleQuotedScalarString(value) for name, value in entry.items() if value})
        out = io.StringIO()
        tool.dump(data, out)
    except (RoundTripError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise CannotEdit("the list cannot be written back") from error
    return out.getvalue()


def _as_wanted(before: TagsFile, edits: TagEdits, after: TagsFile) -> bool:
    """Whether exactly the edits were made."""
    if after.broken is not None:
        return False
    wanted: list[tuple[str, TagValues]] = []
    for entry in before.entries:
        if entry.at in edits.gone:
            continue
        changed = edits.changed.get(entry.at, {})
        values = {name: value for name, value in {**entry.values, **changed}.items() if name != ID}
        values = {name: value for name, value in values.items() if name not in changed or value is not None}
        wanted.append((changed.get(ID) or entry.id, values))
    wanted += [
        (entry.get(ID) or "", {name: value for name, value in entry.items() if value and name != ID})
        for entry in edits.new
    ]
    return wanted == [(entry.id, dict(entry.values)) for entry in after.entries]
