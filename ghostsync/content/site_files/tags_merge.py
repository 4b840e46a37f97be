"""Three-way merge of one tag, key by key. Pure.

Each side is compared with its own half of the base, as documents are: what Ghost makes of a value is no edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ghostsync.content.site_files.tag_fields import TAG_FIELDS, TagValue, TagValues, usual_visibility
from ghostsync.content.slug import slugify_tag

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class MergedTag:
    """What has to be written for both sides to say the same. to_file: None removes the key. conflicts: keys that both
    changed differently, or that differ where nothing was agreed on.
    """

    to_file: Mapping[str, TagValue] = field(default_factory=dict)
    to_ghost: Mapping[str, TagValue] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.to_file or self.to_ghost or self.conflicts)


def merge_tag(
    file: TagValues | None,
    ghost: TagValues | None,
    local: TagValues,
    remote: TagValues,
    *,
    prefer: str = "none",
) -> MergedTag:
    """file, ghost: the base, None where the two never agreed. local: what the entry states. remote: what Ghost holds.
    prefer: "local" or "remote" settles conflicts.
    """
    mine = _local_changes(file, local, remote)
    theirs = _remote_changes(file, ghost, local, remote)
    to_file = {name: value for name, value in theirs.items() if name not in mine}
    to_ghost = {name: value for name, value in mine.items() if name not in theirs}
    conflicts = [name for name in mine if name in theirs and mine[name] != theirs[name]]
    if prefer != "none":
        chosen, values = (to_ghost, mine) if prefer == "local" else (to_file, theirs)
        chosen.update((name, values[name]) for name in conflicts)
        conflicts = []
    return MergedTag(
        {name: value for name, value in to_file.items() if _would_change(local, name, value)},
        {name: value for name, value in to_ghost.items() if remote.get(name) != value},
        tuple(conflicts),
    )


def _local_changes(file: TagValues | None, local: TagValues, remote: TagValues) -> dict[str, TagValue]:
    if file is None:
        return {name: value for name, value in local.items() if remote.get(name) != value}
    changed = {name: value for name, value in local.items() if file.get(name, _ABSENT) != value}
    for name, value in file.items():
        if name not in local and value is not None and not TAG_FIELDS[name].keeps:
            changed[name] = None
    return changed


def _remote_changes(
    file: TagValues | None, ghost: TagValues | None, local: TagValues, remote: TagValues
) -> dict[str, TagValue]:
    if file is None or ghost is None:
        # What is not set in Ghost stands against nothing: a tag that a post made has a name only.
        return {
            name: value
            for name, value in remote.items()
            if value is not None
            and local.get(name, _ABSENT) != value
            and not _goes_without_saying(name, local, remote)
        }
    # A field that an older Ghost or ghostsync did not tell is not new by being told.
    return {name: value for name, value in remote.items() if name in ghost and ghost[name] != value}


def _goes_without_saying(name: str, local: TagValues, remote: TagValues) -> bool:
    """What the name tells already need not be written into an entry that has no opinion on it."""
    if name in local:
        return False
    if name == "slug":
        return remote[name] == slugify_tag(local.get("name") or "")
    return name == "visibility" and remote[name] == usual_visibility(remote.get("name") or "")


def _would_change(local: TagValues, name: str, value: TagValue) -> bool:
    return name in local if value is None else local.get(name) != value
