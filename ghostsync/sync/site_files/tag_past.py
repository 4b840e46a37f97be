"""The base of tags that this clone has never agreed on, or that others brought in step meanwhile: the newest version of
tags.yaml in the folder's repository whose entry says what Ghost holds now, as for documents (`sync.earlier`).

Only entries that are there are looked up. That one was removed is believed of a state that saw it, not of a repository alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from ghostsync.content.site_files.tag_fields import TAG_FIELDS, TagValues
from ghostsync.content.site_files.tags_read import Entry, TagsFile, read_tags
from ghostsync.errors import GitError
from ghostsync.model import SiteInfo
from ghostsync.sync.ports import State
from ghostsync.sync.site_files.model import KnownTag
from ghostsync.sync.versioning.earlier import AGREED_AT
from ghostsync.sync.versioning.ports import Past

_MOST = 200
"""Versions that are read; each is a whole file."""


def with_past(
    file: TagsFile, known: Mapping[str, KnownTag], past: Past, state: State, site: SiteInfo
) -> Mapping[str, KnownTag]:
    """The tags, with the base that the repository tells of."""
    wanted = {
        entry.id: known[entry.id]
        for entry in file.entries
        if entry.id in known and not entry.problems and _differs(entry, known[entry.id])
    }
    if not wanted:
        return known
    try:
        found = dict(_found(file, wanted, past, state, site))
    except GitError:
        return known  # documents tell of it
    return {**known, **found}


def _differs(entry: Entry, tag: KnownTag) -> bool:
    """Whether there is a question: Ghost holds something that this clone did not agree on, and the entry says something
    else.
    """
    news = tag.ghost is None or any(tag.seen.get(name) != value for name, value in tag.ghost.items())
    return not tag.gone and news and not _says(entry, tag)


def _says(entry: Entry, tag: KnownTag) -> bool:
    return all(tag.seen.get(name) == value for name, value in entry.values.items())


def _before(version: Entry, now: Entry, tag: KnownTag) -> TagValues:
    """What Ghost held when it was last agreed on, as far as the version tells. What that does not state and the entry states
    now, an editor may have written meanwhile: it counts as it was before, lest the entry's takes its place unasked.
    """
    before = tag.ghost or {}
    new = (name for name in now.values.keys() - version.values.keys() if not TAG_FIELDS[name].keeps)
    return {**tag.seen, **{name: before.get(name) for name in new}}


def _found(
    file: TagsFile, wanted: Mapping[str, KnownTag], past: Past, state: State, site: SiteInfo
) -> Iterator[tuple[str, KnownTag]]:
    left = dict(wanted)
    now = {entry.id: entry for entry in file.entries}
    agreed_at = state.meta(AGREED_AT)
    for since in ("", agreed_at):
        # What this clone has agreed on itself may be what an editor went back to: there only newer commits count.
        here = {id: tag for id, tag in left.items() if (tag.file is None) == (since == "")}
        if not here or since is None:
            continue
        for data in islice(past.versions(file.path, since=since), _MOST):
            for entry in read_tags(data, file.path, site).entries:
                tag = here.get(entry.id)
                if tag is not None and not entry.problems and _says(entry, tag):
                    yield (
                        entry.id,
                        replace(tag, file=dict(entry.values), ghost=_before(entry, now[entry.id], tag)),
                    )
                    del here[entry.id]
            if not here:
                break
