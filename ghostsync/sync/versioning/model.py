"""Values of what git has to do with a cycle: how a work tree stands, what is to be committed, and who wrote it. All frozen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileEdits:
    """All that was done to one file since git was last told of it.

    numbers: of the rows. steps: (before, after) of each write, oldest first; None for no file. They need not follow on
    each other: a person may have edited the file between two of them. arrived: for a file that is no document, instead, the
    hash that it was written with, ABSENT when it was removed. Neither where the state is damaged. since: see `Written`, of the
    first write.
    """

    path: str
    numbers: tuple[int, ...]
    steps: tuple[tuple[bytes | None, bytes | None], ...] = ()
    arrived: str | None = None
    ghost_id: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """What one file's part of a commit would be. old: the bytes as the newest commit holds them, new: as the next one
    shall; None for no file, and for all that is no document. reason: why it is left to the people who work in the folder
    ("" where it is not). unchanged: there is nothing to commit.
    """

    edits: FileEdits
    old: bytes | None = None
    new: bytes | None = None
    reason: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something was done to a post. at: Ghost's time, as in `updated_at`. slug, name: the person's in Ghost, "" for a program."""

    id: str
    post: str
    at: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something. at: UTC, as Ghost writes it."""

    name: str
    email: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class GitStanding:
    """How things stand in the git work tree that the folder lies in.

    branch: "" when HEAD is detached; head: its commit, "" before the first one. operation: what is under way, in words
    ("a rebase"). unmerged, dirty: paths from the top of the work tree; dirty: tracked files with staged or unstaged edits.
    shallow: history was cut off when it was cloned.
    """

    branch: str
    head: str
    operation: str = ""
    unmerged: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    shallow: bool = False
