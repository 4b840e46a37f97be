"""When to stop and ask a person instead of carrying out a plan. Pure.

A halt's id is made of its reason and of what it would touch, so that lifting one halt lifts no other:
a confirmed id lets exactly that plan through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ghostsync.model import SiteInfo
from ghostsync.sync.model import Action, Halt, Scan, Verb

EMPTIED_FROM = 3
"""From this many documents on, finding none at all is an alarm and not an edit."""

RESTORED_FROM = 3
"""Documents whose updated_at went back. One or two can be an import; Ghost itself never does it."""

REWRITTEN_FROM = 20
"""At least so many, and more than half of all documents, with other bodies in Ghost at once."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the folder's state says the folder and the site were. "" when not known yet."""

    site_uuid: str
    site_url: str
    root: str
    documents: int


def _halt(reason: str, what: str, remedy: str, touched: Iterable[str], now: str) -> Halt:
    digest = hashlib.sha256("\n".join([reason, *sorted(touched)]).encode()).hexdigest()
    return Halt(f"{reason}-{digest[:8]}", reason, what, remedy, now)


def check_identity(known: Remembered, info: SiteInfo, now: str) -> Halt | None:
    """Another site answers than the one this folder was synced with."""
    same = (
        known.site_uuid == info.uuid
        if known.site_uuid and info.uuid
        else not known.site_url or known.site_url == info.url
    )
    if same:
        return None
    return _halt(
        "identity",
        f"the site at this address is not the one this folder was synced with: it was {known.site_url} "
        f"(uuid {known.site_uuid or 'unknown'}), now {info.url} (uuid {info.uuid or 'unknown'}) answers",
        "If [site] url is wrong, correct it. If the site was really replaced or moved, confirm; every document is "
        "then compared anew.",
        [info.url, info.uuid],
        now,
    )


def check_folder(known: Remembered, scan: Scan, now: str) -> Halt | None:
    """The folder is empty although it held documents: unmounted, moved or emptied by accident."""
    if scan.files or known.documents == 0:
        return None
    moved = bool(known.root) and known.root != scan.root
    if not moved and known.documents < EMPTIED_FROM:
        return None
    why = "and it is another directory or file system than before (is it mounted?)" if moved else ""
    return _halt(
        "folder",
        f"the folder is empty, but {known.documents} documents were in it {why}".rstrip(),
        "Put the files back (or mount the folder), then lift the halt. If all of them were deleted on purpose, lift it as "
        "it is.",
        [scan.root, str(known.documents)],
        now,
    )


def check_restored(went_back: Sequence[str], now: str) -> Halt | None:
    """went_back: ids whose updated_at is older than it was: Ghost was restored from a backup."""
    if len(went_back) < RESTORED_FROM:
        return None
    return _halt(
        "restored",
        f"{len(went_back)} documents in Ghost are older than they were: it seems to be restored from a backup",
        "If so, the files hold the newer versions. Confirm to take Ghost's older ones into the folder as edits (the "
        "newer files stay in history), or publish the files again first.",
        went_back,
        now,
    )


def check_plan(actions: Sequence[Action], documents: int, max_deletes: int, now: str) -> Halt | None:
    """Too many deletions, or too many bodies rewritten in Ghost, for one cycle."""
    here = [a for a in actions if a.verb is Verb.RETIRE_POST and a.retire != "leave"]
    there = [a for a in actions if a.verb is Verb.TRASH_FILE]
    doomed = [*here, *there]
    emptied = len(there) == documents and documents >= EMPTIED_FROM
    if len(doomed) > max_deletes or emptied:
        parts = []
        if here:
            parts.append(f"{len(here)} files are gone, so that their posts would be deleted or unpublished")
        if there:
            parts.append(f"{len(there)} posts are gone from Ghost, so that their files would go to the trash")
        names = ", ".join(a.path for a in doomed[:5]) + (" ..." if len(doomed) > 5 else "")
        return _halt(
            "deletions",
            f"{' and '.join(parts)} (limit: {max_deletes} of {documents}): {names}",
            f"{' '.join(_bring_back(here=bool(here), there=bool(there)))} Then nothing is deleted when you lift the halt. If "
            "the deletions are meant, lift it as it is; [safety] max_deletes sets the limit.",
            [f"{a.verb}:{a.id}" for a in doomed],
            now,
        )
    rewritten = [a for a in actions if a.verb in {Verb.UPDATE_FILE, Verb.MERGE} and "body" in a.keys]
    if len(rewritten) >= REWRITTEN_FROM and len(rewritten) * 2 > documents:
        return _halt(
            "rewritten",
            f"{len(rewritten)} of {documents} documents have another body in Ghost at once",
            "A plugin, an import or a restored backup may have done this. Look at a few in Ghost; confirm to take them.",
            [f"{a.verb}:{a.id}" for a in rewritten],
            now,
        )
    return None


def check_tags(doomed: Sequence[str], limit: int, now: str) -> Halt | None:
    """doomed: names of the tags that would be deleted on either side."""
    if len(doomed) <= limit:
        return None
    names = ", ".join(doomed[:5]) + (" ..." if len(doomed) > 5 else "")
    return _halt(
        "deletions",
        f"{len(doomed)} tags would be deleted (limit: {limit}): {names}",
        "If entries of tags.yaml were removed by accident, or another git branch was checked out, bring them back first. If "
        "Ghost has lost them, restore its backup first. If the deletions are meant, lift it as it is; [safety] max_deletes "
        "sets the limit.",
        [f"tag:{name}" for name in doomed],
        now,
    )


def _bring_back(*, here: bool, there: bool) -> list[str]:
    told = []
    if here:
        told.append("If another git branch was checked out, or files were moved away, bring them back first.")
    if there:
        told.append("If Ghost has lost these posts, restore its backup first.")
    return told
