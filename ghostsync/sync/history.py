"""What history holds of a document: found by its path, and by the ids that path has had."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ghostsync.content.document import read_document
from ghostsync.content.types import Context
from ghostsync.errors import FolderError, StateError, UsageError
from ghostsync.model import Kind, SiteInfo
from ghostsync.sync.model import Version
from ghostsync.sync.ports import Folder, State

REMOTE = "remote"
_ID = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Kept:
    """One version, told. size: bytes, -1 when the stored version is damaged. title: as that version has it."""

    version: Version
    size: int
    title: str


def remembered_site(state: State, url: str, timezone: str | None) -> SiteInfo:
    """The site as the last cycle met it, so that history can be read without Ghost. url: the configured one."""
    return SiteInfo(
        title="",
        url=state.meta("site_url") or url,
        version=state.meta("site_version") or "6",
        timezone=timezone or state.meta("timezone") or "Etc/UTC",
        uuid=state.meta("site_uuid") or "",
    )


def is_id(name: str) -> bool:
    """Whether a document is named by its post's id: one that has no file may have no path either."""
    return _ID.fullmatch(name) is not None


def id_of(folder: Folder, path: str, context: Context) -> str:
    """The ghost_id that the file at this path names now; "" without one."""
    try:
        data = folder.read(path)
    except FolderError:
        return ""
    return read_document(data, path, folder.kind_of(path) or Kind.POST, context).ghost_id


def ids_at(folder: Folder, state: State, path: str, context: Context) -> tuple[str, ...]:
    """Every id that the document at this path has or had, the one it has now first. An id names itself."""
    if is_id(path):
        return (path,)
    found = [id_of(folder, path, context)]
    found += [row.id for row in state.documents() if row.path == path]
    found += [version.ghost_id for version in state.versions(path=path)]
    return tuple(dict.fromkeys(id for id in found if id))


def versions_of(folder: Folder, state: State, path: str, context: Context) -> list[Version]:
    """The document's versions, newest first: those of its path, and those of its posts under earlier paths."""
    found = {version.id: version for version in state.versions(path=path)}
    for id in ids_at(folder, state, path, context):
        found |= {version.id: version for version in state.versions(ghost_id=id)}
    return [found[number] for number in sorted(found, reverse=True)]


def version_of(folder: Folder, state: State, path: str, number: int, context: Context) -> Version:
    """One version by its number. Raises UsageError when the document has none of that number."""
    versions = versions_of(folder, state, path, context)
    for version in versions:
        if version.id == number:
            return version
    held = ", ".join(str(version.id) for version in versions[:10])
    raise UsageError(
        f"there is no version {number} of {path}",
        remedy=f"It has {held}{' and older ones' if len(versions) > 10 else ''}; see: ghostsync history {path}"
        if versions
        else "Nothing of it is kept. `ghostsync history` lists what is.",
    )


def told(folder: Folder, state: State, versions: Sequence[Version], context: Context) -> list[Kept]:
    """The versions with their sizes and titles."""
    kept = []
    for version in versions:
        try:
            data = state.blob(version.sha)
        except StateError:
            kept.append(Kept(version, -1, ""))
            continue
        kept.append(Kept(version, len(data), _title(folder, version, data, context)))
    return kept


def _title(folder: Folder, version: Version, data: bytes, context: Context) -> str:
    if version.side == REMOTE:
        try:
            held = json.loads(data)
        except ValueError:  # routes and redirects are kept as they are
            return ""
        return str(held.get("title") or held.get("name") or "") if isinstance(held, dict) else ""
    kind = folder.kind_of(version.path)
    if kind is None:
        return ""
    return str(read_document(data, version.path, kind, context).fields.get("title") or "")
