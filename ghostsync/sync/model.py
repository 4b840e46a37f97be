"""Values of one cycle: what was known, what is seen, what shall be done, what came of it. All frozen.

As long as a cycle has kinds of values, a few lines each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ghostsync.errors import EXIT_DIFFERENCES, EXIT_HALTED, EXIT_OK, GhostsyncError
from ghostsync.model import Kind, MediaKind, RemotePost

ABSENT = ""  # the hash of a file that must not exist


class Part(StrEnum):
    """What an action is about that is no document."""

    TAG = "tag"
    FILE = "site file"  # tags.yaml, authors.yaml, settings.yaml as a whole


class Direction(StrEnum):
    """sync writes both ways; pull never writes to Ghost; push never writes files, but for ghost_id."""

    BOTH = "sync"
    PULL = "pull"
    PUSH = "push"


class Adopt(StrEnum):
    """Which side wins for documents that differ and never agreed before (a first run)."""

    LOCAL = "local"
    REMOTE = "remote"


class Use(StrEnum):
    """What a person chose for a conflict: one side's version, the one both had before, or both in one."""

    LOCAL = "local"
    REMOTE = "remote"
    BASE = "base"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Stat:
    """The part of `os.stat` that tells whether a file may have changed. Times in ns, local clock."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One document file found by a scan.

    path: relative to the folder, "/" between parts, as on disk. sha: hex SHA-256 of its bytes, "" when
    the file could not be read; then `error` says why. settled: False while the mtime is as young as
    the scan, so that an equal stat proves nothing next time.
    """

    path: str
    kind: Kind
    stat: Stat
    sha: str
    settled: bool = True
    error: GhostsyncError | None = None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a media file says of itself; None: unknown. width, height: in pixels, as shown. duration: seconds."""

    mime: str = ""
    width: int | None = None
    height: int | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A local file that documents refer to. path, stat, sha, settled: as in `LocalFile`."""

    path: str
    stat: Stat
    sha: str
    facts: MediaFacts
    settled: bool = True

    @property
    def size(self) -> int:
        return self.stat.size


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One address in Ghost and the content that belongs under it: what was sent for it, or what it was pulled as.

    Several addresses may have one content (the same picture, uploaded twice by hand). sha: hex SHA-256 of the local bytes,
    which for an SVG are not those that Ghost serves. name: the file's, when it went up or came down.
    """

    sha: str
    url: str
    kind: MediaKind
    name: str
    size: int
    facts: MediaFacts = MediaFacts()


@dataclass(frozen=True, slots=True)
class Scan:
    """All documents of the folder. `complete` is False when some directory could not be listed:
    then a file that is not in `files` may still exist, and nothing counts as deleted.
    `root` identifies the file system and directory (device:inode).
    """

    files: tuple[LocalFile, ...]
    complete: bool
    root: str
    errors: tuple[GhostsyncError, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """The light row of one document that both sides once agreed on (the base).

    path: where its file was last seen. disk_sha, stat: the file as last seen on disk, for the scan.
    base_sha: blob of the base file, base_post_sha: blob of the base post (JSON), updated_at: of that
    post. tombstone: the file was deleted here and the post retired; it stays away until its
    updated_at differs from the one recorded. links: where the file's links to other files led, as `sync.links` notes it.
    """

    id: str
    kind: Kind
    path: str
    disk_sha: str
    stat: Stat
    disk_settled: bool
    base_sha: str
    base_post_sha: str
    updated_at: str
    tombstone: bool = False
    links: str = ""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What Ghost was last seen to hold for one id. settled: the answer came at least 2 s (server time)
    after updated_at, so that no later write can hide in the same second. preview: it is no document, see `content.preview`.
    """

    id: str
    kind: Kind
    slug: str
    updated_at: str
    settled: bool
    post_sha: str
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """Answer of the one-row listing of a kind: newest change ("" if none) and number of documents."""

    newest: str
    total: int
    server_time: int


@dataclass(frozen=True, slots=True)
class Page:
    posts: tuple[RemotePost, ...]
    server_time: int
    total: int


class Verb(StrEnum):
    """What an action does, in the words `status` prints."""

    UPLOAD = "upload"  # a file that documents show; before the posts that show it
    CREATE_TAG = "create tag"  # tags come before the posts that are written with them
    UPDATE_TAG = "update tag"
    CREATE_POST = "create post"
    UPDATE_POST = "update post"
    RETIRE_POST = "retire post"  # the file was deleted: delete, unpublish or leave, by its status
    DELETE_TAG = "delete tag"  # after the posts that had it
    CREATE_FILE = "create file"
    UPDATE_FILE = "update file"
    TRASH_FILE = "trash file"
    MERGE = "merge"  # writes both sides
    ADOPT = "adopt"  # equal on both sides: record the base, add ghost_id if missing
    ADVANCE = "advance"  # something moved that needs no write: record it
    RELINK = "relink"  # the file was renamed or moved
    FORGET = "forget"  # gone on both sides
    CONFLICT = "conflict"
    PROBLEM = "problem"
    SKIP = (
        "skip"  # not done although asked for: push meets an edit of Ghost's, or an earlier try is uncertain
    )
    LEAVE = "leave"  # not this run's work: the other direction, or waiting for the writer to pause

    @property
    def writes_post(self) -> bool:
        return self in {Verb.CREATE_POST, Verb.UPDATE_POST, Verb.RETIRE_POST, Verb.MERGE}

    @property
    def writes_file(self) -> bool:
        return self in {Verb.CREATE_FILE, Verb.UPDATE_FILE, Verb.TRASH_FILE, Verb.MERGE}

    @property
    def writes_tag(self) -> bool:
        return self in {Verb.CREATE_TAG, Verb.UPDATE_TAG, Verb.DELETE_TAG}

    @property
    def silent(self) -> bool:
        """Bookkeeping that no person needs to see: both sides hold the same."""
        return self in {Verb.ADOPT, Verb.ADVANCE, Verb.RELINK, Verb.FORGET}

    @property
    def left(self) -> bool:
        """The two sides still differ after it."""
        return self.open or self is Verb.LEAVE

    @property
    def open(self) -> bool:
        """Something is left for a person (exit code 1)."""
        return self in {Verb.CONFLICT, Verb.PROBLEM, Verb.SKIP}


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan. Light on purpose: contents are loaded when it is carried out.

    kind: of the document, or what else it is about. id: Ghost id, "" for a post not created yet. path: "" for a post without a file yet.
    title: for people. keys: front-matter keys (or "body") that travel. reason: why, in words.
    errors: for PROBLEM and CONFLICT, what to tell. retire: for RETIRE_POST, "delete", "draft" or "leave".
    sha: the file's hash when the plan was made, ABSENT without a file.
    """

    verb: Verb
    kind: Kind | Part
    id: str = ""
    path: str = ""
    title: str = ""
    keys: tuple[str, ...] = ()
    reason: str = ""
    errors: tuple[GhostsyncError, ...] = ()
    retire: str = ""
    sha: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one action: `error` is None when it was carried out (or, in a dry run, would be)."""

    action: Action
    error: GhostsyncError | None = None


@dataclass(frozen=True, slots=True)
class FileWrite:
    """A write to a file of the folder, for git to be told of. before, after: the bytes; of a file that is no document their
    hash; None where there is no file. ghost_id: "" where the file does not say it.
    """

    path: str
    before: bytes | str | None
    after: bytes | str | None
    ghost_id: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A row of what was written and is not committed yet. before, after: hashes of the bytes, ABSENT without a file.
    whole: the state keeps these bytes. since: the post's `updated_at` when both sides had last agreed, "" if never.
    """

    number: int
    path: str
    before: str
    after: str
    whole: bool
    ghost_id: str
    since: str


@dataclass(frozen=True, slots=True)
class Halt:
    """A named, lasting stop. id: short and unique; what/remedy: for people; since: UTC ISO time."""

    id: str
    reason: str  # one word: "identity", "folder", "deletions", "restored", "emptied"
    what: str
    remedy: str
    since: str


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One cycle, told. requests: HTTP requests by method. documents: how many are in step or known.
    dry_run: nothing was written; the outcomes are what would be done. next_due: seconds until a document
    that was left to settle can be taken, None if there is none. failure: what ended the cycle early. notes: what was
    done otherwise than asked, and needs nobody.
    """

    direction: Direction
    dry_run: bool
    outcomes: tuple[Outcome, ...]
    documents: int
    requests: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    halt: Halt | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    next_due: float | None = None
    failure: GhostsyncError | None = None

    @property
    def in_step(self) -> bool:
        return self.halt is None and all(o.action.verb.silent and o.error is None for o in self.outcomes)

    @property
    def exit_code(self) -> int:
        if self.dry_run and self.halt is None and self.failure is None:
            return EXIT_OK if self.in_step else EXIT_DIFFERENCES
        return self.exit_code_for(frozenset(verb for verb in Verb if verb.open))

    def exit_code_for(self, fails: Collection[Verb]) -> int:
        """The exit code where only these verbs, and what failed, count as left over."""
        if self.halt is not None:
            return EXIT_HALTED
        if self.failure is not None:
            return self.failure.exit_code
        left = any(o.error is not None or o.action.verb in fails for o in self.outcomes)
        return EXIT_DIFFERENCES if left else EXIT_OK


@dataclass(frozen=True, slots=True)
class Intent:
    """A journal entry: a write that was decided on and may or may not have happened.

    step: a Verb value, or `EMAIL`. payload: JSON text enough to look the write up again (slug, title, kind, hash).
    """

    id: int
    step: str
    ghost_id: str
    path: str
    payload: str
    at: str


@dataclass(frozen=True, slots=True)
class Version:
    """One recoverable version in history.

    side: "local" (data: the file's bytes) or "remote" (data: the post as `content.post.post_json` tells it).
    why: what made it the past: a Verb value, or one of the words below. at: UTC, ISO.
    """

    id: int
    ghost_id: str
    path: str
    side: str
    why: str
    at: str
    sha: str


EMAIL = "publish and e-mail"
"""The journal's word for the one write that makes Ghost send a post, and the reason for the version before it."""

GONE = "deleted in Ghost"
UPLOAD = "upload"
"""The journal's word for a file that is being sent."""

RESTORE = "restore"
SETTLED = "conflict settled"
PUT_BACK = "put back"
"""Reasons for a version that are no action of a plan: see `Version.why`."""
