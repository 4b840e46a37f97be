"""tags.yaml -> entries: what each states of a tag, in canonical form, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml

from ghostsync.content.addresses import canonical_url, encoded, fault_of, origin_of
from ghostsync.content.front_matter.values import CannotEdit, Matter, Type, Value
from ghostsync.content.front_matter.yaml_read import explain, read_yaml
from ghostsync.content.site_files.tag_fields import (
    ID,
    TAG_FIELDS,
    VISIBILITIES,
    TagField,
    TagValue,
    TagValues,
)
from ghostsync.content.site_files.tags_items import Item, Listing, NoList, listed
from ghostsync.content.slug import slugify_tag
from ghostsync.content.source import NotText, Source, split
from ghostsync.content.value_reader import canonical_text, shown
from ghostsync.errors import ContentError
from ghostsync.model import SiteInfo


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. at: its place in the file. id: its ghost_id, "" without one. values: what it states. lines: key -> line.
    When there are problems, the other values may be incomplete.
    """

    at: int
    line: int
    id: str = ""
    values: TagValues = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[ContentError, ...] = ()

    @property
    def name(self) -> str:
        return self.values.get("name") or ""

    @property
    def slug(self) -> str:
        return self.values.get("slug") or ""


@dataclass(frozen=True, slots=True)
class TagsFile:
    """The whole file. source: its bytes in parts. broken: why nothing can be made of it."""

    data: bytes
    path: str
    source: Source | None = None
    entries: tuple[Entry, ...] = ()
    broken: ContentError | None = None

    @property
    def problems(self) -> tuple[ContentError, ...]:
        if self.broken is not None:
            return (self.broken,)
        return tuple(problem for entry in self.entries for problem in entry.problems)


def read_tags(data: bytes, path: str, site: SiteInfo) -> TagsFile:
    """Never raises: what is wrong is told in the result."""
    try:
        source = split(data)
    except NotText as error:
        what = f"is not UTF-8 text (byte {error.offset})"
        return _broken(data, path, what, error.line, "Save it as UTF-8.")
    text = source.text
    try:
        listing = listed(text)
    except NoList as error:
        return _broken(
            data, path, "is not a list of tags", error.line, "Begin each tag with a dash: - name: News"
        )
    except yaml.YAMLError as error:
        trouble = explain(error, text, "the file")
        return _broken(data, path, trouble.what, trouble.line, trouble.remedy, trouble.key)
    except RecursionError:
        return _broken(data, path, "is nested far too deeply", 1, "Remove the nesting.")
    entries = [_Reader(path, site).entry(at, listing, item) for at, item in enumerate(listing.items)]
    return TagsFile(data, path, source, tuple(_without_namesakes(entries, path)))


def _broken(data: bytes, path: str, what: str, line: int, remedy: str, key: str = "") -> TagsFile:
    error = ContentError(what, line=line, key=key, subject=path, remedy=f"{remedy} Nothing was written.")
    return TagsFile(data, path, broken=error)


class _Reader:
    def __init__(self, path: str, site: SiteInfo) -> None:
        self._path = path
        self._site = site
        self._problems: list[ContentError] = []

    def entry(self, at: int, listing: Listing, item: Item) -> Entry:
        first, matter = self._matter(listing, item)
        lines = {key: first + value.line - 1 for key, value in matter.entries.items()}
        line = min(lines.values(), default=first)
        for trouble in matter.troubles:
            self._report(first + trouble.line - 1, trouble.key, trouble.what, trouble.remedy)
        values: dict[str, TagValue] = {}
        for name, spec in TAG_FIELDS.items():
            if (value := matter.entries.get(name)) is not None:
                values[name] = self._read(spec, value, lines[name])
        if "<<" in matter.entries:
            what = "merge keys (<<) are not understood here"
            self._report(lines["<<"], "<<", what, "Write the keys out.")
        id = self._id(matter.entries.get(ID), lines.get(ID, line))
        if not values.get("name") and not self._problems and not id:
            self._report(line, "name", "the tag has no name", "Write it: name: News")
        return Entry(at, line, id, values, lines, tuple(self._problems))

    def _matter(self, listing: Listing, item: Item) -> tuple[int, Matter]:
        """(the line on which it begins, its keys)."""
        try:
            return listing.line(item.start), read_yaml(listing.plain(item))
        except CannotEdit:
            pass
        node = item.node
        line = listing.line(node.start_mark.index)
        if isinstance(node, yaml.MappingNode):
            text = listing.text[node.start_mark.index : node.end_mark.index]
            return line, read_yaml(text)
        self._report(line, "", "a tag is a mapping of keys and values", "Write it: - name: News")
        return line, Matter({})

    def _report(self, line: int, key: str, what: str, remedy: str) -> None:
        self._problems.append(ContentError(what, line=line, key=key, subject=self._path, remedy=remedy))

    def _id(self, value: Value | None, line: int) -> str:
        if value is None:
            return ""
        text = value.text.strip().lower() if value.scalar else ""
        if len(text) != 24 or set(text) - set("0123456789abcdef"):
            what = f"{shown(value)} is not an id of Ghost's (24 hexadecimal characters)"
            self._report(line, ID, what, "Correct it; for a new tag remove the line.")
            return ""
        return text

    def _read(self, spec: TagField, value: Value, line: int) -> TagValue:
        if not value.scalar:
            what = f"{shown(value)} stands where text is expected"
            self._report(line, spec.name, what, "Write one text, in quotes.")
            return None
        if value.type is Type.EMPTY and value.text:
            what = f"{value.text!r} is a comment in YAML, so that {spec.name} is empty"
            self._report(line, spec.name, what, f'Put it in quotes: {spec.name}: "{value.text}"')
            return None
        text = canonical_text(value.text) if value.type is not Type.EMPTY else None
        if text is None:
            if spec.keeps:
                self._report(line, spec.name, f"{spec.name} is empty", "Write it, or remove the line.")
            return None
        if self._site.major < spec.since:
            what = f"Ghost {self._site.major} has no {spec.name} of tags; it came with Ghost {spec.since}"
            self._report(line, spec.name, what, "Remove the line.")
        if spec.url:
            text = encoded(text)
        for what, remedy in _faults(spec, text):
            self._report(line, spec.name, what, remedy)
        if spec.name == "slug":
            return slugify_tag(text)
        return canonical_url(text, origin_of(self._site.url)) if spec.url else text


def _faults(spec: TagField, text: str) -> Iterator[tuple[str, str]]:
    """What Ghost would dislike about a value, and what to do about it."""
    if spec.url and (fault := fault_of(text)):
        yield fault
    if len(text) > spec.limit:
        what = f"{len(text)} characters are too many; Ghost takes {spec.limit}"
        yield what, f"Shorten it by {len(text) - spec.limit}."
    if spec.name == "name" and text.startswith(","):
        yield f"{text!r} begins with a comma", "Remove the comma."
    if spec.name == "visibility" and text not in VISIBILITIES:
        yield f"{text!r} is not a visibility that Ghost knows", f"Write one of: {', '.join(VISIBILITIES)}."


def _without_namesakes(entries: Iterable[Entry], path: str) -> list[Entry]:
    """Entries that mean the same tag are problems, all of them: nobody can tell which is meant."""
    entries = list(entries)
    for key in (ID, "slug"):
        places: dict[str, list[int]] = {}
        for entry in entries:
            if value := entry.id if key == ID else entry.slug:
                places.setdefault(value, []).append(entry.at)
        for value, at in places.items():
            if len(at) < 2:
                continue
            for one in at:
                others = ", ".join(str(entries[other].line) for other in at if other != one)
                error = ContentError(
                    f"the tag with the {key} {value} is there twice (line {others})",
                    line=entries[one].lines.get(key, entries[one].line),
                    key=key,
                    subject=path,
                    remedy="Keep one of the two.",
                )
                entries[one] = replace(entries[one], problems=(*entries[one].problems, error))
    return _without_doubles(entries, path)


def _without_doubles(entries: list[Entry], path: str) -> list[Entry]:
    """An entry with nothing but a name means the tag of that name, which may have no other entry then. Of two tags that Ghost
    has under one name, each entry says which one by its id or its slug.
    """
    places: dict[str, list[int]] = {}
    for entry in entries:
        if entry.name:
            places.setdefault(entry.name.casefold(), []).append(entry.at)
    for entry in list(entries):
        others = [at for at in places.get(entry.name.casefold(), ()) if at != entry.at]
        if not others or entry.id or entry.slug:
            continue
        error = ContentError(
            f"the tag with the name {entry.name} is there twice (line {', '.join(str(entries[at].line) for at in others)})",
            line=entry.lines.get("name", entry.line),
            key="name",
            subject=path,
            remedy="Keep one of the two. For another tag of the same name, give this one a slug of its own.",
        )
        entries[entry.at] = replace(entry, problems=(*entry.problems, error))
    return entries
