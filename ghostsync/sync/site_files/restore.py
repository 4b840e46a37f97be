"""Bringing a version of tags.yaml back: the whole file, or one tag as Ghost held it, told in the file's own words."""

from __future__ import annotations

import hashlib
import json

from ghostsync.content.site_files.tag_fields import TAG_FIELDS, TagValue, tag_values, usual_visibility
from ghostsync.content.site_files.tags_edit import TagEdits, edit_tags, new_entry, new_file
from ghostsync.content.site_files.tags_read import read_tags
from ghostsync.errors import UsageError
from ghostsync.model import SiteInfo
from ghostsync.sync.history import REMOTE
from ghostsync.sync.model import ABSENT, RESTORE, Version
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.restore import FileRestore
from ghostsync.sync.site_files.mirrors import text_on_disk


class SiteFileRestorer:
    """As `sync.restore.Restorer`, for site files. tags: the path of tags.yaml, which alone can be brought back: the others
    are copies of what Ghost has.
    """

    def __init__(self, folder: Folder, state: State, site: SiteInfo, tags: str) -> None:
        self._folder = folder
        self._state = state
        self._site = site
        self._tags = tags

    def read(self, path: str) -> bytes | None:
        return text_on_disk(self._folder, path)

    def as_file(self, path: str, version: Version, now: bytes | None) -> bytes:
        """The file as it would be. Raises ContentError where the present file cannot be edited to hold a tag's version."""
        data = self._state.blob(version.sha)
        if version.side != REMOTE or path != self._tags:
            return data
        values = tag_values(json.loads(data), self._site.url)
        tag = self._state.tags().get(version.ghost_id)
        entry = new_entry(values, version.ghost_id)
        if tag is None or tag.gone:
            del entry["ghost_id"]  # it comes back as a new tag
        if now is None:
            return new_file([entry])
        file = read_tags(now, path, self._site)
        if file.broken is not None:
            raise file.broken
        for found in file.entries:
            if found.id == version.ghost_id:
                stated = {name: self._stated(name, found.values, values) for name in TAG_FIELDS}
                changed = {name: value for name, value in stated.items() if found.values.get(name) != value}
                return edit_tags(file, TagEdits({found.at: changed}), self._site) if changed else now
        return edit_tags(file, TagEdits(new=[entry]), self._site)

    @staticmethod
    def _stated(name: str, now: object, then: dict[str, TagValue]) -> TagValue:
        """A field as the entry states it: nothing of a visibility that goes without saying."""
        value = then[name]
        usual = name == "visibility" and value == usual_visibility(then.get("name") or "")
        return None if usual and isinstance(now, dict) and name not in now else value

    def file(self, path: str, version: Version) -> FileRestore:
        if path != self._tags:
            raise UsageError(
                "is nothing that a sync would send: what is restored in it would not last",
                subject=path,
                remedy=f"To have the version's text: ghostsync diff {path} --version {version.id} --json",
            )
        now = self.read(path)
        return FileRestore(path, version, now, self.as_file(path, version, now), version.ghost_id)

    def write(self, plan: FileRestore) -> None:
        """Raises TargetChanged when the file was saved meanwhile."""
        if plan.before == plan.after:
            return
        expected = ABSENT
        if plan.before is not None:
            expected = hashlib.sha256(plan.before).hexdigest()
            self._state.keep(ghost_id="", path=plan.path, side="local", why=RESTORE, data=plan.before)
        self._folder.write_site_file(plan.path, plan.after, expected_sha=expected)
