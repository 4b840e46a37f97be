"""Opening state.db: private, durable, checked; a damaged one is moved aside, never repaired and never deleted.

A lost database costs questions, no text: without it every document counts as never synced (I7).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ghostsync.errors import StateError
from ghostsync.state.schema import APPLICATION_ID, MIGRATIONS, migrate, version

_BUSY_SECONDS = 15.0
_SMALL_TABLES = frozenset({"meta", "documents", "mirror", "journal", "halts", "media", "media_files"})
_SIDE_FILES = ("-wal", "-shm", "-journal")

# WAL keeps its index in shared memory, which these do not share between machines (or do not have at all).
_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "glusterfs", "afs", "ncpfs"}
)


class Damaged(Exception):
    """The file is no sound SQLite database: a finding for `open_database`, which tells people in its own words."""


def open_database(
    path: Path, *, clock: Callable[[], float], repair: bool
) -> tuple[sqlite3.Connection, list[str]]:
    """The connection (autocommit, foreign to other threads) and what a person should hear about it.

    repair: whether a damaged file may be moved aside for a fresh one; else it is a StateError. Only who holds the
    folder's lock may repair: another process may still have the file open.
    """
    try:
        if _mark(path).exists():
            raise Damaged("found while it was used")  # noqa: TRY301  # one handler for both ways to learn of it
        return _open(path), []
    except Damaged as damage:
        if not repair:
            raise StateError(
                f"the database is damaged ({damage})",
                subject=str(path),
                remedy="Run `ghostsync sync`: it puts the file aside and starts a new one; no post or file is lost.",
            ) from damage
        kept = _move_aside(path, clock())
        warning = (
            f"{path.name} was damaged ({damage}) and is kept as {kept.name}; a new one was started. Documents that are "
            "equal on both sides are adopted, differences are reported, nothing is deleted."
        )
    try:
        return _open(path), [warning]
    except Damaged as damage:
        raise StateError(
            f"a new database is damaged at once ({damage})", subject=str(path), remedy="Check the disk."
        ) from damage


def _open(path: Path) -> sqlite3.Connection:
    _make_private(path)
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, cached_statements=64)
    except sqlite3.Error as error:
        raise explain(error, path) from error
    try:
        _prepare(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise Damaged(str(error)) from error
        raise explain(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Create the file with mode 0600 before SQLite would with the umask's; SQLite's side files copy its mode."""
    new = not path.exists()
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        if new:
            _sync_directory(path.parent)
    except OSError as error:
        raise StateError(
            f"cannot be opened: {error.strerror}",
            subject=str(path),
            remedy="It must be a plain file that the user who runs ghostsync may read and write.",
        ) from error


def _sync_directory(path: Path) -> None:
    """A journal that a power cut takes away, name and all, would be none."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # CIFS and some FUSE file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    found = version(connection)  # the first read: fails here if this is no database
    if found > len(MIGRATIONS):
        raise StateError(
            f"was written by a newer ghostsync (form {found}; this one knows {len(MIGRATIONS)})",
            subject=str(path),
            remedy="Upgrade ghostsync. To go back on purpose, move the file away: documents are then compared afresh.",
        )
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if owner != APPLICATION_ID and (owner or tables):
        raise StateError(
            "is a database of another program",
            subject=str(path),
            remedy="Move it away; ghostsync makes its own.",
        )
    if not tables:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _set_journal_mode(connection, path)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    # The blobs are left out: they may be a gigabyte, and each proves itself by its hash when it is read.
    for table in sorted(_SMALL_TABLES & tables):
        verdict = connection.execute(f"PRAGMA quick_check({table})").fetchone()[0]
        if verdict != "ok":
            raise Damaged(f"{table}: {str(verdict).splitlines()[0]}")
    migrate(connection)


def _set_journal_mode(connection: sqlite3.Connection, path: Path) -> None:
    """WAL: one fsync a transaction, and `status` reads while a daemon writes. TRUNCATE on network file systems."""
    wanted = "truncate" if file_system(path) in _REMOTE else "wal"
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == wanted:
        return
    try:
        connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
    except sqlite3.OperationalError as error:
        # Another process has it open in this moment, and both modes are safe between processes of one machine.
        if "locked" not in str(error):
            raise


def file_system(path: Path) -> str:
    """The type of the file system that holds `path`, as Linux names it ("ext4", "nfs4"); "" where unknown."""
    if not sys.platform.startswith("linux"):
        return ""
    try:
        device = path.stat().st_dev
        wanted = f"{os.major(device)}:{os.minor(device)}"
        # proc(5), mountinfo: "id parent major:minor root point options [tags] - type source options"
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            left, _, right = line.partition(" - ")
            if left.split()[2] == wanted:
                return right.split()[0]
    except (OSError, IndexError):
        pass
    return ""


def _move_aside(path: Path, now: float) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    target = path.with_name(f"{path.name}.corrupt-{stamp}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.corrupt-{stamp}-{number}")
    try:
        # The side files first: a fresh database must never meet the old one's log.
        for suffix in _SIDE_FILES:
            side = path.with_name(path.name + suffix)
            if side.exists():
                side.rename(target.with_name(target.name + suffix))
        path.rename(target)
        _mark(path).unlink(missing_ok=True)
    except OSError as error:
        raise StateError(
            f"is damaged and cannot be moved aside: {error.strerror}",
            subject=str(path),
            remedy="Move it and its -wal and -shm files away yourself.",
        ) from error
    return target


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")


def mark_damaged(path: Path) -> None:
    """Remember that the database proved damaged in use, where the checks of the next opening would not see it."""
    with contextlib.suppress(OSError):
        _mark(path).touch(mode=0o600)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken, as opposed to busy, full or unreadable."""
    return _primary_code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code: the lowest byte of the extended one; 0 if the error carries none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_REMEDIES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "Free some space, then run again."),
    sqlite3.SQLITE_BUSY: ("another program holds it", "Wait for the other ghostsync, then run again."),
    sqlite3.SQLITE_READONLY: ("it cannot be written", "Give the user that runs ghostsync write access."),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "Give the user that runs ghostsync access to its directory.",
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk reported an I/O error",
        "Check the disk and its free space, then run again.",
    ),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Run again: the file is put aside and a new one started."),
    sqlite3.SQLITE_NOTADB: ("it is damaged", "Run again: the file is put aside and a new one started."),
}


def explain(error: sqlite3.Error, path: Path) -> StateError:
    """A failure of the database as an error for a person."""
    what, remedy = _REMEDIES.get(_primary_code(error), (str(error), "Run `ghostsync doctor`."))
    return StateError(f"the state database failed: {what}", subject=str(path), remedy=remedy)
