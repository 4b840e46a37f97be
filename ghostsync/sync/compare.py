"""The state of one document for a person: base, file and post as texts, and how they differ. Pure but for the
`FileWriter`, of which only the parts that make bytes are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff

from ghostsync.content.types import Document, PostView
from ghostsync.errors import ContentError
from ghostsync.sync.conflict import conflict_text
from ghostsync.sync.merge import impose_remote, reconcile
from ghostsync.sync.plan import Case, Policy
from ghostsync.sync.write_files import FileWriter

_NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Comparison:
    """base, local, remote: the document as a file, None where it does not exist. remote: the file as it would be
    if it held Ghost's version. conflicts: keys, or "body". conflict: the text with markers, "" without a conflict.
    """

    path: str
    base: str | None
    local: str | None
    remote: str | None
    conflicts: tuple[str, ...] = ()
    conflict: str = ""

    def diffs(self) -> dict[str, list[str]]:
        """By "local" and "remote": what each side did since base; without a base "both": the file against Ghost."""
        if self.base is None:
            pairs = {"both": (self.local, self.remote, "file", "Ghost")}
        else:
            pairs = {
                "local": (self.base, self.local, "base", "file"),
                "remote": (self.base, self.remote, "base", "Ghost"),
            }
        told = {
            name: list(unified(old, new, f"{self.path} ({before})", f"{self.path} ({after})"))
            for name, (old, new, before, after) in pairs.items()
        }
        return {name: lines for name, lines in told.items() if lines}


def compare(case: Case, policy: Policy, files: FileWriter, timezone: str) -> Comparison:
    """Lay the document out."""
    base, local, remote = case.base, case.local, case.remote
    conflicts: tuple[str, ...] = ()
    conflict = b""
    if base is not None and local is not None and remote is not None and not local.problems:
        content = reconcile(
            base, local, remote, site_url=policy.site_url, html_extensions=policy.html_extensions
        )
        if content.conflicts:
            conflicts = content.conflicts
            linked = local.linked
            conflict = conflict_text(
                base,
                local,
                remote,
                content,
                timezone=timezone,
                spell=lambda body: files.links.in_file(body, case.path, linked),
            )
    return Comparison(
        case.path,
        _text(base.document.data if base else None),
        _text(local.data if local else None),
        _text(_as_file(case, remote, policy, files) if remote else None),
        conflicts,
        conflict.decode(),
    )


def _as_file(case: Case, remote: PostView, policy: Policy, files: FileWriter) -> bytes:
    """Ghost's version in the file's spelling, or freshly written where it has none or cannot be edited."""
    try:
        if case.base is not None:
            return files.base_after_pull(case.base, remote)
        if case.local is not None and not case.local.problems:
            return _imposed(case.local, remote, case.spelled or remote, policy, files)
    except ContentError:
        pass
    return files.fresh(remote, case.path)


def _imposed(
    local: Document, remote: PostView, spelled: PostView, policy: Policy, files: FileWriter
) -> bytes:
    content = impose_remote(
        local, remote, spelled, site_url=policy.site_url, html_extensions=policy.html_extensions
    )
    return files.edited(
        local, dict(content.to_file), content.file_body, ghost_id=remote.id, mode=content.mode
    )


def unified(old: str | None, new: str | None, old_name: str, new_name: str) -> Iterator[str]:
    """A unified diff, a line at a time without line ends. None: that side does not exist."""
    names = (old_name if old is not None else "/dev/null", new_name if new is not None else "/dev/null")
    before, after = (text.split("\n") if text else [] for text in (old, new))
    for lines, text in ((before, old), (after, new)):
        if text and lines[-1] == "":
            del lines[-1]
        elif text:
            lines[-1] += f"\n{_NO_NEWLINE}"
    for line in unified_diff(before, after, *names, lineterm=""):
        yield from line.split("\n")


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "backslashreplace")
